/* A story in a few steps, on a real file. The app lives in a loop of the program, as it would in a window;
 * the "screen" is a subscriber that draws the list anew whenever it has changed, and only then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "cli.h"

typedef struct demo {
    uv_loop_t loop;
    char folder[1024];
    char file[1040];
    atr_app *app;
    size_t problems; /* that the story has by now */
} demo;

/* ---- the screen ---- */

static void draw(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    const todo_item_vec *items = ATR_GET(e, visible_items);
    const todo_counts *counts = ATR_GET(e, item_counts);

    for (size_t i = 0; i < todo_item_vec_count(items); i++) {
        fputs("    ", stdout);
        cli_print_item(todo_item_vec_at(items, i));
    }
    printf("    -- %d of %d shown, %d active, %d done\n", (int)todo_item_vec_count(items),
           (int)counts->total, (int)counts->active, (int)counts->done);
    if (!atr_equal(was->problems, now->problems)) {
        printf("    !! %s\n", ATR_GET(e, latest_problem)->text->bytes);
    }
}

/* ---- apps in the loop ---- */

/* Run the loop until every query has its outcome. */
static void settle(demo *d, atr_app *app)
{
    atr_app_stats stats = atr_app_stats_now(app);
    while (stats.queued + stats.in_flight > 0) {
        uv_run(&d->loop, UV_RUN_ONCE);
        stats = atr_app_stats_now(app);
    }
}

static void set_flag(void *user)
{
    *(bool *)user = true;
}

static void close_app(demo *d, atr_app *app)
{
    bool closed = false;
    atr_app_close(app, set_flag, &closed);
    while (!closed) {
        uv_run(&d->loop, UV_RUN_ONCE);
    }
}

/* With a drain limit of 1 subscribers are told after every turn, so that no guess is overtaken by its
 * answer and the story is the same each time. Programs leave it at its default. */
static atr_app *open_app(demo *d)
{
    const atr_app_options options = {.loop = &d->loop, .drain_limit = 1};
    return todo_app_new(&options, d->file);
}

/* ---- steps ---- */

static atr_event begin(demo *d, const char *title)
{
    printf("\n%s\n", title);
    return atr_event_open(d->app);
}

/* Whether nothing failed but what the story is about. */
static bool goes_as_told(demo *d)
{
    atr_event e = atr_event_open(d->app);
    const todo_problem *latest = ATR_GET(&e, latest_problem);
    bool good = todo_problem_vec_count(ATR_STATE(&e, todos)->problems) == d->problems;
    if (!good) {
        cli_complain("the story ends here: %s",
                     latest != NULL ? latest->text->bytes : "what had to fail did not");
    }
    return atr_event_close(&e) == ATR_OK && good;
}

static bool end(demo *d, atr_event *e)
{
    if (atr_event_close(e) != ATR_OK) {
        return cli_complain("out of memory");
    }
    settle(d, d->app);
    return goes_as_told(d);
}

static bool add_items(demo *d)
{
    atr_event e = begin(d, "Add four items; each is drawn when the database has it:");
    ATR_EXECUTE(&e, add_todo, .title = ATR_STR(e.s, "buy milk"));
    ATR_EXECUTE(&e, add_todo, .title = ATR_STR(e.s, "call Ada"));
    ATR_EXECUTE(&e, add_todo, .title = ATR_STR(e.s, "mend the gate"));
    ATR_EXECUTE(&e, add_todo, .title = ATR_STR(e.s, "läs en bok"));
    return end(d, &e);
}

static bool complete_item(demo *d)
{
    atr_event e =
        begin(d, "Complete item 1. The guess is drawn before the database has answered; the\n"
                 "answer proves it right, so nothing is drawn again:");
    ATR_CALL(&e, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));
    return end(d, &e);
}

