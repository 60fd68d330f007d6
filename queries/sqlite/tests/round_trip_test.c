/* What goes into a file comes out of it the same: random values of a model with a field of every kind but
 * opaque, and of models in it. A failure prints its seed; ATR_TEST_SEED repeats it, ATR_TEST_LONG=1 makes
 * the run long. */
#include <math.h>
#include <time.h>

#include "fixture.h"
#include "number_fields.h"

enum { RECORDS = 50, RUNS = 4, RUNS_LONG = 400 };

#define SHAPE(X)               \
    X(SHAPE_ROUND, 0, "round") \
    X(SHAPE_SQUARE, 1, "a\"b") \
    X(SHAPE_OTHER, -5, "\xc3\xa9")
ATR_ENUM(shape, SHAPE);
ATR_ENUM_IMPL(shape, SHAPE);

#define SCALARS(F)              \
    NUMBER_FIELDS(F)            \
    F(enumeration(shape), kind) \
    F(str, text)                \
    F(bytes, raw)

#define OPTIONALS(F)                     \
    OPT_NUMBER_FIELDS(F)                 \
    F(opt(enumeration(shape)), opt_kind) \
    F(opt(str), opt_text)                \
    F(opt(bytes), opt_raw)

/* A model that refers to itself, with every kind that has no nodes. */
#define LEAF(F)  \
    SCALARS(F)   \
    OPTIONALS(F) \
    F(opt(ref(leaf)), next)
ATR_MODEL(leaf, LEAF);
#define LEAF_ATTRS(A)        \
    A(text, .json = "T e\n") \
    A(raw, .redacted = true)
ATR_MODEL_IMPL_WITH(leaf, LEAF, LEAF_ATTRS, .natural = 3);

static int leaf_order(const leaf *a, const leaf *b)
{
    return (a->big > b->big) - (a->big < b->big);
}
ATR_OMAP(leaf, str);
ATR_OMAP_IMPL(leaf, str);
ATR_OSET_OF(leaf_queue, leaf, leaf_order);
ATR_OSET_OF_IMPL(leaf_queue, leaf, leaf_order);

#define RECORD(F)                \
    SCALARS(F)                   \
    OPTIONALS(F)                 \
    F(ref(leaf), leaf)           \
    F(opt(ref(leaf)), opt_leaf)  \
    F(vec(leaf), leaves)         \
    F(vec(str), words)           \
    F(vec(i64), numbers)         \
    F(vec(f64), reals)           \
    F(map(i64, leaf), by_id)     \
    F(map(str, leaf), by_name)   \
    F(map(i64, str), names)      \
    F(map(str, f64), weights)    \
    F(set(i64), ids)             \
    F(set(str), tags)            \
    F(omap(str, leaf), sorted)   \
    F(omap(i64, str), by_rank)   \
    F(omap(f64, i64), by_weight) \
    F(omap(time, f64), log)      \
    F(oset(i64), ranks)          \
    F(oset(f64), steps)          \
    F(oset(time), times)         \
    F(oset(str), index)          \
    F(oset(leaf_queue), queue)   \
    F(any, other)
ATR_MODEL(record, RECORD);
#define RECORD_ATTRS(A)                             \
    A(kind, .by_name = true)                        \
    A(opt_kind, .by_name = true, .column = "Kind?") \
    A(queue, .column = "order")
ATR_MODEL_IMPL_WITH(record, RECORD, RECORD_ATTRS, .atr = ATR_HEAD(record));

static const atr_model *const models[] = {&leaf_model, &leaf_vec_model, &leaf_str_omap_model};

/* Columns without a type keep what they are given. */
static const char *const scripts[] = {
    "CREATE TABLE record (flag, small, natural, big, real, at, kind, text, raw, opt_flag, "
    "opt_small, opt_natural, opt_big, opt_real, opt_at, [Kind?], opt_text, opt_raw, leaf TEXT, "
    "opt_leaf TEXT, leaves TEXT, words TEXT, numbers TEXT, reals TEXT, by_id TEXT, by_name TEXT, "
    "names TEXT, weights TEXT, ids TEXT, tags TEXT, sorted TEXT, by_rank TEXT, by_weight TEXT, "
    "log TEXT, ranks TEXT, steps TEXT, times TEXT, [index] TEXT, [order] TEXT, other TEXT)",
    NULL};

ATR_QUERY(store, RECORD, unit);
ATR_SQLITE_WRITE(
    store, RECORD, unit, test_db,
    "INSERT INTO record VALUES (:flag, :small, :natural, :big, :real, :at, @kind, :text, :raw, "
    ":opt_flag, :opt_small, :opt_natural, :opt_big, :opt_real, :opt_at, @opt_kind, :opt_text, "
    ":opt_raw, :leaf, :opt_leaf, :leaves, :words, :numbers, :reals, :by_id, :by_name, :names, "
    ":weights, :ids, :tags, :sorted, :by_rank, :by_weight, :log, :ranks, :steps, :times, :index, "
    ":queue, :other)");
