/* Reading one value by its type. */
#include <string.h>

#include <atrium/error.h>

#include "heap.h"
#include "json_error.h"
#include "json_form.h"
#include "json_reader.h"

/* ---- failures ---- */

/* What stands at the scan, by its first character; NULL: nothing of JSON. */
static const char *type_name(char first)
{
    switch (first) {
    case '{': return "an object";
    case '[': return "an array";
    case '"': return "text";
    case 't':
    case 'f': return "true or false";
    case 'n': return "null";
    default: return first == '-' || (first >= '0' && first <= '9') ? "a number" : NULL;
    }
}

static void fail_type(atr_json_reader *r, const char *expected)
{
    const char *found = type_name(*r->scan.at);
    atr_text message = {0};
    if (found == NULL) {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, r->scan.at, "a value was expected");
        return;
    }
    atr_text_puts(&message, expected);
    atr_text_puts(&message, " was expected, not ");
    atr_text_puts(&message, found);
    atr_json_read_fail(r, ATR_JSON_E_TYPE, r->scan.at, NULL, &message);
}

/* `"2026-13-01" is a date that no calendar has` */
static void fail_form(atr_json_reader *r, int code, const char *at, const char *bytes, size_t size,
                      const char *wrong)
{
    atr_text message = {0};
    atr_json_read_quote(r, &message, bytes, size);
    atr_text_puts(&message, " ");
    atr_text_puts(&message, wrong);
    atr_json_read_fail(r, code, at, NULL, &message);
}

static void fail_number(atr_json_reader *r, const atr_json_number *number, int code,
                        const char *wrong)
{
    fail_form(r, code, number->bytes, number->bytes, number->size, wrong);
}

/* ---- scalars ---- */

static void read_bool(atr_json_reader *r)
{
    bool value = *r->scan.at == 't';
    if (!value && *r->scan.at != 'f') {
        fail_type(r, "true or false");
    } else if (!atr_json_scan_word(&r->scan, value ? "true" : "false")) {
        atr_json_read_fail_scan(r);
    } else {
        atr_json_read_deliver(r, true, (atr_word){.i64 = value});
    }
}

/* false: it was no number, and has failed. */
static bool read_number(atr_json_reader *r, atr_json_number *number)
{
    char first = *r->scan.at;
    if (first != '-' && (first < '0' || first > '9')) {
        fail_type(r, "a number");
        return false;
    }
    if (!atr_json_scan_number(&r->scan, number)) {
        atr_json_read_fail_scan(r);
        return false;
    }
    return true;
}

static void read_integer(atr_json_reader *r, atr_kind kind)
{
    atr_json_number number;
    int64_t least = kind == ATR_KIND_I32 ? INT32_MIN : kind == ATR_KIND_U32 ? 0 : INT64_MIN;
    int64_t most = kind == ATR_KIND_I32 ? INT32_MAX : kind == ATR_KIND_U32 ? UINT32_MAX : INT64_MAX;
    if (!read_number(r, &number)) {
        return;
    }
    if (!number.whole) {
        fail_number(r, &number, ATR_JSON_E_TYPE,
                    "has a point or exponent, an integer was expected");
    } else if (!number.fits || number.i64 < least || number.i64 > most) {
        fail_number(r, &number, ATR_JSON_E_RANGE,
                    kind == ATR_KIND_I32   ? "is beyond the range of i32"
                    : kind == ATR_KIND_U32 ? "is beyond the range of u32"
                                           : "is beyond the range of i64");
    } else {
        atr_json_read_deliver(r, true, (atr_word){.i64 = number.i64});
    }
}

static void read_f64(atr_json_reader *r)
{
    atr_json_number number;
    const char *wrong;
    double value = 0;
    if (!read_number(r, &number)) {
        return;
    }
    wrong = atr_json_f64_read(number.bytes, number.size, &value);
    if (wrong != NULL) {
        fail_number(r, &number, ATR_JSON_E_RANGE, wrong);
    } else {
        atr_json_read_deliver(r, true, (atr_word){.f64 = value});
    }
}

/* ---- what stands in quotes ---- */

/* false: it was no string, and has failed. *begin: its quote */
static bool read_string(atr_json_reader *r, const char *expected, const char **begin,
                        atr_json_string *string)
{
    *begin = r->scan.at;
    if (**begin != '"') {
        fail_type(r, expected);
        return false;
    }
    if (!atr_json_scan_string(&r->scan, string)) {
        atr_json_read_fail_scan(r);
        return false;
    }
    return true;
}

static void read_time(atr_json_reader *r)
{
    const char *begin, *wrong;
    atr_json_string string;
    int64_t time = 0;
    if (!read_string(r, "a time as text", &begin, &string)) {
        return;
    }
    wrong = atr_json_time_read(string.bytes, string.size, &time);
    if (wrong != NULL) {
        fail_form(r, ATR_JSON_E_FORM, begin, string.bytes, string.size, wrong);
    } else {
        atr_json_read_deliver(r, true, (atr_word){.i64 = time});
    }
}

static void read_enumeration(atr_json_reader *r, const atr_enumeration *e)
{
    const atr_enumerator *known;
    const char *begin;
    atr_json_string string;
    atr_text message = {0};
    if (!read_string(r, "a name as text", &begin, &string)) {
        return;
    }
    known = atr_enumeration_by_name(e, string.bytes, string.size);
    if (known != NULL) {
        atr_json_read_deliver(r, true, (atr_word){.i64 = known->number});
        return;
    }
    atr_json_read_quote(r, &message, string.bytes, string.size);
    atr_text_puts(&message, " is not one of ");
    for (size_t i = 0; i < e->count; i++) {
        atr_text_puts(&message, i > 0 ? ", " : "");
        atr_text_puts(&message, e->items[i].name);
    }
    atr_json_read_fail(r, ATR_JSON_E_NAME, begin, NULL, &message);
}

