/* What can happen to the list. A class is its SQL, how its answer changes the state, and what a person is
 * told when it fails. Positions in the database are 1, 2, 3, ... without gaps after every write. */
#include <inttypes.h>
#include <stdarg.h>

#include "todo.h"

ATR_SERVICE_IMPL(todo_db, atr_sqlite);

/* ---- failures ---- */

static const char *reason(const atr_error *error)
{
    bool missing = atr_error_is(error, ATR_DOMAIN_ATRIUM, ATR_E_NOT_FOUND);
    return missing ? "there is no such item" : error->message->bytes;
}

/* Add a problem to the state; a format and its arguments make the text. */
ATR_PRINTF(3, 4)
static void report(atr_finish *f, const atr_error *error, const char *format, ...)
{
    const atr_str *text;
    va_list args;

    va_start(args, format);
    text = atr_str_format_v(f->s, format, args);
    va_end(args);

    const todo_problem *problem = ATR_NEW(f->s, todo_problem, .text = text, .cause = error);
    ATR_UPDATE(f, todos, todo_with_problem(f->s, *ATR_STATE(f, todos), problem));
}

/* ---- load ---- */

static void loaded(atr_finish *f, const load_todos *self, const todo_item_vec *items)
{
    ATR_UPDATE(f, todos, todo_with_all(f->s, *ATR_STATE(f, todos), items));
}

/* One text that is not UTF-8 is no reason to be without the others. */
static void load_failed(atr_finish *f, const load_todos *self, const atr_error *error)
{
    if (atr_error_is(error, ATR_DOMAIN_ATRIUM, ATR_E_UTF8)) {
        ATR_EXECUTE(f, load_damaged);
    } else {
        report(f, error, "the list could not be loaded: %s", reason(error));
    }
}

ATR_SQLITE_QUERY(load_todos, LOAD_TODOS, vec(todo_item), todo_db,
                 "SELECT id, title, done FROM todo ORDER BY position",
                 .finish_with_response = loaded, .finish_with_error = load_failed);

/* ---- load, text by text ---- */

static size_t good_bytes(const todo_row *row)
{
    return atr_utf8_check((const char *)row->title->bytes, row->title->size);
}

bool todo_row_is_damaged(const todo_row *row)
{
    return good_bytes(row) < row->title->size;
}

const atr_str *todo_row_text(atr_scope *s, const todo_row *row)
{
    const atr_str *text = atr_str_new_n(s, (const char *)row->title->bytes, good_bytes(row));
    return todo_row_is_damaged(row) ? atr_str_concat(s, text, ATR_STR(s, "\xEF\xBF\xBD")) : text;
}

static const todo_item *item_of(atr_scope *s, const todo_row *row, void *user)
{
    return ATR_NEW(s, todo_item, .id = row->id, .title = todo_row_text(s, row), .done = row->done);
}
ATR_VEC_TRANSFORM(items_of, todo_row_vec, todo_item_vec);

static void damaged_loaded(atr_finish *f, const load_damaged *self, const todo_row_vec *rows)
{
    const todo_item_vec *items = items_of(f->s, rows, item_of, NULL);
    ATR_UPDATE(f, todos, todo_with_all(f->s, *ATR_STATE(f, todos), items));
}

static void damaged_failed(atr_finish *f, const load_damaged *self, const atr_error *error)
{
    report(f, error, "the list could not be loaded: %s", reason(error));
}

ATR_SQLITE_QUERY(load_damaged, LOAD_TODOS, vec(todo_row), todo_db,
                 "SELECT id, CAST(title AS BLOB) AS title, done FROM todo ORDER BY position",
                 .finish_with_response = damaged_loaded, .finish_with_error = damaged_failed);

/* ---- add ---- */

static void added(atr_finish *f, const add_todo *self, const todo_item *item)
{
    ATR_UPDATE(f, todos, todo_with(f->s, *ATR_STATE(f, todos), item));
}

static void add_failed(atr_finish *f, const add_todo *self, const atr_error *error)
{
    report(f, error, "\"%s\" could not be added: %s", self->title->bytes, reason(error));
}

ATR_SQLITE_WRITE(add_todo, ADD_TODO, ref(todo_item), todo_db,
                 "INSERT INTO todo (title, position)"
                 " VALUES (:title, (SELECT count(*) + 1 FROM todo))"
                 " RETURNING id, title, done",
                 .finish_with_response = added, .finish_with_error = add_failed);

/* ---- complete: changes the item as it is now, so that guesses and answers mix in any order ---- */

static void completed(atr_finish *f, const complete_todo *self, int64_t id)
{
    const todo_state *now = ATR_STATE(f, todos);
    const todo_item *item = todo_item_map_get(now->items, id);
    if (item != NULL) {
        todo_item next = *item;
        next.done = true;
        ATR_UPDATE(f, todos, todo_with(f->s, *now, todo_item_new(f->s, next)));
    }
}

