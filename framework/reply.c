/* Reply handles: the one thing of an app that other threads may touch. A reply made elsewhere brings a
 * pool of its own, which the loop adopts whole (rule S5). The mailbox outlives the app until the last
 * handle is back; a reply that finds it closed frees its own. */
#include "app_private.h"

/* All mailboxes there are: a handle that is used a second time may mean one that is gone. */
static atomic_flag boxes_busy = ATOMIC_FLAG_INIT;
static mailbox *boxes;
static uint64_t boxes_made;

static void boxes_enter(void)
{
    while (atomic_flag_test_and_set_explicit(&boxes_busy, memory_order_acquire)) {
    }
}

static void boxes_leave(void)
{
    atomic_flag_clear_explicit(&boxes_busy, memory_order_release);
}

static const mailbox *box_live(uint64_t serial)
{
    const mailbox *at = boxes;
    while (at != NULL && at->serial != serial) {
        at = at->next_live;
    }
    return at;
}

static void box_leave(mailbox *box)
{
    mailbox **link = &boxes;
    boxes_enter();
    while (*link != box) {
        link = &(*link)->next_live;
    }
    *link = box->next_live;
    boxes_leave();
}

mailbox *mailbox_new(atr_app *app)
{
    mailbox *box = atr_memory_take(sizeof *box);
    if (box == NULL) {
        return NULL;
    }
    *box = (mailbox){.posted = &app->posted,
                     .world = &app->world,
                     .world_self = app->world_self,
                     .app_pool = app->pool,
                     .options = app->options};
    if (uv_mutex_init(&box->lock) != 0) {
        atr_memory_give(box, sizeof *box);
        return NULL;
    }
    atomic_store(&box->holders, 1);
    boxes_enter();
    box->serial = ++boxes_made;
    box->next_live = boxes;
    boxes = box;
    boxes_leave();
    return box;
}

void mailbox_drop(mailbox *box)
{
    if (atomic_fetch_sub(&box->holders, 1) == 1) {
        box_leave(box);
        while (box->spare != NULL) {
            atr_reply *next = box->spare->next;
            atr_memory_give(box->spare, sizeof *box->spare);
            box->spare = next;
        }
        uv_mutex_destroy(&box->lock);
        atr_memory_give(box, sizeof *box);
    }
}

void mailbox_close(mailbox *box)
{
    uv_mutex_lock(&box->lock);
    box->closed = true;
    box->posted = NULL;
    uv_mutex_unlock(&box->lock);
}

/* What the handle held goes; the handle itself waits for its next use. Call with the box locked. */
static void reply_give_back(atr_reply *reply)
{
    mailbox *box = reply->box;
    if (reply->pool != NULL) {
        atr_pool_close(reply->pool);
    } else {
        atr_scope_close(reply->scope);
    }
    atr_value_release(reply->query);
    reply->scope = NULL;
    reply->pool = NULL;
    reply->query = NULL;
    reply->next = box->spare;
    box->spare = reply;
}

/* ---- any thread ---- */

/* The store is freed: nobody else touches what is left of its pool but replies like this one, one at a
 * time, and the loop's thread if it has values of its own. Call with the box locked. */
static void reply_give_back_orphan(atr_reply *reply)
{
    mailbox *box = reply->box;
    if (reply->query != NULL && ((const atr_head *)reply->query)->count > 0) {
        atr_pool_adopt(box->app_pool, NULL);
    }
    if (reply->pool != NULL) {
        atr_pool_adopt(reply->pool, NULL);
    } else {
        reply->scope = NULL; /* it was closed with the app's pool */
    }
    reply_give_back(reply);
}

static void orphan_end(void *ptr)
{
    atr_reply *reply = ptr;
    mailbox *box = reply->box;
    uv_mutex_lock(&box->lock);
    reply_give_back_orphan(reply);
    uv_mutex_unlock(&box->lock);
    mailbox_drop(box);
}

/* Values that the loop's thread has made in a pool of its own may be among what the query holds: then they
 * are that thread's to release. */
static void orphan_release(atr_reply *reply)
{
    reply->errand = (atr_errand){.fn = orphan_end, .ptr = reply};
    if (reply->loop_thread == atr_thread_self() ||
        !atr_thread_leave(reply->loop_thread, &reply->errand)) {
        orphan_end(reply);
    }
}

/* Put it into the mailbox. @return ATR_E_CLOSED when the app is gone; the reply is freed then */
static int post(atr_reply *reply)
{
    mailbox *box = reply->box;
    bool closed, gone;
    atomic_fetch_add(&reply->ticket, 1);
    if (reply->pool != NULL) {
        atr_pool_detach(reply->pool);
    }
    uv_mutex_lock(&box->lock);
    closed = box->closed;
    gone = box->gone;
    if (!gone) {
        bool was_empty = box->first == NULL;
        reply->next = NULL;
        *(box->last != NULL ? &box->last->next : &box->first) = reply;
        box->last = reply;
        if (!closed) {
            atomic_store_explicit(box->posted, 1, memory_order_release);
        }
        if (!closed && was_empty) {
            /* A wake may look at a flag of its own before our store is seen: then nobody would wake. */
            atomic_thread_fence(memory_order_seq_cst);
            box->world->wake(box->world_self);
        }
    }
    uv_mutex_unlock(&box->lock);
    if (gone) {
        orphan_release(reply);
    }
    return closed ? ATR_E_CLOSED : ATR_OK;
}

