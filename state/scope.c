/* Scopes. A scope owns one count of every value made in it and gives them back when it closes. Room in
 * its list is made before a value is linked, so a full memory never loses one. */
#include <string.h>

#include <atrium/error.h>

#include "check.h"
#include "heap.h"
#include "loan.h"

/* What a scope keeps room for when it is not in use, and what it owns at most. */
enum { SPARE_CAPACITY_MAX = 1024, ENTRIES_MAX = 1 << 30 };

const atr_model atr_dead_model = {.name = "released value", .size_bytes = sizeof(atr_head)};

ATR_COLD static atr_scope *scope_new(atr_pool *pool)
{
    atr_scope *s = atr_memory_take(sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    memset(s, 0, sizeof *s);
    s->front.owner = pool->id;
    s->front.careful = pool->checked;
    s->pool = pool;
    s->entries = s->small;
    s->capacity = ATR_SCOPE_INLINE;
    return s;
}

/* One that owns nothing: a closed one is as it was when it was new. */
static atr_scope *scope_take(atr_pool *pool)
{
    atr_scope *s = pool->spare;
    if (s == NULL) {
        return scope_new(pool);
    }
    pool->spare = s->spare_next;
    return s;
}

static inline void scope_give(atr_pool *pool, atr_scope *s)
{
    if (s->spare_next != pool->spare) {
        s->spare_next = pool->spare;
    }
    pool->spare = s;
}

/* `younger` says nothing in the first one of a list. */
static inline void scope_link(atr_scope *s, atr_scope *parent, atr_scope **list)
{
    atr_scope *older = *list;
    if (s->parent != parent) {
        s->parent = parent;
    }
    if (s->older != older) {
        s->older = older;
    }
    if (older != NULL) {
        older->younger = s;
    }
    *list = s;
}

static inline void scope_unlink(atr_scope *s, atr_scope **list)
{
    atr_scope *older = s->older;
    if (*list == s) {
        *list = older;
        return;
    }
    s->younger->older = older;
    if (older != NULL) {
        older->younger = s->younger;
    }
}

atr_scope *atr_pool_scope(atr_pool *pool)
{
    atr_scope *s = pool != NULL ? scope_take(pool) : NULL;
    if (s == NULL) {
        return NULL;
    }
    if (pool->checked &&
        (pool->scopes == NULL || (uintptr_t)atr_stack_here() > (uintptr_t)pool->stack)) {
        pool->stack = atr_stack_here();
    }
    scope_link(s, NULL, &pool->scopes);
    return s;
}

static atr_scope *scope_open_root(void)
{
    atr_pool *pool = atr_pool_of_thread();
    atr_scope *s = atr_pool_scope(pool);
    if (s != NULL && atomic_load_explicit(&atr_errands_waiting, memory_order_relaxed) > 0) {
        atr_errands_run();
    }
    if (s == NULL && pool != NULL) {
        atr_pool_settle(pool);
    }
    return s;
}

ATR_COLD static atr_scope *scope_open_first(atr_scope *parent)
{
    atr_scope *s = scope_new(parent->pool);
    if (s == NULL) {
        atr_scope_fail(parent, &atr_error_no_memory);
        return NULL;
    }
    scope_link(s, parent, &parent->front.inner);
    return s;
}

atr_scope *atr_scope_open(atr_scope *parent)
{
    atr_pool *pool;
    atr_scope *s;
    if (parent == NULL) {
        return scope_open_root();
    }
    pool = parent->pool;
    s = pool->spare;
    if (s == NULL) {
        return scope_open_first(parent);
    }
    pool->spare = s->spare_next;
    scope_link(s, parent, &parent->front.inner);
    return s;
}

/* Close the youngest scope inside, those inside of it first. However many lie in each other, the stack is not asked
 * to hold them. */
static void scope_close_youngest(const atr_scope *s)
{
    atr_scope *at = s->front.inner, *outer;
    do {
        while (at->front.inner != NULL) {
            at = at->front.inner;
        }
        outer = at->parent;
        atr_scope_close(at);
        at = outer;
    } while (at != s);
}

/* Deferred functions, too, may open scopes, make values and defer more. */
static void scope_finish(atr_scope *s)
{
    while (s->front.inner != NULL || s->deferred_count > 0) {
        if (s->front.inner != NULL) {
            scope_close_youngest(s);
        } else {
            atr_deferred last = s->deferred[--s->deferred_count];
            last.fn(last.ptr);
        }
    }
}

static void scope_pass_error(atr_scope *s)
{
    if (s->parent != NULL) {
        atr_scope_fail(s->parent, s->front.error);
    }
    s->front.error = NULL;
}

/* A spare scope keeps no more room than most scopes need. */
ATR_COLD static void scope_shrink(atr_scope *s)
{
    atr_memory_give(s->entries, s->capacity * sizeof(void *));
    s->entries = s->small;
    s->capacity = ATR_SCOPE_INLINE;
}

static inline void scope_release_entries(atr_scope *s)
{
    do {
        atr_head *head = s->entries[--s->count];
        if (head->count > 1) {
            head->count--;
        } else {
            atr_value_end(head);
        }
    } while (s->count > 0);
    if (s->capacity > SPARE_CAPACITY_MAX) {
        scope_shrink(s);
    }
}

/* What most scopes do not have. */
ATR_COLD static void scope_wind_up(atr_scope *s)
{
    scope_finish(s);
    if (s->front.error != NULL) {
        scope_pass_error(s);
    }
}

static inline void scope_empty(atr_scope *s)
{
    if (((uintptr_t)s->front.inner | (uintptr_t)s->front.error | s->deferred_count) != 0) {
        scope_wind_up(s);
    }
    if (s->count > 0) {
        scope_release_entries(s);
    }
}

void atr_scope_clear(atr_scope *s)
{
    scope_empty(s);
}

/* Empty, but still linked: the pool must outlive its last value. */
ATR_NOINLINE static atr_scope *scope_leave_root(atr_scope *s)
{
    atr_pool *pool = s->pool;
    if (pool->of_thread && atomic_load_explicit(&atr_errands_waiting, memory_order_relaxed) > 0) {
        atr_errands_run();
    }
    scope_unlink(s, &pool->scopes);
    scope_give(pool, s);
    atr_pool_settle(pool);
    return NULL;
}

ATR_NOINLINE static atr_scope *scope_leave(atr_scope *s)
{
    atr_scope *parent = s->parent;
    atr_pool *pool = s->pool;
    scope_empty(s);
    if (parent == NULL) {
        return scope_leave_root(s);
    }
    scope_unlink(s, &parent->front.inner);
    scope_give(pool, s);
    return NULL;
}

atr_scope *atr_scope_close(atr_scope *s)
{
    return s != NULL ? scope_leave(s) : NULL;
}

static bool scope_grow(atr_scope *s)
{
    uint32_t capacity = s->capacity * 2;
    atr_head **entries =
        s->capacity < ENTRIES_MAX ? atr_memory_take(capacity * sizeof(void *)) : NULL;
    if (entries == NULL) {
        return false;
    }
    memcpy(entries, s->entries, s->count * sizeof(void *));
    if (s->entries != s->small) {
        atr_memory_give(s->entries, s->capacity * sizeof(void *));
    }
    s->entries = entries;
    s->capacity = capacity;
    return true;
}

bool atr_scope_own(atr_scope *s, atr_head *head)
{
    if (s->count == s->capacity && !scope_grow(s)) {
        atr_scope_fail(s, &atr_error_no_memory);
        atr_value_release(head);
        return false;
    }
    s->entries[s->count++] = head;
    return true;
}

ATR_COLD const void *atr_scope_same(atr_scope *s, const void *value)
{
    atr_head *head = (atr_head *)(uintptr_t)value;
    if (s->front.careful && !atr_scope_usable(s)) {
        return NULL;
    }
    if (head == NULL || head->count < 0) {
        return value;
    }
    head->count++;
    return atr_scope_own(s, head) ? value : NULL;
}

ATR_COLD void *atr_value_make(atr_scope *s, const atr_model *model, size_t size_bytes)
{
    void *cell;
    if (s == NULL || (s->front.careful && !atr_scope_usable(s))) {
        return NULL;
    }
    cell = s->count == s->capacity && !scope_grow(s) ? NULL : atr_cell_alloc(s->pool, size_bytes);
    if (cell == NULL) {
        atr_scope_fail(s, &atr_error_no_memory);
        return NULL;
    }
    atr_head_init(s->pool, cell, model);
    s->entries[s->count++] = cell;
    return cell;
}

void *atr_value_alloc(atr_scope *s, const atr_model *model, size_t size_bytes)
{
    return atr_value_new(s, model, size_bytes);
}

/* ---- drafts ---- */

/* `accepted`: its fields were looked at. */
ATR_COLD static const void *publish_slowly(atr_scope *s, const atr_model *model, const void *draft,
                                           bool loose, bool accepted)
{
    const void *value;
    void *cell;
    if (!accepted && atr_careful_(s)) {
        accepted = atr_model_accept(s, model, draft);
        if (!accepted) {
            return model->prototype;
        }
    }
    cell = atr_value_make(s, model, model->size_bytes);
    if (cell == NULL) {
        return model->prototype;
    }
    value = model->fill(accepted ? NULL : s, cell, draft);
    if (loose) {
        atr_count_take(s, value);
    }
    return value;
}

const void *atr_value_publish(atr_scope *s, const atr_model *model, const void *draft)
{
    uint32_t size_bytes = model->size_bytes;
    void *cell = atr_value_take(s, model, size_bytes);
    if (cell == NULL) {
        return publish_slowly(s, model, draft, false, false);
    }
    atr_pool_made(s->pool, 1, size_bytes);
    return model->fill(s, cell, draft);
}

/* Mostly one of its kind has died before. */
const void *atr_value_publish_loose(atr_scope *s, const atr_model *model, const void *draft)
{
    atr_pool *pool;
    void *cell;
    if (s == NULL) {
        return publish_slowly(s, model, draft, true, false);
    }
    pool = s->pool;
    cell = atr_cell_reuse(pool, model->steps);
    if (cell == NULL) {
        return publish_slowly(s, model, draft, true, false);
    }
    atr_head_init(pool, cell, model);
    atr_pool_made(pool, 1, model->size_bytes);
    return model->fill(s, cell, draft);
}

/* As if it had not been made. What it refers to may still be of a pool with the same home. */
ATR_COLD const void *atr_value_unfit_(atr_scope *s, void *cell, const void *draft)
{
    const atr_model *model = ((const atr_head *)cell)->model;
    bool loose = s->count == 0 || s->entries[s->count - 1] != cell;
    s->count -= !loose;
    atr_cell_put(s->pool, cell, model->size_bytes);
    atr_pool_unmade(s->pool, model->size_bytes);
    return atr_model_accept(s, model, draft) ? publish_slowly(s, model, draft, loose, true)
                                             : model->prototype;
}

int atr_scope_hold(atr_scope *s, const void *value)
{
    atr_head *head = (atr_head *)(uintptr_t)value;
    if (head == NULL || s == NULL) {
        return head == NULL ? ATR_OK : ATR_E_NO_MEMORY;
    }
    if (s->front.careful && !atr_scope_usable(s)) {
        return ATR_E_THREAD;
    }
    if (s->front.careful || !atr_fit_(s, value)) {
        const char *fault = atr_value_fault(s, value, NULL);
        if (fault != NULL) {
            return atr_refuse(s, ATR_E_REFUSED, "atr_scope_hold: the value %s", fault);
        }
    }
    if (head->count < 0) {
        return ATR_OK;
    }
    head->count++;
    return atr_scope_own(s, head) ? ATR_OK : ATR_E_NO_MEMORY;
}

void atr_scope_yield(atr_scope *inner, const void *value)
{
    if (inner != NULL && inner->parent != NULL) {
        atr_scope_hold(inner->parent, value);
    }
}

int atr_scope_defer(atr_scope *s, void (*fn)(void *ptr), void *ptr)
{
    if (fn == NULL) {
        return atr_refuse(s, ATR_E_INVALID, "atr_scope_defer: the function is NULL");
    }
    if (s == NULL) {
        fn(ptr);
        return ATR_E_NO_MEMORY;
    }
    if (s->deferred_count == s->deferred_capacity) {
        uint32_t capacity = s->deferred_capacity == 0 ? 4 : s->deferred_capacity * 2;
        atr_deferred *grown = atr_memory_take(capacity * sizeof *grown);
        if (grown == NULL) {
            fn(ptr);
            return atr_scope_fail(s, &atr_error_no_memory);
        }
        if (s->deferred_count > 0) {
            memcpy(grown, s->deferred, s->deferred_count * sizeof *grown);
        }
        atr_memory_give(s->deferred, s->deferred_capacity * sizeof *grown);
        s->deferred = grown;
        s->deferred_capacity = capacity;
    }
    s->deferred[s->deferred_count++] = (atr_deferred){fn, ptr};
    return ATR_OK;
}

/* ---- the latch ---- */

const atr_error *atr_scope_error(const atr_scope *s)
{
    return s == NULL ? &atr_error_no_memory : s->front.error;
}

const atr_error *atr_scope_take_error(atr_scope *s)
{
    const atr_error *error = atr_scope_error(s);
    if (s != NULL) {
        s->front.error = NULL;
    }
    return error;
}

/* When holding fails that has latched by itself. */
int atr_scope_fail(atr_scope *s, const atr_error *error)
{
    if (error == NULL) {
        return atr_refuse(s, ATR_E_INVALID, "atr_scope_fail: the error is NULL");
    }
    if (s != NULL && s->front.error == NULL) {
        const char *fault = atr_value_fault(s, error, &atr_error_model);
        if (fault != NULL) {
            return atr_refuse(s, ATR_E_REFUSED, "atr_scope_fail: the error %s", fault);
        }
        if (atr_scope_hold(s, error) == ATR_OK) {
            s->front.error = error;
        }
    }
    return error->code != 0 ? error->code : ATR_E_LATCHED;
}

void atr_scope_close_inner_(atr_scope *s, const atr_scope *last)
{
    while (s->front.inner != NULL && s->front.inner != last) {
        atr_scope_close(s->front.inner);
    }
}

/* ---- the dead ---- */

void atr_dead_put(atr_dead *dead, atr_head *head)
{
    atr_pool *pool = atr_pool_of(head->owner);
    if (head->model->release_places != NULL && !atr_loan_free(head)) {
        atr_loan_end(head, dead);
        return;
    }
    if (!pool->dead_listed) {
        pool->dead_listed = true;
        pool->dead_next = dead->pools;
        dead->pools = pool;
    }
    memcpy((char *)head + sizeof(void *), &pool->dead, sizeof(void *));
    pool->dead = head;
}

void atr_dead_add(atr_dead *dead, atr_head *head)
{
    atr_dead_put(dead, head);
}

static void dead_free_one(atr_pool *pool, atr_dead *dead)
{
    atr_head *head = pool->dead;
    memcpy(&pool->dead, (char *)head + sizeof(void *), sizeof(void *));
    atr_value_dissolve(pool, head, dead);
}

void atr_dead_free(atr_dead *dead)
{
    while (dead->pools != NULL) {
        atr_pool *pool = dead->pools;
        while (pool->dead != NULL) {
            dead_free_one(pool, dead);
        }
        /* Others may have been put in front of it meanwhile; they are freed first. */
        if (dead->pools == pool) {
            dead->pools = pool->dead_next;
            pool->dead_listed = false;
            atr_pool_settle(pool);
        }
    }
}

void atr_value_hold(const void *value)
{
    atr_hold_(value);
}

/* A value is not listed itself, but what it lets go of is. Nodes may have a loan, and the destructor of an
 * opaque value may do anything. */
ATR_NOINLINE static void value_end(atr_head *head, atr_pool *pool)
{
    atr_dead dead = {NULL};
    if (head->model->structure >= ATR_STRUCTURE_OPAQUE || pool->dead_listed) {
        atr_dead_put(&dead, head);
    } else {
        atr_value_dissolve(pool, head, &dead);
        atr_pool_settle(pool);
    }
    atr_dead_run(&dead);
}

/* A model that refers to nothing leaves nothing to be listed. */
void atr_value_end(atr_head *head)
{
    const atr_model *model = head->model;
    atr_pool *pool = atr_pool_of(head->owner);
    if (!model->is_flat || !pool->plain) {
        value_end(head, pool);
        return;
    }
    atr_cell_link_in(pool, head, model->steps);
    atr_pool_lost(pool, 1, model->size_bytes);
    atr_pool_settle(pool);
}

void atr_value_release(const void *value)
{
    atr_let_go(value);
}
