#!/usr/bin/env python3
"""Calls that a context has no right to, and values of the wrong type, do not compile (rule T3).

Each case is a line of C in a function that has all four contexts. It is compiled twice: the right form
must compile, the wrong one must not, and the compiler's message must name what is missing. Prints TAP.

usage: wrong_calls.py COMPILER... -- INCLUDE_FOLDER...
"""

import subprocess
import sys

PRELUDE = r"""
#include <atrium/atrium.h>
#define TODO_ITEM(F) F(i64, id) F(str, title)
ATR_MODEL(todo_item, TODO_ITEM);
#define OTHER(F) F(i64, id)
ATR_MODEL(other, OTHER);
static int by_title(const todo_item *a, const todo_item *b) { return atr_str_compare(a->title, b->title); }
ATR_OSET_OF(titles, todo_item, by_title);
#define TODO_STATE(F) F(map(i64, todo_item), items) F(i64, count) F(omap(str, i64), names) F(oset(titles), sorted)
ATR_MODEL(todo_state, TODO_STATE);
ATR_ROOT(todos, todo_state);
ATR_VIEW(shown, vec(todo_item));
#define ADD_TODO(F) F(str, title)
ATR_QUERY(add_todo, ADD_TODO, ref(todo_item));
static void added(atr_finish *f, const add_todo *self, const todo_item *item, void *user) {
    (void)f; (void)self; (void)item; (void)user;
}
static void removed(atr_finish *f, const add_todo *self, const other *item, void *user) {
    (void)f; (void)self; (void)item; (void)user;
}
static void changed(atr_event *e, const todo_state *was, const todo_state *now, void *user) {
    (void)e; (void)was; (void)now; (void)user;
}
static void changed_item(atr_event *e, const todo_item *was, const todo_item *now, void *user) {
    (void)e; (void)was; (void)now; (void)user;
}
static void changed_other(atr_event *e, const other *was, const other *now, void *user) {
    (void)e; (void)was; (void)now; (void)user;
}
void use(atr_event *e, atr_start *start, atr_finish *f, atr_view *v, atr_store *store, atr_handle h,
         const todo_item *item, const other *wrong, todo_state draft, other other_draft);
void use(atr_event *e, atr_start *start, atr_finish *f, atr_view *v, atr_store *store, atr_handle h,
         const todo_item *item, const other *wrong, todo_state draft, other other_draft) {
    (void)e; (void)start; (void)f; (void)v; (void)store; (void)h; (void)item; (void)wrong; (void)draft;
    (void)other_draft; (void)added; (void)removed; (void)changed; (void)changed_item; (void)changed_other;
    CASE
}
"""

