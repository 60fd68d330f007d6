#include "fixture.h"

#include <dirent.h>

fixture fx;

ATR_MODEL_IMPL(counter, COUNTER);
ATR_ROOT_IMPL(tally, counter, &counter_default);

void order_add(char letter)
{
    size_t at = strlen(fx.order);
    if (at + 1 < sizeof fx.order) {
        fx.order[at] = letter;
    }
}

static void add_number(atr_finish *f, int64_t by)
{
    counter next = *ATR_STATE(f, tally);
    next.number += by;
    ATR_UPDATE(f, tally, next);
}

/* ---- add ---- */

static void add_start(atr_start *ctx, const add *self)
{
    order_add('s');
    add_answer(ctx, self->by);
}

static void add_finish(atr_finish *f, const add *self, int64_t response)
{
    if (!f->is_pre_execute) {
        order_add('f');
    }
    if (response < 0) {
        atr_fail(f, 7, "%lld is negative", (long long)response);
        return;
    }
    add_number(f, response);
}
ATR_QUERY_IMPL(add, ADD, i64, .start_async = add_start, .finish_with_response = add_finish);

/* ---- fetch: a thread of its own ---- */

typedef struct fetch_job {
    uv_thread_t thread;
    fetch_reply reply;
} fetch_job;

static void fetch_run(void *ptr)
{
    fetch_job *job = ptr;
    atr_scope *s = fetch_reply_scope(&job->reply);
    int64_t count = fetch_reply_query(&job->reply)->count;
    atr_str_vec_builder *words = atr_str_vec_builder_new(s, NULL);
    for (int64_t i = 0; i < count; i++) {
        atr_str_vec_builder_push(words, atr_str_format(s, "word %lld", (long long)i));
    }
    fetch_reply_send(&job->reply, atr_str_vec_builder_seal(words));
}

static void fetch_join(void *ptr)
{
    fetch_job *job = ptr;
    uv_thread_join(&job->thread);
    fx.destroyed++;
    atr_memory_give(job, sizeof *job);
}

static void fetch_start(atr_start *ctx, const fetch *self)
{
    fetch_job *job = atr_memory_take(sizeof *job);
    job->reply = fetch_reply_later(ctx);
    assert_int_equal(uv_thread_create(&job->thread, fetch_run, job), 0);
    atr_start_own(ctx, job, fetch_join);
}

static void fetch_finish(atr_finish *f, const fetch *self, const atr_str_vec *response)
{
    counter next = *ATR_STATE(f, tally);
    next.number = (int64_t)atr_str_vec_count(response);
    next.words = response;
    ATR_UPDATE(f, tally, next);
}
ATR_QUERY_IMPL(fetch, FETCH, vec(str), .start_async = fetch_start,
               .finish_with_response = fetch_finish);

/* ---- hang ---- */

static void count_destroy(void *ptr)
{
    (void)ptr;
    fx.destroyed++;
}

static void hang_start(atr_start *ctx, const hang *self)
{
    order_add('h');
    fx.reply = hang_reply_later(ctx);
    atr_start_own(ctx, &fx, count_destroy);
}

static void hang_cancel(atr_view *v, const hang *self, void *ptr)
{
    order_add('c');
    assert_ptr_equal(ptr, &fx);
    fx.cancels++;
}

static void hang_finish(atr_finish *f, const hang *self, int64_t response)
{
    add_number(f, response);
}
ATR_QUERY_IMPL(hang, HANG, i64, .start_async = hang_start, .finish_with_response = hang_finish,
               .cancel = hang_cancel);

static void hang_write_start(atr_start *ctx, const hang_write *self)
{
    fx.write_reply = hang_write_reply_later(ctx);
}

static void hang_write_cancel(atr_view *v, const hang_write *self, void *ptr)
{
    fx.cancels++;
}

static void hang_write_finish(atr_finish *f, const hang_write *self, int64_t response)
{
    add_number(f, response);
}
ATR_QUERY_IMPL(hang_write, HANG, i64, .start_async = hang_write_start,
               .finish_with_response = hang_write_finish, .cancel = hang_write_cancel,
               .is_write = true);

