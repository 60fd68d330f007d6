/* The three questions SQLite asks while it works: whether to go on, whether to wait longer for a
 * lock, and whether a statement may be prepared. */
#include <stdio.h>

#include "connection.h"

/* Steps of SQLite's machine between two questions: some microseconds. */
enum { STEPS_BETWEEN = 1000 };

static bool must_stop(const atr_sqlite_conn *conn)
{
    const atr_sqlite_call *call = conn->call;
    if (call != NULL && atr_sqlite_is_cancelled(call)) {
        return true;
    }
    return atomic_load_explicit(&conn->closing, memory_order_relaxed) &&
           (call != NULL ? !call->query_class->policy->is_write : conn->opening);
}

static int on_progress(void *user)
{
    const atr_sqlite_conn *conn = user;
    if (conn->slow != NULL) {
        conn->slow(conn->slow_user);
    }
    return must_stop(conn);
}

/* The next pause, in milliseconds, and all before it. 0: the timeout is over. */
static uint32_t pause_ms(int tries, uint32_t timeout_ms)
{
    static const uint8_t pauses[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
    enum { COUNT = sizeof pauses / sizeof *pauses };
    uint64_t before = 0, pause;
    for (int i = 0; i < tries && i < COUNT; i++) {
        before += pauses[i];
    }
    if (tries > COUNT) {
        before += (uint64_t)(tries - COUNT) * pauses[COUNT - 1];
    }
    pause = pauses[tries < COUNT ? tries : COUNT - 1];
    if (before >= timeout_ms) {
        return 0;
    }
    return (uint32_t)(before + pause <= timeout_ms ? pause : timeout_ms - before);
}

static int on_busy(void *user, int tries)
{
    atr_sqlite_conn *conn = user;
    uint32_t pause = pause_ms(tries, conn->settings.values.busy_timeout_ms);
    bool stop;
    if (pause == 0) {
        return 0;
    }
    if (conn->slow != NULL) {
        conn->slow(conn->slow_user);
    }
    uv_mutex_lock(&conn->mutex);
    if (!must_stop(conn)) {
        uv_cond_timedwait(&conn->nudge, &conn->mutex, (uint64_t)pause * 1000000u);
    }
    stop = must_stop(conn);
    uv_mutex_unlock(&conn->mutex);
    return !stop;
}

/* Whether a PRAGMA with an argument only looks: all others with one change the connection or the
 * file. */
static bool pragma_looks(const char *name)
{
    static const char *const looking[] = {
        "table_info",  "table_xinfo",      "table_list",        "index_list",  "index_info",
        "index_xinfo", "foreign_key_list", "foreign_key_check", "quick_check", "integrity_check",
    };
    for (size_t i = 0; i < sizeof looking / sizeof *looking; i++) {
        if (sqlite3_stricmp(name, looking[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Of those without an argument these do something. */
static bool pragma_acts(const char *name)
{
    static const char *const acting[] = {"optimize", "shrink_memory", "wal_checkpoint",
                                         "incremental_vacuum"};
    for (size_t i = 0; i < sizeof acting / sizeof *acting; i++) {
        if (sqlite3_stricmp(name, acting[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What SQL of the application must not do: transactions are the library's, and so are the settings of the
 * connection, which all queries share, and of the file. */
static int on_authorize(void *user, int action, const char *first, const char *second,
                        const char *database, const char *trigger)
{
    atr_sqlite_conn *conn = user;
    bool acts = action == SQLITE_PRAGMA && pragma_acts(first);
    bool sets = action == SQLITE_PRAGMA && second != NULL && !acts && !pragma_looks(first);
    const char *what = action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT
                           ? "begin, commit or roll back by itself"
                       : action == SQLITE_ATTACH || action == SQLITE_DETACH
                           ? "attach or detach files"
                       : sets ? "set PRAGMA "
                       : acts ? "run PRAGMA "
                              : NULL;
    (void)database;
    (void)trigger;
    if (!conn->guarded || what == NULL) {
        return SQLITE_OK;
    }
    snprintf(conn->denied, sizeof conn->denied, "%s%s", what, sets || acts ? first : "");
    return SQLITE_DENY;
}

void atr_sqlite_stop_install(atr_sqlite_conn *conn)
{
    sqlite3_progress_handler(conn->handle, STEPS_BETWEEN, on_progress, conn);
    sqlite3_busy_handler(conn->handle, on_busy, conn);
    sqlite3_set_authorizer(conn->handle, on_authorize, conn);
}

void atr_sqlite_conn_nudge(atr_sqlite_conn *conn)
{
    uv_mutex_lock(&conn->mutex);
    uv_cond_broadcast(&conn->nudge);
    uv_mutex_unlock(&conn->mutex);
}

void atr_sqlite_conn_stop(atr_sqlite_conn *conn)
{
    atomic_store(&conn->closing, true);
    atr_sqlite_conn_nudge(conn);
}
