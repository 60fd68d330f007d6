/** SQLite: queries that are one macro with their SQL, and the database they run on.
 *
 *      ATR_SERVICE(todo_db, atr_sqlite);                    header; ATR_SERVICE_IMPL in one .c file
 *      ATR_QUERY(load_todos, LOAD_TODOS, vec(todo_item));
 *      ATR_QUERY(add_todo, ADD_TODO, ref(todo_item));
 *
 *      ATR_SQLITE_QUERY(load_todos, LOAD_TODOS, vec(todo_item), todo_db,
 *                       "SELECT id, title, done FROM todo ORDER BY id",
 *                       .finish_with_response = loaded);
 *      ATR_SQLITE_WRITE(add_todo, ADD_TODO, ref(todo_item), todo_db,
 *                       "INSERT INTO todo (title) VALUES (:title) RETURNING id, title, done",
 *                       .finish_with_response = added);
 *
 *      atr_sqlite_options options = { .path = "todo.db", .migrations = migrations };
 *      ATR_PROVIDE(app, todo_db, atr_sqlite_open(&options));   main
 *
 *  **Parameters.** `:title` is the input of that name; `@state` the name of an enumeration where
 *  `:state` is its number. Bool is bound as 0 and 1, time in microseconds, an absent opt and an any
 *  that is NULL as NULL; ref, vec, map, set, omap, oset and any as canonical JSON (json.h), the empty
 *  collection too. NaN is refused, as SQLite would store NULL.
 *
 *  **Responses.** The columns are found by name (case of ASCII letters ignored), once per
 *  statement.
 *
 *  | response                | rows                                                               |
 *  |-------------------------|--------------------------------------------------------------------|
 *  | vec(model)              | any number; a column for each field, named by it or its `.column`  |
 *  | vec(str) (i64) (f64)    | any number, one column                                             |
 *  | ref(model)              | exactly one; none is ATR_E_NOT_FOUND                               |
 *  | opt(ref(model))         | one or none                                                        |
 *  | bool, i32 ... f64, time, str, bytes, enumeration | exactly one, one column                   |
 *  | opt of these            | one or none, one column; NULL and none are absent                  |
 *  | unit                    | whatever they are, they are not looked at                          |
 *  | ref(atr_sqlite_done)    | of writes: what changed                                            |
 *
 *  **Mapping.** Strict: a value that does not fit is an error that names row, column, model and
 *  field. i64, i32, u32, time take integers within their range; bool 0 and 1; f64 reals, and
 *  integers that it holds exactly; str text in UTF-8; bytes blobs; enumerations a number they list,
 *  or, with the attribute `.by_name`, a name; opt takes NULL as absent. ref, vec, map, set, omap,
 *  oset and any take text with their JSON, read by the rules of json.h and the option `.json`; NULL
 *  is the empty collection. A blob is refused, JSONB too. A field with a default of its own (other
 *  than zero) takes that when there is no column for it. opaque is refused, at any depth:
 *  ATR_E_DEFINITION.
 *
 *  **SQL.** Neither queries nor migrations may begin, commit or roll back, attach files, or change
 *  settings or do work by PRAGMA: ATR_E_DEFINITION.
 *
 *  **Errors.** Of domain sqlite: the extended result code, SQLite's text, the SQL as detail, the
 *  system's error number as detail_number; retryable for SQLITE_BUSY and SQLITE_LOCKED. What a
 *  trigger raises is SQLITE_CONSTRAINT_TRIGGER with its text alone as message. Of domain atrium:
 *  ATR_E_DEFINITION: class, SQL, parameters, columns and model do not go together, or a migration is
 *  wrong; ATR_E_REFUSED: NULL for a required field, a NaN, or a file of a newer version or another
 *  program; ATR_E_TYPE: a value of another type or out of range; ATR_E_UTF8; ATR_E_NOT_FOUND;
 *  ATR_E_LIMIT: too many rows or bytes, or a bound on JSON; ATR_E_INVALID: options that exclude
 *  each other; ATR_E_CANCELLED: a write that was asked to stop, and was rolled back. Where JSON
 *  does not fit, that error, with its path, is the cause. */
#ifndef ATRIUM_SQLITE_H
#define ATRIUM_SQLITE_H

#include <atrium/json.h>
#include <atrium/service.h>

/** What a write did. changes: rows that its statements inserted, updated and deleted themselves,
 *  not by triggers or foreign keys. last_row_id: of the last inserted row, 0 when none was
 *  inserted. */
#define ATR_SQLITE_DONE(F) \
    F(i64, changes)        \
    F(i64, last_row_id)

