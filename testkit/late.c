/* Queries that were begun without an answer. Each has a reply handle, as a provider would: so an
 * answer after cancel or timeout takes the same way as a real one. */
#include <stdlib.h>

#include "kit.h"

pending *pending_add(kit *k, const atr_flight *flight, atr_reply *reply)
{
    if (!kit_room(&k->pending, &k->pending_capacity, k->pending_count, sizeof *k->pending)) {
        return NULL;
    }
    k->pending[k->pending_count] = (pending){.handle = atr_flight_handle(flight),
                                             .query_class = atr_flight_class(flight),
                                             .reply = reply};
    return &k->pending[k->pending_count++];
}

pending *pending_find(kit *k, atr_handle handle)
{
    for (size_t i = k->pending_count; i-- > 0;) {
        pending *p = &k->pending[i];
        if (p->handle.slot == handle.slot && p->handle.generation == handle.generation) {
            return p;
        }
    }
    return NULL;
}

/* Give every reply handle back. */
void pending_drop(kit *k)
{
    for (size_t i = 0; i < k->pending_count; i++) {
        atr_reply *reply = k->pending[i].reply;
        k->pending[i].reply = NULL;
        atr_reply_drop(reply);
    }
}

/* The reply handle to answer with. NULL: told why there is none. */
static atr_reply *reply_take(kit *k, const atr_query_class *query_class, atr_handle handle)
{
    pending *p = pending_find(k, handle);
    text b = {NULL, 0, 0};
    atr_reply *reply;
    if (p != NULL && p->query_class == query_class && p->reply != NULL) {
        reply = p->reply;
        p->reply = NULL;
        p->answered = true;
        return reply;
    }
    text_add(&b, "%s cannot be answered by this handle: ", query_class->name);
    if (k->front.app == NULL) {
        text_add(&b, "the app is closed");
    } else if (p == NULL) {
        text_add(&b, "it was not left pending by ATR_CAN_NONE");
    } else if (p->query_class != query_class) {
        text_add(&b, "it belongs to a query %s", p->query_class->name);
    } else {
        text_add(&b, p->answered ? "it was answered before" : "it had no canned response");
    }
    failure_add(k, k->file, k->line, &b);
    return NULL;
}

int atr_test_answer(atr_test *t, const atr_query_class *query_class, atr_handle handle,
                    atr_value value, const char *file, int line)
{
    kit *k = kit_of(t);
    atr_reply *reply;
    int code;
    step_enter(k, file, line);
    reply = reply_take(k, query_class, handle);
    code = reply != NULL ? atr_reply_send(reply, value) : ATR_E_STALE;
    step_pump(k);
    step_leave(k);
    return code;
}

int atr_test_answer_error(atr_test *t, const atr_query_class *query_class, atr_handle handle,
                          const atr_error *error, const char *file, int line)
{
    kit *k = kit_of(t);
    atr_reply *reply;
    int code;
    step_enter(k, file, line);
    reply = reply_take(k, query_class, handle);
    code = reply != NULL ? atr_reply_fail(reply, error) : ATR_E_STALE;
    step_pump(k);
    step_leave(k);
    return code;
}
