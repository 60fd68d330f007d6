/* Threads borrow and transfer (rule S5): workers read whole snapshots with every verb there is while the
 * loop makes versions, and what a worker built becomes state as it lies. Run under the thread sanitizer,
 * too: what a reader looks at is never written. */
#include "store_world.h"

#include <pthread.h>

#include <atrium/json.h>
#include <atrium/ordered_map.h>

enum { READERS = 4, KEYS = 64, VERSIONS = 100000, READS_LEAST = 25, BUILT = 5000 };

/* Version v has written entry v % KEYS of each collection. */
#define LEDGER(F)                 \
    F(i64, version)               \
    F(str, name)                  \
    F(map(i64, todo_item), items) \
    F(map(str, i64), counts)      \
    F(vec(todo_item), list)       \
    F(omap(f64, i64), weights)    \
    F(set(i64), versions)
ATR_MODEL(ledger, LEDGER);
ATR_MODEL_IMPL(ledger, LEDGER);
ATR_ROOT(book, ledger);
ATR_ROOT_IMPL(book, ledger, &ledger_default);

/* The last version up to `version` that has written the key; 0: none. */
static int64_t written_by(int64_t version, int64_t key)
{
    int64_t since = (version - key) % KEYS;
    return version < key || version - since == 0 ? 0 : version - since;
}

/* ---- the loop ---- */

static void write_version(atr_finish *f, void *user)
{
    int64_t v = *(const int64_t *)user, key = v % KEYS;
    ledger next = *ATR_STATE(f, book);
    const todo_item *item =
        ATR_NEW(f->s, todo_item, .id = v, .title = atr_str_format(f->s, "item %lld", (long long)v));
    next.version = v;
    next.name = item->title;
    next.items = todo_item_map_set(f->s, next.items, key, item);
    next.counts =
        atr_i64_str_map_set(f->s, next.counts, atr_str_format(f->s, "key %d", (int)key), v);
    next.list = (size_t)key < todo_item_vec_count(next.list)
                    ? todo_item_vec_set(f->s, next.list, (size_t)key, item)
                    : todo_item_vec_push(f->s, next.list, item);
    next.weights = atr_i64_f64_omap_set(f->s, next.weights, (double)key / 2, v);
    next.versions = atr_i64_set_add(f->s, next.versions, v);
    next.versions = atr_i64_set_remove(f->s, next.versions, v - KEYS);
    ATR_UPDATE(f, book, next);
}

/* The state now, kept until it is dropped. */
static const ledger *snapshot(world *w)
{
    atr_event e;
    const ledger *now;
    assert_true(event_open(w, &e));
    now = ATR_STATE(&e, book);
    assert_int_equal(atr_keep(w->store, now), ATR_OK);
    event_close(w, &e);
    return now;
}

/* ---- readers: they note what is wrong, as assertions belong to the main thread ---- */

typedef struct reader {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t given;
    const ledger *was, *now; /* kept for it by the loop; now NULL: done, it waits for another */
    const ledger *last;      /* the loop's: what it was given last */
    bool stop;
    size_t reads;
    size_t faults;
    atr_pool *pool; /* what it has built, at the end */
    const todo_item_map *built;
} reader;

static void expect(reader *r, bool right)
{
    r->faults += !right;
}

static void look_up_entries(reader *r, atr_scope *s, const ledger *now)
{
    for (int64_t key = 0; key < KEYS; key++) {
        int64_t v = written_by(now->version, key);
        const todo_item *item = todo_item_map_get(now->items, key);
        const atr_str *text = atr_str_format(s, "key %d", (int)key);
        expect(r, (item != NULL ? item->id : 0) == v);
        expect(r, atr_i64_str_map_get(now->counts, text) == v);
        expect(r, atr_i64_f64_omap_get(now->weights, (double)key / 2) == v);
        expect(r, atr_i64_set_has(now->versions, v) == (v != 0));
    }
}

