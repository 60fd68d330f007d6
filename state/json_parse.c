/* The forms of scalars and bytes in JSON that is read: each says what is wrong, or NULL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_form.h"
#include "json_scan.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- integers as keys ---- */

static const char *read_i64_key(const char *text, size_t size, int64_t *key)
{
    static const char wrong[] = "is no decimal number in its shortest form";
    bool negative = size > 0 && text[0] == '-';
    uint64_t number = 0, most = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    size_t at = negative;
    if (at == size || (text[at] == '0' && size > 1)) {
        return wrong;
    }
    for (; at < size; at++) {
        unsigned digit = (unsigned)(text[at] - '0');
        if (!is_digit(text[at])) {
            return wrong;
        }
        if (number > (most - digit) / 10) {
            return "is a number beyond 64 bits";
        }
        number = number * 10 + digit;
    }
    *key = negative ? (int64_t)(0 - number) : (int64_t)number;
    return NULL;
}

/* ---- floating point ---- */

/* Fifteen digits and a power of ten up to 22 are both exact: one operation rounds once.
 * Source: Clinger, "How to Read Floating Point Numbers Accurately", 1990. */
static bool read_exact(const char *text, size_t size, double *number)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t at = text[0] == '-', digits = 0, after_point = 0;
    bool point = false;
    int64_t whole = 0;
    for (; at < size; at++) {
        if (text[at] == '.') {
            point = true;
        } else if (!is_digit(text[at]) || ++digits > 15) {
            return false;
        } else {
            whole = whole * 10 + (text[at] - '0');
            after_point += point;
        }
    }
    *number = (double)whole / powers[after_point];
    *number = text[0] == '-' && whole != 0 ? -*number : *number;
    return true;
}

/* strtod wants the point of the locale, which may be several bytes. */
static double read_by_locale(const char *text, size_t size)
{
    char number[ATR_JSON_NUMBER_MAX + 64], half[32];
    const char *point = memchr(text, '.', size);
    size_t before = point != NULL ? (size_t)(point - text) : size, used = before;
    memcpy(number, text, before);
    if (point != NULL) {
        int length = snprintf(half, sizeof half, "%.1f", 0.5); /* 0, the point, 5 */
        size_t point_size = length > 2 ? (size_t)length - 2 : 0;
        memcpy(number + used, half + 1, point_size);
        used += point_size;
        memcpy(number + used, point + 1, size - before - 1);
        used += size - before - 1;
    }
    number[used] = '\0';
    return strtod(number, NULL);
}

const char *atr_json_f64_read(const char *text, size_t size, double *number)
{
    double read;
    if (size > ATR_JSON_NUMBER_MAX) {
        return "is a number of too many digits";
    }
    if (!read_exact(text, size, &read)) {
        read = read_by_locale(text, size);
    }
    if (read - read != 0) {
        return "is a number beyond the range of f64";
    }
    *number = read == 0 ? 0 : read;
    return NULL;
}

/* ---- time ---- */

/* Digits of a fixed number; -1 when there is something else. */
static int take_digits(const char **at, const char *end, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (*at == end || !is_digit(**at)) {
            return -1;
        }
        number = number * 10 + (**at - '0');
    }
    return number;
}

