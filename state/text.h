/* Text that grows while it is written. The first failure stays: later additions do nothing. */
#ifndef ATR_STATE_TEXT_H
#define ATR_STATE_TEXT_H

#include <atrium/str.h>

/* Stands for what a redacted field holds. */
#define ATR_TEXT_REDACTED "<redacted>"

/* Begins as all zero. */
typedef struct atr_text {
    char *bytes; /* not terminated */
    size_t size;
    size_t capacity;
    int code; /* 0, ATR_E_NO_MEMORY, or ATR_E_LIMIT: longer than ATR_STR_MAX */
} atr_text;

void atr_text_add(atr_text *text, const char *bytes, size_t size);
void atr_text_puts(atr_text *text, const char *words);
void atr_text_printf(atr_text *text, const char *format, ...) ATR_PRINTF(2, 3);

/* Go back to a size it had before. */
void atr_text_cut(atr_text *text, size_t size);

void atr_text_free(atr_text *text);

/* Make a text value of it, and free it. "" when it failed, which latches s. */
const atr_str *atr_text_finish(atr_text *text, atr_scope *s);

/* ---- pieces in the forms that atr_print uses ---- */

/* In quotes; control characters, quotes and backslash escaped as in JSON. */
void atr_text_quote(atr_text *text, const char *bytes, size_t size);
/* The shortest of 15 to 17 digits that reads back the same; nan, inf, -inf; no negative zero. */
void atr_text_f64(atr_text *text, double value);
/* RFC 3339 in UTC, with microseconds when there are any; a plain number outside the years 1 to 9999. */
void atr_text_time(atr_text *text, int64_t time);

#endif