unsigned atr_reply_ticket(const atr_reply *reply)
{
    return reply == NULL ? 0 : atomic_load(&reply->ticket);
}

uint64_t atr_reply_box(const atr_reply *reply)
{
    return reply == NULL ? 0 : reply->box->serial;
}

static void report_second_use(const atr_app_options *hooks)
{
    static const char text[] = "a reply handle was used a second time";
    if (hooks->violation != NULL) {
        hooks->violation(hooks->violation_user, ATR_E_ANSWERED, text);
    } else if (hooks->log != NULL) {
        hooks->log(hooks->log_user, ATR_LOG_ERROR, "query", text);
    }
}

int atr_reply_check(uint64_t box, const atr_reply *reply, unsigned ticket)
{
    atr_app_options hooks = {0};
    const mailbox *live;
    bool used;
    if (reply == NULL) {
        return ATR_E_STALE;
    }
    boxes_enter();
    live = box_live(box);
    used = live == NULL || atomic_load(&reply->ticket) != ticket;
    if (used && live != NULL && !live->closed) {
        hooks = live->options;
    }
    boxes_leave();
    if (used) {
        report_second_use(&hooks);
    }
    return used ? ATR_E_ANSWERED : ATR_OK;
}

const void *atr_reply_query(const atr_reply *reply)
{
    return reply != NULL ? reply->query : NULL;
}

bool atr_reply_is_over(const atr_reply *reply)
{
    return reply == NULL || atomic_load_explicit(&reply->over, memory_order_relaxed);
}

atr_scope *atr_reply_scope(atr_reply *reply)
{
    if (reply == NULL) {
        return NULL;
    }
    if (reply->loop_thread == atr_thread_self() && reply->pool == NULL && reply->box->gone) {
        reply->scope = NULL; /* it was closed with the app's pool */
    }
    if (reply->scope != NULL) {
        return reply->scope;
    }
    if (reply->loop_thread == atr_thread_self() && !reply->apart) {
        reply->scope = reply->box->closed ? NULL : atr_pool_scope(reply->box->app_pool);
        return reply->scope;
    }
    if (reply->pool == NULL) {
        reply->pool = atr_pool_new();
    }
    reply->scope = reply->pool != NULL ? atr_pool_scope(reply->pool) : NULL;
    return reply->scope;
}

/* Take over what the answer's scope says: its latched error goes before the answer (rule S4). */
static void reply_settle(atr_reply *reply)
{
    if (reply->scope != NULL && atr_scope_error(reply->scope) != NULL) {
        reply->error = atr_scope_take_error(reply->scope);
    }
}

static int reply_finish(atr_reply *reply, atr_value value, const atr_error *error)
{
    if (error == NULL) {
        bool checked = value.kind >= ATR_KIND_ENUMERATION; /* others cannot break a rule */
        atr_scope *scope = checked || reply->scope != NULL ? atr_reply_scope(reply) : NULL;
        if (scope != NULL) {
            atr_value_check(scope, reply->query_class->response, value, reply->query_class->name);
        } else if (checked) {
            error = &atr_error_no_memory;
        }
    } else if (atr_reply_scope(reply) != NULL) {
        atr_value any = {ATR_KIND_ANY, true, {false}};
        atr_type type = {ATR_KIND_ANY, true, NULL, NULL};
        any.as.ref = error;
        atr_value_check(reply->scope, type, any, reply->query_class->name);
    } else {
        error = &atr_error_no_memory;
    }
    reply->value = value;
    reply->error = error;
    reply_settle(reply);
    return post(reply);
}

static const atr_value unit = {ATR_KIND_UNIT, false, {false}};

int atr_reply_send(atr_reply *reply, atr_value response)
{
    return reply == NULL ? ATR_E_STALE : reply_finish(reply, response, NULL);
}

int atr_reply_fail(atr_reply *reply, const atr_error *error)
{
    if (reply == NULL) {
        return ATR_E_STALE;
    }
    return reply_finish(reply, unit, error != NULL ? error : &atr_error_default);
}

void atr_reply_drop(atr_reply *reply)
{
    atr_scope *scope;
    if (reply == NULL) {
        return;
    }
    scope = atr_reply_scope(reply);
    if (scope != NULL && atr_scope_error(scope) == NULL) {
        atr_refuse(scope, ATR_E_NO_ANSWER, "%s: the reply handle was dropped",
                   reply->query_class->name);
    }
    reply_finish(reply, unit, scope == NULL ? &atr_error_no_memory : atr_scope_error(scope));
}

