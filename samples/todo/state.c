/* The state of the list and its changes: pure functions from draft to draft. */
#include "todo.h"

ATR_MODEL_IMPL(todo_item, TODO_ITEM);
ATR_ENUM_IMPL(todo_filter, TODO_FILTER);
ATR_MODEL_IMPL(todo_problem, TODO_PROBLEM);
ATR_MODEL_IMPL(todo_state, TODO_STATE);
ATR_MODEL_IMPL(todo_counts, TODO_COUNTS);
ATR_MODEL_IMPL(todo_row, TODO_ROW);

ATR_ROOT_IMPL(todos, todo_state, &todo_state_default);

todo_state todo_with_all(atr_scope *s, todo_state draft, const todo_item_vec *items)
{
    todo_item_map_builder *by_id = todo_item_map_builder_new(s, NULL);
    atr_i64_vec_builder *order = atr_i64_vec_builder_new(s, NULL);

    for (size_t i = 0; i < todo_item_vec_count(items); i++) {
        const todo_item *item = todo_item_vec_at(items, i);
        todo_item_map_builder_set(by_id, item->id, item);
        atr_i64_vec_builder_push(order, item->id);
    }
    draft.items = todo_item_map_builder_seal(by_id);
    draft.order = atr_i64_vec_builder_seal(order);
    return draft;
}

todo_state todo_with(atr_scope *s, todo_state draft, const todo_item *item)
{
    if (!todo_item_map_has(draft.items, item->id)) {
        draft.order = atr_i64_vec_push(s, draft.order, item->id);
    }
    draft.items = todo_item_map_set(s, draft.items, item->id, item);
    return draft;
}

/* The place of an id in the order; the count of the order when it is not there. */
static size_t index_of(const atr_i64_vec *order, int64_t id)
{
    size_t i = 0;
    while (i < atr_i64_vec_count(order) && atr_i64_vec_at(order, i) != id) {
        i++;
    }
    return i;
}

todo_state todo_without(atr_scope *s, todo_state draft, int64_t id)
{
    if (todo_item_map_has(draft.items, id)) {
        draft.order = atr_i64_vec_erase(s, draft.order, index_of(draft.order, id));
        draft.items = todo_item_map_remove(s, draft.items, id);
    }
    return draft;
}

todo_state todo_without_all(atr_scope *s, todo_state draft, const atr_i64_vec *ids)
{
    todo_item_map_builder *items = todo_item_map_builder_new(s, draft.items);
    atr_i64_vec_builder *order = atr_i64_vec_builder_new(s, NULL);

    for (size_t i = 0; i < atr_i64_vec_count(ids); i++) {
        todo_item_map_builder_remove(items, atr_i64_vec_at(ids, i));
    }
    draft.items = todo_item_map_builder_seal(items);

    for (size_t i = 0; i < atr_i64_vec_count(draft.order); i++) {
        int64_t id = atr_i64_vec_at(draft.order, i);
        if (todo_item_map_has(draft.items, id)) {
            atr_i64_vec_builder_push(order, id);
        }
    }
    draft.order = atr_i64_vec_builder_seal(order);
    return draft;
}

todo_state todo_moved(atr_scope *s, todo_state draft, int64_t id, int64_t position)
{
    if (todo_item_map_has(draft.items, id)) {
        int64_t count = (int64_t)atr_i64_vec_count(draft.order);
        int64_t bounded = position < 1 ? 1 : position > count ? count : position;
        draft.order = atr_i64_vec_erase(s, draft.order, index_of(draft.order, id));
        draft.order = atr_i64_vec_insert(s, draft.order, (size_t)(bounded - 1), id);
    }
    return draft;
}

todo_state todo_with_problem(atr_scope *s, todo_state draft, const todo_problem *problem)
{
    size_t count = todo_problem_vec_count(draft.problems);
    if (count == TODO_PROBLEMS_MAX) {
        draft.problems = todo_problem_vec_slice(s, draft.problems, 1, count);
    }
    draft.problems = todo_problem_vec_push(s, draft.problems, problem);
    return draft;
}
