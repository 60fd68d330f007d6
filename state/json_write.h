/* Writing values as JSON, into one text or, piece by piece, into something that takes the pieces. */
#ifndef ATR_STATE_JSON_WRITE_H
#define ATR_STATE_JSON_WRITE_H

#include "collections.h"
#include "json_bounds.h"
#include "json_names.h"
#include "text.h"

/* A value that is open. */
typedef struct atr_json_frame {
    const atr_head *value;
    bool wrapper;              /* the object around a value of kind any */
    const atr_json_plan *plan; /* of a struct */
    atr_map_entry *entries;    /* of a map or set; all other members refer to their number */
    size_t count;              /* members */
    size_t begun;
    bool apart; /* its end is told: leave */
} atr_json_frame;

static inline bool atr_json_frame_is_array(const atr_json_frame *f)
{
    return !f->wrapper &&
           (f->value->model->structure == ATR_STRUCTURE_VEC || atr_model_is_set(f->value->model));
}

/* Begins with s, options and take; the rest zero. */
typedef struct atr_json_writer {
    atr_scope *s;
    const atr_json_options *options;
    /* NULL: all stays in text. Else text is handed over and emptied whenever some has gathered, and what
     * JSON has no form for is written nevertheless. */
    void (*take)(void *user, const char *bytes, size_t size);
    /* Beside take, NULL: not called. A model inside of another value begins: > 0: what is taken until it ends is
     * that model, as a field of kind any would hold it; 0: it is not to be written; or ATR_E_NO_MEMORY. */
    int (*enter)(void *user, const void *model);
    void (*leave)(void *user, const void *model);
    void *user;
    atr_text text;
    atr_json_plans plans;
    atr_json_frame *frames; /* what is open, outermost first */
    size_t depth;
    size_t capacity;
    atr_json_bounds bounds;
    size_t elements;
    bool failed; /* and latched */
} atr_json_writer;

/* Write a value as a field of that type. false: failed and latched. The text is left. */
bool atr_json_write(atr_json_writer *w, const atr_type *type, atr_value value);

/* json_write_fail.c: latch, unless it has failed already. The message is consumed. */
void atr_json_write_fail(atr_json_writer *w, int code, atr_text *message);
void atr_json_write_fail_words(atr_json_writer *w, int code, const char *what, const char *more);
void atr_json_write_fail_memory(atr_json_writer *w);

#endif
