/* What happened: counts of everything, the last notes themselves, and the test's own trace. Notes
 * hold their queries and errors; under churn they hold copies, so that they keep nothing alive. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit.h"

static const char *const kind_names[NOTE_KINDS] = {
    "executed", "started", "succeeded", "failed", "unhandled", "cancelled", "late",
};

static const void *own(kit *k, const void *value)
{
    atr_scope *s;
    if (!k->options.churn || value == NULL) {
        atr_value_hold(value);
        return value;
    }
    s = atr_pool_scope(k->pool);
    value = atr_copy(s, value);
    atr_value_hold(value);
    atr_scope_close(s);
    return value;
}

static void note_release(atr_note *note)
{
    atr_value_release(note->query);
    atr_value_release(note->error);
}

void note_add(kit *k, const atr_note *note)
{
    atr_note *place;
    k->note_kinds[note->kind]++;
    if (note->query_class != NULL) {
        kit_class *c = class_of(k, note->query_class);
        if (c != NULL) {
            c->notes[note->kind]++;
        }
    }
    if (k->notes == NULL) {
        k->notes = calloc(NOTES_REMEMBERED, sizeof *k->notes);
        if (k->notes == NULL) {
            return;
        }
    }
    place = &k->notes[k->note_count++ % NOTES_REMEMBERED];
    note_release(place);
    *place = *note;
    place->query = own(k, note->query);
    place->error = own(k, note->error);
}

void notes_free(kit *k)
{
    for (size_t i = 0; k->notes != NULL && i < NOTES_REMEMBERED; i++) {
        note_release(&k->notes[i]);
    }
    free(k->notes);
    k->notes = NULL;
    k->note_count = 0;
}

const atr_note *atr_test_note(const atr_test *t, size_t i)
{
    const kit *k = kit_of(t);
    size_t first = k->note_count > NOTES_REMEMBERED ? k->note_count - NOTES_REMEMBERED : 0;
    return i < k->note_count - first ? &k->notes[(first + i) % NOTES_REMEMBERED] : NULL;
}

size_t atr_test_notes(const atr_test *t, atr_note_kind kind, const atr_query_class *query_class)
{
    const kit *k = kit_of(t);
    if (query_class == NULL) {
        return k->note_kinds[kind];
    }
    for (size_t i = 0; i < k->class_count; i++) {
        if (k->classes[i].query_class == query_class) {
            return k->classes[i].notes[kind];
        }
    }
    return 0;
}

const atr_str *atr_test_log(atr_test *t)
{
    kit *k = kit_of(t);
    text b = {NULL, 0, 0};
    const atr_note *note;
    const atr_str *log;
    for (size_t i = 0; (note = atr_test_note(t, i)) != NULL; i++) {
        text_add(&b, "%s%s ", i > 0 ? "\n" : "", kind_names[note->kind]);
        if (note->query != NULL) {
            text_add_value(&b, k, note->query);
        } else {
            text_add(&b, "%s", atr_phase_name(note->phase));
        }
        if (note->error != NULL) {
            text_add(&b, ": ");
            text_add_error(&b, note->error);
        }
    }
    log = atr_str_new(t->s, b.bytes != NULL ? b.bytes : "");
    text_free(&b);
    return log;
}

/* ---- the trace ---- */

void atr_test_trace(atr_test *t, const char *format, ...)
{
    kit *k = kit_of(t);
    va_list args;
    text_add(&k->trace, "%s", k->trace.size > 0 ? ", " : "");
    va_start(args, format);
    text_add_v(&k->trace, format, args);
    va_end(args);
}

bool atr_test_check_trace(atr_test *t, const char *expected, const char *file, int line)
{
    kit *k = kit_of(t);
    text actual = k->trace;
    bool holds = strcmp(expected, actual.bytes != NULL ? actual.bytes : "") == 0;
    k->trace = (text){NULL, 0, 0};
    if (!holds) {
        text b = {NULL, 0, 0};
        text_add(&b, "the trace is not as expected:\n  expected: %s\n  actual:   %s", expected,
                 actual.bytes != NULL ? actual.bytes : "");
        failure_add(k, file, line, &b);
    }
    text_free(&actual);
    if (!holds) {
        failure_tell(k);
    }
    return holds;
}
