/* Failures: collected wherever they happen, told when no frame of the engine is on the stack. */
#include <stdio.h>
#include <stdlib.h>

#include "kit.h"

static char no_memory[] = "the test kit is out of memory";

void failure_add(kit *k, const char *file, int line, text *taken)
{
    atr_test_failure failure = {file, line, taken->bytes != NULL ? taken->bytes : no_memory};
    if (!kit_room(&k->failures, &k->failure_capacity, k->failure_count, sizeof failure)) {
        text_free(taken);
        return; /* the first one has room: it was made by atr_test_open */
    }
    k->failures[k->failure_count++] = failure;
    *taken = (text){NULL, 0, 0};
}

void failure_tell(kit *k)
{
    size_t from = k->told;
    if (k->depth > 0 || from == k->failure_count) {
        return;
    }
    k->told = k->failure_count; /* before the call, which may jump */
    if (k->options.fail != NULL) {
        k->options.fail(k->options.fail_user, k->failures + from, k->failure_count - from);
    }
}

void failure_free(kit *k)
{
    for (size_t i = 0; i < k->failure_count; i++) {
        if (k->failures[i].text != no_memory) {
            free((char *)(uintptr_t)k->failures[i].text);
        }
    }
    free(k->failures);
}

const atr_test_failure *atr_test_failures(const atr_test *t, size_t *count)
{
    const kit *k = kit_of(t);
    *count = k->failure_count;
    return k->failures;
}

bool atr_test_fail(atr_test *t, const char *file, int line, const char *format, ...)
{
    kit *k = kit_of(t);
    text b = {NULL, 0, 0};
    char small[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(small, sizeof small, format, args);
    va_end(args);
    text_add(&b, "%s", small);
    failure_add(k, file, line, &b);
    failure_tell(k);
    return false;
}
