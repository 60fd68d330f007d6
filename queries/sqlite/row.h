/* Rows into values. Strict: what does not fit its field is refused (misfit.c), with row, column,
 * model and field in the text. */
#ifndef ATR_SQLITE_ROW_H
#define ATR_SQLITE_ROW_H

#include "plan.h"

typedef struct atr_sqlite_reader {
    atr_sqlite_call *call;
    const atr_sqlite_plan *plan;
    sqlite3_stmt *statement;
    atr_scope *s; /* where values are made: inside the scope of the answer */
    const atr_json_options *json;
    bool utf8;
    uint64_t row; /* number of the row being read, from 1 */
    uint64_t bytes;
    uint64_t byte_limit;
} atr_sqlite_reader;

/* Make the current row a value of the plan's row model. NULL: refused, latched in the call. */
const void *atr_sqlite_read_model(atr_sqlite_reader *r);

/* Read a column of the current row into a variable of its target's kind: a number, or a pointer to
 * a value that r->s owns. Of NULL, *has is false and the variable zero. 0 or a code. */
int atr_sqlite_read_column(atr_sqlite_reader *r, int column, void *at, bool *has);

/* json_column.c: read text as a value that r->s owns, NULL if it is null or empty. 0 or a code. */
int atr_sqlite_read_json(atr_sqlite_reader *r, int column, const char *text, size_t size,
                         const void **made);

/* ---- misfit.c: each latches why a column was refused, and returns a code ---- */

int atr_sqlite_misfit_null(atr_sqlite_reader *r, int column);
/* Whether the column is of a redacted field: nothing of what it holds is told. */
bool atr_sqlite_is_redacted(const atr_sqlite_reader *r, int column);
/* Of another storage class than wanted. */
int atr_sqlite_misfit_storage(atr_sqlite_reader *r, int column, int storage);
int atr_sqlite_misfit_number(atr_sqlite_reader *r, int column, int64_t number, const char *why);
int atr_sqlite_misfit_name(atr_sqlite_reader *r, int column, const char *name);
int atr_sqlite_misfit_bytes(atr_sqlite_reader *r, int column);
/* The maker of a text or blob has latched why, in r->s. */
int atr_sqlite_misfit_made(atr_sqlite_reader *r, int column);
/* The text is not the JSON of the target. */
int atr_sqlite_misfit_json(atr_sqlite_reader *r, int column, const atr_error *error, int code);

#endif
