/* The forms of scalars, text and bytes in written JSON. None depends on the locale. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_form.h"

/* ---- text ---- */

static void add_escape(atr_text *text, unsigned char byte)
{
    static const char from[] = "\b\t\n\f\r\"\\", to[] = "btnfr\"\\", hex[] = "0123456789abcdef";
    const char *known = byte != '\0' ? strchr(from, byte) : NULL;
    char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    if (known != NULL) {
        escape[1] = to[known - from];
        atr_text_add(text, escape, 2);
    } else {
        atr_text_add(text, escape, sizeof escape);
    }
}

void atr_json_quote(atr_text *text, const char *bytes, size_t size)
{
    size_t plain = 0;
    atr_text_add(text, "\"", 1);
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20 || byte == '"' || byte == '\\') {
            atr_text_add(text, bytes + plain, i - plain);
            add_escape(text, byte);
            plain = i + 1;
        }
    }
    atr_text_add(text, bytes + plain, size - plain);
    atr_text_add(text, "\"", 1);
}

/* ---- integers ---- */

size_t atr_json_i64_digits(char out[ATR_JSON_I64_MAX], int64_t number)
{
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    char digits[ATR_JSON_I64_MAX];
    size_t at = sizeof digits, size;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    size = sizeof digits - at;
    memcpy(out, digits + at, size);
    return size;
}

void atr_json_i64(atr_text *text, int64_t number)
{
    char digits[ATR_JSON_I64_MAX];
    atr_text_add(text, digits, atr_json_i64_digits(digits, number));
}

/* ---- floating point ---- */

enum { DIGITS_MAX = 17, DIGITS_SAFE = 15 };

/* A decimal number: 0.d1d2d3... times ten to the power of `point`. */
typedef struct decimal {
    char digits[DIGITS_MAX + 1];
    int count;
    int point;
} decimal;

/* The nearest decimal of so many digits. The locale's point between them is skipped. */
static decimal decimal_of(double number, int count)
{
    decimal d = {{0}, 0, 0};
    char text[64];
    const char *at = text;
    snprintf(text, sizeof text, "%.*e", count - 1, number);
    for (; *at != 'e' && *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9' && d.count < DIGITS_MAX) {
            d.digits[d.count++] = *at;
        }
    }
    d.point = *at == 'e' ? (int)strtol(at + 1, NULL, 10) + 1 : 1;
    return d;
}

/* One more in the last place. */
static void decimal_step(decimal *d)
{
    int i = d->count - 1;
    while (i >= 0 && d->digits[i] == '9') {
        d->digits[i--] = '0';
    }
    if (i >= 0) {
        d->digits[i]++;
    } else {
        d->digits[0] = '1';
        d->point++;
    }
}

/* Digits without a point read the same in every locale. */
static bool decimal_is(const decimal *d, double number)
{
    char text[64];
    snprintf(text, sizeof text, "%.*se%d", d->count, d->digits, d->point - d->count);
    return strtod(text, NULL) == number;
}

static bool is_power_of_two(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return (bits & 0xfffffffffffffu) == 0;
}

/* The fewest digits that read back the same. 15 always hold what 15 or less can express, except for
 * subnormal numbers. Beneath a power of two the neighbours lie closer than above it: there the nearest
 * decimal may miss where the next one above hits. */
static decimal decimal_shortest(double number)
{
    decimal d = {{0}, 0, 0};
    int count = number < 2.2250738585072014e-308 ? 1 : DIGITS_SAFE;
    for (; count <= DIGITS_MAX; count++) {
        decimal above;
        d = decimal_of(number, count);
        if (decimal_is(&d, number)) {
            break;
        }
        above = d;
        decimal_step(&above);
        if (is_power_of_two(number) && decimal_is(&above, number)) {
            d = above;
            break;
        }
    }
    while (d.count > 1 && d.digits[d.count - 1] == '0') {
        d.count--;
    }
    return d;
}

