/* Text and bytes: one cell each, the content behind the head, except text that points at a literal. The
 * hash is made with the value; static text is hashed anew each time, as nobody may write it. */
#include <stdio.h>
#include <string.h>

#include <atrium/error.h>
#include <atrium/str.h>

#include "check.h"
#include "heap.h"
#include "walk.h"

const atr_str atr_str_default = ATR_STR_INIT("");
const atr_bytes atr_bytes_default = {
    {&atr_bytes_model, INT32_MIN, 0, 0}, 0, (const unsigned char *)""};

static size_t str_size_of(const void *value)
{
    const atr_str *v = value;
    return v->bytes == (const char *)(v + 1) ? sizeof *v + v->size + 1 : sizeof *v;
}

static bool str_equal(const void *a, const void *b, atr_pairs *more)
{
    (void)more;
    return atr_str_equal(a, b);
}

static void str_hash(const void *value, atr_hasher *hasher)
{
    atr_hash_word(hasher, atr_str_hash(value));
}

/* A deep copy moves the text with the head: bytes must follow. Text in a literal stays where it is. */
static void no_visit(void *value, atr_visit_fn fn, void *user)
{
    (void)value;
    (void)fn;
    (void)user;
}

const atr_model atr_str_model = {
    .name = "str",
    .structure = ATR_STRUCTURE_STR,
    .size_bytes = sizeof(atr_str),
    .prototype = &atr_str_default,
    .equal = str_equal,
    .hash = str_hash,
    .visit = no_visit,
    .size_of = str_size_of,
};

static size_t bytes_size_of(const void *value)
{
    return sizeof(atr_bytes) + ((const atr_bytes *)value)->size;
}

static bool bytes_equal(const void *a, const void *b, atr_pairs *more)
{
    (void)more;
    return atr_bytes_equal(a, b);
}

static void bytes_hash(const void *value, atr_hasher *hasher)
{
    const atr_bytes *v = value;
    atr_hash_word(hasher, atr_hash_bytes(v->bytes, v->size));
}

const atr_model atr_bytes_model = {
    .name = "bytes",
    .structure = ATR_STRUCTURE_BYTES,
    .size_bytes = sizeof(atr_bytes),
    .prototype = &atr_bytes_default,
    .equal = bytes_equal,
    .hash = bytes_hash,
    .visit = no_visit,
    .size_of = bytes_size_of,
};

static uint32_t hash_text(const char *text, size_t size)
{
    uint64_t hash = atr_hash_bytes(text, size);
    uint32_t folded = (uint32_t)(hash ^ (hash >> 32));
    return folded == 0 ? 1 : folded;
}

static bool refuse_size(atr_scope *s, size_t size)
{
    if (size <= ATR_STR_MAX) {
        return false;
    }
    atr_refuse(s, ATR_E_LIMIT, "a text of %zu bytes is over the limit of %u", size, ATR_STR_MAX);
    return true;
}

/* A cell becomes room for size bytes of text and a NUL, hash still to be made. */
static void str_begin(atr_str *v, size_t size)
{
    v->size = (uint32_t)size;
    v->hash = 0;
    v->bytes = (const char *)(v + 1);
    ((char *)(v + 1))[size] = '\0';
}

static atr_str *str_alloc(atr_scope *s, size_t size)
{
    atr_str *v = NULL;
    if (!refuse_size(s, size)) {
        v = atr_value_alloc(s, &atr_str_model, sizeof *v + size + 1);
    }
    if (v != NULL) {
        str_begin(v, size);
    }
    return v;
}

static bool refuse_utf8(atr_scope *s, const char *text, size_t size)
{
    size_t valid = atr_utf8_check(text, size);
    if (valid == size) {
        return false;
    }
    atr_refuse(s, ATR_E_UTF8, "text is not UTF-8: byte %zu of %zu is 0x%02x", valid, size,
               (unsigned char)text[valid]);
    return true;
}

static bool refuse_text(atr_scope *s, const char *text, size_t size)
{
    if (text == NULL && size > 0) {
        atr_refuse(s, ATR_E_INVALID, "text is NULL");
        return true;
    }
    return refuse_size(s, size) || refuse_utf8(s, text, size);
}

static void str_fill(atr_str *v, const char *text, size_t size)
{
    memcpy(v + 1, text, size);
    v->hash = hash_text(text, size);
}

const atr_str *atr_str_new_n(atr_scope *s, const char *text, size_t size)
{
    atr_str *v;
    if (size == 0 || refuse_text(s, text, size)) {
        return &atr_str_default;
    }
    v = str_alloc(s, size);
    if (v == NULL) {
        return &atr_str_default;
    }
    str_fill(v, text, size);
    return v;
}

