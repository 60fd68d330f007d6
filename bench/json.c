/* JSON: a vector of items from text and back, beside what jansson needs for the same text alone. All figures
 * are megabytes (10^6) of text per second: more is better. */
#include <stdlib.h>

#include <atrium/json.h>
#include <jansson.h>

#include "items.h"

typedef struct json_work {
    items all;
    const todo_item_vec *vec;
    const atr_str *text;
    json_t *tree;
} json_work;

static void *json_make(size_t n)
{
    json_work *w = bench_take(sizeof *w);
    items_init(&w->all, n);
    w->vec = todo_item_vec_of(w->all.s, w->all.item, n);
    w->text = atr_to_json(w->all.s, w->vec, NULL);
    w->tree = json_loadb(w->text->bytes, w->text->size, 0, NULL);
    if (w->tree == NULL) {
        bench_fail("the other parser refuses our JSON");
    }
    return w;
}

static void json_free(void *data)
{
    json_work *w = data;
    json_decref(w->tree);
    items_clear(&w->all);
    free(w);
}

static const bench_fixture json_fixture = {json_make, json_free};

static double megabytes_per_second(const json_work *w, uint64_t start)
{
    return (double)w->text->size * 1e3 / (double)(bench_cpu_ns() - start);
}

static double read_round(void *data, size_t ops)
{
    json_work *w = data;
    uint64_t start = bench_cpu_ns();
    ATR_SCOPE(s, w->all.s) {
        const todo_item_vec *v = ATR_FROM_JSON(s, todo_item_vec, w->text);
        if (todo_item_vec_count(v) != ops) {
            bench_fail("JSON could not be read");
        }
    }
    return megabytes_per_second(w, start);
}

static double write_round(void *data, size_t ops)
{
    json_work *w = data;
    uint64_t start = bench_cpu_ns();
    ATR_SCOPE(s, w->all.s) {
        bench_use(atr_to_json(s, w->vec, NULL)->size);
    }
    return megabytes_per_second(w, start);
}

static double raw_read_round(void *data, size_t ops)
{
    json_work *w = data;
    uint64_t start = bench_cpu_ns();
    json_t *tree = json_loadb(w->text->bytes, w->text->size, 0, NULL);
    bench_use(json_array_size(tree));
    json_decref(tree);
    return megabytes_per_second(w, start);
}

static double raw_write_round(void *data, size_t ops)
{
    json_work *w = data;
    uint64_t start = bench_cpu_ns();
    char *text = json_dumps(w->tree, JSON_COMPACT);
    bench_use((uint64_t)text[0]);
    free(text);
    return megabytes_per_second(w, start);
}

enum { ITEMS = 20000, QUICK_ITEMS = 2000 };

static const bench_case cases[] = {
    {"json_read", "MB/s", BENCH_WHOLE, &json_fixture, read_round, ITEMS, QUICK_ITEMS},
    {"json_read_raw", "MB/s", BENCH_WHOLE, &json_fixture, raw_read_round, ITEMS, QUICK_ITEMS},
    {"json_write", "MB/s", BENCH_WHOLE, &json_fixture, write_round, ITEMS, QUICK_ITEMS},
    {"json_write_raw", "MB/s", BENCH_WHOLE, &json_fixture, raw_write_round, ITEMS, QUICK_ITEMS},
    {0},
};

static const bench_budget budgets[] = {
    {"json_read", 0.5, "json_read_raw", true},
    {"json_write", 0.6, "json_write_raw", true},
    {0},
};

/* One more part of the group `state`. */
const bench_group bench_json = {"state", cases, budgets};
