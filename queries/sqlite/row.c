/* One row at a time: each column is fetched by the kind of its target and stored at its offset. The value
 * is a valid one from the start, a copy of the default, so that it can be let go of after any failure.
 *
 * The connection has no mutex and one thread, so the values of sqlite3_column_value may be read directly
 * (https://www.sqlite.org/c3ref/value.html); the sqlite3_column functions would look for a failed
 * allocation each time. Text of a UTF-8 file is read as a blob, which leaves it where it is: as text it would
 * be copied to put a NUL behind it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <atrium/error.h>

#include "row.h"

enum { PLACE_MAX_BYTES = 300 };

/* ---- refusing ---- */

/* "row 3: column title for todo_item.title" */
static const char *place(const atr_sqlite_reader *r, int column, char *text)
{
    const atr_sqlite_target *target = &r->plan->targets[column];
    const char *name = sqlite3_column_name(r->statement, column);
    snprintf(text, PLACE_MAX_BYTES, "row %" PRIu64 ": column %s for %s%s%s", r->row,
             name != NULL ? name : "?",
             target->field != NULL ? r->plan->row_model->name : "the response of ",
             target->field != NULL ? "." : "",
             target->field != NULL ? target->field->name : r->plan->query_class->name);
    return text;
}

static const char *storage_name(int storage)
{
    switch (storage) {
    case SQLITE_INTEGER: return "an integer";
    case SQLITE_FLOAT: return "a real";
    case SQLITE_TEXT: return "text";
    case SQLITE_BLOB: return "a blob";
    default: return "NULL";
    }
}

static int refuse_null(atr_sqlite_reader *r, int column)
{
    char where[PLACE_MAX_BYTES];
    return atr_sqlite_refuse(r->call, ATR_E_REFUSED, r->plan->sql, "%s, which is required, is NULL",
                             place(r, column, where));
}

static int refuse_storage(atr_sqlite_reader *r, int column, int storage)
{
    char where[PLACE_MAX_BYTES];
    return atr_sqlite_refuse(
        r->call, ATR_E_TYPE, r->plan->sql, "%s of kind %s holds %s", place(r, column, where),
        atr_sqlite_kind_name(r->plan->targets[column].type.kind), storage_name(storage));
}

static int refuse_integer(atr_sqlite_reader *r, int column, int64_t number, const char *why)
{
    char where[PLACE_MAX_BYTES];
    return atr_sqlite_refuse(r->call, ATR_E_TYPE, r->plan->sql, "%s holds %" PRId64 ", %s %s",
                             place(r, column, where), number, why,
                             atr_sqlite_kind_name(r->plan->targets[column].type.kind));
}

/* The maker of a text or blob has latched why. */
static int refuse_made(atr_sqlite_reader *r, int column)
{
    const atr_error *error = atr_scope_take_error(r->s);
    char where[PLACE_MAX_BYTES];
    /* Without a pointer, SQLite had no memory to bring the value into form. */
    if (error == NULL || error->code == ATR_E_NO_MEMORY || error->code == ATR_E_INVALID) {
        return atr_scope_fail(r->call->s, &atr_error_no_memory);
    }
    return atr_sqlite_refuse(r->call, error->code, r->plan->sql, "%s: %s", place(r, column, where),
                             error->message->bytes);
}

static int count_bytes(atr_sqlite_reader *r, int column, size_t size)
{
    char where[PLACE_MAX_BYTES];
    r->bytes += size;
    if (r->bytes <= r->byte_limit) {
        return ATR_OK;
    }
    return atr_sqlite_refuse(r->call, ATR_E_LIMIT, r->plan->sql,
                             "%s: more than %" PRIu64 " bytes in one answer",
                             place(r, column, where), r->byte_limit);
}

/* ---- fetching ---- */

static int fetch_integer(atr_sqlite_reader *r, int column, sqlite3_value *value, int storage,
                         atr_word *word)
{
    const atr_sqlite_target *target = &r->plan->targets[column];
    if (storage != SQLITE_INTEGER) {
        return refuse_storage(r, column, storage);
    }
    word->i64 = sqlite3_value_int64(value);
    if (word->i64 < target->least || word->i64 > target->most) {
        return refuse_integer(r, column, word->i64, "out of the range of");
    }
    return ATR_OK;
}

static int fetch_f64(atr_sqlite_reader *r, int column, sqlite3_value *value, int storage,
                     atr_word *word)
{
    if (storage == SQLITE_INTEGER) {
        int64_t number = sqlite3_value_int64(value);
        double f64 = (double)number;
        /* 2^63 itself does not come back; below it the conversion is defined. */
        if (f64 >= 9223372036854775808.0 || (int64_t)f64 != number) {
            return refuse_integer(r, column, number, "which is not exact as");
        }
        word->f64 = f64;
        return ATR_OK;
    }
    if (storage != SQLITE_FLOAT) {
        return refuse_storage(r, column, storage);
    }
    word->f64 = sqlite3_value_double(value);
    return ATR_OK;
}

