/* How a class runs: its statements, prepared; where each parameter comes from and where each column
 * goes, worked out once. */
#ifndef ATR_SQLITE_PLAN_H
#define ATR_SQLITE_PLAN_H

#include <atrium/json.h>

#include "call.h"

typedef struct atr_sqlite_conn atr_sqlite_conn;

/* Where a parameter's value comes from. */
typedef struct atr_sqlite_parameter {
    const atr_field *field;
    size_t offset; /* in the query */
    bool by_name;  /* @name: an enumeration as text */
} atr_sqlite_parameter;

typedef struct atr_sqlite_statement {
    struct atr_sqlite_statement *next;
    sqlite3_stmt *handle;
    int parameter_count;
    atr_sqlite_parameter parameters[];
} atr_sqlite_statement;

/* Fields that most columns are for: read without a detour while the value fits. */
typedef enum atr_sqlite_quick {
    ATR_SQLITE_QUICK_NONE,
    ATR_SQLITE_QUICK_NUMBER, /* a required i64 or time */
    ATR_SQLITE_QUICK_BOOL,   /* required */
    ATR_SQLITE_QUICK_TEXT
} atr_sqlite_quick;

/* Where a column's value goes. */
typedef struct atr_sqlite_target {
    atr_sqlite_quick quick;
    atr_type type;
    const atr_field *field; /* NULL: the response itself, or an element of its vector */
    size_t offset;          /* of the value in the row's model */
    size_t size;            /* of the value, in bytes */
    size_t has_offset;      /* of an optional scalar's `has` */
    bool is_pair;           /* an optional scalar in a model: has and value */
    bool is_pointer;        /* to a value: text, bytes, what is JSON */
    bool is_nullable;       /* an opt, any, or a collection: NULL is the empty one */
    int64_t least, most;    /* of integers */
    bool by_number;         /* enumerations: which of the two is taken */
    bool by_name;
} atr_sqlite_target;

typedef struct atr_sqlite_plan {
    const atr_query_class *query_class;
    const char *sql;
    atr_sqlite_statement *statements;
    atr_sqlite_statement *answering; /* the last one with columns; NULL: none */
    const atr_model *row_model;      /* NULL: one value a row, or none is looked at */
    bool wants_rows;                 /* the answer is made of rows */
    atr_sqlite_target *targets;      /* of the answering statement's columns, if wanted */
    int target_count;
    int prepared; /* how often SQLite had prepared the answering statement again */
    struct atr_sqlite_plan *newer, *older, *chain; /* for the cache */
} atr_sqlite_plan;

/* Prepare a class. 0 or a code, latched in the call. */
int atr_sqlite_plan_new(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan **made);
void atr_sqlite_plan_free(atr_sqlite_plan *plan);

/* columns.c: work out the targets. 0 or a code. */
int atr_sqlite_plan_columns(atr_sqlite_call *call, atr_sqlite_plan *plan);
/* The same again when SQLite has prepared the statement anew, as the schema had changed. To be
 * called when rows are wanted, after the first step. 0 or a code. */
int atr_sqlite_plan_refresh(atr_sqlite_call *call, atr_sqlite_plan *plan);

/* check.c: the model of the rows, NULL when they are single values or not looked at. */
const atr_model *atr_sqlite_row_model(const atr_query_class *query_class);
/* Whether the answer is what the write did, not rows. */
bool atr_sqlite_answers_done(const atr_query_class *query_class);
/* For messages: "an i64", "a text", ... */
const char *atr_sqlite_kind_name(atr_kind kind);

/* Whether a kind is text with JSON in SQL. */
static inline bool atr_sqlite_is_json(atr_kind kind)
{
    return kind > ATR_KIND_BYTES;
}

/* json_column.c: whether all that a value of this type may consist of can be stored; name: whose
 * type it is. 0 or a code, latched in s. */
int atr_sqlite_check_json(atr_scope *s, const char *name, const atr_type *type);

/* bind.c: give a statement the inputs of the call. They are borrowed until it is reset. 0 or a
 * code. */
int atr_sqlite_bind(atr_sqlite_call *call, const atr_sqlite_statement *statement,
                    const atr_json_options *json);
/* json_column.c: one of them, as JSON. 0, a code, or one of SQLite. */
int atr_sqlite_bind_json(atr_sqlite_call *call, const atr_sqlite_statement *statement, int index,
                         const void *value, const atr_json_options *options);

#endif
