/* One row at a time, column by column, by the kind of the column's target. The value is a valid one
 * from the start, a copy of the default, so that it can be let go of after any failure.
 *
 * The connection has no mutex and one thread, so the values of sqlite3_column_value may be read
 * directly (https://www.sqlite.org/c3ref/value.html); the sqlite3_column functions would look for a
 * failed allocation each time. Text of a UTF-8 file is read as a blob, which leaves it where it is:
 * as text it would be copied to put a NUL behind it. */
#include <string.h>

#include <atrium/error.h>

#include "row.h"

static int read_integer(atr_sqlite_reader *r, int column, int storage, sqlite3_value *value,
                        int64_t *number)
{
    const atr_sqlite_target *target = &r->plan->targets[column];
    if (storage != SQLITE_INTEGER) {
        return atr_sqlite_misfit_storage(r, column, storage);
    }
    *number = sqlite3_value_int64(value);
    if (*number < target->least || *number > target->most) {
        return atr_sqlite_misfit_number(r, column, *number, "out of the range of");
    }
    return ATR_OK;
}

static int read_f64(atr_sqlite_reader *r, int column, int storage, sqlite3_value *value,
                    double *f64)
{
    if (storage == SQLITE_INTEGER) {
        int64_t number = sqlite3_value_int64(value);
        *f64 = (double)number;
        /* 2^63 itself does not come back; below it the conversion is defined. */
        if (*f64 >= 9223372036854775808.0 || (int64_t)*f64 != number) {
            return atr_sqlite_misfit_number(r, column, number, "which is not exact as");
        }
        return ATR_OK;
    }
    if (storage != SQLITE_FLOAT) {
        return atr_sqlite_misfit_storage(r, column, storage);
    }
    *f64 = sqlite3_value_double(value);
    return ATR_OK;
}

static int read_name(atr_sqlite_reader *r, int column, sqlite3_value *value, int32_t *number)
{
    const char *name = (const char *)sqlite3_value_text(value);
    size_t size = (size_t)sqlite3_value_bytes(value);
    const atr_enumeration *e = r->plan->targets[column].type.enumeration;
    const atr_enumerator *found = name != NULL ? atr_enumeration_by_name(e, name, size) : NULL;
    if (found == NULL) {
        return atr_sqlite_misfit_name(r, column, name);
    }
    *number = found->number;
    return ATR_OK;
}

static int read_enumeration(atr_sqlite_reader *r, int column, int storage, sqlite3_value *value,
                            int32_t *number)
{
    const atr_sqlite_target *target = &r->plan->targets[column];
    int64_t wide = 0;
    int code;
    if (storage == SQLITE_TEXT && target->by_name) {
        return read_name(r, column, value, number);
    }
    if (!target->by_number) {
        return atr_sqlite_misfit_storage(r, column, storage);
    }
    code = read_integer(r, column, storage, value, &wide);
    if (code == ATR_OK &&
        atr_enumeration_by_number(target->type.enumeration, (int32_t)wide) == NULL) {
        return atr_sqlite_misfit_number(r, column, wide, "which is not listed by its");
    }
    *number = (int32_t)wide;
    return code;
}

/* Borrow the text of a column, which has no NUL behind it. 0 or a code. */
static int get_text(atr_sqlite_reader *r, int column, int storage, sqlite3_value *value,
                    const char **text, size_t *size)
{
    if (storage != SQLITE_TEXT) {
        return atr_sqlite_misfit_storage(r, column, storage);
    }
    *text = r->utf8 ? sqlite3_value_blob(value) : (const char *)sqlite3_value_text(value);
    *size = (size_t)sqlite3_value_bytes(value);
    if (*text == NULL && !r->utf8) {
        return atr_scope_fail(r->call->s, &atr_error_no_memory);
    }
    if (*text == NULL) {
        *text = ""; /* an empty blob is NULL */
    }
    r->bytes += *size;
    return r->bytes > r->byte_limit ? atr_sqlite_misfit_bytes(r, column) : ATR_OK;
}

static int read_str(atr_sqlite_reader *r, int column, int storage, sqlite3_value *value,
                    const void **made)
{
    const char *text = NULL;
    size_t size = 0;
    int code = get_text(r, column, storage, value, &text, &size);
    if (code != ATR_OK) {
        return code;
    }
    *made = atr_str_new_n(r->s, text, size);
    return *made == &atr_str_default && size > 0 ? atr_sqlite_misfit_made(r, column) : ATR_OK;
}

static int read_json(atr_sqlite_reader *r, int column, int storage, sqlite3_value *value,
                     const void **made)
{
    const char *text = NULL;
    size_t size = 0;
    int code = get_text(r, column, storage, value, &text, &size);
    return code == ATR_OK ? atr_sqlite_read_json(r, column, text, size, made) : code;
}

static int read_bytes(atr_sqlite_reader *r, int column, int storage, sqlite3_value *value,
                      const void **made)
{
    const void *bytes;
    size_t size;
    if (storage != SQLITE_BLOB) {
        return atr_sqlite_misfit_storage(r, column, storage);
    }
    bytes = sqlite3_value_blob(value);
    size = (size_t)sqlite3_value_bytes(value);
    r->bytes += size;
    if (r->bytes > r->byte_limit) {
        return atr_sqlite_misfit_bytes(r, column);
    }
    *made = atr_bytes_new(r->s, bytes, size);
    return *made == &atr_bytes_default && size > 0 ? atr_sqlite_misfit_made(r, column) : ATR_OK;
}

