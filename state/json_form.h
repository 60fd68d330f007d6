/* Scalars, text and bytes in the forms that JSON gives them, written and read. */
#ifndef ATR_STATE_JSON_FORM_H
#define ATR_STATE_JSON_FORM_H

#include "text.h"

/* ---- writing ---- */

enum { ATR_JSON_I64_MAX = 20 }; /* bytes of the longest */

/* In quotes. Escapes as RFC 8785: only what must be escaped, in the shortest way. */
void atr_json_quote(atr_text *text, const char *bytes, size_t size);
/* The decimal digits; returns how many bytes. Not terminated. */
size_t atr_json_i64_digits(char out[ATR_JSON_I64_MAX], int64_t number);
void atr_json_i64(atr_text *text, int64_t number);
/* A finite number as ECMAScript prints it: the fewest digits that read back the same. */
void atr_json_f64(atr_text *text, double number);
/* Base64 in quotes. */
void atr_json_base64(atr_text *text, const unsigned char *bytes, size_t size);

/* Whether RFC 3339 has a form for it: the years 1 to 9999. */
bool atr_json_time_has_form(int64_t time);

/* ---- reading: NULL, or what is wrong ---- */

/* A key of a map or set: decimal, nothing superfluous. */
const char *atr_json_key_read(const char *text, size_t size, int64_t *key);
const char *atr_json_time_read(const char *text, size_t size, int64_t *time);
/* Appends to bytes; failures of memory stand in bytes->code. */
const char *atr_json_base64_read(const char *text, size_t size, atr_text *bytes);
/* A number of JSON, at most ATR_JSON_NUMBER_MAX bytes. */
enum { ATR_JSON_NUMBER_MAX = 1000 };
const char *atr_json_f64_read(const char *text, size_t size, double *number);

#endif
