/* Errors of JSON: where, in the text and in the value, and what. */
#ifndef ATR_STATE_JSON_ERROR_H
#define ATR_STATE_JSON_ERROR_H

#include <atrium/json.h>

#include "text.h"

/* Where and what. All pointers are borrowed. */
typedef struct atr_json_fault {
    int code;
    size_t line, column; /* 0: not of a text */
    size_t offset;
    const char *model; /* NULL: none */
    const char *field;
    atr_text path;
} atr_json_fault;

/* Begin the path: `$`. Then go one step down. Long names are shortened. */
void atr_json_path_root(atr_text *path);
void atr_json_path_name(atr_text *path, const char *name, size_t size);
void atr_json_path_key(atr_text *path, atr_kind kind, atr_word key);
void atr_json_path_index(atr_text *path, size_t index);
void atr_json_path_hidden(atr_text *path); /* a key in a redacted field */
/* A name or text inside of a message: in quotes, shortened. */
void atr_json_add_quoted(atr_text *text, const char *bytes, size_t size);

/* Latch it, unless s has an error already. Frees the path and the message. */
void atr_json_latch(atr_scope *s, atr_json_fault *fault, atr_text *message);

#endif