static void go_through(reader *r, const ledger *now)
{
    todo_item_map_each items = {0};
    atr_i64_f64_omap_each weights = {0};
    size_t count = 0;
    int64_t sum = 0;
    while (todo_item_map_next(&items, now->items)) {
        sum += items.value->id;
        count++;
    }
    while (atr_i64_f64_omap_next(&weights, now->weights)) {
        sum -= weights.value;
        count--;
    }
    expect(r, sum == 0 && count == 0);
    for (size_t i = 0; i < todo_item_vec_count(now->list); i++) {
        const todo_item *item = todo_item_vec_at(now->list, i);
        expect(r, item->title->size > 5 && strtoll(item->title->bytes + 5, NULL, 10) == item->id);
    }
}

static void copy_and_compare(reader *r, atr_scope *s, const ledger *now)
{
    const ledger *copy = atr_copy(s, now);
    expect(r, copy != now && atr_equal(copy, now) && atr_equal(now, copy));
    expect(r, atr_hash(copy) == atr_hash(now));
    expect(r, atr_compare(copy, now) == 0);
    expect(r, atr_content_equal(atr_content_hash(s, copy), atr_content_hash(s, now)));
}

static void write_as_text(reader *r, atr_scope *s, const ledger *now)
{
    const atr_str *json = atr_to_json(s, now, NULL);
    const ledger *read = ATR_FROM_JSON(s, ledger, json);
    expect(r, atr_equal(read, now));
    expect(r, atr_str_equal(atr_print(s, read), atr_print(s, now)));
}

static void find_differences(reader *r, atr_scope *s, const ledger *was, const ledger *now)
{
    bool same = was->version == now->version;
    expect(r, atr_equal(was, now) == same);
    expect(r, (atr_compare(was, now) == 0) == same);
    expect(r, (atr_diff_print(s, was, now, 10)->size == 0) == same);
}

static void read_snapshot(reader *r, const ledger *was, const ledger *now)
{
    atr_scope *s = atr_scope_open(NULL);
    switch (r->reads % 5) {
    case 0: look_up_entries(r, s, now); break;
    case 1: go_through(r, now); break;
    case 2: copy_and_compare(r, s, now); break;
    case 3: write_as_text(r, s, now); break;
    default: find_differences(r, s, was != NULL ? was : now, now); break;
    }
    expect(r, atr_scope_error(s) == NULL);
    atr_scope_close(s);
}

/* An answer in a pool of its own, let go of; it holds a copy of what the reader has read. */
static void build_answer(reader *r, const ledger *now)
{
    atr_scope *s;
    todo_item_map_builder *b;
    r->pool = atr_pool_new();
    s = atr_pool_scope(r->pool);
    b = todo_item_map_builder_new(s, atr_copy(s, now->items));
    for (int64_t i = KEYS; i < BUILT; i++) {
        const atr_str *name = atr_copy(s, now->name);
        todo_item_map_builder_set(b, i, ATR_NEW(s, todo_item, .id = i, .title = name));
    }
    r->built = todo_item_map_builder_seal(b);
    expect(r, atr_scope_error(s) == NULL);
    atr_pool_detach(r->pool);
}

static void *reader_run(void *ptr)
{
    reader *r = ptr;
    const ledger *now = NULL;
    pthread_mutex_lock(&r->lock);
    while (!r->stop || r->now != NULL) {
        if (r->now == NULL) {
            pthread_cond_wait(&r->given, &r->lock);
            continue;
        }
        now = r->now;
        pthread_mutex_unlock(&r->lock);
        read_snapshot(r, r->was, now);
        pthread_mutex_lock(&r->lock);
        r->now = NULL;
        r->reads++;
    }
    pthread_mutex_unlock(&r->lock);
    build_answer(r, now != NULL ? now : &ledger_default);
    return NULL;
}

