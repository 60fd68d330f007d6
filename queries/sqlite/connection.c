/* Opening: look at the version first, write nothing to a file that is refused; configure; migrate;
 * then foreign keys, which migrations run without. A connection that fails on the way is closed
 * again. */
#include <stdio.h>
#include <string.h>

#include "connection.h"

enum { ABOUT_MAX_BYTES = 600, PRAGMA_MAX_BYTES = 80 };

int atr_sqlite_conn_init(atr_sqlite_conn *conn, const atr_sqlite_options *options)
{
    int code;
    memset(conn, 0, sizeof *conn);
    code = atr_sqlite_settings_init(&conn->settings, options);
    if (code != ATR_OK) {
        return code;
    }
    if (uv_mutex_init(&conn->mutex) != 0) {
        atr_sqlite_settings_free(&conn->settings);
        return ATR_E_NO_MEMORY;
    }
    if (uv_cond_init(&conn->nudge) != 0) {
        uv_mutex_destroy(&conn->mutex);
        atr_sqlite_settings_free(&conn->settings);
        return ATR_E_NO_MEMORY;
    }
    return ATR_OK;
}

void atr_sqlite_conn_free(atr_sqlite_conn *conn)
{
    atr_sqlite_conn_close(conn);
    uv_cond_destroy(&conn->nudge);
    uv_mutex_destroy(&conn->mutex);
    atr_sqlite_settings_free(&conn->settings);
}

void atr_sqlite_conn_close(atr_sqlite_conn *conn)
{
    atr_sqlite_cache_clear(&conn->cache);
    sqlite3_finalize(conn->begin);
    sqlite3_finalize(conn->commit);
    sqlite3_finalize(conn->rollback);
    sqlite3_finalize(conn->begin_read);
    sqlite3_close(conn->handle);
    conn->begin = conn->commit = conn->rollback = conn->begin_read = NULL;
    conn->handle = NULL;
}

/* ---- small statements ---- */

int atr_sqlite_exec(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                    const char *sql)
{
    int code = sqlite3_exec(conn->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? ATR_OK : atr_sqlite_fail(call, conn->handle, code, about, sql);
}

int atr_sqlite_number(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                      const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(conn->handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW) {
        *number = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        return ATR_OK;
    }
    atr_sqlite_fail(call, conn->handle, code == SQLITE_DONE ? SQLITE_EMPTY : code, about, sql);
    sqlite3_finalize(statement);
    return ATR_E_SYSTEM;
}

int atr_sqlite_prepare(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                       const char *sql, sqlite3_stmt **statement, const char **tail)
{
    int code;
    conn->guarded = true;
    code = sqlite3_prepare_v3(conn->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, tail);
    conn->guarded = false;
    if (code == SQLITE_AUTH) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, sql, "%s%sthe SQL must not %s",
                                 about != NULL ? about : "", about != NULL ? ": " : "",
                                 conn->denied);
    }
    return code == SQLITE_OK ? ATR_OK : atr_sqlite_fail(call, conn->handle, code, about, sql);
}

/* ---- transactions ---- */

