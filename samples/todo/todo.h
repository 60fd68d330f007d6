/** The to-do list: what it knows (state), what can be seen of it (views), what can happen to it (queries).
 *  todo_app_new makes an app of it; state tests use the component alone. */
#ifndef TODO_H
#define TODO_H

#include <atrium/atrium.h>
#include <atrium/sqlite.h>

/* ---- state ---- */

#define TODO_ITEM(F) \
    F(i64, id)       \
    F(str, title)    \
    F(bool, done)
ATR_MODEL(todo_item, TODO_ITEM);

#define TODO_FILTER(X)                 \
    X(TODO_FILTER_ALL, 0, "all")       \
    X(TODO_FILTER_ACTIVE, 1, "active") \
    X(TODO_FILTER_DONE, 2, "done")
ATR_ENUM(todo_filter, TODO_FILTER);

/** Something that went wrong: a text for a person, and the error behind it. */
#define TODO_PROBLEM(F) \
    F(str, text)        \
    F(ref(atr_error), cause)
ATR_MODEL(todo_problem, TODO_PROBLEM);

/** order: the ids of the items, first to last. problems: the latest TODO_PROBLEMS_MAX, oldest first. */
#define TODO_STATE(F)                   \
    F(map(i64, todo_item), items)       \
    F(vec(i64), order)                  \
    F(enumeration(todo_filter), filter) \
    F(vec(todo_problem), problems)
ATR_MODEL(todo_state, TODO_STATE);

#define TODO_PROBLEMS_MAX 10

ATR_ROOT(todos, todo_state);

/* Changes of a draft. Each returns the changed draft; a finish publishes it with ATR_UPDATE. */

/** Let the list consist of these items, in their order. */
todo_state todo_with_all(atr_scope *s, todo_state draft, const todo_item_vec *items);
/** Replace the item of the same id, or append it to the list. */
todo_state todo_with(atr_scope *s, todo_state draft, const todo_item *item);
/** Remove an item; one that is not there is none the worse. */
todo_state todo_without(atr_scope *s, todo_state draft, int64_t id);
/** Remove many items at once. */
todo_state todo_without_all(atr_scope *s, todo_state draft, const atr_i64_vec *ids);
/** Move an item. @param position counted from 1; beyond the end counts as the end */
todo_state todo_moved(atr_scope *s, todo_state draft, int64_t id, int64_t position);
/** Append a problem; the oldest goes when there are too many. */
todo_state todo_with_problem(atr_scope *s, todo_state draft, const todo_problem *problem);

/* ---- views ---- */

#define TODO_COUNTS(F) \
    F(i64, total)      \
    F(i64, active)     \
    F(i64, done)
ATR_MODEL(todo_counts, TODO_COUNTS);

/** The items that the filter lets through, in order. */
ATR_VIEW(visible_items, vec(todo_item));
/** How many there are, whatever the filter. */
ATR_VIEW(item_counts, ref(todo_counts));
/** What went wrong last; NULL: nothing has. */
ATR_VIEW(latest_problem, opt(ref(todo_problem)));

/* ---- queries; what fails is added to the problems ---- */

ATR_SERVICE(todo_db, atr_sqlite);

/** Read the list from the database. */
#define LOAD_TODOS(F)
ATR_QUERY(load_todos, LOAD_TODOS, vec(todo_item));

/** An item as it lies in the file: another program may have written text that is none. */
#define TODO_ROW(F) \
    F(i64, id)      \
    F(bytes, title) \
    F(bool, done)
ATR_MODEL(todo_row, TODO_ROW);

/** What is right of a row's text; where it stops being UTF-8, a mark in place of the rest. */
const atr_str *todo_row_text(atr_scope *s, const todo_row *row);
/** Whether there was such a place. */
bool todo_row_is_damaged(const todo_row *row);

/** Read the list though not all of its texts are valid; load_todos turns to it when it must. */
ATR_QUERY(load_damaged, LOAD_TODOS, vec(todo_row));

/** Add an item at the end of the list; the database gives it its id. */
#define ADD_TODO(F) F(str, title)
ATR_QUERY(add_todo, ADD_TODO, ref(todo_item));

/** Mark an item as done; answers its id. So it can be shown at once:
 *  ATR_CALL(e, complete_todo, (.id = 3), .pre_execute = ATR_PREDICT(3)); */
#define COMPLETE_TODO(F) F(i64, id)
ATR_QUERY(complete_todo, COMPLETE_TODO, i64);

/** Change the text of an item; answers its id. */
#define RENAME_TODO(F) \
    F(i64, id)         \
    F(str, title)
ATR_QUERY(rename_todo, RENAME_TODO, i64);

/** Move an item to a position, counted from 1; answers its id. */
#define MOVE_TODO(F) \
    F(i64, id)       \
    F(i64, position)
ATR_QUERY(move_todo, MOVE_TODO, i64);

/** Remove an item; answers its id. */
#define DELETE_TODO(F) F(i64, id)
ATR_QUERY(delete_todo, DELETE_TODO, i64);

/** Remove every item that is done; answers their ids. */
#define CLEAR_COMPLETED(F)
ATR_QUERY(clear_completed, CLEAR_COMPLETED, vec(i64));

/** Choose which items are visible. */
#define SET_FILTER(F) F(enumeration(todo_filter), filter)
ATR_QUERY(set_filter, SET_FILTER, unit);

/* ---- the app ---- */

/** The root and the classes above; its startup query is load_todos. */
extern const atr_component todo_component;

/** Make an app that keeps its list in a file, made when it is not there.
 *  @param options may be NULL
 *  @return owned, until atr_app_close; NULL: out of memory */
atr_app *todo_app_new(const atr_app_options *options, const char *file);

#endif
