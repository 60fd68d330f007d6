/* A small program for the tests of this folder: a list of things to do, and the queries on it. */
#ifndef ATR_TESTKIT_TESTS_TODO_H
#define ATR_TESTKIT_TESTS_TODO_H

#include <atrium/world.h>

#define TODO_ITEM(F) \
    F(i64, id)       \
    F(str, title)    \
    F(bool, done)
ATR_MODEL(todo_item, TODO_ITEM);

#define TODO_FILTER(X)           \
    X(TODO_FILTER_ALL, 0, "all") \
    X(TODO_FILTER_OPEN, 1, "open")
ATR_ENUM(todo_filter, TODO_FILTER);

#define TODO_STATE(F)                   \
    F(map(i64, todo_item), items)       \
    F(enumeration(todo_filter), filter) \
    F(str, status)                      \
    F(i64, saved)
ATR_MODEL(todo_state, TODO_STATE);
ATR_ROOT(todos, todo_state);

/* The startup query: every item there is. */
#define NO_INPUTS(F)
ATR_QUERY(load_todos, NO_INPUTS, vec(todo_item));

/* Puts the item it is answered with into the list; times out after 5 s. */
#define ADD_TODO(F) F(str, title)
ATR_QUERY(add_todo, ADD_TODO, ref(todo_item));

/* A unit query. Its error is written to the status. */
#define REMOVE_TODO(F) F(i64, id)
ATR_QUERY(remove_todo, REMOVE_TODO, unit);

/* A write: never dropped once begun. */
#define SAVE_TODOS(F) F(i64, stamp)
ATR_QUERY(save_todos, SAVE_TODOS, i64);

/* A chain: adds as many items as it is answered with, one query after the other. */
#define ADD_MANY(F) F(str, title)
ATR_QUERY(add_many, ADD_MANY, i32);

/* Sets the filter; a class without start_async. */
ATR_QUERY(ask_filter, NO_INPUTS, enumeration(todo_filter));

/* Its real start answers at once. */
ATR_QUERY(real_time, NO_INPUTS, time);

ATR_VIEW(item_count, i64);
ATR_VIEW(open_titles, vec(str));
ATR_VIEW(first_open, opt(ref(todo_item)));
ATR_VIEW(highest_id, opt(i64));
ATR_VIEW(shown, enumeration(todo_filter));
ATR_VIEW(share_done, f64);
ATR_VIEW(is_empty, bool);
ATR_VIEW(status_line, str);

extern const atr_component todos_component;

extern const todo_item todo_milk; /* 1, "milk" */
extern const todo_item todo_eggs; /* 2, "eggs" */

#endif