#ifdef __cplusplus
extern "C" {
#endif

ATR_MODEL_LINKED_(ATR_API, atr_sqlite_done, ATR_SQLITE_DONE);

/** A database: one connection on one thread. What is provided as a service. */
typedef struct atr_sqlite atr_sqlite;
extern ATR_API const atr_service_type atr_sqlite_service_type;

/** When an acknowledged write is safe: SQLite's pragma synchronous.
 *  @source https://www.sqlite.org/pragma.html#pragma_synchronous */
typedef enum atr_sqlite_synchronous {
    ATR_SQLITE_FULL,   /**< it survives a power failure */
    ATR_SQLITE_NORMAL, /**< it survives the end of the process; a power failure may undo it */
    ATR_SQLITE_OFF     /**< like normal, but a power failure may also corrupt the file */
} atr_sqlite_synchronous;

/** Options of a database; zero is the default. Everything is copied. */
typedef struct atr_sqlite_options {
    /** A file. Its name is taken as it is, also `file:x` and `:memory:`. NULL: uri. */
    const char *path;
    /** Instead of path: a URI of SQLite, `file:todo.db?immutable=1`. NULL too: in memory, for this
     *  handle alone. */
    const char *uri;
    bool read_only;        /**< no write, no new file; a file that needs a migration is refused */
    bool rollback_journal; /**< instead of the write-ahead log, e.g. for network drives */
    bool no_foreign_keys;  /**< do not enforce foreign keys */
    atr_sqlite_synchronous synchronous; /**< 0: full */
    uint32_t busy_timeout_ms; /**< how long to wait for other connections' locks; 0: 5,000 */
    uint64_t row_limit;       /**< rows in one answer; 0: 2,000,000 */
    uint64_t byte_limit;      /**< bytes of text and blobs in one answer; 0: 256 MiB */
    uint32_t max_page_count;  /**< bound on the file's size in pages; 0: SQLite's own */
    uint32_t statement_limit; /**< classes whose statements stay prepared; 0: 100 */
    /** How JSON in columns is read and written: bounds on each text, names, what `any` may hold. A write
     *  refuses what could not be read again. It is written canonical; indent is not looked at. */
    atr_json_options json;
    /** SQL scripts, ended by NULL; NULL: none, and the file's version is not looked at. Script n
     *  takes the file from version n (its user_version) to n + 1, in a transaction of its own,
     *  without foreign keys, which are checked before its commit. A script that fails leaves the
     *  file at the version before it. A released script must never change. */
    const char *const *migrations;
    /** The program whose files these are: any number, written to the header of the file with each
     *  migration (its application_id). Files with another one are refused, and so are files without
     *  one that hold something but have no version: they are another program's. 0: not looked at. */
    int32_t application_id;
} atr_sqlite_options;

/** Make a database. The file is opened, and migrated, by the database's own thread before the first
 *  query; a failure is reported by every query until an attempt, made again for each, succeeds, and
 *  to the log of the app once.
 *  @param options copied; NULL: all defaults
 *  @return owned, until it is provided to an app or closed; NULL: out of memory or threads */
ATR_API atr_sqlite *atr_sqlite_open(const atr_sqlite_options *options);

/** Close a database that was not provided to an app: reads under way are stopped, writes finished,
 *  the connection closed, the thread joined. NULL does nothing. */
ATR_API void atr_sqlite_close(atr_sqlite *db);

/* ---- under the macros ---- */

ATR_API int atr_sqlite_check(atr_scope *s, const atr_query_class *query_class);
ATR_API void atr_sqlite_start(atr_start *ctx, atr_sqlite *db, const atr_query_class *query_class);
ATR_API void atr_sqlite_cancel(void *job);

#ifdef __cplusplus
}
#endif

/* clang-format off */

/** Define query class Q, declared by ATR_QUERY, as one reading statement on the database in slot
 *  DB. The rest are entries as of ATR_QUERY_IMPL (.finish_with_response, .timeout_ms, ...), which
 *  may be left out. SQL is a literal. Cancel, timeout and close stop the statement. C only. */
#define ATR_SQLITE_QUERY(Q, INPUTS, RESPONSE, DB, ...) \
    ATR_SQLITE_CLASS_(Q, INPUTS, RESPONSE, DB, false, __VA_ARGS__)

/** Define query class Q as one or more statements, of which at least one writes, in one transaction
 *  (BEGIN IMMEDIATE ... COMMIT): all of them take effect, or none.
 *
 *      ATR_SQLITE_WRITE(move_todo, MOVE_TODO, ref(atr_sqlite_done), todo_db,
 *                       "UPDATE list SET count = count - 1 WHERE id = :from;"
 *                       "UPDATE list SET count = count + 1 WHERE id = :to;"
 *                       "UPDATE todo SET list = :to WHERE id = :id",
 *                       .finish_with_response = moved);
 *
 *  The response comes from the last statement that gives rows (SELECT, RETURNING); rows of others
 *  are not looked at. The statements are prepared together, so none may need a table that another
 *  one makes. A write that has begun and is cancelled answers what became of it (rule L5): its
 *  response, or ATR_E_CANCELLED when it was rolled back. C only. */
#define ATR_SQLITE_WRITE(Q, INPUTS, RESPONSE, DB, ...) \
    ATR_SQLITE_CLASS_(Q, INPUTS, RESPONSE, DB, true, __VA_ARGS__)

#define ATR_SQLITE_CLASS_(Q, INPUTS, RESPONSE, DB, WRITES, ...)                                    \
    static int Q##_sqlite_check_(atr_scope *s_) {                                                  \
        return atr_sqlite_check(s_, &Q##_class);                                                   \
    }                                                                                              \
    static void Q##_sqlite_start_(atr_start *ctx_, const Q *self_) {                               \
        (void)self_;                                                                               \
        atr_sqlite_start(ctx_, ATR_USE(ctx_, DB), &Q##_class);                                     \
    }                                                                                              \
    static void Q##_sqlite_cancel_(atr_view *v_, const Q *self_, void *job_) {                     \
        (void)v_;                                                                                  \
        (void)self_;                                                                               \
        atr_sqlite_cancel(job_);                                                                   \
    }                                                                                              \
    ATR_QUERY_IMPL(Q, INPUTS, RESPONSE, .start_async = Q##_sqlite_start_,                          \
                   .cancel = Q##_sqlite_cancel_, .service = ATR_NEEDS(DB),                         \
                   .check = Q##_sqlite_check_, .is_write = WRITES,                                 \
                   ATR_SQLITE_ENTRIES_(__VA_ARGS__, .extra = ATR_SQLITE_TEXT_(__VA_ARGS__, ~)))
/* The first of the rest is the SQL; extra comes last, so that there may be no other entry. */
#define ATR_SQLITE_ENTRIES_(sql, ...) __VA_ARGS__
#define ATR_SQLITE_TEXT_(sql, ...) "" sql ""

/* clang-format on */

#endif
