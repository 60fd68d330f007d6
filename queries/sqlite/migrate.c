/* Migrations: script n takes the file from user_version n to n + 1, alone in a transaction, in
 * which the version is read again, as another process may have come first. Foreign keys are off (a
 * table that is rebuilt is dropped on the way) and checked before the commit. */
#include <stdio.h>

#include "connection.h"

enum { ABOUT_MAX_BYTES = 600 };

/* What a file says of itself, in one reading of it. */
typedef struct file_marks {
    int64_t version;
    int64_t application_id;
    bool empty; /* no table, no index, no view */
} file_marks;

static int read_marks(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                      file_marks *marks)
{
    static const char sql[] = "SELECT user_version, application_id,"
                              " NOT EXISTS (SELECT 1 FROM sqlite_schema)"
                              " FROM pragma_user_version, pragma_application_id";
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(conn->handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW) {
        marks->version = sqlite3_column_int64(statement, 0);
        marks->application_id = sqlite3_column_int64(statement, 1);
        marks->empty = sqlite3_column_int(statement, 2) != 0;
    } else {
        atr_sqlite_fail(call, conn->handle, code == SQLITE_DONE ? SQLITE_EMPTY : code, about, sql);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? ATR_OK : ATR_E_SYSTEM;
}

/* A file without an id is another program's if it has something in it, and no version of ours: those of
 * ours that were made before the program had an id have one. */
static bool is_of_another(const atr_sqlite_conn *conn, const file_marks *marks)
{
    int64_t ours = conn->settings.values.application_id;
    return ours != 0 && marks->application_id != ours &&
           (marks->application_id != 0 || (marks->version == 0 && !marks->empty));
}

int atr_sqlite_version(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                       int64_t *version)
{
    int count = conn->settings.migration_count;
    file_marks marks = {0};
    int code = read_marks(conn, call, about, &marks);
    *version = marks.version;
    if (code != ATR_OK || count == 0) {
        return code;
    }
    if (is_of_another(conn, &marks)) {
        return atr_sqlite_refuse(
            call, ATR_E_REFUSED, conn->settings.file,
            "%s: it is a file of another program (application_id %lld, not %lld)", about,
            (long long)marks.application_id, (long long)conn->settings.values.application_id);
    }
    if (*version >= 0 && *version <= count) {
        return ATR_OK;
    }
    return atr_sqlite_refuse(call, ATR_E_REFUSED, conn->settings.file,
                             "%s: its version is %lld, and the newest known is %d", about,
                             (long long)*version, count);
}

static int run_statement(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about,
                         const char **sql)
{
    sqlite3_stmt *statement = NULL;
    const char *text = *sql;
    int step = SQLITE_DONE;
    int code = atr_sqlite_prepare(conn, call, about, text, &statement, sql);
    if (code != ATR_OK) {
        return code;
    }
    while (statement != NULL && (step = sqlite3_step(statement)) == SQLITE_ROW) {
    }
    if (step != SQLITE_DONE) {
        code = atr_sqlite_fail(call, conn->handle, step, about, text);
    }
    sqlite3_finalize(statement);
    return code;
}

static int check_foreign_keys(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about)
{
    static const char sql[] = "SELECT printf('%s of %s', count(*), \"table\") FROM "
                              "pragma_foreign_key_check GROUP BY \"table\"";
    sqlite3_stmt *statement = NULL;
    int step, code = ATR_OK;
    if (conn->settings.values.no_foreign_keys) {
        return ATR_OK;
    }
    step = sqlite3_prepare_v2(conn->handle, sql, -1, &statement, NULL);
    if (step == SQLITE_OK) {
        step = sqlite3_step(statement);
    }
    if (step == SQLITE_ROW) {
        const char *rows = (const char *)sqlite3_column_text(statement, 0);
        code = atr_sqlite_refuse(call, ATR_E_DEFINITION, NULL,
                                 "%s: it leaves rows without the row they refer to: %s", about,
                                 rows != NULL ? rows : "");
    } else if (step != SQLITE_DONE) {
        code = atr_sqlite_fail(call, conn->handle, step, about, sql);
    }
    sqlite3_finalize(statement);
    return code;
}

static int write_marks(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about, int version)
{
    int32_t ours = conn->settings.values.application_id;
    char sql[64];
    int code = ATR_OK;
    if (ours != 0) {
        snprintf(sql, sizeof sql, "PRAGMA application_id = %ld", (long)ours);
        code = atr_sqlite_exec(conn, call, about, sql);
    }
    if (code == ATR_OK) {
        snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
        code = atr_sqlite_exec(conn, call, about, sql);
    }
    return code;
}

static int run_script(atr_sqlite_conn *conn, atr_sqlite_call *call, const char *about, int version)
{
    const char *sql = conn->settings.scripts[version];
    int code = ATR_OK;
    while (code == ATR_OK && *sql != '\0') {
        code = run_statement(conn, call, about, &sql);
    }
    if (code == ATR_OK) {
        code = check_foreign_keys(conn, call, about);
    }
    return code == ATR_OK ? write_marks(conn, call, about, version + 1) : code;
}

static int migrate_once(atr_sqlite_conn *conn, atr_sqlite_call *call, int64_t *version)
{
    const char *name = conn->settings.shown;
    char about[ABOUT_MAX_BYTES];
    int code = atr_sqlite_begin(conn, call);
    if (code == ATR_OK) {
        code = atr_sqlite_version(conn, call, name, version);
    }
    if (code == ATR_OK && *version < conn->settings.migration_count) {
        snprintf(about, sizeof about, "migration %d of %s", (int)*version + 1, name);
        code = run_script(conn, call, about, (int)*version);
        if (code == ATR_OK) {
            code = atr_sqlite_commit(conn, call);
        }
        *version += 1;
    }
    atr_sqlite_undo(conn);
    return code;
}

int atr_sqlite_migrate(atr_sqlite_conn *conn, atr_sqlite_call *call)
{
    int64_t version = 0;
    int code = ATR_OK;
    if (conn->settings.migration_count == 0) {
        return ATR_OK;
    }
    code = atr_sqlite_version(conn, call, conn->settings.shown, &version);
    while (code == ATR_OK && version < conn->settings.migration_count) {
        code = migrate_once(conn, call, &version);
    }
    return code;
}
