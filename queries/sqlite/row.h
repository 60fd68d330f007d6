/* Rows into values. Strict: what does not fit its field is refused, with row, column, model and field in
 * the text. */
#ifndef ATR_SQLITE_ROW_H
#define ATR_SQLITE_ROW_H

#include "plan.h"

typedef struct atr_sqlite_reader {
    atr_sqlite_call *call;
    const atr_sqlite_plan *plan;
    sqlite3_stmt *statement;
    atr_scope *s; /* where values are made: inside the scope of the answer */
    bool utf8;
    uint64_t row; /* number of the row being read, from 1 */
    uint64_t bytes;
    uint64_t byte_limit;
} atr_sqlite_reader;

/* Make the current row a value of the plan's row model. NULL: refused, latched in the call. */
const void *atr_sqlite_read_model(atr_sqlite_reader *r);

/* Read the only column of the current row. 0 or a code. */
int atr_sqlite_read_value(atr_sqlite_reader *r, atr_word *word, bool *has);

#endif
