/* What may stand in a value: the rules of models, and in checked pools the traces of a copy on the stack,
 * of a released and of a foreign value. */
#include <stdatomic.h>

#include <atrium/error.h>

#include "check.h"
#include "heap.h"

/* Checked pools only: an immortal head on this thread's stack is a copy of a static value. */
static bool on_stack(const atr_scope *s, const void *value)
{
    char here;
    const char *at = value, *top = s->pool->stack, *low = &here;
    return top != NULL && s->pool->checked &&
           ((at >= low && at <= top + 4096) || (at <= low && at >= top));
}

static const char *owner_fault(const atr_scope *s, const atr_head *head)
{
    const atr_pool *pool;
    if (head->owner == s->front.owner) {
        return NULL;
    }
    pool = atr_pool_of(head->owner);
    if (pool == NULL) {
        return "is a value of a pool that is gone";
    }
    if (atomic_load_explicit(&pool->thread, memory_order_acquire) != atr_thread_self()) {
        return "is a value of another thread (take a copy: atr_copy)";
    }
    if (pool->home != NULL && s->pool->home != NULL && pool->home != s->pool->home) {
        return "is a value of another app (take a copy: atr_copy)";
    }
    return NULL;
}

const char *atr_value_fault(const atr_scope *s, const void *value, const atr_model *model)
{
    const atr_head *head = value;
    if (head->model == &atr_dead_model) {
        return "is a released value";
    }
    if (head->count == 0 || head->model == NULL) {
        return "was never published (a literal or draft; make it with its _new function)";
    }
    if (model != NULL && head->model != model) {
        return "is a value of another model";
    }
    if (head->count < 0) {
        return on_stack(s, value) ? "is a copy on the stack (publish it with its _new function)"
                                  : NULL;
    }
    if (s->pool->checked && head->flags != atr_head_flags(value)) {
        return "is a copy on the stack (publish it with its _new function)";
    }
    return owner_fault(s, head);
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
    const int32_t *number = at; /* an enumeration is as wide as an int32_t */
    if (field->type.optional) {
        const struct {
            bool has;
            int32_t value;
        } *opt = at;
        if (!opt->has) {
            return NULL;
        }
        number = &opt->value;
    }
    return atr_enumeration_by_number(field->type.enumeration, *number) == NULL
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
