/* Pieces of JSON text. Strings without escapes are not copied. */
#include <string.h>

#include <atrium/json.h>

#include "json_scan.h"

bool atr_json_scan_fail(atr_json_scan *c, const char *at, int code, const char *wrong)
{
    c->at = at;
    c->code = code;
    c->wrong = wrong;
    return false;
}

static bool fail(atr_json_scan *c, const char *at, const char *wrong)
{
    return atr_json_scan_fail(c, at, ATR_JSON_E_SYNTAX, wrong);
}

bool atr_json_scan_more(atr_json_scan *c)
{
    const char *at = c->at;
    while (at < c->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    c->at = at;
    return at < c->end;
}

bool atr_json_scan_word(atr_json_scan *c, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(c->end - c->at) < size || memcmp(c->at, word, size) != 0) {
        return fail(c, c->at, "true, false and null are the only words");
    }
    c->at += size;
    return true;
}

/* ---- strings ---- */

/* The four digits of \uXXXX; -1 when they are not all there. */
static int32_t read_hex(const char *at, const char *end)
{
    int32_t unit = 0;
    if (end - at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char digit = at[i];
        if (digit >= '0' && digit <= '9') {
            unit = unit * 16 + (digit - '0');
        } else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') {
            unit = unit * 16 + ((digit | 32) - 'a' + 10);
        } else {
            return -1;
        }
    }
    return unit;
}

static void add_utf8(atr_text *text, uint32_t code)
{
    char bytes[4];
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    bytes[0] = (char)(first[size] | code);
    atr_text_add(text, bytes, size);
}

/* `at` stands behind the u. Two escapes make one character beyond the first 65,536. */
static bool unicode_escape(atr_json_scan *c)
{
    const char *begin = c->at - 2;
    int32_t unit = read_hex(c->at, c->end), low;
    if (unit < 0) {
        return fail(c, begin, "\\u wants four hexadecimal digits");
    }
    c->at += 4;
    if (unit < 0xd800 || unit > 0xdfff) {
        add_utf8(&c->scratch, (uint32_t)unit);
        return true;
    }
    low = unit < 0xdc00 && c->end - c->at >= 2 && c->at[0] == '\\' && c->at[1] == 'u'
              ? read_hex(c->at + 2, c->end)
              : -1;
    if (low < 0xdc00 || low > 0xdfff) {
        return fail(c, begin, "half of a surrogate pair");
    }
    c->at += 6;
    add_utf8(&c->scratch, 0x10000 + ((uint32_t)unit - 0xd800) * 0x400 + ((uint32_t)low - 0xdc00));
    return true;
}

/* `at` stands on the backslash. */
static bool escape(atr_json_scan *c)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *known;
    if (c->end - c->at < 2) {
        return fail(c, c->at, "the text ends inside of a string");
    }
    c->at += 2;
    if (c->at[-1] == 'u') {
        return unicode_escape(c);
    }
    known = c->at[-1] != '\0' ? strchr(from, c->at[-1]) : NULL;
    if (known == NULL) {
        return fail(c, c->at - 2, "an escape that JSON does not have");
    }
    atr_text_add(&c->scratch, to + (known - from), 1);
    return true;
}

/* The first byte of what is no plain part of a string. */
static const char *plain_end(const char *at, const char *end)
{
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
        at++;
    }
    return at;
}

static bool too_long(atr_json_scan *c, const char *begin)
{
    return atr_json_scan_fail(c, begin, ATR_JSON_E_LIMIT, "a string longer than max_string_bytes");
}

/* From the first escape on. */
static bool string_with_escapes(atr_json_scan *c, const char *begin, atr_json_string *string)
{
    atr_text_cut(&c->scratch, 0);
    atr_text_add(&c->scratch, begin + 1, (size_t)(c->at - begin - 1));
    while (c->at < c->end && *c->at == '\\') {
        const char *plain;
        if (!escape(c)) {
            return false;
        }
        plain = c->at;
        c->at = plain_end(plain, c->end);
        if (c->scratch.size + (size_t)(c->at - plain) > c->max_string_bytes) {
            return too_long(c, begin);
        }
        atr_text_add(&c->scratch, plain, (size_t)(c->at - plain));
    }
    if (c->scratch.code != ATR_OK) {
        return atr_json_scan_fail(c, begin, ATR_E_NO_MEMORY, "");
    }
    *string = (atr_json_string){c->scratch.bytes, c->scratch.size};
    return true;
}

bool atr_json_scan_string(atr_json_scan *c, atr_json_string *string)
{
    const char *begin = c->at;
    c->at = plain_end(begin + 1, c->end);
    *string = (atr_json_string){begin + 1, (size_t)(c->at - begin - 1)};
    if (string->size > c->max_string_bytes) {
        return too_long(c, begin);
    }
    if (c->at < c->end && *c->at == '\\' && !string_with_escapes(c, begin, string)) {
        return false;
    }
    if (c->at == c->end) {
        return fail(c, c->at, "the text ends inside of a string");
    }
    if (*c->at != '"') {
        return fail(c, c->at, "a control character in a string must be escaped");
    }
    c->at++;
    return true;
}

/* ---- numbers ---- */

static bool is_digit(const atr_json_scan *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

/* One digit at least. */
static bool digits(atr_json_scan *c)
{
    if (!is_digit(c)) {
        return fail(c, c->at, "a digit was expected");
    }
    while (is_digit(c)) {
        c->at++;
    }
    return true;
}

/* The part before point and exponent. */
static bool whole_part(atr_json_scan *c, atr_json_number *number)
{
    bool negative = *c->at == '-';
    uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX, sum = 0;
    c->at += negative;
    if (c->at < c->end && *c->at == '0') {
        c->at++;
        return is_digit(c) ? fail(c, c->at - 1, "a number does not begin with 0") : true;
    }
    if (!is_digit(c)) {
        return fail(c, c->at, "a digit was expected");
    }
    for (; is_digit(c); c->at++) {
        unsigned digit = (unsigned)(*c->at - '0');
        number->fits = number->fits && sum <= (most - digit) / 10;
        sum = sum * 10 + digit;
    }
    number->i64 = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

bool atr_json_scan_number(atr_json_scan *c, atr_json_number *number)
{
    *number = (atr_json_number){.bytes = c->at, .whole = true, .fits = true};
    if (!whole_part(c, number)) {
        return false;
    }
    if (c->at < c->end && *c->at == '.') {
        number->whole = false;
        c->at++;
        if (!digits(c)) {
            return false;
        }
    }
    if (c->at < c->end && (*c->at | 32) == 'e') {
        number->whole = false;
        c->at++;
        c->at += c->at < c->end && (*c->at == '+' || *c->at == '-');
        if (!digits(c)) {
            return false;
        }
    }
    number->fits = number->fits && number->whole;
    number->size = (size_t)(c->at - number->bytes);
    return true;
}
