/* What can be seen of the list: computed from the state when that has changed, kept otherwise. */
#include "todo.h"

static bool lets_through(todo_filter filter, const todo_item *item)
{
    switch (filter) {
    case TODO_FILTER_ALL: return true;
    case TODO_FILTER_ACTIVE: return !item->done;
    case TODO_FILTER_DONE: return item->done;
    }
    return false;
}

static const todo_item_vec *visible_items_of(atr_view *v)
{
    const todo_state *now = ATR_STATE(v, todos);
    todo_item_vec_builder *visible = todo_item_vec_builder_new(v->s, NULL);

    for (size_t i = 0; i < atr_i64_vec_count(now->order); i++) {
        const todo_item *item = todo_item_map_get(now->items, atr_i64_vec_at(now->order, i));
        if (lets_through(now->filter, item)) {
            todo_item_vec_builder_push(visible, item);
        }
    }
    return todo_item_vec_builder_seal(visible);
}
ATR_VIEW_IMPL(visible_items, vec(todo_item), visible_items_of);

static const todo_counts *item_counts_of(atr_view *v)
{
    const todo_state *now = ATR_STATE(v, todos);
    int64_t total = (int64_t)todo_item_map_count(now->items);
    int64_t done = 0;

    for (todo_item_map_each it = {0}; todo_item_map_next(&it, now->items);) {
        done += it.value->done;
    }
    return ATR_NEW(v->s, todo_counts, .total = total, .active = total - done, .done = done);
}
ATR_VIEW_IMPL(item_counts, ref(todo_counts), item_counts_of);

static const todo_problem *latest_problem_of(atr_view *v)
{
    const todo_problem_vec *problems = ATR_STATE(v, todos)->problems;
    size_t count = todo_problem_vec_count(problems);
    return count > 0 ? todo_problem_vec_at(problems, count - 1) : NULL;
}
ATR_VIEW_IMPL(latest_problem, opt(ref(todo_problem)), latest_problem_of);