static bool take_char(const char **at, const char *end, const char *any_of)
{
    if (*at == end || **at == '\0' || strchr(any_of, **at) == NULL) {
        return false;
    }
    (*at)++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
static int64_t days_from_civil(int year, int month, int day)
{
    int shifted = month <= 2 ? year - 1 : year; /* years begin in March */
    int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int of_era = shifted - era * 400;
    int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

typedef struct moment {
    int64_t days;
    int64_t seconds; /* of the day */
    int64_t micros;
    int64_t offset; /* of the local time from UTC, in seconds */
} moment;

static const char no_time[] = "is no time of RFC 3339, such as 2026-01-31T08:00:00Z";

static const char *read_date(const char **at, const char *end, moment *m)
{
    int year = take_digits(at, end, 4);
    bool dash = take_char(at, end, "-");
    int month = dash ? take_digits(at, end, 2) : -1;
    dash = dash && take_char(at, end, "-");
    int day = dash ? take_digits(at, end, 2) : -1;
    if (year < 0 || month < 0 || day < 0) {
        return no_time;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return "is a date that no calendar has";
    }
    m->days = days_from_civil(year, month, day);
    return NULL;
}

static const char *read_clock(const char **at, const char *end, moment *m)
{
    int hour = take_char(at, end, "Tt") ? take_digits(at, end, 2) : -1;
    int minute = hour >= 0 && take_char(at, end, ":") ? take_digits(at, end, 2) : -1;
    int second = minute >= 0 && take_char(at, end, ":") ? take_digits(at, end, 2) : -1;
    if (second < 0) {
        return no_time;
    }
    if (hour > 23 || minute > 59 || second > 60) {
        return "is an hour that no clock shows";
    }
    if (second == 60) {
        return "is a leap second, for which there is no number";
    }
    m->seconds = hour * 3600 + minute * 60 + second;
    return NULL;
}

static const char *read_fraction(const char **at, const char *end, moment *m)
{
    int64_t unit = 100000;
    if (!take_char(at, end, ".")) {
        return NULL;
    }
    if (*at == end || !is_digit(**at)) {
        return no_time;
    }
    for (; *at < end && is_digit(**at); (*at)++, unit /= 10) {
        if (unit == 0 && **at != '0') {
            return "is finer than a microsecond";
        }
        m->micros += (**at - '0') * unit;
    }
    return NULL;
}

static const char *read_offset(const char **at, const char *end, moment *m)
{
    int sign, hour, minute;
    if (take_char(at, end, "Zz")) {
        return NULL;
    }
    sign = *at < end && **at == '-' ? -1 : 1;
    hour = take_char(at, end, "+-") ? take_digits(at, end, 2) : -1;
    minute = hour >= 0 && take_char(at, end, ":") ? take_digits(at, end, 2) : -1;
    if (minute < 0 || hour > 23 || minute > 59) {
        return no_time;
    }
    m->offset = sign * (hour * 3600 + minute * 60);
    return NULL;
}

const char *atr_json_time_read(const char *text, size_t size, int64_t *time)
{
    moment m = {0, 0, 0, 0};
    const char *at = text, *end = text + size;
    const char *wrong = read_date(&at, end, &m);
    int64_t read;
    wrong = wrong == NULL ? read_clock(&at, end, &m) : wrong;
    wrong = wrong == NULL ? read_fraction(&at, end, &m) : wrong;
    wrong = wrong == NULL ? read_offset(&at, end, &m) : wrong;
    if (wrong != NULL || at != end) {
        return wrong != NULL ? wrong : no_time;
    }
    read = (m.days * 86400 + m.seconds - m.offset) * 1000000 + m.micros;
    if (!atr_json_time_has_form(read)) {
        return "lies outside of the years 0001 to 9999";
    }
    *time = read;
    return NULL;
}

/* ---- keys ---- */

static const char *read_f64_key(const char *text, size_t size, double *key)
{
    atr_json_scan scan = {.begin = text, .end = text + size, .at = text};
    atr_json_number number;
    if (size == 0 || !atr_json_scan_number(&scan, &number) || number.size != size) {
        return "is no number";
    }
    return atr_json_f64_read(text, size, key);
}

const char *atr_json_key_read(atr_kind kind, const char *text, size_t size, atr_word *key)
{
    switch (kind) {
    case ATR_KIND_F64: return read_f64_key(text, size, &key->f64);
    case ATR_KIND_TIME: return atr_json_time_read(text, size, &key->i64);
    default: return read_i64_key(text, size, &key->i64);
    }
}

/* ---- bytes ---- */

/* The value of a letter; 64 when it is none. */
static unsigned letter(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned)(c - 'a') + 26;
    }
    if (is_digit(c)) {
        return (unsigned)(c - '0') + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Four letters; `padding` of them, at the end, are equals signs. */
static const char *read_four(const char *four, unsigned padding, atr_text *bytes)
{
    uint32_t word = 0;
    char three[3];
    for (unsigned i = 0; i < 4; i++) {
        unsigned bits = i < 4 - padding ? letter(four[i]) : 0;
        if (bits == 64) {
            return "is no base64: a character that does not belong to it";
        }
        word = word << 6 | bits;
    }
    if ((padding == 1 && (word & 0xff) != 0) || (padding == 2 && (word & 0xffff) != 0)) {
        return "is no base64: bits beyond the last byte";
    }
    three[0] = (char)(word >> 16);
    three[1] = (char)(word >> 8 & 0xff);
    three[2] = (char)(word & 0xff);
    atr_text_add(bytes, three, 3 - padding);
    return NULL;
}

const char *atr_json_base64_read(const char *text, size_t size, atr_text *bytes)
{
    const char *wrong = size % 4 == 0 ? NULL : "is no base64: its length is not a multiple of 4";
    for (size_t i = 0; wrong == NULL && i < size; i += 4) {
        bool last = i + 4 == size;
        unsigned padding = !last || text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
        wrong = read_four(text + i, padding, bytes);
    }
    return wrong;
}
