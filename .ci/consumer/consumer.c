/* A program of a user: a list of notes in a database, and a state test of it. It sees nothing but what is
 * installed. */
#include <atrium/atrium.h>
#include <atrium/sqlite.h>
#include <atrium/testkit.h>

#include <stdio.h>
#include <string.h>

/* ---- state ---- */

#define NOTE(F) \
    F(i64, id)  \
    F(str, text)
ATR_MODEL(note, NOTE);
ATR_MODEL_IMPL(note, NOTE);

#define BOOK(F) F(map(i64, note), notes)
ATR_MODEL(book, BOOK);
ATR_MODEL_IMPL(book, BOOK);

ATR_ROOT(notes, book);
ATR_ROOT_IMPL(notes, book, &book_default);

/* ---- query ---- */

ATR_SERVICE(file, atr_sqlite);
ATR_SERVICE_IMPL(file, atr_sqlite);

#define WRITE_NOTE(F) F(str, text)
ATR_QUERY(write_note, WRITE_NOTE, ref(note));

static void written(atr_finish *f, const write_note *self, const note *response)
{
    book next = *ATR_STATE(f, notes);
    next.notes = note_map_set(f->s, next.notes, response->id, response);
    ATR_UPDATE(f, notes, next);
}

ATR_SQLITE_WRITE(write_note, WRITE_NOTE, ref(note), file,
                 "INSERT INTO note (text) VALUES (:text) RETURNING id, text",
                 .finish_with_response = written);

static const atr_root *const roots[] = {&notes_root, NULL};
static const atr_query_class *const classes[] = {&write_note_class, NULL};
static const atr_component component = {.name = "notes", .roots = roots, .classes = classes};

/* ---- the program ---- */

typedef struct outcome {
    char text[32];
    int told;
    int failed;
} outcome;

static void told(atr_event *e, const book *was, const book *now, void *user)
{
    const note *first = note_map_get(now->notes, 1);
    outcome *out = user;
    out->told++;
    snprintf(out->text, sizeof out->text, "%s", first != NULL ? first->text->bytes : "none");
    atr_app_close(atr_app_of(e), NULL, NULL);
}

static void failed(atr_finish *f, const atr_failure *failure, void *user)
{
    ((outcome *)user)->failed++;
    fprintf(stderr, "%s\n", failure->error->message->bytes);
    atr_app_close(atr_app_of(f), NULL, NULL);
}

static int run_program(void)
{
    static const char *const migrations[] = {
        "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)", NULL};
    const atr_sqlite_options in_memory = {.migrations = migrations};
    outcome out = {"", 0, 0};
    atr_app *app = atr_app_new(NULL);
    atr_event e;

    atr_app_register(app, &component);
    atr_app_on_error(app, failed, &out, NULL);
    ATR_PROVIDE(app, file, atr_sqlite_open(&in_memory));
    ATR_WATCH(atr_app_store(app), notes, told, &out, NULL);
    e = atr_event_open(app);
    ATR_EXECUTE(&e, write_note, .text = ATR_STR(e.s, "buy milk"));
    atr_event_close(&e);
    if (atr_app_run(app) != ATR_OK || out.failed != 0 || out.told != 1) {
        return 1;
    }
    printf("the program: %s\n", out.text);
    return strcmp(out.text, "buy milk") != 0;
}

/* ---- the state test: the same query, without a database ---- */

static const note milk = {ATR_HEAD(note), .id = 7, .text = ATR_LIT("milk")};

static void print(void *user, const atr_test_failure *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, "%d: %s\n", list[i].line, list[i].text);
    }
}

static int run_test(void)
{
    const atr_test_options options = {.components = ATR_COMPONENTS(&component), .fail = print};
    atr_test *t = atr_test_open(&options);
    int failures;

    ATR_CAN(t, write_note, &milk);
    ATR_TEST_EXECUTE(t, write_note, .text = ATR_STR(t->s, "milk"));
    ATR_ASSERT_EQUAL(t, &milk, note_map_get(ATR_STATE(t, notes)->notes, 7));

    failures = atr_test_end(t);
    atr_test_free(t);
    printf("the state test: %d failures\n", failures);
    return failures;
}

int main(void)
{
    printf("atrium %s\n", atr_version());
    return strcmp(atr_version(), ATR_VERSION) != 0 || run_test() != 0 || run_program() != 0 ||
           atr_memory_now().blocks != 0;
}