/* Deliver what was just made in the scope, unless it could not be made. */
static void deliver_made(atr_json_reader *r, const void *made)
{
    if (r->scope->front.error != NULL) {
        r->failed = true;
    } else {
        atr_json_read_deliver(r, true, (atr_word){.ref = made});
    }
}

static void read_str(atr_json_reader *r)
{
    const char *begin;
    atr_json_string string;
    if (read_string(r, "text", &begin, &string)) {
        deliver_made(r, atr_str_new_n(r->scope, string.bytes, string.size));
    }
}

static void read_bytes(atr_json_reader *r)
{
    const char *begin, *wrong;
    atr_json_string string;
    if (!read_string(r, "bytes as base64", &begin, &string)) {
        return;
    }
    atr_text_cut(&r->bytes, 0);
    wrong = atr_json_base64_read(string.bytes, string.size, &r->bytes);
    if (wrong != NULL) {
        fail_form(r, ATR_JSON_E_FORM, begin, string.bytes, string.size, wrong);
    } else if (r->bytes.code != ATR_OK) {
        atr_json_read_fail_memory(r);
    } else {
        deliver_made(r, atr_bytes_new(r->scope, r->bytes.bytes, r->bytes.size));
    }
}

/* ---- values ---- */

atr_type atr_json_type_of(const atr_model *model)
{
    atr_type type = {ATR_KIND_UNIT, false, model, NULL};
    switch (model->structure) {
    case ATR_STRUCTURE_FIELDS: type.kind = ATR_KIND_REF; break;
    case ATR_STRUCTURE_STR: type.kind = ATR_KIND_STR; break;
    case ATR_STRUCTURE_BYTES: type.kind = ATR_KIND_BYTES; break;
    case ATR_STRUCTURE_VEC: type.kind = ATR_KIND_VEC; break;
    case ATR_STRUCTURE_MAP: type.kind = ATR_KIND_MAP; break;
    case ATR_STRUCTURE_SET: type.kind = ATR_KIND_SET; break;
    case ATR_STRUCTURE_OMAP: type.kind = ATR_KIND_OMAP; break;
    case ATR_STRUCTURE_OSET: type.kind = ATR_KIND_OSET; break;
    default: break;
    }
    return type;
}

static void read_container(atr_json_reader *r, const atr_type *type)
{
    atr_json_shape shape;
    bool array = false;
    switch (type->kind) {
    case ATR_KIND_REF: shape = ATR_JSON_STRUCT; break;
    case ATR_KIND_VEC: shape = ATR_JSON_VEC; break;
    case ATR_KIND_MAP:
    case ATR_KIND_OMAP: shape = ATR_JSON_MAP; break;
    case ATR_KIND_SET:
    case ATR_KIND_OSET: shape = ATR_JSON_SET; break;
    case ATR_KIND_ANY: shape = ATR_JSON_WRAPPER; break;
    default: fail_type(r, "null"); return; /* a kind that JSON has no form for */
    }
    array = shape == ATR_JSON_VEC || shape == ATR_JSON_SET;
    if (*r->scan.at == (array ? '[' : '{')) {
        atr_json_read_open(r, shape, type->model);
    } else {
        fail_type(r, array ? "an array" : "an object");
    }
}

/* Of a member that is no field: any value, and nobody gets it. */
static void read_skipped(atr_json_reader *r)
{
    atr_json_scan *c = &r->scan;
    atr_json_string string;
    atr_json_number number;
    char first = *c->at;
    bool good = true;
    if (first == '{' || first == '[') {
        atr_json_read_open(r, first == '{' ? ATR_JSON_SKIPPED_OBJECT : ATR_JSON_SKIPPED_ARRAY,
                           NULL);
        return;
    }
    if (type_name(first) == NULL) {
        fail_type(r, "");
        return;
    }
    switch (first) {
    case '"': good = atr_json_scan_string(c, &string); break;
    case 't': good = atr_json_scan_word(c, "true"); break;
    case 'f': good = atr_json_scan_word(c, "false"); break;
    case 'n': good = atr_json_scan_word(c, "null"); break;
    default: good = atr_json_scan_number(c, &number);
    }
    if (good) {
        atr_json_read_deliver(r, false, (atr_word){.i64 = 0});
    } else {
        atr_json_read_fail_scan(r);
    }
}

static bool may_be_null(const atr_type *type)
{
    return type->optional || type->kind >= ATR_KIND_VEC;
}

void atr_json_read_value(atr_json_reader *r, const atr_type *type)
{
    if (*r->scan.at == 'n' && may_be_null(type)) {
        if (atr_json_scan_word(&r->scan, "null")) {
            atr_json_read_deliver(r, false, (atr_word){.ref = NULL});
        } else {
            atr_json_read_fail_scan(r);
        }
        return;
    }
    switch (type->kind) {
    case ATR_KIND_UNIT: read_skipped(r); break;
    case ATR_KIND_BOOL: read_bool(r); break;
    case ATR_KIND_I32:
    case ATR_KIND_U32:
    case ATR_KIND_I64: read_integer(r, type->kind); break;
    case ATR_KIND_F64: read_f64(r); break;
    case ATR_KIND_TIME: read_time(r); break;
    case ATR_KIND_ENUMERATION: read_enumeration(r, type->enumeration); break;
    case ATR_KIND_STR: read_str(r); break;
    case ATR_KIND_BYTES: read_bytes(r); break;
    default: read_container(r, type);
    }
}
