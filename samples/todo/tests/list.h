/* A small list for the state tests, and the state as text. */
#ifndef TODO_TESTS_LIST_H
#define TODO_TESTS_LIST_H

#include <atrium/testkit_cmocka.h>

#include "todo.h"

#include <cmocka.h>

/* Milk and eggs are to be bought, bread is done: ids 1, 2, 3. Jam has id 4 and is in no list yet. */
extern const todo_item milk, eggs, bread, jam;
extern const todo_item_vec shopping;

/* Run the startup query, which loads milk, eggs and bread. */
void load_shopping(atr_test *t);

/* What is visible, in order, marked when done: "1 milk; 2 eggs; 3 bread x". */
const atr_str *shown(atr_test *t);
/* The same of every item in the confirmed state, filter and layers left aside. */
const atr_str *confirmed(atr_test *t);
/* The text of the latest problem; "" when there is none. */
const atr_str *problem(atr_test *t);

#define ASSERT_SHOWN(t, text) ATR_ASSERT_TEXT((t), (text), shown(t))
#define ASSERT_CONFIRMED(t, text) ATR_ASSERT_TEXT((t), (text), confirmed(t))
#define ASSERT_PROBLEM(t, text) ATR_ASSERT_TEXT((t), (text), problem(t))

/* Canned failures of a query. */
#define CAN_BUSY(t, Q) ATR_CAN_ERROR(t, Q, ATR_DOMAIN_SQLITE, 5, "database is locked")
#define CAN_NOT_FOUND(t, Q) \
    ATR_CAN_ERROR(t, Q, ATR_DOMAIN_ATRIUM, ATR_E_NOT_FOUND, "no row, one is needed")

/* Let a subscriber of all the state write what is shown into the trace. */
void trace_shown(atr_test *t);

#endif
