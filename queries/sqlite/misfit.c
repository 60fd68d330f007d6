/* Why a row was refused, in words. */
#include <inttypes.h>
#include <stdio.h>

#include <atrium/error.h>

#include "row.h"

enum { PLACE_MAX_BYTES = 300, SHOWN_MAX_BYTES = 100 };

/* "row 3: column title for todo_item.title" */
static const char *place(const atr_sqlite_reader *r, int column, char *text)
{
    const atr_field *field = r->plan->targets[column].field;
    const char *name = sqlite3_column_name(r->statement, column);
    snprintf(text, PLACE_MAX_BYTES, "row %" PRIu64 ": column %s for %s%s%s", r->row,
             name != NULL ? name : "?",
             field != NULL ? r->plan->row_model->name : "the response of ",
             field != NULL ? "." : "", field != NULL ? field->name : r->plan->query_class->name);
    return text;
}

static const char *kind_of(const atr_sqlite_reader *r, int column)
{
    return atr_sqlite_kind_name(r->plan->targets[column].type.kind);
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

bool atr_sqlite_is_redacted(const atr_sqlite_reader *r, int column)
{
    return atr_field_attributes(r->plan->row_model, r->plan->targets[column].field)->redacted;
}

int atr_sqlite_misfit_null(atr_sqlite_reader *r, int column)
{
    char where[PLACE_MAX_BYTES];
    return atr_sqlite_refuse(r->call, ATR_E_REFUSED, r->plan->sql, "%s, which is required, is NULL",
                             place(r, column, where));
}

int atr_sqlite_misfit_storage(atr_sqlite_reader *r, int column, int storage)
{
    char where[PLACE_MAX_BYTES];
    const char *wanted = !atr_sqlite_is_json(r->plan->targets[column].type.kind) ? ""
                         : storage == SQLITE_BLOB ? ", not JSON as text; json() makes it of JSONB"
                                                  : ", not JSON as text";
    return atr_sqlite_refuse(r->call, ATR_E_TYPE, r->plan->sql, "%s of kind %s holds %s%s",
                             place(r, column, where), kind_of(r, column), storage_name(storage),
                             wanted);
}

int atr_sqlite_misfit_number(atr_sqlite_reader *r, int column, int64_t number, const char *why)
{
    char where[PLACE_MAX_BYTES], shown[SHOWN_MAX_BYTES] = "<redacted>";
    if (!atr_sqlite_is_redacted(r, column)) {
        snprintf(shown, sizeof shown, "%" PRId64, number);
    }
    return atr_sqlite_refuse(r->call, ATR_E_TYPE, r->plan->sql, "%s holds %s, %s %s",
                             place(r, column, where), shown, why, kind_of(r, column));
}

int atr_sqlite_misfit_name(atr_sqlite_reader *r, int column, const char *name)
{
    char where[PLACE_MAX_BYTES], shown[SHOWN_MAX_BYTES] = "<redacted>";
    if (!atr_sqlite_is_redacted(r, column)) {
        snprintf(shown, sizeof shown, "\"%.80s\"", name != NULL ? name : "");
    }
    return atr_sqlite_refuse(r->call, ATR_E_TYPE, r->plan->sql,
                             "%s holds %s, no name of enumeration %s", place(r, column, where),
                             shown, r->plan->targets[column].type.enumeration->name);
}

int atr_sqlite_misfit_bytes(atr_sqlite_reader *r, int column)
{
    char where[PLACE_MAX_BYTES];
    return atr_sqlite_refuse(r->call, ATR_E_LIMIT, r->plan->sql,
                             "%s: more than %" PRIu64 " bytes in one answer",
                             place(r, column, where), r->byte_limit);
}

int atr_sqlite_misfit_made(atr_sqlite_reader *r, int column)
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

int atr_sqlite_misfit_json(atr_sqlite_reader *r, int column, const atr_error *error, int code)
{
    char where[PLACE_MAX_BYTES];
    return atr_sqlite_refuse_for(r->call, error, code, r->plan->sql, "%s", place(r, column, where));
}
