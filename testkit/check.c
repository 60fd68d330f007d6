/* Assertions: they compare, and write down what a person needs to see. */
#include <string.h>

#include "kit.h"

static bool raise(kit *k, const char *file, int line, text *b)
{
    failure_add(k, file, line, b);
    failure_tell(k);
    return false;
}

bool atr_test_check(atr_test *t, bool holds, const char *what, const char *file, int line)
{
    text b = {NULL, 0, 0};
    if (holds) {
        return true;
    }
    text_add(&b, "not true: %s", what);
    return raise(kit_of(t), file, line, &b);
}

bool atr_test_check_int(atr_test *t, int64_t expected, int64_t actual, const char *what,
                        const char *file, int line)
{
    text b = {NULL, 0, 0};
    if (expected == actual) {
        return true;
    }
    text_add(&b, "%s is %lld, expected %lld", what, (long long)actual, (long long)expected);
    return raise(kit_of(t), file, line, &b);
}

bool atr_test_check_text(atr_test *t, const char *expected, const atr_str *actual, const char *what,
                         const char *file, int line)
{
    text b = {NULL, 0, 0};
    if (atr_str_is(actual, expected)) {
        return true;
    }
    text_add(&b, "%s is not as expected:\n  expected: \"%s\"\n  actual:   ", what, expected);
    text_add_value(&b, kit_of(t), actual);
    return raise(kit_of(t), file, line, &b);
}

/* ---- values ---- */

/* Why a value cannot be looked at, added to b: dead, never published, a copy on the stack. */
static bool is_sound(kit *k, const void *value, const char *what, text *b)
{
    atr_scope *s;
    const atr_error *error;
    if (value == NULL || k->front.s == NULL) {
        return true;
    }
    s = atr_scope_open(k->front.s);
    atr_scope_hold(s, value);
    error = s != NULL ? atr_scope_take_error(s) : NULL;
    if (error != NULL) {
        text_add(b, "%s cannot be looked at: ", what);
        text_add_error(b, error);
    }
    atr_scope_close(s);
    return error == NULL;
}

bool atr_test_check_alive(atr_test *t, const void *value, const char *what, const char *file,
                          int line)
{
    text b = {NULL, 0, 0};
    return is_sound(kit_of(t), value, what, &b) || raise(kit_of(t), file, line, &b);
}

bool atr_test_check_equal(atr_test *t, const void *expected, const void *actual, const char *what,
                          const char *file, int line)
{
    kit *k = kit_of(t);
    text b = {NULL, 0, 0};
    strict_latch(k, file, line);
    if (!is_sound(k, actual, what, &b) || !is_sound(k, expected, "the expected value", &b)) {
        return raise(k, file, line, &b);
    }
    if (atr_equal(expected, actual)) {
        failure_tell(k);
        return true;
    }
    text_add(&b, "%s is not as expected (expected -> actual):", what);
    text_add_diff(&b, k, expected, actual);
    return raise(k, file, line, &b);
}

/* ---- views ---- */

static atr_value load_optional(atr_kind kind, const void *at)
{
    atr_value value = {kind, false, {false}};
#define LOAD_(KIND, TYPE, member)     \
    case ATR_KIND_##KIND: {           \
        TYPE opt;                     \
        memcpy(&opt, at, sizeof opt); \
        value.has = opt.has;          \
        value.as.member = opt.value;  \
        break;                        \
    }
    switch (kind) {
        LOAD_(BOOL, atr_opt_bool, boolean)
        LOAD_(I32, atr_opt_i32, i32)
        LOAD_(U32, atr_opt_u32, u32)
        LOAD_(I64, atr_opt_i64, i64)
        LOAD_(TIME, atr_opt_time, i64)
        LOAD_(F64, atr_opt_f64, f64)
        LOAD_(ENUMERATION, atr_opt_i32, i32)
    default: break;
    }
#undef LOAD_
    return value;
}

/* The value of a type that lies at an address, as a C variable of its kind. */
static atr_value load(atr_type type, const void *at)
{
    atr_value value = {type.kind, true, {false}};
    if (type.optional && type.kind < ATR_KIND_STR) {
        return load_optional(type.kind, at);
    }
    switch (type.kind) {
    case ATR_KIND_UNIT: break;
    case ATR_KIND_BOOL: memcpy(&value.as.boolean, at, sizeof value.as.boolean); break;
    case ATR_KIND_I32:
    case ATR_KIND_U32:
    case ATR_KIND_ENUMERATION: memcpy(&value.as.i32, at, sizeof value.as.i32); break;
    case ATR_KIND_I64:
    case ATR_KIND_TIME: memcpy(&value.as.i64, at, sizeof value.as.i64); break;
    case ATR_KIND_F64: memcpy(&value.as.f64, at, sizeof value.as.f64); break;
    default: memcpy(&value.as.ref, at, sizeof value.as.ref); break;
    }
    return value;
}

static bool equal_scalars(atr_type type, atr_value a, atr_value b)
{
    if (type.optional && a.has != b.has) {
        return false;
    }
    if (type.optional && !a.has) {
        return true;
    }
    switch (type.kind) {
    case ATR_KIND_UNIT: return true;
    case ATR_KIND_BOOL: return a.as.boolean == b.as.boolean;
    case ATR_KIND_F64: return atr_f64_equal(a.as.f64, b.as.f64);
    case ATR_KIND_I64:
    case ATR_KIND_TIME: return a.as.i64 == b.as.i64;
    default: return a.as.i32 == b.as.i32;
    }
}

bool atr_test_check_view(atr_test *t, const atr_view_class *view, const void *expected,
                         const char *file, int line)
{
    kit *k = kit_of(t);
    atr_value wanted = load(view->type, expected), actual = atr_view_read(t->ctx, view);
    text b = {NULL, 0, 0};
    if (view->type.kind >= ATR_KIND_STR) {
        return atr_test_check_equal(t, wanted.as.ref, actual.as.ref, view->name, file, line);
    }
    if (equal_scalars(view->type, wanted, actual)) {
        return true;
    }
    text_add(&b, "view %s is ", view->name);
    text_add_plain(&b, k, view->type, actual);
    text_add(&b, ", expected ");
    text_add_plain(&b, k, view->type, wanted);
    return raise(k, file, line, &b);
}

const void *atr_test_confirmed(atr_test *t, const atr_root *root)
{
    size_t count = t->store != NULL ? atr_store_root_count(t->store) : 0;
    for (size_t i = 0; i < count; i++) {
        atr_root_state state = atr_store_root_at(t->store, i);
        if (state.root == root) {
            atr_scope_hold(t->s, state.confirmed);
            return state.confirmed;
        }
    }
    return NULL;
}
