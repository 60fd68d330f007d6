#include "todo.h"

ATR_MODEL_IMPL(todo_item, TODO_ITEM);
ATR_ENUM_IMPL(todo_filter, TODO_FILTER);
ATR_MODEL_IMPL(todo_state, TODO_STATE);
ATR_ROOT_IMPL(todos, todo_state, &todo_state_default);

const todo_item todo_milk = {ATR_HEAD(todo_item), .id = 1, .title = ATR_LIT("milk")};
const todo_item todo_eggs = {ATR_HEAD(todo_item), .id = 2, .title = ATR_LIT("eggs")};

/* ---- queries ---- */

static void put(atr_finish *f, const todo_item *item)
{
    todo_state next = *ATR_STATE(f, todos);
    next.items = todo_item_map_set(f->s, next.items, item->id, item);
    ATR_UPDATE(f, todos, next);
}

static void set_status(atr_finish *f, const atr_str *status)
{
    todo_state next = *ATR_STATE(f, todos);
    next.status = status;
    ATR_UPDATE(f, todos, next);
}

static void loaded(atr_finish *f, const load_todos *self, const todo_item_vec *response)
{
    for (size_t i = 0; i < todo_item_vec_count(response); i++) {
        put(f, todo_item_vec_at(response, i));
    }
}
ATR_QUERY_IMPL(load_todos, NO_INPUTS, vec(todo_item), .finish_with_response = loaded);

static void added(atr_finish *f, const add_todo *self, const todo_item *response)
{
    put(f, response);
}
ATR_QUERY_IMPL(add_todo, ADD_TODO, ref(todo_item), .finish_with_response = added,
               .timeout_ms = 5000);

static void removed(atr_finish *f, const remove_todo *self, atr_unit response)
{
    todo_state next = *ATR_STATE(f, todos);
    next.items = todo_item_map_remove(f->s, next.items, self->id);
    ATR_UPDATE(f, todos, next);
}
static void not_removed(atr_finish *f, const remove_todo *self, const atr_error *error)
{
    set_status(f, error->message);
}
ATR_QUERY_IMPL(remove_todo, REMOVE_TODO, unit, .finish_with_response = removed,
               .finish_with_error = not_removed);

static void saved(atr_finish *f, const save_todos *self, int64_t response)
{
    todo_state next = *ATR_STATE(f, todos);
    next.saved = response;
    ATR_UPDATE(f, todos, next);
}
ATR_QUERY_IMPL(save_todos, SAVE_TODOS, i64, .finish_with_response = saved, .is_write = true,
               .timeout_ms = 60000);

static void add_each(atr_finish *f, const add_many *self, int32_t response)
{
    for (int32_t i = 0; i < response; i++) {
        ATR_EXECUTE(f, add_todo, .title = self->title);
    }
}
ATR_QUERY_IMPL(add_many, ADD_MANY, i32, .finish_with_response = add_each);

static void filtered(atr_finish *f, const ask_filter *self, todo_filter response)
{
    todo_state next = *ATR_STATE(f, todos);
    next.filter = response;
    ATR_UPDATE(f, todos, next);
}
ATR_QUERY_IMPL(ask_filter, NO_INPUTS, enumeration(todo_filter), .finish_with_response = filtered);

static void tell_time(atr_start *ctx, const real_time *self)
{
    real_time_answer(ctx, atr_now(ctx));
}
static void time_told(atr_finish *f, const real_time *self, atr_time response)
{
    todo_state next = *ATR_STATE(f, todos);
    next.saved = response;
    ATR_UPDATE(f, todos, next);
}
ATR_QUERY_IMPL(real_time, NO_INPUTS, time, .start_async = tell_time,
               .finish_with_response = time_told);

/* ---- views ---- */

static int64_t count_items(atr_view *v)
{
    return (int64_t)todo_item_map_count(ATR_STATE(v, todos)->items);
}
ATR_VIEW_IMPL(item_count, i64, count_items);

static const todo_item *find_open(atr_view *v)
{
    const todo_item_map *items = ATR_STATE(v, todos)->items;
    const todo_item *first = NULL;
    todo_item_map_each it = {0};
    while (todo_item_map_next(&it, items)) {
        if (!it.value->done && (first == NULL || it.value->id < first->id)) {
            first = it.value;
        }
    }
    return first;
}
ATR_VIEW_IMPL(first_open, opt(ref(todo_item)), find_open);

static const atr_str_vec *list_open(atr_view *v)
{
    const todo_item *first = find_open(v);
    return first != NULL ? atr_str_vec_push(v->s, NULL, first->title) : NULL;
}
ATR_VIEW_IMPL(open_titles, vec(str), list_open);

static atr_opt_i64 find_highest(atr_view *v)
{
    const todo_item_map *items = ATR_STATE(v, todos)->items;
    atr_opt_i64 highest = {false, 0};
    todo_item_map_each it = {0};
    while (todo_item_map_next(&it, items)) {
        if (!highest.has || it.key > highest.value) {
            highest = ATR_SOME(i64, it.key);
        }
    }
    return highest;
}
ATR_VIEW_IMPL(highest_id, opt(i64), find_highest);

static todo_filter get_filter(atr_view *v)
{
    return ATR_STATE(v, todos)->filter;
}
ATR_VIEW_IMPL(shown, enumeration(todo_filter), get_filter);

static double compute_share(atr_view *v)
{
    const todo_item_map *items = ATR_STATE(v, todos)->items;
    double done = 0;
    todo_item_map_each it = {0};
    while (todo_item_map_next(&it, items)) {
        done += it.value->done;
    }
    return todo_item_map_count(items) == 0 ? 1 : done / (double)todo_item_map_count(items);
}
ATR_VIEW_IMPL(share_done, f64, compute_share);

static bool look_empty(atr_view *v)
{
    return todo_item_map_count(ATR_STATE(v, todos)->items) == 0;
}
ATR_VIEW_IMPL(is_empty, bool, look_empty);

static const atr_str *get_status(atr_view *v)
{
    return ATR_STATE(v, todos)->status;
}
ATR_VIEW_IMPL(status_line, str, get_status);

/* ---- the component ---- */

static const atr_root *const roots[] = {&todos_root, NULL};
static const atr_query_class *const classes[] = {
    &add_todo_class,
    &remove_todo_class,
    &save_todos_class,
    &add_many_class,
    &ask_filter_class,
    &real_time_class,
    NULL,
};
const atr_component todos_component = {
    .name = "todos",
    .roots = roots,
    .startup = &load_todos_class,
    .classes = classes,
};
