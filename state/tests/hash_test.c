#include "sample.h"

#include <math.h>

#include "walk.h"

/* The first outputs for the key 00 01 .. 0f and the inputs (), (00), (00 01), ..: the test vectors of
 * SipHash-1-3 that are in use since its addition to the standard library of Rust. */
static void siphash_1_3_gives_the_known_outputs(void **state)
{
    static const uint64_t expected[] = {0xabac0158050fc4dcu, 0xc9f49bf37d57ca93u,
                                        0x82cb9b024dc7d44du};
    const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    const unsigned char input[] = {0, 1};

    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(atr_siphash(key, input, i) == expected[i]);
    }
}

static void siphash_depends_on_each_bit_of_key_and_input(void **state)
{
    uint64_t key[2] = {1, 2};
    unsigned char input[20] = {0};
    uint64_t hash = atr_siphash(key, input, sizeof input);

    for (size_t bit = 0; bit < 8 * sizeof input; bit++) {
        input[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_true(atr_siphash(key, input, sizeof input) != hash);
        input[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 128; bit++) {
        key[bit / 64] ^= (uint64_t)1 << bit % 64;
        assert_true(atr_siphash(key, input, sizeof input) != hash);
        key[bit / 64] ^= (uint64_t)1 << bit % 64;
    }
    assert_true(atr_siphash(key, input, sizeof input - 1) != hash);
}

static void the_seed_stays_what_it_was_fixed_to(void **state)
{
    assert_int_equal(atr_memory_fix_seed(2026), 0);
    uint64_t hash = atr_hash_bytes("milk", 4);

    assert_int_equal(atr_memory_fix_seed(2026), 0);
    assert_int_equal(atr_memory_fix_seed(2027), ATR_E_PHASE);

    const uint64_t key[2] = {2026, ~(uint64_t)2026};
    assert_true(atr_hash_bytes("milk", 4) == hash);
    assert_true(atr_siphash(key, "milk", 4) == hash);
}

static void hashes_of_text_are_never_zero(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    for (int i = 0; i < 1000; i++) {
        assert_int_not_equal(atr_str_hash(atr_str_format(s, "%d", i)), 0);
    }
    assert_int_not_equal(atr_str_hash(&atr_str_default), 0);
    assert_int_equal(atr_str_hash(NULL), atr_str_hash(&atr_str_default));
    atr_scope_close(s);
}

static void equal_values_hash_equally_and_others_do_not(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const everything *a = sample_everything(s, 1);
    const everything *b = sample_everything(s, 1);
    const everything *c = sample_everything(s, 2);

    assert_ptr_not_equal(a, b);
    assert_true(atr_hash(a) == atr_hash(b));
    assert_true(atr_hash(a) != atr_hash(c));
    assert_true(atr_hash(NULL) != atr_hash(a));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void nan_and_zero_hash_as_one_each(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    everything draft = *sample_everything(s, 1);

    draft.real = NAN;
    const everything *nan = everything_new(s, draft);
    draft.real = -nan->real;
    const everything *minus_nan = everything_new(s, draft);
    draft.real = 0.0;
    const everything *zero = everything_new(s, draft);
    draft.real = -0.0;
    const everything *minus_zero = everything_new(s, draft);

    assert_true(atr_hash(nan) == atr_hash(minus_nan));
    assert_true(atr_hash(zero) == atr_hash(minus_zero));
    assert_true(atr_hash(zero) != atr_hash(nan));
    assert_true(atr_equal(nan, minus_nan));
    assert_true(atr_equal(zero, minus_zero));
    assert_false(atr_equal(zero, nan));
    assert_int_equal(atr_compare(nan, minus_nan), 0);
    assert_int_equal(atr_compare(zero, minus_zero), 0);
    assert_true(atr_compare(zero, nan) < 0);
    atr_scope_close(s);
}

/* Tables take a place from the lowest bits, or from the highest. */
static void numbers_that_differ_in_few_bits_hash_apart(void **state)
{
    for (int shift = 0; shift <= 48; shift += 8) {
        size_t low = 0, high = 0;
        for (uint64_t i = 0; i < 256; i++) {
            uint32_t hash = atr_hash_number(i << shift), other = atr_hash_number((i ^ 1) << shift);
            low += (hash & 0xffff) != (other & 0xffff);
            high += hash >> 16 != other >> 16;
        }
        assert_true(low > 240 && high > 240);
    }
}

static void where_a_value_stands_counts(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *one = ATR_NEW(s, knot, .number = 1);

    const knot *left = ATR_NEW(s, knot, .next = one);
    const knot *right = ATR_NEW(s, knot, .other = one);

    assert_true(atr_hash(left) != atr_hash(right));
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(siphash_1_3_gives_the_known_outputs),
        PLAIN(siphash_depends_on_each_bit_of_key_and_input),
        PLAIN(the_seed_stays_what_it_was_fixed_to), /* before the first text is hashed */
        BOTH(hashes_of_text_are_never_zero),
        BOTH(equal_values_hash_equally_and_others_do_not),
        BOTH(nan_and_zero_hash_as_one_each),
        PLAIN(numbers_that_differ_in_few_bits_hash_apart),
        BOTH(where_a_value_stands_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
