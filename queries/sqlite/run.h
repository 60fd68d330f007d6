/* One query on the connection, from opening to the answer. */
#ifndef ATR_SQLITE_RUN_H
#define ATR_SQLITE_RUN_H

#include "connection.h"

/* Run the call; what it leaves behind is committed or undone. 0 and the response, made in the
 * call's scope; or a code, latched (atr_sqlite_error). */
int atr_sqlite_run(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_value *response);

/* rows.c: step the answering statement and make the response of its rows. 0 or a code. */
int atr_sqlite_rows(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan,
                    atr_value *response);

#endif