ATR_QUERY(load, NO_INPUTS, vec(record));
ATR_SQLITE_QUERY(load, NO_INPUTS, vec(record), test_db, "SELECT * FROM record ORDER BY rowid");

/* ---- random values ---- */

static uint64_t random_state;

static uint64_t random_word(void)
{
    random_state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t word = random_state;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}

static size_t random_below(size_t end)
{
    return (size_t)(random_word() % end);
}

static bool one_in(size_t count)
{
    return random_below(count) == 0;
}

static int64_t random_i64(void)
{
    static const int64_t edges[] = {0, 1, -1, INT64_MAX, INT64_MIN, 9007199254740993};
    return one_in(3)   ? edges[random_below(sizeof edges / sizeof *edges)]
           : one_in(2) ? (int64_t)random_below(100)
                       : (int64_t)random_word();
}

static double random_f64(void)
{
    uint64_t bits = random_word();
    double number;
    memcpy(&number, &bits, sizeof number);
    if (one_in(3)) {
        number = (double)(int64_t)random_below(1000) / 8;
    } else if (one_in(4)) {
        number = ldexp(1, (int)random_below(2098) - 1074);
    }
    return isfinite(number) ? number : -0.1;
}

static atr_time random_time(void)
{
    static const int64_t first = -62135596800000000, end = 253402300800000000;
    return one_in(8)   ? first
           : one_in(8) ? end - 1
                       : first + (int64_t)(random_word() % (uint64_t)(end - first));
}

static shape random_shape(void)
{
    static const shape all[] = {SHAPE_ROUND, SHAPE_SQUARE, SHAPE_OTHER};
    return all[random_below(3)];
}

static const atr_str *random_str(atr_scope *s)
{
    static const char *const pieces[] = {"a",    "\"", "\\", "\n", "\x01", "\xc3\xa9",
                                         "\x7f", "'",  "/",  " ",  ":x",   "\xf0\x9f\x98\x80"};
    char text[64];
    size_t size = 0;
    for (size_t i = random_below(8); i > 0; i--) {
        const char *piece = pieces[random_below(sizeof pieces / sizeof *pieces)];
        memcpy(text + size, piece, strlen(piece));
        size += strlen(piece);
        if (one_in(10)) {
            text[size++] = '\0';
        }
    }
    return atr_str_new_n(s, text, size);
}

static const atr_bytes *random_bytes(atr_scope *s)
{
    uint64_t words[3] = {random_word(), random_word(), random_word()};
    return atr_bytes_new(s, words, random_below(sizeof words));
}

#define FILL_SCALARS(v, s)                     \
    do {                                       \
        (v).flag = one_in(2);                  \
        (v).small = (int32_t)random_word();    \
        (v).natural = (uint32_t)random_word(); \
        (v).big = random_i64();                \
        (v).real = random_f64();               \
        (v).at = random_time();                \
        (v).kind = random_shape();             \
        (v).text = random_str(s);              \
        (v).raw = random_bytes(s);             \
    } while (0)

#define FILL_OPTIONALS(v, s)                                             \
    do {                                                                 \
        if (one_in(2)) {                                                 \
            (v).opt_flag = ATR_SOME(bool, one_in(2));                    \
            (v).opt_small = ATR_SOME(i32, (int32_t)random_word());       \
            (v).opt_big = ATR_SOME(i64, random_i64());                   \
            (v).opt_at = ATR_SOME(time, random_time());                  \
            (v).opt_text = random_str(s);                                \
        }                                                                \
        if (one_in(2)) {                                                 \
            (v).opt_natural = ATR_SOME(u32, (uint32_t)random_word());    \
            (v).opt_real = ATR_SOME(f64, random_f64());                  \
            (v).opt_kind = ATR_SOME(enumeration(shape), random_shape()); \
            (v).opt_raw = random_bytes(s);                               \
        }                                                                \
    } while (0)

static const leaf *random_leaf(atr_scope *s)
{
    const leaf *made = NULL;
    do {
        leaf v = leaf_default;
        FILL_SCALARS(v, s);
        FILL_OPTIONALS(v, s);
        v.next = made;
        made = leaf_new(s, v);
    } while (one_in(3));
    return made;
}

