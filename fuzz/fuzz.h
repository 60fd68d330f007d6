/* What every fuzz target defines. */
#ifndef ATRIUM_FUZZ_H
#define ATRIUM_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Run the target over one input.
 *
 * @param data  borrowed, `size` bytes, may be NULL when size is 0
 * @return      0
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is not right is a finding. */
static inline void check(bool right)
{
    if (!right) {
        abort();
    }
}

#endif
