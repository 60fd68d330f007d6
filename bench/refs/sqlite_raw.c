/* SQLite by hand: one prepared statement, rows into structs from malloc, texts copied. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "refs.h"

typedef struct row {
    int64_t id;
    char *title;
    bool done;
} row;

struct ref_sqlite {
    sqlite3 *handle;
    sqlite3_stmt *all, *one;
};

static void must(int code, int wanted, const char *what)
{
    if (code != wanted) {
        bench_fail(what);
    }
}

static void exec(sqlite3 *handle, const char *sql)
{
    must(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK, sql);
}

/* As the library opens it: the same flags, the same pragmas. */
ref_sqlite *ref_sqlite_open(const char *path)
{
    ref_sqlite *db = bench_take(sizeof *db);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    must(sqlite3_open_v2(path, &db->handle, flags, NULL), SQLITE_OK, "cannot open a database");
    exec(db->handle, "PRAGMA journal_mode = WAL");
    exec(db->handle, "PRAGMA synchronous = FULL");
    exec(db->handle, "PRAGMA foreign_keys = ON");
    db->all = NULL;
    db->one = NULL;
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *statement;
    must(sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL),
         SQLITE_OK, sql);
    return statement;
}

void ref_sqlite_fill(ref_sqlite *db, size_t n)
{
    sqlite3_stmt *insert;
    exec(db->handle, "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL,"
                     " done INTEGER NOT NULL)");
    exec(db->handle, "BEGIN");
    insert = prepare(db->handle, "INSERT INTO item VALUES (?1, 'item number ' || ?1, ?1 % 2)");
    for (size_t i = 1; i <= n; i++) {
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)i);
        must(sqlite3_step(insert), SQLITE_DONE, "cannot insert");
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    exec(db->handle, "COMMIT");
    exec(db->handle, "PRAGMA wal_checkpoint(TRUNCATE)");
    db->all = prepare(db->handle, "SELECT id, title, done FROM item");
    db->one = prepare(db->handle, "SELECT id, title, done FROM item WHERE id = ?1");
}

void ref_sqlite_close(ref_sqlite *db)
{
    sqlite3_finalize(db->all);
    sqlite3_finalize(db->one);
    sqlite3_close(db->handle);
    free(db);
}

static row *row_read(sqlite3_stmt *statement)
{
    row *r = bench_take(sizeof *r);
    const unsigned char *text;
    size_t size;
    r->id = sqlite3_column_int64(statement, 0);
    text = sqlite3_column_text(statement, 1);
    size = (size_t)sqlite3_column_bytes(statement, 1);
    r->title = bench_take(size + 1);
    memcpy(r->title, text, size + 1);
    r->done = sqlite3_column_int(statement, 2) != 0;
    return r;
}

static void row_free(row *r)
{
    free(r->title);
    free(r);
}

/* The clock stops with the last row; freeing them does not count. */
double ref_sqlite_rows(ref_sqlite *db, size_t n)
{
    uint64_t start = bench_now_ns(), end;
    size_t count = 0, capacity = 16;
    row **rows = bench_take(capacity * sizeof *rows);
    while (sqlite3_step(db->all) == SQLITE_ROW) {
        if (count == capacity) {
            capacity *= 2;
            rows = realloc(rows, capacity * sizeof *rows);
            must(rows != NULL, true, "out of memory");
        }
        rows[count++] = row_read(db->all);
    }
    sqlite3_reset(db->all);
    end = bench_now_ns();
    must(count == n, true, "there are not as many rows as there should be");
    while (count > 0) {
        row_free(rows[--count]);
    }
    free(rows);
    return (double)(end - start) / (double)n;
}

/* Each read is a transaction of its own; its row is freed before the next. */
double ref_sqlite_points(ref_sqlite *db, const uint32_t *order, size_t n)
{
    uint64_t sum = 0, start = bench_now_ns(), end;
    for (size_t i = 0; i < n; i++) {
        row *r;
        sqlite3_bind_int64(db->one, 1, (sqlite3_int64)order[i] + 1);
        must(sqlite3_step(db->one), SQLITE_ROW, "a row was not found");
        r = row_read(db->one);
        must(sqlite3_step(db->one), SQLITE_DONE, "there is more than one row");
        sqlite3_reset(db->one);
        sum += (uint64_t)r->id;
        row_free(r);
    }
    end = bench_now_ns();
    bench_use(sum);
    return (double)(end - start) / (double)n;
}
