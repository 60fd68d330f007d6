/* The pieces of JSON text: strings, numbers, words. RFC 8259 and nothing beyond. */
#ifndef ATR_STATE_JSON_SCAN_H
#define ATR_STATE_JSON_SCAN_H

#include "text.h"

/* A place in a text of valid UTF-8. */
typedef struct atr_json_scan {
    const char *begin;
    const char *end;
    const char *at;
    /* When a function below gives false: what is wrong with what stands `at`. */
    int code; /* of atr_json_code, or ATR_E_NO_MEMORY */
    const char *wrong;
    atr_text scratch; /* of strings with escapes */
    size_t max_string_bytes;
} atr_json_scan;

typedef struct atr_json_string {
    const char *bytes; /* in the text or in scratch: until the next string */
    size_t size;
} atr_json_string;

typedef struct atr_json_number {
    const char *bytes;
    size_t size;
    bool whole; /* without point and exponent */
    bool fits;  /* whole, and in 64 bits */
    int64_t i64;
} atr_json_number;

/* Whether there is anything but white space before the end; `at` stands there. */
bool atr_json_scan_more(atr_json_scan *c);
bool atr_json_scan_string(atr_json_scan *c, atr_json_string *string);
bool atr_json_scan_number(atr_json_scan *c, atr_json_number *number);
/* `true`, `false` or `null`. */
bool atr_json_scan_word(atr_json_scan *c, const char *word);
/* Always false. */
bool atr_json_scan_fail(atr_json_scan *c, const char *at, int code, const char *wrong);

#endif