int atr_reply_fault(const atr_reply *reply, const char *point)
{
    mailbox *box = reply->box;
    int fault = 0;
    uv_mutex_lock(&box->lock);
    if (!box->closed && box->world->fault != NULL) {
        fault = box->world->fault(box->world_self, point);
    }
    uv_mutex_unlock(&box->lock);
    return fault;
}

/* ---- loop ---- */

static atr_reply *reply_take(mailbox *box)
{
    atr_reply *reply;
    uv_mutex_lock(&box->lock);
    reply = box->spare;
    if (reply != NULL) {
        box->spare = reply->next;
    }
    uv_mutex_unlock(&box->lock);
    if (reply == NULL) {
        reply = atr_memory_take(sizeof *reply);
        if (reply != NULL) {
            *reply = (atr_reply){.box = box};
        }
    }
    return reply;
}

atr_reply *atr_reply_later(atr_answer *answer)
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(atr_answer_ctx(answer), "a reply handle", &front);
    atr_reply *reply;
    if (active == NULL) {
        return NULL;
    }
    if (active->flight->answered) {
        atr_app_violation(active->app, ATR_E_ANSWERED, "%s: a reply handle after an answer",
                          active->flight->query_class->name);
        return NULL;
    }
    reply = reply_take(active->app->box);
    if (reply == NULL) {
        atr_scope_fail(front->scope, &atr_error_no_memory);
        return NULL;
    }
    reply->query_class = active->flight->query_class;
    reply->query = active->flight->query;
    reply->handle = active->flight->handle;
    reply->loop_thread = atr_thread_self();
    reply->error = NULL;
    reply->apart = false;
    atomic_store(&reply->over, false);
    atr_value_hold(reply->query);
    atomic_fetch_add(&reply->box->holders, 1);
    active->flight->reply = reply;
    active->flight->is_laden = true;
    active->flight->answered = true;
    return reply;
}

void reply_over(atr_reply *reply)
{
    atomic_store_explicit(&reply->over, true, memory_order_relaxed);
}

/* The store is freed. What arrived meanwhile goes now, what comes later frees itself. */
void mailbox_end(mailbox *box)
{
    atr_reply *reply, *next;
    uv_mutex_lock(&box->lock);
    box->gone = true;
    for (reply = box->first; reply != NULL; reply = next) {
        next = reply->next;
        reply_give_back_orphan(reply);
        atomic_fetch_sub(&box->holders, 1); /* never the last: the app holds it */
    }
    box->first = NULL;
    box->last = NULL;
    uv_mutex_unlock(&box->lock);
    mailbox_drop(box);
}

bool mailbox_abandon(mailbox *box)
{
    atr_reply *reply, *next;
    bool are_back;
    uv_mutex_lock(&box->lock);
    for (reply = box->first; reply != NULL; reply = next) {
        next = reply->next;
        if (reply->pool != NULL) {
            atr_pool_adopt(reply->pool, box->app_pool);
        } else {
            reply->scope = NULL; /* it goes with the app's pool */
        }
        reply_give_back(reply);
        atomic_fetch_sub(&box->holders, 1); /* never the last: the app holds it */
    }
    box->first = NULL;
    box->last = NULL;
    are_back = atomic_load(&box->holders) == 1;
    uv_mutex_unlock(&box->lock);
    return are_back;
}

static void note_late(atr_app *app, const atr_reply *reply)
{
    atr_note note = {.kind = ATR_NOTE_LATE,
                     .handle = reply->handle,
                     .query_class = reply->query_class,
                     .query = reply->query};
    app->stats.late_answers++;
    if (app->world.note != NULL) {
        app->world.note(app->world_self, &note);
    }
}

static void deliver(atr_app *app, atr_reply *reply)
{
    atr_flight *flight = flight_find(app, reply->handle);
    if (reply->pool != NULL) {
        atr_pool_adopt(reply->pool, app->pool);
    }
    if (flight == NULL || flight->state != FLIGHT_STARTED || flight->reply != reply) {
        note_late(app, reply);
        if (flight != NULL && flight->reply == reply) {
            flight->reply = NULL;
        }
    } else {
        flight->reply = NULL;
        flight_answer(flight, (completion){.value = reply->value,
                                           .error = reply->error,
                                           .scope = reply->scope,
                                           .pool = reply->pool});
        reply->scope = NULL;
        reply->pool = NULL;
    }
}

void mailbox_empty(atr_app *app)
{
    atr_reply *reply, *next, *first;
    uv_mutex_lock(&app->box->lock);
    first = app->box->first;
    app->box->first = NULL;
    app->box->last = NULL;
    atomic_store_explicit(&app->posted, 0, memory_order_relaxed);
    uv_mutex_unlock(&app->box->lock);
    for (reply = first; reply != NULL; reply = reply->next) {
        deliver(app, reply);
    }
    uv_mutex_lock(&app->box->lock);
    for (reply = first; reply != NULL; reply = next) {
        next = reply->next;
        reply_give_back(reply);
        atomic_fetch_sub(&app->box->holders, 1); /* never the last: the app holds it */
    }
    uv_mutex_unlock(&app->box->lock);
}