static int fetch_enumeration(atr_sqlite_reader *r, int column, sqlite3_value *value, int storage,
                             atr_word *word)
{
    const atr_sqlite_target *target = &r->plan->targets[column];
    const atr_enumerator *found = NULL;
    char where[PLACE_MAX_BYTES];
    if (storage == SQLITE_TEXT && target->by_name) {
        const char *name = (const char *)sqlite3_value_text(value);
        size_t size = (size_t)sqlite3_value_bytes(value);
        found = name != NULL ? atr_enumeration_by_name(target->type.enumeration, name, size) : NULL;
        if (found == NULL) {
            return atr_sqlite_refuse(
                r->call, ATR_E_TYPE, r->plan->sql, "%s holds \"%.80s\", no name of enumeration %s",
                place(r, column, where), name != NULL ? name : "", target->type.enumeration->name);
        }
        word->i64 = found->number;
        return ATR_OK;
    }
    if (!target->by_number) {
        return refuse_storage(r, column, storage);
    }
    int code = fetch_integer(r, column, value, storage, word);
    if (code == ATR_OK &&
        atr_enumeration_by_number(target->type.enumeration, (int32_t)word->i64) == NULL) {
        return refuse_integer(r, column, word->i64, "which is not listed by its");
    }
    return code;
}

static int fetch_str(atr_sqlite_reader *r, int column, sqlite3_value *value, int storage,
                     atr_word *word)
{
    const char *text;
    size_t size;
    if (storage != SQLITE_TEXT) {
        return refuse_storage(r, column, storage);
    }
    text = r->utf8 ? sqlite3_value_blob(value) : (const char *)sqlite3_value_text(value);
    size = (size_t)sqlite3_value_bytes(value);
    if (text == NULL && !r->utf8) {
        return atr_scope_fail(r->call->s, &atr_error_no_memory);
    }
    if (count_bytes(r, column, size) != ATR_OK) {
        return ATR_E_LIMIT;
    }
    word->ref = atr_str_new_n(r->s, text, size);
    return word->ref == &atr_str_default && size > 0 ? refuse_made(r, column) : ATR_OK;
}

static int fetch_bytes(atr_sqlite_reader *r, int column, sqlite3_value *value, int storage,
                       atr_word *word)
{
    const void *bytes;
    size_t size;
    if (storage != SQLITE_BLOB) {
        return refuse_storage(r, column, storage);
    }
    bytes = sqlite3_value_blob(value);
    size = (size_t)sqlite3_value_bytes(value);
    if (count_bytes(r, column, size) != ATR_OK) {
        return ATR_E_LIMIT;
    }
    word->ref = atr_bytes_new(r->s, bytes, size);
    return word->ref == &atr_bytes_default && size > 0 ? refuse_made(r, column) : ATR_OK;
}

static int fetch(atr_sqlite_reader *r, int column, atr_word *word, bool *has)
{
    const atr_sqlite_target *target = &r->plan->targets[column];
    sqlite3_value *value = sqlite3_column_value(r->statement, column);
    int storage = sqlite3_value_type(value);
    *has = storage != SQLITE_NULL;
    if (storage == SQLITE_NULL) {
        *word = atr_word_i64_(0);
        return target->type.optional ? ATR_OK : refuse_null(r, column);
    }
    switch (target->type.kind) {
    case ATR_KIND_F64: return fetch_f64(r, column, value, storage, word);
    case ATR_KIND_ENUMERATION: return fetch_enumeration(r, column, value, storage, word);
    case ATR_KIND_STR: return fetch_str(r, column, value, storage, word);
    case ATR_KIND_BYTES: return fetch_bytes(r, column, value, storage, word);
    default: return fetch_integer(r, column, value, storage, word);
    }
}

/* ---- storing ---- */

/* Kinds of one width share the layout of their optional. */
static void store_optional(const atr_type *type, char *at, atr_word word, bool has)
{
    *(bool *)at = has;
    switch (type->kind) {
    case ATR_KIND_BOOL: *(bool *)(at + offsetof(atr_opt_bool, value)) = word.i64 != 0; break;
    case ATR_KIND_I32:
    case ATR_KIND_U32:
    case ATR_KIND_ENUMERATION:
        *(uint32_t *)(at + offsetof(atr_opt_u32, value)) = (uint32_t)word.i64;
        break;
    case ATR_KIND_F64: *(double *)(at + offsetof(atr_opt_f64, value)) = has ? word.f64 : 0; break;
    default: *(int64_t *)(at + offsetof(atr_opt_i64, value)) = word.i64; break;
    }
}

static void store(const atr_type *type, char *at, atr_word word, bool has)
{
    if (type->kind >= ATR_KIND_STR) {
        const void *value = has ? word.ref : NULL;
        atr_hold_(value);
        memcpy(at, &value, sizeof value);
        return;
    }
    if (type->optional) {
        store_optional(type, at, word, has);
        return;
    }
    switch (type->kind) {
    case ATR_KIND_BOOL: *(bool *)at = word.i64 != 0; break;
    case ATR_KIND_I32:
    case ATR_KIND_U32:
    case ATR_KIND_ENUMERATION: *(uint32_t *)at = (uint32_t)word.i64; break;
    case ATR_KIND_F64: *(double *)at = word.f64; break;
    default: *(int64_t *)at = word.i64; break;
    }
}

/* ---- rows ---- */

/* All but the head. Models are small and a multiple of a pointer's size: faster than memcpy. */
static void copy_words(char *to, const char *from, size_t size)
{
    for (size_t at = sizeof(atr_head); at < size; at += sizeof(void *)) {
        memcpy(to + at, from + at, sizeof(void *));
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
        const atr_sqlite_target *target = &plan->targets[i];
        atr_word word = {.i64 = 0};
        bool has;
        if (fetch(r, i, &word, &has) != ATR_OK) {
            return NULL;
        }
        store(&target->type, made + target->offset, word, has);
    }
    return made;
}

int atr_sqlite_read_value(atr_sqlite_reader *r, atr_word *word, bool *has)
{
    return fetch(r, 0, word, has);
}