/* Another app on the same file; it might as well be another program. */
static void delete_elsewhere(demo *d, int64_t id)
{
    atr_app *other = open_app(d);
    if (other != NULL) {
        atr_event e = atr_event_open(other);
        ATR_EXECUTE(&e, delete_todo, .id = id);
        atr_event_close(&e);
        close_app(d, other);
    }
}

static bool fail_to_complete(demo *d)
{
    delete_elsewhere(d, 2);
    d->problems++;
    atr_event e =
        begin(d, "Another program has deleted item 2, and we complete it. The guess is drawn, the\n"
                 "database refuses, and the state is as if nothing had been guessed:");
    ATR_CALL(&e, complete_todo, (.id = 2), .pre_execute = ATR_PREDICT(2));
    if (!end(d, &e)) {
        return false;
    }

    e = begin(d, "Load the list again; item 2 is gone:");
    ATR_EXECUTE(&e, load_todos);
    return end(d, &e);
}

static bool rename_and_move(demo *d)
{
    atr_event e = begin(d, "Rename item 3, and move item 4 to the top:");
    ATR_EXECUTE(&e, rename_todo, .id = 3, .title = ATR_STR(e.s, "mend the gate and the fence"));
    ATR_EXECUTE(&e, move_todo, .id = 4, .position = 1);
    return end(d, &e);
}

static bool filter_and_clear(demo *d)
{
    atr_event e = begin(d, "Show what is active, then all again:");
    ATR_EXECUTE(&e, set_filter, .filter = TODO_FILTER_ACTIVE);
    ATR_EXECUTE(&e, set_filter, .filter = TODO_FILTER_ALL);
    if (!end(d, &e)) {
        return false;
    }

    e = begin(d, "Clear what is done:");
    ATR_EXECUTE(&e, clear_completed);
    return end(d, &e);
}

static bool print_as_value(demo *d)
{
    atr_event e = begin(d, "The state as a value:");
    printf("    %s\n", atr_print(e.s, ATR_STATE(&e, todos))->bytes);
    return end(d, &e);
}

/* ---- the story ---- */

static bool open_list(demo *d, const char *title)
{
    printf("%s\n", title);
    d->app = open_app(d);
    d->problems = 0;
    if (d->app == NULL) {
        return cli_complain("out of memory");
    }
    ATR_WATCH(atr_app_store(d->app), todos, draw, NULL, NULL);
    atr_app_start(d->app);
    settle(d, d->app);
    return goes_as_told(d);
}

static void close_list(demo *d)
{
    if (d->app != NULL) {
        close_app(d, d->app);
    }
}

static bool tell(demo *d)
{
    bool told = open_list(d, "A list in a new SQLite file.") && add_items(d) && complete_item(d) &&
                fail_to_complete(d) && rename_and_move(d) && filter_and_clear(d);
    close_list(d);
    if (!told) {
        return false;
    }

    told = open_list(d, "\nClose the app and open the file again:") && print_as_value(d);
    close_list(d);
    return told;
}

/* ---- the file ---- */

static bool make_folder(demo *d)
{
    const char name[] = "/todo-demo-XXXXXX";
    size_t size = sizeof d->folder - sizeof name;

    if (uv_os_tmpdir(d->folder, &size) != 0) {
        return cli_complain("there is no folder for temporary files");
    }
    memcpy(d->folder + size, name, sizeof name);
    if (mkdtemp(d->folder) == NULL) {
        return cli_complain("%s could not be made", d->folder);
    }
    snprintf(d->file, sizeof d->file, "%s/todo.db", d->folder);
    return true;
}

static void remove_folder(demo *d)
{
    unlink(d->file);
    rmdir(d->folder);
}

int demo_run(void)
{
    demo d;
    bool told = false;
    if (!make_folder(&d)) {
        return CLI_FAILED;
    }
    if (uv_loop_init(&d.loop) == 0) {
        told = tell(&d);
        told = uv_loop_close(&d.loop) == 0 && told; /* nothing is left in it */
    }
    remove_folder(&d);
    return told ? CLI_DONE : CLI_FAILED;
}
