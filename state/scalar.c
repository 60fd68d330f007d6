/* Reading the scalar fields of a struct by their description. Bytes are copied: the optionals of
 * enumerations are types of their own, which no common struct may stand for. */
#include <string.h>

#include <atrium/model.h>

#include "scalar.h"

static size_t optional_offset(atr_kind kind)
{
    switch (kind) {
    case ATR_KIND_BOOL: return offsetof(atr_opt_bool, value);
    case ATR_KIND_I64: return offsetof(atr_opt_i64, value);
    case ATR_KIND_F64: return offsetof(atr_opt_f64, value);
    case ATR_KIND_TIME: return offsetof(atr_opt_time, value);
    default: return offsetof(atr_opt_i32, value); /* u32 and enumerations are as wide */
    }
}

static void load(atr_scalar *scalar, atr_kind kind, const void *at)
{
    bool boolean;
    int32_t i32;
    uint32_t u32;
    switch (kind) {
    case ATR_KIND_BOOL:
        memcpy(&boolean, at, sizeof boolean);
        scalar->i64 = boolean;
        break;
    case ATR_KIND_I32:
    case ATR_KIND_ENUMERATION:
        memcpy(&i32, at, sizeof i32);
        scalar->i64 = i32;
        break;
    case ATR_KIND_U32:
        memcpy(&u32, at, sizeof u32);
        scalar->i64 = u32;
        break;
    case ATR_KIND_I64:
    case ATR_KIND_TIME: memcpy(&scalar->i64, at, sizeof scalar->i64); break;
    case ATR_KIND_F64: memcpy(&scalar->f64, at, sizeof scalar->f64); break;
    default: break;
    }
}

atr_scalar atr_scalar_load(const atr_type *type, const void *at)
{
    atr_scalar scalar = {true, 0, 0};
    if (type->optional) {
        memcpy(&scalar.has, at, sizeof scalar.has);
        at = (const char *)at + optional_offset(type->kind);
    }
    if (scalar.has) {
        load(&scalar, type->kind, at);
    }
    return scalar;
}

atr_value atr_scalar_value(atr_kind kind, atr_scalar scalar)
{
    atr_value value = {kind, scalar.has, {false}};
    switch (kind) {
    case ATR_KIND_BOOL: value.as.boolean = scalar.i64 != 0; break;
    case ATR_KIND_I32:
    case ATR_KIND_ENUMERATION: value.as.i32 = (int32_t)scalar.i64; break;
    case ATR_KIND_U32: value.as.u32 = (uint32_t)scalar.i64; break;
    case ATR_KIND_F64: value.as.f64 = scalar.f64; break;
    default: value.as.i64 = scalar.i64;
    }
    return value;
}

atr_scalar atr_scalar_of(const atr_value *value)
{
    atr_scalar scalar = {value->has, 0, 0};
    switch (value->kind) {
    case ATR_KIND_BOOL: scalar.i64 = value->as.boolean; break;
    case ATR_KIND_I32:
    case ATR_KIND_ENUMERATION: scalar.i64 = value->as.i32; break;
    case ATR_KIND_U32: scalar.i64 = value->as.u32; break;
    case ATR_KIND_F64: scalar.f64 = value->as.f64; break;
    default: scalar.i64 = value->as.i64;
    }
    return scalar;
}

static int compare_f64(double a, double b)
{
    if (a != a || b != b) {
        return (a != a) - (b != b);
    }
    return (a > b) - (a < b);
}

int atr_scalar_compare(atr_scalar a, atr_scalar b)
{
    if (a.has != b.has) {
        return a.has - b.has;
    }
    return a.i64 != b.i64 ? (a.i64 > b.i64) - (a.i64 < b.i64) : compare_f64(a.f64, b.f64);
}