/* Give it the state now, if it has done with what it had. Whether it has read enough. */
static bool reader_give(reader *r, world *w)
{
    const ledger *dropped = NULL;
    size_t reads;
    pthread_mutex_lock(&r->lock);
    if (r->now == NULL) {
        dropped = r->was;
        r->was = r->last;
        r->last = snapshot(w);
        r->now = r->last;
        pthread_cond_signal(&r->given);
    }
    reads = r->reads;
    pthread_mutex_unlock(&r->lock);
    atr_drop(w->store, dropped);
    return reads >= READS_LEAST;
}

static void reader_start(reader *r)
{
    *r = (reader){0};
    assert_int_equal(pthread_mutex_init(&r->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&r->given, NULL), 0);
    assert_int_equal(pthread_create(&r->thread, NULL, reader_run, r), 0);
}

static void reader_join(reader *r, world *w)
{
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_signal(&r->given);
    pthread_mutex_unlock(&r->lock);
    assert_int_equal(pthread_join(r->thread, NULL), 0);
    pthread_cond_destroy(&r->given);
    pthread_mutex_destroy(&r->lock);
    atr_drop(w->store, r->was);
    atr_drop(w->store, r->last);
}

static void s5_four_threads_read_snapshots_while_the_loop_makes_versions(void **state)
{
    world *w = *state;
    reader readers[READERS];
    bool enough = false;
    ATR_SCOPE(s, NULL) {
        assert_int_equal(atr_store_add_root(w->store, s, &book_root, &main_group), ATR_OK);
    }
    for (int i = 0; i < READERS; i++) {
        reader_start(&readers[i]);
    }

    for (int64_t v = 1; v <= VERSIONS || !enough; v++) {
        assert_int_equal(turn(w, write_version, &v), ATR_OK);
        enough = true;
        for (int i = 0; i < READERS; i++) {
            enough = reader_give(&readers[i], w) && enough;
        }
    }

    for (int i = 0; i < READERS; i++) {
        reader_join(&readers[i], w);
        assert_int_equal(readers[i].faults, 0);
        atr_pool_adopt(readers[i].pool, atr_store_pool(w->store));
        assert_int_equal(todo_item_map_count(readers[i].built), BUILT);
        atr_pool_close(readers[i].pool);
    }
}

/* ---- transfer ---- */

static void take_answer(atr_finish *f, void *user)
{
    ledger next = *ATR_STATE(f, book);
    next.items = user;
    ATR_UPDATE(f, book, next);
}

static void change_answer(atr_finish *f, void *user)
{
    ledger next = *ATR_STATE(f, book);
    int64_t key = *(const int64_t *)user;
    next.items = todo_item_map_remove(f->s, next.items, key);
    ATR_UPDATE(f, book, next);
}

static void s5_what_a_worker_built_becomes_state_as_it_lies(void **state)
{
    world *w = *state;
    reader r;
    ATR_SCOPE(s, NULL) {
        assert_int_equal(atr_store_add_root(w->store, s, &book_root, &main_group), ATR_OK);
    }
    reader_start(&r);
    reader_give(&r, w);
    reader_join(&r, w);
    int32_t counted = ((const atr_head *)r.built)->count;
    atr_memory before = atr_memory_now(), after;

    atr_pool_adopt(r.pool, atr_store_pool(w->store));

    after = atr_memory_now();
    assert_int_equal(after.values, before.values);
    assert_int_equal(after.blocks, before.blocks);
    assert_int_equal(((const atr_head *)r.built)->count, counted);
    assert_int_equal(turn(w, take_answer, (void *)(uintptr_t)r.built), ATR_OK);
    atr_pool_close(r.pool);
    assert_ptr_equal(((const ledger *)confirmed(w, &book_root))->items, r.built);
    for (int64_t key = KEYS; key < BUILT; key++) {
        assert_int_equal(turn(w, change_answer, &key), ATR_OK);
    }
    assert_null(((const ledger *)confirmed(w, &book_root))->items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(s5_four_threads_read_snapshots_while_the_loop_makes_versions),
        BOTH(s5_what_a_worker_built_becomes_state_as_it_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