static int step_once(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int atr_sqlite_begin(atr_sqlite_conn *conn, atr_sqlite_call *call)
{
    int code = step_once(conn->begin);
    return code == SQLITE_OK ? ATR_OK : atr_sqlite_fail(call, conn->handle, code, NULL, "BEGIN");
}

int atr_sqlite_commit(atr_sqlite_conn *conn, atr_sqlite_call *call)
{
    atr_sqlite_call *stoppable = conn->call;
    bool opening = conn->opening;
    int code;
    conn->call = NULL;
    conn->opening = false;
    code = step_once(conn->commit);
    conn->call = stoppable;
    conn->opening = opening;
    return code == SQLITE_OK ? ATR_OK : atr_sqlite_fail(call, conn->handle, code, NULL, "COMMIT");
}

void atr_sqlite_undo(atr_sqlite_conn *conn)
{
    atr_sqlite_call *stoppable = conn->call;
    bool opening = conn->opening;
    conn->call = NULL;
    conn->opening = false;
    if (sqlite3_get_autocommit(conn->handle) == 0) {
        step_once(conn->rollback);
    }
    conn->call = stoppable;
    conn->opening = opening;
}

void atr_sqlite_read_begin(atr_sqlite_conn *conn)
{
    step_once(conn->begin_read);
}

void atr_sqlite_read_end(atr_sqlite_conn *conn)
{
    if (conn->handle != NULL && sqlite3_get_autocommit(conn->handle) == 0) {
        step_once(conn->commit);
    }
    if (conn->handle != NULL) {
        atr_sqlite_undo(conn);
    }
}

static int prepare_transactions(atr_sqlite_conn *conn, atr_sqlite_call *call)
{
    static const char *const texts[] = {"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "BEGIN"};
    sqlite3_stmt **const statements[] = {&conn->begin, &conn->commit, &conn->rollback,
                                         &conn->begin_read};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int code = sqlite3_prepare_v3(conn->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      statements[i], NULL);
        if (code != SQLITE_OK) {
            return atr_sqlite_fail(call, conn->handle, code, NULL, texts[i]);
        }
    }
    return ATR_OK;
}

/* ---- opening ---- */

static const char *about_opening(const atr_sqlite_conn *conn, char *text)
{
    snprintf(text, ABOUT_MAX_BYTES, "cannot open %s", conn->settings.shown);
    return text;
}

static int check_options(const atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about)
{
    const atr_sqlite_options *options = &conn->settings.values;
    if (sqlite3_threadsafe() == 0) {
        return atr_sqlite_refuse(call, ATR_E_SYSTEM, NULL, "SQLite was built without threads");
    }
    if (options->path != NULL && options->uri != NULL) {
        return atr_sqlite_refuse(call, ATR_E_INVALID, options->uri,
                                 "%s: the options give a path and a URI", about);
    }
    if (options->uri != NULL && strncmp(options->uri, "file:", 5) != 0) {
        return atr_sqlite_refuse(call, ATR_E_INVALID, options->uri,
                                 "%s: a URI begins with file:", about);
    }
    if (options->application_id != 0 && conn->settings.migration_count == 0) {
        return atr_sqlite_refuse(call, ATR_E_INVALID, conn->settings.file,
                                 "%s: an application_id needs migrations, which write it", about);
    }
    return ATR_OK;
}

static int open_file(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about)
{
    const atr_sqlite_options *options = &conn->settings.values;
    int flags = SQLITE_OPEN_NOMUTEX | (options->uri != NULL ? SQLITE_OPEN_URI : 0);
    int code;
    flags |= options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    code = sqlite3_open_v2(conn->settings.file, &conn->handle, flags, NULL);
    if (code != SQLITE_OK) {
        code = conn->handle != NULL ? sqlite3_extended_errcode(conn->handle) : code;
        return atr_sqlite_fail(call, conn->handle, code, about, conn->settings.file);
    }
    conn->read_only = options->read_only ||
                      (options->uri != NULL && sqlite3_db_readonly(conn->handle, "main") == 1);
    sqlite3_extended_result_codes(conn->handle, 1);
    atr_sqlite_stop_install(conn);
    return ATR_OK;
}

/* The version is the first thing read of the file: what is no database fails here. */
static int check_version(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about)
{
    int count = conn->settings.migration_count;
    int64_t version = 0;
    int code = atr_sqlite_version(conn, call, about, &version);
    if (code == ATR_OK && count > 0 && version < count && conn->read_only) {
        return atr_sqlite_refuse(call, ATR_E_REFUSED, conn->settings.file,
                                 "%s: its version %lld must be migrated to %d, but it is read-only",
                                 about, (long long)version, count);
    }
    return code;
}

static int pragma_number(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                         const char *name, uint32_t number)
{
    char sql[PRAGMA_MAX_BYTES];
    snprintf(sql, sizeof sql, "PRAGMA %s = %u", name, (unsigned)number);
    return atr_sqlite_exec(conn, call, about, sql);
}

static int configure(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about)
{
    static const uint32_t synchronous[] = {2, 1, 0}; /* by atr_sqlite_synchronous */
    const atr_sqlite_options *options = &conn->settings.values;
    int code = ATR_OK;
    if (options->max_page_count != 0) {
        code = pragma_number(conn, call, about, "max_page_count", options->max_page_count);
    }
    if (code == ATR_OK && !conn->read_only) {
        code = atr_sqlite_exec(conn, call, about,
                               options->rollback_journal ? "PRAGMA journal_mode = DELETE"
                                                         : "PRAGMA journal_mode = WAL");
    }
    if (code == ATR_OK) {
        size_t level = (size_t)options->synchronous < 3 ? (size_t)options->synchronous : 0;
        code = pragma_number(conn, call, about, "synchronous", synchronous[level]);
    }
    return code == ATR_OK ? pragma_number(conn, call, about, "foreign_keys", 0) : code;
}

static int look_at_encoding(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about)
{
    int64_t utf8 = 0;
    int code = atr_sqlite_number(conn, call, about,
                                 "SELECT encoding = 'UTF-8' FROM pragma_encoding", &utf8);
    conn->utf8 = utf8 != 0;
    return code;
}

static int open_steps(atr_sqlite_conn *conn, atr_sqlite_call *call)
{
    char text[ABOUT_MAX_BYTES];
    const char *about = about_opening(conn, text);
    int code = atr_sqlite_fault(call, "sqlite.open", conn->settings.file);
    if (code == ATR_OK) {
        code = check_options(conn, call, about);
    }
    if (code == ATR_OK) {
        code = open_file(conn, call, about);
    }
    if (code == ATR_OK) {
        code = check_version(conn, call, about);
    }
    if (code == ATR_OK) {
        code = configure(conn, call, about);
    }
    if (code == ATR_OK) {
        code = prepare_transactions(conn, call);
    }
    if (code == ATR_OK) {
        code = atr_sqlite_migrate(conn, call);
    }
    if (code == ATR_OK) {
        code = look_at_encoding(conn, call, about);
    }
    if (code == ATR_OK && !conn->settings.values.no_foreign_keys) {
        code = pragma_number(conn, call, about, "foreign_keys", 1);
    }
    return code;
}

int atr_sqlite_conn_open(atr_sqlite_conn *conn, atr_sqlite_call *call)
{
    int code;
    if (conn->handle != NULL) {
        return ATR_OK;
    }
    conn->opening = true;
    code = open_steps(conn, call);
    conn->opening = false;
    if (code != ATR_OK) {
        atr_sqlite_conn_close(conn);
    }
    return code;
}
