/* Each process draws a hash seed of its own, so nobody outside can prepare keys that collide. The processes are
 * forked before anything was hashed. */
#include "sample.h"

#include "walk.h"

#include <sys/wait.h>
#include <unistd.h>

static uint64_t hash_of_text(atr_scope *s)
{
    return atr_str_hash(ATR_STR(s, "the same text"));
}

static uint64_t hash_of_numbers(atr_scope *s)
{
    return atr_hash(atr_i64_vec_push(s, NULL, 7));
}

static uint64_t hash_of_a_number(atr_scope *s)
{
    return atr_hash_number(7);
}

static uint64_t hash_in_another_process(uint64_t (*hash_of)(atr_scope *s))
{
    uint64_t hash = 0;
    int ends[2], status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        atr_scope *s = atr_scope_open(NULL);
        hash = hash_of(s);
        _exit(write(ends[1], &hash, sizeof hash) == sizeof hash ? 0 : 1);
    }
    assert_int_equal(read(ends[0], &hash, sizeof hash), sizeof hash);
    assert_true(waitpid(child, &status, 0) == child && status == 0);
    close(ends[0]);
    close(ends[1]);
    return hash;
}

/* Three, as two hashes of 32 bits may be the same by chance. */
static void each_process_has_a_seed_of_its_own(void **state)
{
    static uint64_t (*const of[])(atr_scope * s) = {hash_of_text, hash_of_numbers,
                                                    hash_of_a_number};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        uint64_t a = hash_in_another_process(of[i]), b = hash_in_another_process(of[i]);
        uint64_t c = hash_in_another_process(of[i]);

        assert_false(a == b && b == c);
    }
}

static void one_process_has_one_seed(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *a = ATR_STR(s, "the same text"), *b = ATR_STR(s, "the same text");

    assert_int_equal(atr_str_hash(a), atr_str_hash(b));
    assert_int_equal(atr_memory_fix_seed(1), ATR_E_PHASE);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(each_process_has_a_seed_of_its_own),
        PLAIN(one_process_has_one_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
