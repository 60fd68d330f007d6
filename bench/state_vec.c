/* Vectors. */
#include <stdlib.h>

#include "items.h"
#include "state.h"

typedef struct vec_of_items {
    items all;
    const todo_item_vec *vec;
} vec_of_items;

static void *vec_make(size_t n)
{
    vec_of_items *v = bench_take(sizeof *v);
    items_init(&v->all, n);
    v->vec = todo_item_vec_of(v->all.s, v->all.item, n);
    return v;
}

static void vec_free(void *data)
{
    vec_of_items *v = data;
    items_clear(&v->all);
    free(v);
}

const bench_fixture vec_fixture = {vec_make, vec_free};

double vec_get_round(void *data, size_t ops)
{
    vec_of_items *v = data;
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        sum += (uint64_t)todo_item_vec_at(v->vec, items_next(&v->all))->id;
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

double vec_set_round(void *data, size_t ops)
{
    vec_of_items *v = data;
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        ATR_SCOPE(s, v->all.s) {
            const todo_item *spare = v->all.spare[i % SPARES];
            sum += todo_item_vec_count(todo_item_vec_set(s, v->vec, items_next(&v->all), spare));
        }
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

/* In the middle: anywhere in the second and third quarter. */
double vec_remove_round(void *data, size_t ops)
{
    vec_of_items *v = data;
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        ATR_SCOPE(s, v->all.s) {
            size_t at = v->all.n / 4 + items_next(&v->all) / 2;
            sum += todo_item_vec_count(todo_item_vec_erase(s, v->vec, at));
        }
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}