const atr_str *atr_str_part_(atr_scope *s, const char *text, size_t size)
{
    atr_str *v;
    if (size == 0 || s == NULL || !atr_scope_usable(s) || refuse_size(s, size) ||
        refuse_text(s, text, size)) {
        return &atr_str_default;
    }
    v = atr_node_alloc(s->pool, &atr_str_model, sizeof *v + size + 1);
    if (v == NULL) {
        atr_scope_fail(s, &atr_error_no_memory);
        return &atr_str_default;
    }
    str_begin(v, size);
    str_fill(v, text, size);
    return v;
}

const atr_str *atr_str_new(atr_scope *s, const char *text)
{
    if (text == NULL) {
        atr_refuse(s, ATR_E_INVALID, "text is NULL");
        return &atr_str_default;
    }
    return atr_str_new_n(s, text, strlen(text));
}

const atr_str *atr_str_literal(atr_scope *s, const char *literal, size_t size)
{
    atr_str *v;
    if (size == 0 || refuse_utf8(s, literal, size)) {
        return &atr_str_default;
    }
    v = atr_value_alloc(s, &atr_str_model, sizeof *v);
    if (v == NULL) {
        return &atr_str_default;
    }
    v->size = (uint32_t)size;
    v->hash = hash_text(literal, size);
    v->bytes = literal;
    return v;
}

const atr_str *atr_str_format_v(atr_scope *s, const char *format, va_list args)
{
    va_list again;
    atr_str *v = NULL;
    int size;
    va_copy(again, args);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the caller began it */
    size = vsnprintf(NULL, 0, format, args);
    if (size < 0) {
        atr_refuse(s, ATR_E_INVALID, "the format \"%s\" cannot be printed", format);
    } else {
        v = str_alloc(s, (size_t)size);
    }
    if (v != NULL) {
        vsnprintf((char *)(v + 1), (size_t)size + 1, format, again);
        v->hash = hash_text(v->bytes, v->size);
    }
    va_end(again);
    return v == NULL || refuse_utf8(s, v->bytes, v->size) ? &atr_str_default : v;
}

const atr_str *atr_str_format(atr_scope *s, const char *format, ...)
{
    const atr_str *v;
    va_list args;
    va_start(args, format);
    v = atr_str_format_v(s, format, args);
    va_end(args);
    return v;
}

const atr_str *atr_str_concat(atr_scope *s, const atr_str *a, const atr_str *b)
{
    atr_str *v;
    if (a == NULL) {
        a = &atr_str_default;
    }
    if (b == NULL) {
        b = &atr_str_default;
    }
    v = str_alloc(s, (size_t)a->size + b->size);
    if (v == NULL) {
        return &atr_str_default;
    }
    memcpy(v + 1, a->bytes, a->size);
    memcpy((char *)(v + 1) + a->size, b->bytes, b->size);
    v->hash = hash_text(v->bytes, v->size);
    return v;
}

bool atr_str_is(const atr_str *v, const char *text)
{
    return v != NULL && text != NULL && strlen(text) == v->size &&
           memcmp(v->bytes, text, v->size) == 0;
}

bool atr_str_equal(const atr_str *a, const atr_str *b)
{
    if (a == b) {
        return true;
    }
    if (a == NULL || b == NULL || a->size != b->size) {
        return false;
    }
    if (a->hash != b->hash && a->hash != 0 && b->hash != 0) {
        return false;
    }
    return memcmp(a->bytes, b->bytes, a->size) == 0;
}

static int compare_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

int atr_str_compare(const atr_str *a, const atr_str *b)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    return compare_bytes(a->bytes, a->size, b->bytes, b->size);
}

uint32_t atr_str_hash(const atr_str *v)
{
    if (v == NULL) {
        v = &atr_str_default;
    }
    return v->hash != 0 ? v->hash : hash_text(v->bytes, v->size);
}

const atr_bytes *atr_bytes_new(atr_scope *s, const void *bytes, size_t size)
{
    atr_bytes *v;
    if (bytes == NULL && size > 0) {
        atr_refuse(s, ATR_E_INVALID, "bytes are NULL");
        return &atr_bytes_default;
    }
    if (size > ATR_STR_MAX) {
        atr_refuse(s, ATR_E_LIMIT, "%zu bytes are over the limit of %u", size, ATR_STR_MAX);
        return &atr_bytes_default;
    }
    v = size == 0 ? NULL : atr_value_alloc(s, &atr_bytes_model, sizeof *v + size);
    if (v == NULL) {
        return &atr_bytes_default;
    }
    v->size = size;
    v->bytes = (const unsigned char *)(v + 1);
    memcpy(v + 1, bytes, size);
    return v;
}

bool atr_bytes_equal(const atr_bytes *a, const atr_bytes *b)
{
    return a == b || (a != NULL && b != NULL && a->size == b->size &&
                      memcmp(a->bytes, b->bytes, a->size) == 0);
}

int atr_bytes_compare(const atr_bytes *a, const atr_bytes *b)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    return compare_bytes(a->bytes, a->size, b->bytes, b->size);
}