static int read_null(atr_sqlite_reader *r, int column, void *at)
{
    const atr_sqlite_target *target = &r->plan->targets[column];
    if (!target->is_nullable) {
        return atr_sqlite_misfit_null(r, column);
    }
    memset(at, 0, target->size);
    return ATR_OK;
}

static int read_value(atr_sqlite_reader *r, int column, sqlite3_value *value, void *at, bool *has)
{
    int storage = sqlite3_value_type(value);
    int64_t number = 0;
    int code;
    *has = storage != SQLITE_NULL;
    if (storage == SQLITE_NULL) {
        return read_null(r, column, at);
    }
    switch (r->plan->targets[column].type.kind) {
    case ATR_KIND_F64: return read_f64(r, column, storage, value, at);
    case ATR_KIND_ENUMERATION: return read_enumeration(r, column, storage, value, at);
    case ATR_KIND_STR: return read_str(r, column, storage, value, at);
    case ATR_KIND_BYTES: return read_bytes(r, column, storage, value, at);
    case ATR_KIND_BOOL:
        code = read_integer(r, column, storage, value, &number);
        *(bool *)at = number != 0;
        return code;
    case ATR_KIND_I32:
    case ATR_KIND_U32:
        code = read_integer(r, column, storage, value, &number);
        *(uint32_t *)at = (uint32_t)number;
        return code;
    case ATR_KIND_I64:
    case ATR_KIND_TIME: return read_integer(r, column, storage, value, at);
    default: return read_json(r, column, storage, value, at);
    }
}

int atr_sqlite_read_column(atr_sqlite_reader *r, int column, void *at, bool *has)
{
    return read_value(r, column, sqlite3_column_value(r->statement, column), at, has);
}

/* ---- rows ---- */

/* All but the head. Models are small and a multiple of a pointer's size: faster than memcpy. */
static void copy_words(char *to, const char *from, size_t size)
{
    for (size_t at = sizeof(atr_head); at < size; at += sizeof(void *)) {
        memcpy(to + at, from + at, sizeof(void *));
    }
}

/* A column of a model, whatever its kind. */
static int read_field(atr_sqlite_reader *r, int column, sqlite3_value *value, char *made)
{
    const atr_sqlite_target *target = &r->plan->targets[column];
    bool plain = true;
    bool *has = target->is_pair ? (bool *)(made + target->has_offset) : &plain;
    const void *pointer = NULL;
    int code;
    if (!target->is_pointer) {
        return read_value(r, column, value, made + target->offset, has);
    }
    code = read_value(r, column, value, &pointer, has);
    if (code == ATR_OK) {
        atr_hold_(pointer);
        memcpy(made + target->offset, &pointer, sizeof pointer);
    }
    return code;
}

static inline bool quick_number(sqlite3_value *value, int64_t *number)
{
    if (sqlite3_value_type(value) != SQLITE_INTEGER) {
        return false;
    }
    *number = sqlite3_value_int64(value);
    return true;
}

static inline bool quick_bool(sqlite3_value *value, bool *flag)
{
    int64_t number = 2;
    if (!quick_number(value, &number) || (number != 0 && number != 1)) {
        return false;
    }
    *flag = number != 0;
    return true;
}

/* What cannot be read is left, uncounted, to who can say why. */
static inline bool quick_text(atr_sqlite_reader *r, sqlite3_value *value, const atr_str **at)
{
    const char *bytes;
    const atr_str *text;
    size_t size;
    if (!r->utf8 || sqlite3_value_type(value) != SQLITE_TEXT) {
        return false;
    }
    bytes = sqlite3_value_blob(value);
    size = (size_t)sqlite3_value_bytes(value);
    if (size > r->byte_limit - r->bytes) {
        return false;
    }
    text = atr_str_part_(r->s, bytes, size);
    if (text == &atr_str_default && size > 0) {
        return false;
    }
    r->bytes += size;
    *at = text;
    return true;
}

/* false: not read, nothing has changed. */
static inline bool read_quick(atr_sqlite_reader *r, const atr_sqlite_target *target,
                              sqlite3_value *value, char *made)
{
    void *at = made + target->offset;
    switch (target->quick) {
    case ATR_SQLITE_QUICK_NUMBER: return quick_number(value, at);
    case ATR_SQLITE_QUICK_BOOL: return quick_bool(value, at);
    case ATR_SQLITE_QUICK_TEXT: return quick_text(r, value, at);
    default: return false;
    }
}

const void *atr_sqlite_read_model(atr_sqlite_reader *r)
{
    const atr_sqlite_plan *plan = r->plan;
    const atr_model *model = plan->row_model;
    char *made = atr_value_alloc(r->s, model, model->size_bytes);
    if (made == NULL) {
        atr_scope_fail(r->call->s, &atr_error_no_memory);
        return NULL;
    }
    copy_words(made, model->prototype, model->size_bytes);
    for (int i = 0; i < plan->target_count; i++) {
        sqlite3_value *value = sqlite3_column_value(r->statement, i);
        if (!read_quick(r, &plan->targets[i], value, made) &&
            read_field(r, i, value, made) != ATR_OK) {
            return NULL;
        }
    }
    return made;
}
