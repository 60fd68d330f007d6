#include "life.h"

ATR_MODEL_IMPL(note, NOTE);
ATR_MODEL_IMPL(book, BOOK);
ATR_MODEL_IMPL(clock_state, CLOCK);
ATR_ROOT_IMPL(books, book, &book_default);
ATR_ROOT_IMPL(clocks, clock_state, &clock_state_default);

static int64_t count_done(atr_view *v)
{
    int64_t count = 0;
    note_map_each it = {0};
    while (note_map_next(&it, ATR_STATE(v, books)->notes)) {
        count += it.value->done ? 1 : 0;
    }
    return count;
}
ATR_VIEW_IMPL(done_count, i64, count_done);

static void put(atr_finish *f, const note *item)
{
    book next = *ATR_STATE(f, books);
    next.notes = note_map_set(f->s, next.notes, item->id, item);
    next.saves++;
    ATR_UPDATE(f, books, next);
}

/* ---- classes ---- */

static void load_finish(atr_finish *f, const load *self, const note *response)
{
    atr_test_trace(ATR_TEST_OF(f), "finish");
    put(f, response);
}
ATR_QUERY_IMPL(load, LOAD, ref(note), .finish_with_response = load_finish);

static void load_safely_finish(atr_finish *f, const load_safely *self, const note *response)
{
    put(f, response);
}

static void load_safely_error(atr_finish *f, const load_safely *self, const atr_error *error)
{
    book next = *ATR_STATE(f, books);
    atr_test_trace(ATR_TEST_OF(f), "finish_with_error");
    next.problem = error;
    ATR_UPDATE(f, books, next);
}
ATR_QUERY_IMPL(load_safely, LOAD, ref(note), .finish_with_response = load_safely_finish,
               .finish_with_error = load_safely_error);

static void save_finish(atr_finish *f, const save *self, const note *response)
{
    if (!f->is_pre_execute) {
        atr_test_trace(ATR_TEST_OF(f), "finish");
    }
    put(f, response);
    if (atr_str_is(response->text, "refuse")) {
        ATR_EXECUTE(f, tick, .by = 1000);
        atr_fail(f, 42, "refused");
    }
}
ATR_QUERY_IMPL(save, SAVE, ref(note), .finish_with_response = save_finish, .is_write = true);

static void tick_finish(atr_finish *f, const tick *self, int64_t response)
{
    book next_book = *ATR_STATE(f, books);
    clock_state next_clock = *ATR_STATE(f, clocks);
    next_book.saves += response;
    next_clock.ticks += response;
    ATR_UPDATE(f, books, next_book);
    ATR_UPDATE(f, clocks, next_clock);
}
ATR_QUERY_IMPL(tick, TICK, i64, .finish_with_response = tick_finish);

static const atr_root *const books_roots[] = {&books_root, NULL};
static const atr_root *const clocks_roots[] = {&clocks_root, NULL};
const atr_component books_component = {.name = "books", .roots = books_roots};
const atr_component clocks_component = {.name = "clocks", .roots = clocks_roots};
static const atr_component *const components[] = {&books_component, &clocks_component, NULL};
const atr_test_options life = {.components = components};

/* ---- callbacks ---- */

void save_succeeded(atr_finish *f, const save *self, const note *response, void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "on_success");
}

void save_failed(atr_finish *f, const save *self, const atr_error *error, void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "on_error %d", (int)error->code);
}

void save_cancelled(atr_finish *f, const save *self, void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "on_cancel");
}

void load_succeeded(atr_finish *f, const load *self, const note *response, void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "on_success");
}

void load_failed(atr_finish *f, const load *self, const atr_error *error, void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "on_error %d", (int)error->code);
}

void load_cancelled(atr_finish *f, const load *self, void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "on_cancel");
}

void heard_failure(atr_finish *f, const atr_failure *failure, void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "global %s %d in %s",
                   failure->query_class != NULL ? failure->query_class->name : "-",
                   (int)failure->error->code, atr_phase_name(failure->phase));
}

void heard_success(atr_finish *f, const atr_query_class *query_class, const void *query,
                   const atr_value *response, void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "%s", user != NULL ? (const char *)user : "listener");
}

void told(atr_event *e, const book *was, const book *now, void *user)
{
    atr_test_trace(ATR_TEST_OF(e), "told %zu", note_map_count(now->notes));
}

void count_call(void *user)
{
    ++*(int *)user;
}

const note *make_note(atr_test *t, int64_t id, const char *text)
{
    return ATR_NEW(t->s, note, .id = id, .text = atr_str_new(t->s, text));
}

const char *text_of(atr_test *t, int64_t id)
{
    const note *found = note_map_get(ATR_STATE(t, books)->notes, id);
    return found != NULL ? found->text->bytes : "";
}
