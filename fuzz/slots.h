/* The driver of the targets whose bytes are steps, three each: a step makes what a slot holds next of what one holds
 * now. In the end each slot is checked, and nothing may be left. Included when `slot`, SLOTS and STEPS_MAX have been
 * defined; the functions that are declared here are the target's. */
#ifndef ATRIUM_FUZZ_SLOTS_H
#define ATRIUM_FUZZ_SLOTS_H

#include "fuzz.h"

#include <string.h>

#include <atrium/memory.h>
#include <atrium/pool.h>

static slot slots[SLOTS];

static slot *slot_from(uint8_t byte); /* by the first byte of a step */
static slot *slot_to(uint8_t byte);
static void slot_change(atr_scope *s, const uint8_t *bytes, slot *next);
static void slot_check(atr_scope *s, const slot *which);
static void slot_values(const slot *which, void (*each)(const void *value));

static void step(const uint8_t *bytes)
{
    atr_scope *s = atr_scope_open(NULL);
    slot next = *slot_from(bytes[0]), *to = slot_to(bytes[0]);
    slot_change(s, bytes, &next);
    check(atr_scope_error(s) == NULL);
    slot_values(&next, atr_value_hold);
    slot_values(to, atr_value_release);
    *to = next;
    atr_scope_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(slots, 0, sizeof slots);
    for (size_t i = 0; i + 3 <= size && i < 3 * (size_t)STEPS_MAX; i += 3) {
        step(data + i);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        ATR_SCOPE(s, NULL) {
            slot_check(s, &slots[i]);
        }
        slot_values(&slots[i], atr_value_release);
    }
    check(atr_memory_now().values == 0);
    return 0;
}

#endif