static void add_zeros(atr_text *text, int count)
{
    static const char zeros[] = "000000000000000000000";
    atr_text_add(text, zeros, (size_t)count);
}

/* d.ddde+x. */
static void add_scientific(atr_text *text, const decimal *d)
{
    atr_text_add(text, d->digits, 1);
    if (d->count > 1) {
        atr_text_add(text, ".", 1);
        atr_text_add(text, d->digits + 1, (size_t)d->count - 1);
    }
    atr_text_add(text, d->point > 0 ? "e+" : "e-", 2);
    atr_json_i64(text, d->point > 0 ? d->point - 1 : 1 - d->point);
}

/* Source: ECMA-262, Number::toString, which RFC 8785 takes over. */
static void add_decimal(atr_text *text, const decimal *d)
{
    if (d->point > 21 || d->point < -5) {
        add_scientific(text, d);
    } else if (d->point <= 0) {
        atr_text_add(text, "0.", 2);
        add_zeros(text, -d->point);
        atr_text_add(text, d->digits, (size_t)d->count);
    } else if (d->point >= d->count) {
        atr_text_add(text, d->digits, (size_t)d->count);
        add_zeros(text, d->point - d->count);
    } else {
        atr_text_add(text, d->digits, (size_t)d->point);
        atr_text_add(text, ".", 1);
        atr_text_add(text, d->digits + d->point, (size_t)(d->count - d->point));
    }
}

void atr_json_f64(atr_text *text, double number)
{
    decimal d;
    if (number > -1e15 && number < 1e15 && number == (double)(int64_t)number) {
        atr_json_i64(text, (int64_t)number);
        return;
    }
    if (number < 0) {
        atr_text_add(text, "-", 1);
        number = -number;
    }
    d = decimal_shortest(number);
    add_decimal(text, &d);
}

/* ---- bytes and time ---- */

void atr_json_base64(atr_text *text, const unsigned char *bytes, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    atr_text_add(text, "\"", 1);
    for (size_t i = 0; i < size && text->code == ATR_OK; i += 3) {
        uint32_t word = (uint32_t)bytes[i] << 16;
        char four[4];
        word |= i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0;
        word |= i + 2 < size ? (uint32_t)bytes[i + 2] : 0;
        four[0] = letters[word >> 18];
        four[1] = letters[word >> 12 & 63];
        four[2] = i + 1 < size ? letters[word >> 6 & 63] : '=';
        four[3] = i + 2 < size ? letters[word & 63] : '=';
        atr_text_add(text, four, sizeof four);
    }
    atr_text_add(text, "\"", 1);
}

bool atr_json_time_has_form(int64_t time)
{
    const int64_t second = 1000000;
    return time >= -62135596800 * second && time < 253402300800 * second;
}

/* ---- keys ---- */

const char *atr_json_f64_name(double number)
{
    return number != number ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
}

bool atr_json_key_has_form(atr_kind kind, atr_word key)
{
    if (kind == ATR_KIND_F64) {
        return key.f64 - key.f64 == 0;
    }
    return kind != ATR_KIND_TIME || atr_json_time_has_form(key.i64);
}

/* No form needs more than there is, so nothing is allocated. */
size_t atr_json_key_text(atr_kind kind, atr_word key, char out[ATR_JSON_KEY_MAX], const char **at)
{
    atr_text text = {.bytes = out, .capacity = ATR_JSON_KEY_MAX};
    *at = out;
    if (kind == ATR_KIND_STR) {
        const atr_str *str = key.ref;
        *at = str->bytes;
        return str->size;
    }
    if (kind == ATR_KIND_I64 || !atr_json_key_has_form(kind, key)) {
        if (kind == ATR_KIND_F64) {
            atr_text_puts(&text, atr_json_f64_name(key.f64));
        } else {
            atr_json_i64(&text, key.i64);
        }
    } else if (kind == ATR_KIND_F64) {
        atr_json_f64(&text, key.f64);
    } else {
        atr_text_time(&text, key.i64);
    }
    return text.size;
}