/* ---- the small ones ---- */

ATR_QUERY_IMPL(no_start, NO_INPUTS, unit);

static void forgetful_start(atr_start *ctx, const forgetful *self)
{
}
ATR_QUERY_IMPL(forgetful, NO_INPUTS, unit, .start_async = forgetful_start);

static void meter_close(void *handle)
{
    ((meter *)handle)->closes++;
}
ATR_SERVICE_TYPE_IMPL(meter, meter_close);
ATR_SERVICE_IMPL(gauge, meter);

static void measure_start(atr_start *ctx, const measure *self)
{
    meter *m = ATR_USE(ctx, gauge);
    m->uses++;
    measure_answer(ctx, m->uses);
}
ATR_QUERY_IMPL(measure, NO_INPUTS, i64, .start_async = measure_start, .service = ATR_NEEDS(gauge));

static void twice_start(atr_start *ctx, const twice *self)
{
    assert_int_equal(twice_answer(ctx, 1), ATR_OK);
    assert_int_equal(twice_answer(ctx, 2), ATR_E_ANSWERED);
}

static void twice_finish(atr_finish *f, const twice *self, int64_t response)
{
    add_number(f, response);
}
ATR_QUERY_IMPL(twice, NO_INPUTS, i64, .start_async = twice_start,
               .finish_with_response = twice_finish);

static void latching_start(atr_start *ctx, const latching *self)
{
    latching_answer(ctx, 1);
    atr_str_new(ctx->s, "\xff");
}
ATR_QUERY_IMPL(latching, NO_INPUTS, i64, .start_async = latching_start);

static const atr_root *const roots[] = {&tally_root, NULL};
const atr_component tally_component = {.name = "tally", .roots = roots};

/* ---- hooks ---- */

static void on_violation(void *user, int code, const char *text)
{
    fx.violations++;
    fx.violation_code = code;
}

static void on_failure(atr_finish *f, const atr_failure *failure, void *user)
{
    fx.failures++;
    fx.failure_code = failure->error->code;
    fx.failure_phase = failure->phase;
}

static void on_told(atr_event *e, const counter *was, const counter *now, void *user)
{
    fx.told++;
    fx.was = was->number;
    fx.now = now->number;
    order_add('n');
}

static void on_closed(void *user)
{
    fx.closed = true;
}

void count_success(atr_finish *f, const add *self, int64_t response, void *user)
{
    fx.successes++;
    order_add('o');
}

void count_free(void *user)
{
    fx.freed_users++;
}

/* Open descriptors of the process; 0 where the system does not tell. */
static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count;
}

void fixture_open_with(const atr_app_options *options)
{
    atr_app_options own = *options;
    uv_loop_t warm_up;
    memset(&fx, 0, sizeof fx);
    uv_loop_init(&warm_up); /* libuv opens descriptors of the process with its first loop */
    uv_loop_close(&warm_up);
    fx.descriptors = count_descriptors();
    own.violation = on_violation;
    fx.app = atr_app_new(&own);
    assert_non_null(fx.app);
    fx.store = atr_app_store(fx.app);
    assert_int_equal(atr_app_register(fx.app, &tally_component), ATR_OK);
    assert_int_equal(atr_app_on_error(fx.app, on_failure, NULL, NULL), ATR_OK);
    fx.watch = ATR_WATCH(fx.store, tally, on_told, NULL, NULL);
}

void fixture_open(void)
{
    atr_app_options none = {0};
    fixture_open_with(&none);
}

void fixture_close(void)
{
    if (fx.app != NULL && !fx.closed) {
        assert_int_equal(atr_app_close(fx.app, on_closed, NULL), ATR_OK);
    }
    assert_true(fx.closed);
    assert_int_equal(count_descriptors(), fx.descriptors);
    assert_int_equal(atr_memory_now().blocks, 0);
}

void fixture_settle(void)
{
    atr_app_drain(fx.app);
}

int64_t number_now(void)
{
    atr_event e = atr_event_open(fx.app);
    int64_t number = ATR_STATE(&e, tally)->number;
    assert_int_equal(atr_event_close(&e), ATR_OK);
    return number;
}
