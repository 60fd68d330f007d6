/* Text that grows while it is written, and the forms of scalars in it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atrium/error.h>
#include <atrium/memory.h>

#include "text.h"

enum { CAPACITY_FIRST = 256 };

/* Room for more bytes behind the last one. */
static bool reserve(atr_text *text, size_t more)
{
    size_t capacity = text->capacity;
    char *bytes;
    if (text->code == ATR_OK && more > ATR_STR_MAX - text->size) {
        text->code = ATR_E_LIMIT;
    }
    if (text->code != ATR_OK || text->size + more <= capacity) {
        return text->code == ATR_OK;
    }
    capacity = capacity * 2 > CAPACITY_FIRST ? capacity * 2 : CAPACITY_FIRST;
    capacity = capacity > text->size + more ? capacity : text->size + more;
    bytes = atr_memory_take(capacity);
    if (bytes == NULL) {
        text->code = ATR_E_NO_MEMORY;
        return false;
    }
    if (text->size > 0) {
        memcpy(bytes, text->bytes, text->size);
    }
    atr_memory_give(text->bytes, text->capacity);
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void atr_text_add(atr_text *text, const char *bytes, size_t size)
{
    if (size > 0 && reserve(text, size)) {
        memcpy(text->bytes + text->size, bytes, size);
        text->size += size;
    }
}

void atr_text_puts(atr_text *text, const char *words)
{
    atr_text_add(text, words, strlen(words));
}

void atr_text_printf(atr_text *text, const char *format, ...)
{
    va_list args, again;
    int size;
    va_start(args, format);
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    if (size > 0 && reserve(text, (size_t)size + 1)) {
        vsnprintf(text->bytes + text->size, (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
    va_end(args);
}

void atr_text_cut(atr_text *text, size_t size)
{
    if (size < text->size) {
        text->size = size;
    }
}

void atr_text_free(atr_text *text)
{
    atr_memory_give(text->bytes, text->capacity);
    *text = (atr_text){0};
}

const atr_str *atr_text_finish(atr_text *text, atr_scope *s)
{
    const atr_str *v = &atr_str_default;
    if (text->code == ATR_E_NO_MEMORY) {
        atr_scope_fail(s, &atr_error_no_memory);
    } else if (text->code != ATR_OK) {
        atr_refuse(s, text->code, "a printed text is over the limit of %u bytes", ATR_STR_MAX);
    } else {
        v = atr_str_new_n(s, text->bytes, text->size);
    }
    atr_text_free(text);
    return v;
}

/* ---- pieces ---- */

static void add_escape(atr_text *text, unsigned char byte)
{
    static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
    const char *known = byte != '\0' ? strchr(from, byte) : NULL;
    if (known != NULL) {
        char escape[2] = {'\\', to[known - from]};
        atr_text_add(text, escape, sizeof escape);
    } else {
        atr_text_printf(text, "\\u%04x", (unsigned)byte);
    }
}

void atr_text_quote(atr_text *text, const char *bytes, size_t size)
{
    size_t plain = 0;
    atr_text_puts(text, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\') {
            atr_text_add(text, bytes + plain, i - plain);
            add_escape(text, byte);
            plain = i + 1;
        }
    }
    atr_text_add(text, bytes + plain, size - plain);
    atr_text_puts(text, "\"");
}

/* The decimal point of the locale, which may be several bytes, becomes a point. */
static void add_number(atr_text *text, const char *digits)
{
    while (*digits != '\0') {
        size_t plain = strspn(digits, "+-0123456789e");
        atr_text_add(text, digits, plain);
        digits += plain;
        if (*digits != '\0') {
            atr_text_puts(text, ".");
            digits += strcspn(digits, "+-0123456789e");
        }
    }
}

void atr_text_f64(atr_text *text, double value)
{
    char digits[64];
    if (value != value) {
        atr_text_puts(text, "nan");
        return;
    }
    if (value - value != 0) {
        atr_text_puts(text, value > 0 ? "inf" : "-inf");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value == 0 ? 0.0 : value);
        if (strtod(digits, NULL) == value) {
            break;
        }
    }
    add_number(text, digits);
}

/* Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days. */
static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t shifted = days + 719468; /* counts from 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

void atr_text_time(atr_text *text, int64_t time)
{
    const int64_t second = 1000000, per_day = 86400 * second;
    const int64_t year_1 = -62135596800 * second, year_10000 = 253402300800 * second;
    int64_t days, rest;
    int year, month, day, seconds, micros;
    if (time < year_1 || time >= year_10000) {
        atr_text_printf(text, "%" PRId64, time);
        return;
    }
    days = time / per_day - (time % per_day < 0);
    rest = time - days * per_day;
    seconds = (int)(rest / second);
    micros = (int)(rest % second);
    civil_from_days(days, &year, &month, &day);
    atr_text_printf(text, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, seconds / 3600,
                    seconds / 60 % 60, seconds % 60);
    if (micros != 0) {
        atr_text_printf(text, ".%06d", micros);
    }
    atr_text_puts(text, "Z");
}