static void complete_failed(atr_finish *f, const complete_todo *self, const atr_error *error)
{
    report(f, error, "item %" PRId64 " could not be completed: %s", self->id, reason(error));
}

ATR_SQLITE_WRITE(complete_todo, COMPLETE_TODO, i64, todo_db,
                 "UPDATE todo SET done = 1 WHERE id = :id RETURNING id",
                 .finish_with_response = completed, .finish_with_error = complete_failed);

/* ---- rename ---- */

static void renamed(atr_finish *f, const rename_todo *self, int64_t id)
{
    const todo_state *now = ATR_STATE(f, todos);
    const todo_item *item = todo_item_map_get(now->items, id);
    if (item != NULL) {
        todo_item next = *item;
        next.title = self->title;
        ATR_UPDATE(f, todos, todo_with(f->s, *now, todo_item_new(f->s, next)));
    }
}

static void rename_failed(atr_finish *f, const rename_todo *self, const atr_error *error)
{
    report(f, error, "item %" PRId64 " could not be renamed: %s", self->id, reason(error));
}

ATR_SQLITE_WRITE(rename_todo, RENAME_TODO, i64, todo_db,
                 "UPDATE todo SET title = :title WHERE id = :id RETURNING id",
                 .finish_with_response = renamed, .finish_with_error = rename_failed);

/* ---- move ---- */

static void moved(atr_finish *f, const move_todo *self, int64_t id)
{
    ATR_UPDATE(f, todos, todo_moved(f->s, *ATR_STATE(f, todos), id, self->position));
}

/* The database finds nothing for a wrong id and for a wrong position alike; the state tells which. */
static void move_failed(atr_finish *f, const move_todo *self, const atr_error *error)
{
    const todo_state *now = ATR_STATE(f, todos);
    bool missing = atr_error_is(error, ATR_DOMAIN_ATRIUM, ATR_E_NOT_FOUND);
    if (missing && todo_item_map_has(now->items, self->id)) {
        report(f, error,
               "item %" PRId64 " could not be moved: position %" PRId64 " is not in 1 to %zu",
               self->id, self->position, atr_i64_vec_count(now->order));
    } else {
        report(f, error, "item %" PRId64 " could not be moved: %s", self->id, reason(error));
    }
}

ATR_SQLITE_WRITE(move_todo, MOVE_TODO, i64, todo_db,
                 "UPDATE todo SET position = position - 1"
                 " WHERE position > (SELECT position FROM todo WHERE id = :id);"
                 "UPDATE todo SET position = position + 1"
                 " WHERE position >= :position AND id <> :id;"
                 "UPDATE todo SET position = :position"
                 " WHERE id = :id AND :position BETWEEN 1 AND (SELECT count(*) FROM todo)"
                 " RETURNING id",
                 .finish_with_response = moved, .finish_with_error = move_failed);

/* ---- delete ---- */

static void deleted(atr_finish *f, const delete_todo *self, int64_t id)
{
    ATR_UPDATE(f, todos, todo_without(f->s, *ATR_STATE(f, todos), id));
}

static void delete_failed(atr_finish *f, const delete_todo *self, const atr_error *error)
{
    report(f, error, "item %" PRId64 " could not be deleted: %s", self->id, reason(error));
}

ATR_SQLITE_WRITE(delete_todo, DELETE_TODO, i64, todo_db,
                 "UPDATE todo SET position = position - 1"
                 " WHERE position > (SELECT position FROM todo WHERE id = :id);"
                 "DELETE FROM todo WHERE id = :id RETURNING id",
                 .finish_with_response = deleted, .finish_with_error = delete_failed);

/* ---- clear ---- */

static void cleared(atr_finish *f, const clear_completed *self, const atr_i64_vec *ids)
{
    ATR_UPDATE(f, todos, todo_without_all(f->s, *ATR_STATE(f, todos), ids));
}

static void clear_failed(atr_finish *f, const clear_completed *self, const atr_error *error)
{
    report(f, error, "the done items could not be cleared: %s", reason(error));
}

ATR_SQLITE_WRITE(clear_completed, CLEAR_COMPLETED, vec(i64), todo_db,
                 "DELETE FROM todo WHERE done RETURNING id;"
                 "UPDATE todo SET position = ranked.position"
                 " FROM (SELECT id, row_number() OVER (ORDER BY position) AS position FROM todo)"
                 " AS ranked WHERE todo.id = ranked.id AND todo.position <> ranked.position",
                 .finish_with_response = cleared, .finish_with_error = clear_failed);

/* ---- filter: changes the state and asks nobody ---- */

static void filter_chosen(atr_finish *f, const set_filter *self, atr_unit chosen)
{
    todo_state next = *ATR_STATE(f, todos);
    next.filter = self->filter;
    ATR_UPDATE(f, todos, next);
}

ATR_QUERY_IMPL(set_filter, SET_FILTER, unit, .is_local = true,
               .finish_with_response = filter_chosen);
