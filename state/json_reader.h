/* A reading of JSON under way. What is open stands on a stack of frames, not on that of the program. */
#ifndef ATR_STATE_JSON_READER_H
#define ATR_STATE_JSON_READER_H

#include <atrium/ordered_map.h>

#include "collections.h"
#include "json_bounds.h"
#include "json_names.h"
#include "json_scan.h"

typedef enum atr_json_shape {
    ATR_JSON_STRUCT,
    ATR_JSON_VEC,
    ATR_JSON_MAP,
    ATR_JSON_SET,
    ATR_JSON_WRAPPER, /* the object around a value of kind any */
    ATR_JSON_SKIPPED_OBJECT,
    ATR_JSON_SKIPPED_ARRAY,
} atr_json_shape;

/* An object or array that was begun. */
typedef struct atr_json_open {
    atr_json_shape shape;
    bool within;    /* a member is under way: name, count or key tells which */
    size_t count;   /* members that are done */
    atr_type child; /* of the member under way; of collections: of each */
    const atr_model *model;
    const char *begin; /* its bracket */
    const char *at;    /* of a reading that looks for what comes twice: the member under way */
    /* of a struct */
    const atr_json_plan *plan;
    const atr_json_name *name;
    char *value; /* the cell, filled in field by field */
    size_t seen; /* where its marks begin: a byte for each name of the plan */
    /* of a collection */
    atr_scope *outer; /* where the collection is made */
    atr_scope
        *inner;    /* of some of the elements: closed now and then, since the builder holds them */
    void *builder; /* NULL before the first element */
    atr_word key;  /* of a map; of a wrapper: the value */
} atr_json_open;

typedef struct atr_json_reader {
    atr_scope *scope; /* where the next value is made */
    const atr_json_options *options;
    atr_json_scan scan;
    atr_json_plans plans;
    atr_json_open *open; /* outermost first */
    size_t depth;
    size_t capacity;
    atr_json_bounds bounds;
    size_t elements;
    atr_text seen;
    atr_text bytes; /* of base64 */
    atr_word result;
    bool has; /* false: the result is null */
    bool done;
    bool failed; /* and latched in scope, or else: */
    bool twice;  /* a collection was found to have something twice, nobody knows where */
    bool strict; /* look for the place of that */
} atr_json_reader;

/* Read what stands at the scan as a value of a type: deliver it, or open a frame. */
void atr_json_read_value(atr_json_reader *r, const atr_type *type);
/* Open a frame for the bracket that stands at the scan. */
void atr_json_read_open(atr_json_reader *r, atr_json_shape shape, const atr_model *model);
/* The name of a member, whose quote is `at`: note what it stands for, or fail. */
void atr_json_begin_field(atr_json_reader *r, atr_json_open *f, const char *at,
                          atr_json_string name);
void atr_json_begin_entry(atr_json_reader *r, atr_json_open *f, const char *at,
                          atr_json_string name);
void atr_json_begin_wrapped(atr_json_reader *r, atr_json_open *f, const char *at,
                            atr_json_string name);
/* Fail if a strict reading meets a key of the collection for the second time. */
void atr_json_check_key(atr_json_reader *r, atr_json_open *f, const char *at, atr_word key);
/* A value is read: give it to the innermost frame. has: false for null */
void atr_json_read_deliver(atr_json_reader *r, bool has, atr_word word);

/* Whether a map or set is an ordered one. */
static inline bool atr_json_is_ordered(const atr_model *model)
{
    return model->structure == ATR_STRUCTURE_OMAP || model->structure == ATR_STRUCTURE_OSET;
}

/* The type of a value of this model; kind unit when there are no such values. */
atr_type atr_json_type_of(const atr_model *model);

/* Fail at a place of the text. message is consumed; extra: one more step of the path, or NULL */
void atr_json_read_fail(atr_json_reader *r, int code, const char *at, const atr_json_string *extra,
                        atr_text *message);
void atr_json_read_fail_words(atr_json_reader *r, int code, const char *at, const char *words);
/* With a name behind the words, which is also the last step of the path. */
void atr_json_read_fail_name(atr_json_reader *r, int code, const char *at, const char *words,
                             const char *name, size_t size);
/* Add what was read to a message, in quotes; of what a redacted field holds nothing. */
void atr_json_read_quote(const atr_json_reader *r, atr_text *message, const char *bytes,
                         size_t size);
/* With what the scan found. */
void atr_json_read_fail_scan(atr_json_reader *r);
void atr_json_read_fail_memory(atr_json_reader *r);

#endif
