/* Writing values as JSON, into one text or, piece by piece, into something that takes the pieces. */
#ifndef ATR_STATE_JSON_WRITE_H
#define ATR_STATE_JSON_WRITE_H

#include "json_bounds.h"
#include "json_names.h"
#include "text.h"

typedef struct atr_json_frame atr_json_frame;

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

#endif
