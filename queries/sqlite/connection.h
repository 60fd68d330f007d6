/* One connection of SQLite, used by one thread: opening and configuring, and what may stop it from
 * outside.
 *
 * Stopping: sqlite3_interrupt could hit the statement after the one that was meant, so none is
 * sent. SQLite asks instead, every thousand steps of its machine and while it waits for a lock,
 * whether the call that runs now was cancelled. Commit and rollback run with no call set, as an
 * answer to that question can come after the fact: nothing stops them. Only closing stops a
 * migration. */
#ifndef ATR_SQLITE_CONNECTION_H
#define ATR_SQLITE_CONNECTION_H

#include <uv.h>

#include "cache.h"
#include "call.h"
#include "options.h"

enum { ATR_SQLITE_DENIED_BYTES = 100 };

typedef struct atr_sqlite_conn {
    atr_sqlite_settings settings;
    sqlite3 *handle; /* NULL: not open */
    sqlite3_stmt *begin, *commit, *rollback, *begin_read;
    atr_sqlite_cache cache;
    bool opening; /* a migration may run: closing stops it */
    bool guarded; /* SQL of the application is prepared: no BEGIN, COMMIT, SAVEPOINT in it */
    char denied[ATR_SQLITE_DENIED_BYTES]; /* what it did that it must not */
    bool utf8;                            /* the file's encoding: text can be read in place */
    bool read_only;
    atr_sqlite_call *call;    /* may be stopped now; NULL: none */
    void (*slow)(void *user); /* told when a statement takes long or waits; NULL: nobody */
    void *slow_user;
    uv_mutex_t mutex;
    uv_cond_t nudge; /* something happened that may end a wait for a lock */
    atomic_bool closing;
} atr_sqlite_conn;

/* 0 or a code; nothing is opened. */
int atr_sqlite_conn_init(atr_sqlite_conn *conn, const atr_sqlite_options *options);
void atr_sqlite_conn_free(atr_sqlite_conn *conn);

/* Open, configure and migrate, unless it is open. 0 or a code, latched in the call. */
int atr_sqlite_conn_open(atr_sqlite_conn *conn, atr_sqlite_call *call);
void atr_sqlite_conn_close(atr_sqlite_conn *conn);

/* Look again whether to wait: after a call was cancelled. Any thread. */
void atr_sqlite_conn_nudge(atr_sqlite_conn *conn);
/* Stop reads, waits and migrations from now on. Any thread. */
void atr_sqlite_conn_stop(atr_sqlite_conn *conn);

/* Run one statement of our own that gives no row anybody looks at. 0 or a code. */
int atr_sqlite_exec(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                    const char *sql);
/* The number in the first column of the first row. 0 or a code. */
int atr_sqlite_number(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                      const char *sql, int64_t *number);
/* Prepare the first statement in sql, which the application wrote; *tail is set behind it. A text
 * without a statement (a comment, space) gives NULL. 0 or a code. */
int atr_sqlite_prepare(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                       const char *sql, sqlite3_stmt **statement, const char **tail);

int atr_sqlite_begin(atr_sqlite_conn *conn, atr_sqlite_call *call);
int atr_sqlite_commit(atr_sqlite_conn *conn, atr_sqlite_call *call);
/* Undo what is open; nothing can be done about a failure, which SQLite reports with the next
 * statement. */
void atr_sqlite_undo(atr_sqlite_conn *conn);

/* A read transaction around several reads; without one they only cost more, so nothing is
 * reported. */
void atr_sqlite_read_begin(atr_sqlite_conn *conn);
void atr_sqlite_read_end(atr_sqlite_conn *conn);

/* migrate.c: the version of the file; one that no script leads to, and the file of another program, is
 * refused. 0 or a code. */
int atr_sqlite_version(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                       int64_t *version);
/* migrate.c: bring the file to the version of the scripts. 0 or a code. */
int atr_sqlite_migrate(atr_sqlite_conn *conn, atr_sqlite_call *call);

/* stop.c: make the connection ask whether to go on. */
void atr_sqlite_stop_install(atr_sqlite_conn *conn);

#endif
