/* What may stand in a value: the rules of models, and in checked pools the traces of a copy on the stack,
 * of a released and of a foreign value. */
#include <stdatomic.h>

#include <atrium/error.h>

#include <atrium/turn.h>

#include "check.h"
#include "heap.h"
#include "scalar.h"

/* Frames of callers above the first scope. No more: other memory may begin there. */
enum { STACK_MARGIN = 4096 };

/* Static: an error made now would lie in the very pool that another thread uses. */
static const atr_str wrong_thread_text =
    ATR_STR_INIT("a scope was used by a thread that does not own its pool");
static const atr_error wrong_thread = {
    ATR_HEAD(atr_error),
    .domain = ATR_DOMAIN_ATRIUM,
    .code = ATR_E_THREAD,
    .message = &wrong_thread_text,
};

bool atr_scope_usable(atr_scope *s)
{
    if (!s->front.careful ||
        atomic_load_explicit(&s->pool->thread, memory_order_acquire) == atr_thread_here()) {
        return true;
    }
    if (s->front.error == NULL) {
        s->front.error = &wrong_thread;
    }
    return false;
}

/* Checked pools only: a value that lies on this thread's stack is a copy of a published one. The frame
 * that opened the first scope, and its callers, lie beyond the address noted then. */
static bool on_stack(const atr_scope *s, const void *value)
{
    uintptr_t at = (uintptr_t)value, top = (uintptr_t)s->pool->stack;
    uintptr_t here = (uintptr_t)atr_stack_here();
    return top != 0 && s->pool->checked && at >= here && at <= top + STACK_MARGIN;
}

/* Handed over, it would take counts of the thread's own pool along, or leave it counts of its own. */
static bool may_leave(const atr_pool *pool)
{
    return pool->home == pool && !pool->stays;
}

/* The value may be another thread's, which takes its pool over meanwhile; what was the pool then still tells
 * that it is not this thread's. */
const char *atr_owner_fault(const atr_scope *s, const void *value)
{
    const atr_head *head = value;
    const atr_pool *pool;
    uint16_t owner = atr_owner_of(head);
    if (owner == s->front.owner) {
        return NULL;
    }
    pool = atr_pool_of(owner);
    while (pool == NULL && owner != atr_owner_of(head)) { /* its pool has just been taken over */
        owner = atr_owner_of(head);
        pool = atr_pool_of(owner);
    }
    if (pool == NULL) {
        return "is a value of a pool that is gone";
    }
    if (atomic_load_explicit(&pool->thread, memory_order_acquire) != atr_thread_here()) {
        return "is a value of another thread (take a copy: atr_copy)";
    }
    if (pool->home != NULL && s->pool->home != NULL && pool->home != s->pool->home) {
        return "is a value of another app (take a copy: atr_copy)";
    }
    if (pool->of_thread && may_leave(s->pool)) {
        return "is a value of the thread's own pool, which stays (take a copy: atr_copy)";
    }
    if (s->pool->of_thread && may_leave(pool)) {
        return "is a value of a pool that may leave the thread (take a copy: atr_copy)";
    }
    return NULL;
}

static const char released[] = "is a released value";
static const char unpublished[] =
    "was never published (a literal or draft; make it with its _new function)";
static const char stack_copy[] = "is a copy on the stack (publish it with its _new function)";

const char *atr_value_fault(const atr_scope *s, const void *value, const atr_model *model)
{
    const atr_head *head = value;
    if (head->model == &atr_dead_model) {
        return released;
    }
    if (head->count == 0 || head->model == NULL) {
        return unpublished;
    }
    if (model != NULL && head->model != model) {
        return "is a value of another model";
    }
    if (on_stack(s, value) ||
        (head->count > 0 && s->pool->checked && head->flags != atr_head_flags(value))) {
        return stack_copy;
    }
    return head->count < 0 ? NULL : atr_owner_fault(s, head);
}

/* Reads no count: the value may be of a pool that another thread uses. */
const char *atr_copy_fault(const atr_scope *s, const void *value)
{
    const atr_head *head = value;
    if (head->model == &atr_dead_model) {
        return released;
    }
    if (head->model == NULL) {
        return unpublished;
    }
    if (s != NULL && s->pool->checked &&
        (on_stack(s, value) || (atr_owner_of(head) != 0 && head->flags != atr_head_flags(value)))) {
        return stack_copy;
    }
    return NULL;
}

bool atr_value_accept(atr_scope *s, const void *value, const atr_model *model, const char *what)
{
    const char *fault;
    if (s == NULL) {
        return false;
    }
    fault = value == NULL ? "is NULL" : atr_value_fault(s, value, model);
    if (fault != NULL) {
        atr_refuse(s, ATR_E_REFUSED, "%s: an item %s", what, fault);
        return false;
    }
    return true;
}

static const char *enumeration_fault(const atr_field *field, const void *at)
{
    atr_scalar scalar = atr_scalar_load(&field->type, at);
    return scalar.has &&
                   atr_enumeration_by_number(field->type.enumeration, (int32_t)scalar.i64) == NULL
               ? "is a number its enumeration does not list"
               : NULL;
}

static const char *field_fault(const atr_scope *s, const atr_field *field, const void *at)
{
    const void *value;
    if (field->type.kind == ATR_KIND_ENUMERATION) {
        return enumeration_fault(field, at);
    }
    if (field->type.kind < ATR_KIND_STR) {
        return NULL;
    }
    value = *(const void *const *)at;
    if (value == NULL) {
        bool required = !field->type.optional &&
                        (field->type.kind == ATR_KIND_STR || field->type.kind == ATR_KIND_BYTES ||
                         field->type.kind == ATR_KIND_REF);
        return required ? "is required, but NULL" : NULL;
    }
    return atr_value_fault(s, value, field->type.model);
}

bool atr_model_accept(atr_scope *s, const atr_model *model, const void *draft)
{
    if (s == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < model->field_count; i++) {
        const atr_field *field = &model->fields[i];
        const char *fault =
            field_fault(s, field, (const char *)draft + atr_field_offset(model, field));
        if (fault != NULL) {
            atr_refuse(s, ATR_E_REFUSED, "%s.%s %s", model->name, field->name, fault);
            return false;
        }
    }
    return true;
}

int atr_value_check(atr_scope *s, atr_type type, atr_value value, const char *what)
{
    const char *fault = NULL;
    if (s == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (value.kind != type.kind) {
        return atr_refuse(s, ATR_E_TYPE, "%s: a value of another kind", what);
    }
    if (type.kind == ATR_KIND_ENUMERATION && (value.has || !type.optional) &&
        atr_enumeration_by_number(type.enumeration, value.as.i32) == NULL) {
        fault = "is a number its enumeration does not list";
    } else if (type.kind >= ATR_KIND_STR && value.as.ref != NULL) {
        fault = atr_value_fault(s, value.as.ref, type.model);
    } else if (type.kind >= ATR_KIND_STR && type.kind <= ATR_KIND_REF && !type.optional) {
        fault = "is required, but NULL";
    }
    if (fault != NULL) {
        return atr_refuse(s, ATR_E_REFUSED, "%s: the value %s", what, fault);
    }
    return type.kind >= ATR_KIND_STR ? atr_scope_hold(s, value.as.ref) : ATR_OK;
}
