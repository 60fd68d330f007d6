/* Strictness: what a test did not say it expects fails it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit.h"

/* ---- expectations ---- */

static void expect(atr_test *t, expectation next)
{
    kit *k = kit_of(t);
    if (kit_room(&k->expectations, &k->expectation_capacity, k->expectation_count, sizeof next)) {
        k->expectations[k->expectation_count++] = next;
    }
}

void atr_test_expect_error_at(atr_test *t, atr_domain domain, int32_t code, const char *file,
                              int line)
{
    expect(t, (expectation){.domain = domain, .code = code, .file = file, .line = line});
}

void atr_test_expect_violation_at(atr_test *t, int code, const char *file, int line)
{
    expect(t, (expectation){.is_violation = true, .code = code, .file = file, .line = line});
}

void atr_test_allow(atr_test *t, uint32_t allow)
{
    kit_of(t)->options.allow |= allow;
}

/* Whether one was expected; it is met then. */
static bool meet(kit *k, bool is_violation, atr_domain domain, int32_t code)
{
    for (size_t i = 0; i < k->expectation_count; i++) {
        expectation *e = &k->expectations[i];
        if (!e->met && e->is_violation == is_violation && e->code == code &&
            (is_violation || e->domain == domain)) {
            e->met = true;
            return true;
        }
    }
    return false;
}

/* ---- as it happens ---- */

void strict_note(kit *k, const atr_note *note)
{
    text b = {NULL, 0, 0};
    if (note->kind != ATR_NOTE_UNHANDLED || k->ended ||
        meet(k, false, note->error->domain, note->error->code) ||
        (k->options.allow & ATR_ALLOW_ERRORS) != 0) {
        return;
    }
    text_add(&b, "nobody handled an error of ");
    if (note->query != NULL) {
        text_add_value(&b, k, note->query);
        text_add(&b, ", in ");
    }
    text_add(&b, "%s: ", atr_phase_name(note->phase));
    text_add_error(&b, note->error);
    failure_add(k, k->file, k->line, &b);
}

/* On any thread. */
void strict_violation(void *self, int code, const char *what)
{
    kit *k = self;
    char *copy = strdup(what);
    kit_lock(k);
    if (copy != NULL && kit_room(&k->violations, &k->violation_capacity, k->violation_count,
                                 sizeof *k->violations)) {
        k->violations[k->violation_count++] = (violation){code, copy};
        copy = NULL;
    }
    kit_unlock(k);
    free(copy);
    atomic_store(&k->has_violations, true);
}

/* On any thread. */
void strict_log(void *self, atr_log_level level, const char *area, const char *line)
{
    kit *k = self;
    if (level >= ATR_LOG_WARNING) {
        kit_lock(k);
        snprintf(k->last_log, sizeof k->last_log, "%s", line);
        kit_unlock(k);
    }
}

/* Judge the violations so far. */
void strict_collect(kit *k)
{
    violation *list;
    size_t count;
    if (!atomic_exchange(&k->has_violations, false)) {
        return;
    }
    kit_lock(k);
    list = k->violations;
    count = k->violation_count;
    k->violations = NULL;
    k->violation_count = 0;
    k->violation_capacity = 0;
    kit_unlock(k);
    for (size_t i = 0; i < count; i++) {
        text b = {NULL, 0, 0};
        if (!k->ended && !meet(k, true, ATR_DOMAIN_APP, list[i].code) &&
            (k->options.allow & ATR_ALLOW_VIOLATIONS) == 0) {
            text_add(&b, "a rule was broken: %s: %s", atr_code_name(list[i].code), list[i].text);
            failure_add(k, k->file, k->line, &b);
        }
        free(list[i].text);
    }
    free(list);
}

/* An error in the test's own scope would have everything refused from now on. */
void strict_latch(kit *k, const char *file, int line)
{
    const atr_error *error = k->front.s != NULL ? atr_scope_take_error(k->front.s) : NULL;
    text b = {NULL, 0, 0};
    if (error != NULL) {
        text_add(&b, "the test's scope holds an error: ");
        text_add_error(&b, error);
        failure_add(k, file, line, &b);
    }
}

/* ---- at the end ---- */

static void unmet_expectations(kit *k)
{
    for (size_t i = 0; i < k->expectation_count; i++) {
        const expectation *e = &k->expectations[i];
        const atr_enumerator *domain =
            atr_enumeration_by_number(&atr_domain_enumeration, (int32_t)e->domain);
        text b = {NULL, 0, 0};
        if (e->met) {
            continue;
        }
        if (e->is_violation) {
            text_add(&b, "an expected violation did not come: %s", atr_code_name(e->code));
        } else if (e->domain == ATR_DOMAIN_ATRIUM) {
            text_add(&b, "an expected error did not come: %s", atr_code_name(e->code));
        } else {
            text_add(&b, "an expected error did not come: %s %d",
                     domain != NULL ? domain->name : "?", (int)e->code);
        }
        failure_add(k, e->file, e->line, &b);
    }
}

static void unused_responses(kit *k)
{
    for (size_t i = 0; i < k->class_count; i++) {
        const can *c = &k->classes[i].can;
        text b = {NULL, 0, 0};
        if (c->kind != CAN_MISSING && !c->used) {
            text_add(&b, "the canned response of %s was never asked for",
                     k->classes[i].query_class->name);
            failure_add(k, c->file, c->line, &b);
        }
    }
}

static void unfinished_queries(kit *k)
{
    const atr_flight *flight = NULL;
    while (k->front.app != NULL && (flight = atr_app_next_flight(k->front.app, flight)) != NULL) {
        const pending *p = pending_find(k, atr_flight_handle(flight));
        text b = {NULL, 0, 0};
        if (p == NULL || p->answered) {
            text_add(&b, "there is no outcome of ");
            text_add_value(&b, k, atr_flight_query(flight));
            failure_add(k, k->file, k->line, &b);
        }
    }
}

void strict_end(kit *k)
{
    uint32_t allow = k->options.allow;
    strict_latch(k, k->file, k->line);
    strict_collect(k);
    unmet_expectations(k);
    if ((allow & ATR_ALLOW_UNUSED) == 0) {
        unused_responses(k);
    }
    if ((allow & ATR_ALLOW_UNFINISHED) == 0) {
        unfinished_queries(k);
    }
}

/* After the app is gone. */
void strict_leaks(kit *k)
{
    atr_memory now = atr_memory_now();
    text b = {NULL, 0, 0};
    if ((k->options.allow & ATR_ALLOW_LEAKS) != 0 || k->counts_no_leaks ||
        now.blocks <= k->before.blocks) {
        return;
    }
    text_add(&b, "memory was not given back: %zu more %s (%zu bytes) than before the test",
             now.blocks - k->before.blocks, now.blocks - k->before.blocks == 1 ? "block" : "blocks",
             now.bytes - k->before.bytes);
    failure_add(k, k->file, k->line, &b);
}

void strict_free(kit *k)
{
    for (size_t i = 0; i < k->violation_count; i++) {
        free(k->violations[i].text);
    }
    free(k->violations);
    free(k->expectations);
}