# (name, right, wrong, what the message must name)
CASES = [
    ("t3_execute_on_a_start", "ATR_EXECUTE(e, add_todo, .title = item->title);",
     "ATR_EXECUTE(start, add_todo, .title = item->title);", "run"),
    ("t3_execute_on_a_view", "ATR_EXECUTE(f, add_todo, .title = item->title);",
     "ATR_EXECUTE(v, add_todo, .title = item->title);", "run"),
    ("t3_cancel_on_a_start", "atr_cancel(e, h);", "atr_cancel(start, h);", "run"),
    ("t3_cancel_on_a_view", "atr_cancel(f, h);", "atr_cancel(v, h);", "run"),
    ("t3_update_on_an_event", "ATR_UPDATE(f, todos, draft);", "ATR_UPDATE(e, todos, draft);", "write"),
    ("t3_update_on_a_start", "ATR_UPDATE(f, todos, draft);", "ATR_UPDATE(start, todos, draft);", "write"),
    ("t3_update_on_a_view", "ATR_UPDATE(f, todos, draft);", "ATR_UPDATE(v, todos, draft);", "write"),
    ("t3_fail_on_an_event", "atr_fail(f, 3, \"no\");", "atr_fail(e, 3, \"no\");", "write"),
    ("t3_reset_on_a_view", "atr_reset(f, NULL);", "atr_reset(v, NULL);", "write"),
    ("t3_answer_on_a_finish", "add_todo_answer(start, item);", "add_todo_answer(f, item);", "atr_start"),
    ("t3_reply_later_on_an_event", "add_todo_reply_later(start);", "add_todo_reply_later(e);", "atr_start"),
    ("t3_own_on_a_finish", "atr_start_own(start, NULL, NULL);", "atr_start_own(f, NULL, NULL);", "start"),
    ("a_misspelled_input", "ATR_EXECUTE(e, add_todo, .title = item->title);",
     "ATR_EXECUTE(e, add_todo, .titel = item->title);", "titel"),
    ("an_answer_of_another_model", "add_todo_answer(start, item);", "add_todo_answer(start, wrong);", "other"),
    ("an_update_with_another_model", "ATR_UPDATE(f, todos, draft);", "ATR_UPDATE(f, todos, other_draft);",
     "other"),
    ("an_on_success_of_another_response", "ATR_CALL(e, add_todo, (.title = item->title), .on_success = added);",
     "ATR_CALL(e, add_todo, (.title = item->title), .on_success = removed);", "initializ"),
    ("a_prediction_of_another_model",
     "ATR_CALL(e, add_todo, (.title = item->title), .pre_execute = { true, item });",
     "ATR_CALL(e, add_todo, (.title = item->title), .pre_execute = { true, wrong });", "other"),
    ("a_subscriber_of_another_model", "ATR_WATCH(store, todos, changed, NULL, NULL);",
     "ATR_WATCH(store, todos, changed_other, NULL, NULL);", "other"),
    ("a_subscriber_of_another_model_on_a_key", "ATR_WATCH_KEY(store, todos, items, 1, changed_item, NULL, NULL);",
     "ATR_WATCH_KEY(store, todos, items, 1, changed_other, NULL, NULL);", "other"),
    ("a_key_of_another_kind", "ATR_WATCH_KEY(store, todos, names, item->title, NULL, NULL, NULL);",
     "ATR_WATCH_KEY(store, todos, names, 1, NULL, NULL, NULL);", "atr_str|integer"),
    ("a_key_of_a_field_that_has_none", "(void)ATR_STATE_KEY(v, todos, items, 1);",
     "(void)ATR_STATE_KEY(v, todos, count, 1);", "count"),
    ("a_key_of_a_set_in_an_order_of_its_own", "(void)ATR_STATE_KEY(v, todos, names, item->title);",
     "(void)ATR_STATE_KEY(v, todos, sorted, item);", "state"),
    ("an_entry_of_another_model", "const todo_item *x = ATR_STATE_KEY(v, todos, items, 1); (void)x;",
     "const other *x = ATR_STATE_KEY(v, todos, items, 1); (void)x;", "other"),
    ("a_watched_field_that_is_not_there", "ATR_WATCH_KEY(store, todos, items, 1, NULL, NULL, NULL);",
     "ATR_WATCH_KEY(store, todos, itmes, 1, NULL, NULL, NULL);", "itmes"),
    ("an_element_of_another_model_in_a_vector", "todo_item_vec_push(e->s, NULL, item);",
     "todo_item_vec_push(e->s, NULL, wrong);", "other"),
    ("an_element_of_another_model_in_a_map", "todo_item_map_set(e->s, NULL, 1, item);",
     "todo_item_map_set(e->s, NULL, 1, wrong);", "other"),
    ("a_write_through_a_published_value", "(void)item->id;", "item->id = 3;", "read-only|const"),
    ("a_text_that_is_no_literal", 'ATR_STR(e->s, "milk");', "ATR_STR(e->s, item->title->bytes);", ""),
    ("a_view_of_another_type", "const todo_item_vec *x = ATR_GET(e, shown); (void)x;",
     "const other *x = ATR_GET(e, shown); (void)x;", "other"),
]


def compiles(compiler, includes, line):
    source = PRELUDE.replace("CASE", line)
    command = compiler + ["-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c", "-"]
    command += ["-I" + folder for folder in includes]
    run = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    return run.returncode == 0, run.stderr


def main():
    split = sys.argv.index("--")
    compiler, includes = sys.argv[1:split], sys.argv[split + 1:]
    print(f"1..{len(CASES)}")
    for number, (name, right, wrong, token) in enumerate(CASES, 1):
        good, why_not = compiles(compiler, includes, right)
        bad, message = compiles(compiler, includes, wrong)
        named = token == "" or any(part in message for part in token.split("|"))
        verdict = "ok" if good and not bad and named else "not ok"
        print(f"{verdict} {number} - {name}_does_not_compile", flush=True)
        if verdict != "ok":
            print("# " + (why_not or message or "it compiles").replace("\n", "\n# "))


main()