static void fill_collections(atr_scope *s, record *v)
{
    for (size_t i = random_below(4); i > 0; i--) {
        v->leaves = leaf_vec_push(s, v->leaves, random_leaf(s));
        v->words = atr_str_vec_push(s, v->words, random_str(s));
        v->numbers = atr_i64_vec_push(s, v->numbers, random_i64());
        v->reals = atr_f64_vec_push(s, v->reals, random_f64());
    }
    for (size_t i = random_below(4); i > 0; i--) {
        v->by_id = leaf_map_set(s, v->by_id, random_i64(), random_leaf(s));
        v->by_name = leaf_str_map_set(s, v->by_name, random_str(s), random_leaf(s));
        v->names = atr_str_map_set(s, v->names, random_i64(), random_str(s));
        v->weights = atr_f64_str_map_set(s, v->weights, random_str(s), random_f64());
        v->ids = atr_i64_set_add(s, v->ids, random_i64());
        v->tags = atr_str_set_add(s, v->tags, random_str(s));
    }
}

static void fill_ordered(atr_scope *s, record *v)
{
    for (size_t i = random_below(6); i > 0; i--) {
        v->sorted = leaf_str_omap_set(s, v->sorted, random_str(s), random_leaf(s));
        v->by_rank = atr_str_omap_set(s, v->by_rank, random_i64(), random_str(s));
        v->by_weight = atr_i64_f64_omap_set(s, v->by_weight, random_f64(), random_i64());
        v->log = atr_f64_time_omap_set(s, v->log, random_time(), random_f64());
        v->ranks = atr_i64_oset_add(s, v->ranks, random_i64());
        v->steps = atr_f64_oset_add(s, v->steps, random_f64());
        v->times = atr_time_oset_add(s, v->times, random_time());
        v->index = atr_str_oset_add(s, v->index, random_str(s));
        v->queue = leaf_queue_add(s, v->queue, random_leaf(s));
    }
}

static const void *random_any(atr_scope *s, const record *v)
{
    switch (random_below(7)) {
    case 0: return random_leaf(s);
    case 1: return random_str(s);
    case 2: return random_bytes(s);
    case 3: return v->leaves;
    case 4: return v->sorted;
    case 5: return v->log;
    default: return NULL;
    }
}

static record random_record(atr_scope *s)
{
    record v = record_default;
    FILL_SCALARS(v, s);
    FILL_OPTIONALS(v, s);
    v.real = one_in(8) ? HUGE_VAL : v.real; /* columns have a form for it, JSON has none */
    v.leaf = random_leaf(s);
    v.opt_leaf = one_in(2) ? random_leaf(s) : NULL;
    fill_collections(s, &v);
    fill_ordered(s, &v);
    v.other = random_any(s, &v);
    return v;
}

/* ---- the property ---- */

static void open_it(void)
{
    fixture_open(&(atr_sqlite_options){
        .migrations = scripts,
        .synchronous = ATR_SQLITE_OFF,
        .json = {.models = models, .model_count = sizeof models / sizeof *models}});
}

static void store_one(void)
{
#define INPUT(kind, name) .name = v.name,
    atr_event e = atr_event_open(fx.app);
    record v = random_record(e.s);
    fx.last = store_execute(e.run, e.s, (store){RECORD(INPUT).atr = ATR_DRAFT}, NULL);
    assert_int_not_equal(fx.last.slot, 0);
    fx.started++;
    assert_int_equal(atr_event_close(&e), 0);
}

static void assert_same(atr_scope *s, const record *sent, const record *got)
{
    assert_null(atr_scope_error(s));
    if (!atr_equal(sent, got)) {
        fail_msg("%s", atr_diff_print(s, sent, got, 0)->bytes);
    }
    assert_true(atr_content_equal(atr_content_hash(s, sent), atr_content_hash(s, got)));
}

/* The same seed makes the same records again, to compare with. */
static void round_trip(uint64_t seed)
{
    open_it();
    random_state = seed;
    for (size_t i = 0; i < RECORDS; i++) {
        store_one();
    }
    fixture_wait();
    assert_null(fx.error);
    fixture_close();

    open_it();
    RUN(load);
    assert_success();
    assert_int_equal(record_vec_count(fx.value.as.ref), RECORDS);
    random_state = seed;
    for (size_t i = 0; i < RECORDS; i++) {
        atr_scope *s = atr_scope_open(NULL);
        assert_same(s, record_new(s, random_record(s)), record_vec_at(fx.value.as.ref, i));
        atr_scope_close(s);
    }
    fixture_close();
}

static void what_goes_into_a_file_comes_out_the_same(void **state)
{
    const char *wanted = getenv("ATR_TEST_SEED");
    uint64_t seed = wanted != NULL ? strtoull(wanted, NULL, 0) : (uint64_t)time(NULL);
    int runs = getenv("ATR_TEST_LONG") != NULL ? RUNS_LONG : RUNS;
    for (int i = 0; i < runs; i++) {
        print_message("# ATR_TEST_SEED=%llu\n", (unsigned long long)(seed + (uint64_t)i));
        round_trip(seed + (uint64_t)i);
        assert_int_equal(remove(fx.path), 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_goes_into_a_file_comes_out_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
