/* Carrying a command out: the list is loaded, the command's query is executed, the app is closed. Whatever
 * fails on the way becomes a problem in the state, so one subscriber tells of every failure. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"

void cli_print_item(const todo_item *item)
{
    printf("%" PRId64 " [%c] ", item->id, item->done ? 'x' : ' ');
    fwrite(item->title->bytes, 1, item->title->size, stdout);
    putchar('\n');
}

/* ---- the commands ---- */

static void print_id(atr_finish *f, const add_todo *self, const todo_item *item, void *user)
{
    printf("%" PRId64 "\n", item->id);
}

static void execute_add(atr_finish *f, cli_line *line)
{
    ATR_CALL(f, add_todo, (.title = atr_str_new(f->s, line->text)), .on_success = print_id);
}

static void print_list(atr_finish *f, const set_filter *self, atr_unit chosen, void *user)
{
    const todo_item_vec *items = ATR_GET(f, visible_items);
    for (size_t i = 0; i < todo_item_vec_count(items); i++) {
        cli_print_item(todo_item_vec_at(items, i));
    }
}

static void execute_list(atr_finish *f, cli_line *line)
{
    ATR_CALL(f, set_filter, (.filter = line->filter), .on_success = print_list);
}

static void execute_done(atr_finish *f, cli_line *line)
{
    ATR_EXECUTE(f, complete_todo, .id = line->id);
}

static void execute_rename(atr_finish *f, cli_line *line)
{
    ATR_EXECUTE(f, rename_todo, .id = line->id, .title = atr_str_new(f->s, line->text));
}

static void execute_move(atr_finish *f, cli_line *line)
{
    ATR_EXECUTE(f, move_todo, .id = line->id, .position = line->position);
}

static void execute_delete(atr_finish *f, cli_line *line)
{
    ATR_EXECUTE(f, delete_todo, .id = line->id);
}

static void execute_clear(atr_finish *f, cli_line *line)
{
    ATR_EXECUTE(f, clear_completed);
}

const cli_command cli_commands[] = {
    {"add", "TEXT", "add an item, print its id", 1, {cli_text}, execute_add},
    {"list", "[all|active|done]", "print the items: ID [x] TEXT", 0, {cli_filter}, execute_list},
    {"done", "ID", "mark an item as done", 1, {cli_id}, execute_done},
    {"rename", "ID TEXT", "change the text of an item", 2, {cli_id, cli_text}, execute_rename},
    {"move", "ID POSITION", "move an item; 1 is first", 2, {cli_id, cli_position}, execute_move},
    {"rm", "ID", "remove an item", 1, {cli_id}, execute_delete},
    {"clear", "", "remove the items that are done", 0, {NULL}, execute_clear},
    {"demo", "", "tell a story, on a file of its own", 0, {NULL}, NULL},
    {NULL, NULL, NULL, 0, {NULL}, NULL},
};

/* ---- the run ---- */

static void complain_of_damage(const todo_row_vec *rows)
{
    for (size_t i = 0; i < todo_row_vec_count(rows); i++) {
        const todo_row *row = todo_row_vec_at(rows, i);
        if (todo_row_is_damaged(row)) {
            cli_complain("the text of item %" PRId64 " is not valid UTF-8; rename it", row->id);
        }
    }
}

/* Every success comes by here: first that of loading, then that of the command. */
static void succeeded(atr_finish *f, const atr_query_class *query_class, const void *query,
                      const atr_value *response, void *user)
{
    cli_line *line = user;
    if (query_class == &load_damaged_class) {
        complain_of_damage(response->as.ref);
    }
    if (query_class == &load_todos_class || query_class == &load_damaged_class) {
        line->command->execute(f, line);
    } else {
        line->status = CLI_DONE;
        atr_app_close(atr_app_of(f), NULL, NULL);
    }
}

/* A subscriber: something went wrong. */
static void problem_arose(atr_event *e, const todo_problem *was, const todo_problem *now,
                          void *user)
{
    cli_complain("%s", now->text->bytes);
    atr_app_close(atr_app_of(e), NULL, NULL);
}

/* What no query takes care of: that memory is out. */
static void failed(atr_finish *f, const atr_failure *failure, void *user)
{
    cli_line *line = user;
    line->status = CLI_FAILED;
    cli_complain("%s", failure->error->message->bytes);
    atr_app_close(atr_app_of(f), NULL, NULL);
}

static bool listen_to(atr_app *app, cli_line *line)
{
    return atr_app_on_error(app, failed, line, NULL) == ATR_OK &&
           atr_app_on_success(app, NULL, succeeded, line, NULL) == ATR_OK &&
           ATR_WATCH_VIEW(atr_app_store(app), latest_problem, problem_arose, NULL, NULL).slot != 0;
}

static atr_app *open_list(cli_line *line)
{
    atr_app *app = todo_app_new(NULL, line->file);
    if (app != NULL && !listen_to(app, line)) {
        atr_app_close(app, NULL, NULL);
        return NULL;
    }
    return app;
}

int cli_run(cli_line *line)
{
    atr_app *app = open_list(line);
    if (app == NULL || atr_app_run(app) != ATR_OK) {
        cli_complain("out of memory");
        return CLI_FAILED;
    }
    return line->status;
}
