/* The component, its database file, and an app made of both. */
#include "todo.h"

/* "todo" in ASCII: no list is kept in the file of another program. */
enum { TODO_APPLICATION_ID = 0x746F646F };

/* Script n takes a file from version n to n + 1. Those that were released never change. */
static const char *const migrations[] = {
    "CREATE TABLE todo ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  title TEXT NOT NULL CHECK (title <> ''),"
    "  done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)))",

    "ALTER TABLE todo ADD COLUMN position INTEGER NOT NULL DEFAULT 0;"
    "UPDATE todo SET position = ranked.position"
    " FROM (SELECT id, row_number() OVER (ORDER BY id) AS position FROM todo) AS ranked"
    " WHERE todo.id = ranked.id;"
    "CREATE INDEX todo_by_position ON todo (position)",

    NULL,
};

static const atr_root *const roots[] = {&todos_root, NULL};

static const atr_query_class *const classes[] = {
    &load_todos_class,  &load_damaged_class,
    &add_todo_class,    &complete_todo_class,
    &rename_todo_class, &move_todo_class,
    &delete_todo_class, &clear_completed_class,
    &set_filter_class,  NULL,
};

const atr_component todo_component = {
    .name = "todo",
    .roots = roots,
    .startup = &load_todos_class,
    .classes = classes,
};

atr_app *todo_app_new(const atr_app_options *options, const char *file)
{
    const atr_sqlite_options database = {
        .path = file, .migrations = migrations, .application_id = TODO_APPLICATION_ID};
    atr_app *app = atr_app_new(options);

    if (app == NULL) {
        return NULL;
    }
    if (atr_app_register(app, &todo_component) != ATR_OK ||
        ATR_PROVIDE(app, todo_db, atr_sqlite_open(&database)) != ATR_OK) {
        atr_app_close(app, NULL, NULL);
        return NULL;
    }
    return app;
}
