/* A small list for the state tests, and the state as text. */
#include "list.h"

const todo_item milk = {ATR_HEAD(todo_item), .id = 1, .title = ATR_LIT("milk")};
const todo_item eggs = {ATR_HEAD(todo_item), .id = 2, .title = ATR_LIT("eggs")};
const todo_item bread = {ATR_HEAD(todo_item), .id = 3, .title = ATR_LIT("bread"), .done = true};
const todo_item jam = {ATR_HEAD(todo_item), .id = 4, .title = ATR_LIT("jam")};

static const todo_item *const shopping_items[] = {&milk, &eggs, &bread};
const todo_item_vec shopping = ATR_VEC_INIT(todo_item_vec, shopping_items);

void load_shopping(atr_test *t)
{
    ATR_CAN(t, load_todos, &shopping);
    atr_test_start(t);
}

static const atr_str *append_item(atr_scope *s, const atr_str *text, const todo_item *item)
{
    return atr_str_format(s, "%s%s%d %s%s", text->bytes, text->size > 0 ? "; " : "", (int)item->id,
                          item->title->bytes, item->done ? " x" : "");
}

static const atr_str *items_as_text(atr_scope *s, const todo_item_vec *items)
{
    const atr_str *text = ATR_STR(s, "");
    for (size_t i = 0; i < todo_item_vec_count(items); i++) {
        text = append_item(s, text, todo_item_vec_at(items, i));
    }
    return text;
}

const atr_str *shown(atr_test *t)
{
    return items_as_text(t->s, ATR_GET(t, visible_items));
}

const atr_str *confirmed(atr_test *t)
{
    const todo_state *state = atr_test_confirmed(t, &todos_root);
    const atr_str *text = ATR_STR(t->s, "");
    for (size_t i = 0; i < atr_i64_vec_count(state->order); i++) {
        int64_t id = atr_i64_vec_at(state->order, i);
        text = append_item(t->s, text, todo_item_map_get(state->items, id));
    }
    return text;
}

const atr_str *problem(atr_test *t)
{
    const todo_problem *latest = ATR_GET(t, latest_problem);
    return latest != NULL ? latest->text : ATR_STR(t->s, "");
}

static void trace(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    const atr_str *text = items_as_text(e->s, ATR_GET(e, visible_items));
    atr_test_trace(ATR_TEST_OF(e), "%s", text->bytes);
}

void trace_shown(atr_test *t)
{
    ATR_WATCH(t->store, todos, trace, NULL, NULL);
}
