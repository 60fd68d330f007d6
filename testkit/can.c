/* Canned responses. Each reaches the engine as the answer of a start: it becomes a completion, and
 * a turn of its own in the drain. */
#include "kit.h"

typedef struct answering {
    kit *k;
    const atr_flight *flight;
    const atr_query_class *query_class;
    can can;
} answering;

kit_class *class_of(kit *k, const atr_query_class *query_class)
{
    for (size_t i = 0; i < k->class_count; i++) {
        if (k->classes[i].query_class == query_class) {
            return &k->classes[i];
        }
    }
    if (!kit_room(&k->classes, &k->class_capacity, k->class_count, sizeof *k->classes)) {
        return NULL;
    }
    k->classes[k->class_count] = (kit_class){.query_class = query_class};
    return &k->classes[k->class_count++];
}

/* ---- begin ---- */

static void answer(atr_start *ctx, const void *query, void *user)
{
    const answering *a = user;
    atr_reply *reply;
    switch (a->can.kind) {
    case CAN_VALUE: atr_start_answer(ctx->start, a->can.value); break;
    case CAN_ERROR: atr_start_answer_error(ctx->start, a->can.error); break;
    case CAN_FN: a->query_class->start_with(ctx, query, a->can.fn, a->can.user); break;
    default:
        reply = atr_reply_later(ctx->start);
        if (reply != NULL && pending_add(a->k, a->flight, reply) == NULL) {
            atr_reply_drop(reply);
        }
        break;
    }
}

static void add_canned_names(text *b, const kit *k)
{
    const char *separator = " ";
    text_add(b, "\n  canned:");
    for (size_t i = 0; i < k->class_count; i++) {
        if (k->classes[i].can.kind != CAN_MISSING) {
            text_add(b, "%s%s", separator, k->classes[i].query_class->name);
            separator = ", ";
        }
    }
    text_add(b, "%s", separator[0] == ' ' ? " nothing" : "");
}

/* It stays pending: an answer made up here would set off more failures. */
static void begin_missing(kit *k, atr_flight *flight)
{
    text b = {NULL, 0, 0};
    atr_flight_start_silent(flight);
    pending_add(k, flight, NULL);
    if ((k->options.allow & ATR_ALLOW_MISSING) != 0) {
        return;
    }
    text_add(&b, "no canned response for ");
    text_add_value(&b, k, atr_flight_query(flight));
    add_canned_names(&b, k);
    failure_add(k, k->file, k->line, &b);
}

void can_begin(kit *k, atr_flight *flight)
{
    kit_class *c = class_of(k, atr_flight_class(flight));
    answering a = {.k = k, .flight = flight, .query_class = atr_flight_class(flight)};
    if (k->ended) {
        atr_flight_start_silent(flight);
        return;
    }
    if (c != NULL) {
        c->calls++;
        c->can.used = true;
        a.can = c->can; /* a copy: what runs may put another in its place */
    }
    switch (a.can.kind) {
    case CAN_MISSING: begin_missing(k, flight); break;
    case CAN_LIVE: atr_flight_start(flight); break;
    default: atr_flight_start_with(flight, answer, &a); break;
    }
}

size_t atr_test_calls(const atr_test *t, const atr_query_class *query_class)
{
    const kit *k = kit_of(t);
    for (size_t i = 0; i < k->class_count; i++) {
        if (k->classes[i].query_class == query_class) {
            return k->classes[i].calls;
        }
    }
    return 0;
}

/* ---- define ---- */

static void can_set(atr_test *t, const atr_query_class *query_class, can next)
{
    kit *k = kit_of(t);
    kit_class *c = class_of(k, query_class);
    strict_latch(k, next.file, next.line);
    if (c != NULL) {
        c->can = next;
    }
    failure_tell(k);
}

/* What is answered lives as long as the test; a value that cannot be used is told at its
 * definition. */
static void can_hold(kit *k, const atr_query_class *query_class, const void *value,
                     const char *file, int line)
{
    const atr_error *error;
    text b = {NULL, 0, 0};
    strict_latch(k, file, line);
    if (atr_scope_hold(k->front.s, value) == ATR_OK) {
        return;
    }
    error = k->front.s != NULL ? atr_scope_take_error(k->front.s) : NULL;
    text_add(&b, "the canned response of %s cannot be used: ", query_class->name);
    if (error != NULL) {
        text_add_error(&b, error);
    } else {
        text_add(&b, "the app is closed");
    }
    failure_add(k, file, line, &b);
}

void atr_test_can_value(atr_test *t, const atr_query_class *query_class, atr_value value,
                        const char *file, int line)
{
    if (value.kind >= ATR_KIND_STR) {
        can_hold(kit_of(t), query_class, value.as.ref, file, line);
    }
    can_set(t, query_class, (can){.kind = CAN_VALUE, .value = value, .file = file, .line = line});
}

void atr_test_can_error(atr_test *t, const atr_query_class *query_class, const atr_error *error,
                        const char *file, int line)
{
    can_hold(kit_of(t), query_class, error, file, line);
    can_set(t, query_class, (can){.kind = CAN_ERROR, .error = error, .file = file, .line = line});
}

void atr_test_can_none(atr_test *t, const atr_query_class *query_class, const char *file, int line)
{
    can_set(t, query_class, (can){.kind = CAN_NONE, .file = file, .line = line});
}

void atr_test_can_fn(atr_test *t, const atr_query_class *query_class, void (*fn)(void), void *user,
                     const char *file, int line)
{
    if (fn == NULL) {
        atr_test_fail(t, file, line, "ATR_CAN_FN of %s: the function is NULL", query_class->name);
        return;
    }
    can_set(t, query_class,
            (can){.kind = CAN_FN, .fn = fn, .user = user, .file = file, .line = line});
}

void atr_test_can_live(atr_test *t, const atr_query_class *query_class, const char *file, int line)
{
    can_set(t, query_class, (can){.kind = CAN_LIVE, .file = file, .line = line});
}
