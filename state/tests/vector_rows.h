/* Vectors of numbers at the sizes where their trees change form, beside a plain array. Included after
 * sample.h and shape.h. */
#ifndef ATR_STATE_TESTS_VECTOR_ROWS_H
#define ATR_STATE_TESTS_VECTOR_ROWS_H

static const size_t boundaries[] = {1,    2,    31,   32,   33,   63,    64,    65,   1023,
                                    1024, 1025, 1055, 1056, 1057, 32767, 32768, 32769};
enum { BOUNDARIES = sizeof boundaries / sizeof *boundaries, LARGEST = 32769 };

static int64_t wanted[LARGEST];

static inline const atr_i64_vec *numbers(atr_scope *s, size_t count)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_i64_vec_builder_push(b, (int64_t)i);
    }
    return atr_i64_vec_builder_seal(b);
}

/* The same elements in relaxed nodes. */
static inline const atr_i64_vec *relaxed(atr_scope *s, size_t count)
{
    const atr_i64_vec *v = numbers(s, count);
    for (size_t i = 0; i < 5; i++) {
        size_t cut = random_below(count);
        v = atr_i64_vec_concat(s, atr_i64_vec_slice(s, v, 0, cut),
                               atr_i64_vec_slice(s, v, cut, count));
    }
    return v;
}

static inline void holds_wanted(const atr_i64_vec *v, size_t count)
{
    atr_i64_vec_each it = {0};
    check_vec((const atr_vec *)v);
    assert_int_equal(atr_i64_vec_count(v), count);
    while (atr_i64_vec_next(&it, v)) {
        if (it.item != wanted[it.index]) {
            assert_int_equal(it.item, wanted[it.index]);
        }
    }
}

static const int64_t primes[] = {2, 3, 5, 7, 11};
static const atr_i64_vec static_primes = ATR_VEC_INIT(atr_i64_vec, primes);

#endif
