/* Maps that are read, built and set while the old version stays. */
#include <stdlib.h>

#include <atrium/memory.h>

#include "refs/refs.h"
#include "state.h"

typedef struct finder {
    items all;
    const todo_item_map *map;
    void *ghash;
} finder;

static void *finder_make(size_t n)
{
    finder *f = bench_take(sizeof *f);
    items_init(&f->all, n);
    f->map = items_map(&f->all, f->all.s);
    f->ghash = ref_ghash_new(&f->all);
    return f;
}

static void finder_free(void *data)
{
    finder *f = data;
    ref_ghash_free(f->ghash);
    items_clear(&f->all);
    free(f);
}

const bench_fixture finder_fixture = {finder_make, finder_free};

/* What is found is read, as GLib's lookup has read it to compare the key. */
double map_find_round(void *data, size_t ops)
{
    finder *f = data;
    const todo_item_map *map = f->map;
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        sum += (uint64_t)todo_item_map_get(map, items_next_key(&f->all))->id;
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

double ghash_find_round(void *data, size_t ops)
{
    finder *f = data;
    uint64_t start = bench_cpu_ns(), sum, end;
    sum = ref_ghash_find(f->ghash, &f->all, ops);
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

/* Each set in a scope of its own; the version before it stays alive, the new one dies with the scope. */
double map_set_round(void *data, size_t ops)
{
    finder *f = data;
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        ATR_SCOPE(s, f->all.s) {
            const todo_item_map *next =
                todo_item_map_set(s, f->map, items_next_key(&f->all), f->all.spare[i % SPARES]);
            sum += todo_item_map_count(next);
        }
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

double map_build_round(void *data, size_t ops)
{
    finder *f = data;
    uint64_t start = bench_cpu_ns(), end = start;
    ATR_SCOPE(s, f->all.s) {
        bench_use(todo_item_map_count(items_map(&f->all, s)));
        end = bench_cpu_ns();
    }
    return (double)(end - start) / (double)ops;
}

double vec_build_round(void *data, size_t ops)
{
    finder *f = data;
    uint64_t start = bench_cpu_ns(), end = start;
    ATR_SCOPE(s, f->all.s) {
        todo_item_vec_builder *b = todo_item_vec_builder_new(s, NULL);
        for (size_t i = 0; i < ops; i++) {
            todo_item_vec_builder_push(b, f->all.item[i]);
        }
        bench_use(todo_item_vec_count(todo_item_vec_builder_seal(b)));
        end = bench_cpu_ns();
    }
    return (double)(end - start) / (double)ops;
}

double map_iterate_round(void *data, size_t ops)
{
    finder *f = data;
    todo_item_map_each it = {0};
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    while (todo_item_map_next(&it, f->map)) {
        sum += (uint64_t)it.value->id;
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

/* All that the pool has taken for a map after its items, room that the builder left behind included. */
double map_bytes_round(void *data, size_t ops)
{
    items all;
    size_t before, after;
    (void)data;
    items_init(&all, ops);
    atr_memory_trim(NULL); /* blocks that wait would serve the map uncounted */
    before = atr_memory_now().bytes;
    bench_use(todo_item_map_count(items_map(&all, all.s)));
    after = atr_memory_now().bytes;
    items_clear(&all);
    return (double)(after - before) / (double)ops;
}

/* ---- text keys ---- */

typedef struct string_finder {
    items all;
    const todo_item_str_map *map;
    const atr_str **key; /* equal to the keys in the map, other objects */
} string_finder;

static void *string_map_make(size_t n)
{
    string_finder *f = bench_take(sizeof *f);
    items_init(&f->all, n);
    f->map = NULL;
    f->key = bench_take(n * sizeof *f->key);
    for (size_t i = 0; i < n; i++) {
        const todo_item *item = f->all.item[i];
        f->map = todo_item_str_map_set(f->all.s, f->map, item->title, item);
        f->key[i] = item_title(f->all.s, item->id);
    }
    return f;
}

static void string_map_free(void *data)
{
    string_finder *f = data;
    items_clear(&f->all);
    free(f->key);
    free(f);
}

const bench_fixture string_map_fixture = {string_map_make, string_map_free};

double string_map_find_round(void *data, size_t ops)
{
    string_finder *f = data;
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        sum += (uint64_t)todo_item_str_map_get(f->map, f->key[items_next(&f->all)])->id;
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}
