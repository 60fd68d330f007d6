/* Scalars, text and bytes in the forms that JSON gives them, written and read. */
#ifndef ATR_STATE_JSON_FORM_H
#define ATR_STATE_JSON_FORM_H

#include <atrium/vector.h>

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
/* What stands for a number without one. */
const char *atr_json_f64_name(double number);

/* A key of a map, by its kind: text as it is, the others in digits. Returns how many bytes; *at is set to
 * them, in the key itself or in out. */
enum { ATR_JSON_KEY_MAX = 64 };
size_t atr_json_key_text(atr_kind kind, atr_word key, char out[ATR_JSON_KEY_MAX], const char **at);
bool atr_json_key_has_form(atr_kind kind, atr_word key);

/* ---- reading: NULL, or what is wrong ---- */

/* A key that is no text. i64: decimal, nothing superfluous; f64: a number of JSON; time. */
const char *atr_json_key_read(atr_kind kind, const char *text, size_t size, atr_word *key);
const char *atr_json_time_read(const char *text, size_t size, int64_t *time);
/* Appends to bytes; failures of memory stand in bytes->code. */
const char *atr_json_base64_read(const char *text, size_t size, atr_text *bytes);
/* A number of JSON, at most ATR_JSON_NUMBER_MAX bytes. */
enum { ATR_JSON_NUMBER_MAX = 1000 };
const char *atr_json_f64_read(const char *text, size_t size, double *number);

#endif
