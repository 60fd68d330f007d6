/* One query on its way through the connection: what it is, where its answer is made, how it fails.
 *
 * Failing: a function that fails latches the reason in the call's scope and returns a negative
 * code. When even the scope cannot be made, the code alone tells (ATR_E_NO_MEMORY). */
#ifndef ATR_SQLITE_CALL_H
#define ATR_SQLITE_CALL_H

#include <stdatomic.h>

#include <sqlite3.h>

#include <atrium/query.h>

/* Behind a call: a reply handle in the database's thread, something simpler in tests. */
typedef struct atr_sqlite_caller {
    atr_scope *(*scope)(void *self);
    int (*fault)(void *self, const char *point); /* as atr_reply_fault; NULL: never */
} atr_sqlite_caller;

typedef struct atr_sqlite_call {
    const atr_query_class *query_class;
    const void *query; /* the inputs; live until the call is over */
    const atr_sqlite_caller *caller;
    void *self;                   /* for the functions of caller */
    const atomic_bool *cancelled; /* set by any thread; NULL: never */
    atr_scope *s;                 /* NULL until needed: answers without values need none */
} atr_sqlite_call;

/* The scope of the answer. NULL: out of memory. */
atr_scope *atr_sqlite_scope(atr_sqlite_call *call);

bool atr_sqlite_is_cancelled(const atr_sqlite_call *call);
extern const atr_error atr_sqlite_cancelled;

/* Why the call failed; never NULL. A call that was cancelled failed for that reason, whatever
 * SQLite said. */
const atr_error *atr_sqlite_error(const atr_sqlite_call *call);

/* Latch what sqlite has just reported as code. about: what it was doing, NULL: the statement
 * itself. detail: the SQL or the file. Returns ATR_E_SYSTEM. */
int atr_sqlite_fail(atr_sqlite_call *call, sqlite3 *handle, int code, const char *about,
                    const char *detail);

/* Latch an error of domain atrium. Returns code. */
int atr_sqlite_refuse(atr_sqlite_call *call, int code, const char *detail, const char *format, ...)
    ATR_PRINTF(4, 5);

/* Latch an error of domain atrium: about what (the format), and why, which is another error. It is
 * the cause, unless it came out of memory: then it is latched itself. Returns code. */
int atr_sqlite_refuse_for(atr_sqlite_call *call, const atr_error *cause, int code,
                          const char *detail, const char *format, ...) ATR_PRINTF(5, 6);

/* Ask the world for a fault at a point; latches it. Returns 0 when there is none. */
int atr_sqlite_fault(atr_sqlite_call *call, const char *point, const char *detail);

#endif
