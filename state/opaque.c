/* Opaque values: a pointer with its destructor. */
#include <atrium/opaque.h>

#include <string.h>

#include <atrium/error.h>
#include <atrium/model.h>

/* Other values may die meanwhile, this one's cell is freed afterwards: it keeps the pool alive. */
static void opaque_release(void *value, atr_dead *dead)
{
    const atr_opaque *v = value;
    (void)dead;
    if (v->destroy != NULL) {
        v->destroy(v->pointer);
    }
}

static bool opaque_equal(const void *a, const void *b, atr_pairs *more)
{
    (void)more;
    return ((const atr_opaque *)a)->pointer == ((const atr_opaque *)b)->pointer;
}

static void opaque_hash(const void *value, atr_hasher *hasher)
{
    atr_hash_word(hasher, (uintptr_t)((const atr_opaque *)value)->pointer);
}

static void opaque_visit(void *value, atr_visit_fn fn, void *user)
{
    (void)value;
    (void)fn;
    (void)user;
}

const atr_model atr_opaque_model = {
    .name = "opaque",
    .structure = ATR_STRUCTURE_OPAQUE,
    .size_bytes = sizeof(atr_opaque),
    .release = opaque_release,
    .equal = opaque_equal,
    .hash = opaque_hash,
    .visit = opaque_visit,
};

const atr_opaque *atr_opaque_new(atr_scope *s, const char *name, void *pointer,
                                 void (*destroy)(void *pointer))
{
    atr_opaque *v = NULL;
    if (name == NULL || pointer == NULL) {
        atr_refuse(s, ATR_E_INVALID, "atr_opaque_new: the %s is NULL",
                   name == NULL ? "name" : "pointer");
    } else {
        v = atr_value_alloc(s, &atr_opaque_model, sizeof *v);
    }
    if (v == NULL) {
        if (pointer != NULL && destroy != NULL) {
            destroy(pointer);
        }
        return NULL;
    }
    v->pointer = pointer;
    v->destroy = destroy;
    v->name = name;
    return v;
}

void *atr_opaque_pointer(const atr_opaque *v, const char *name)
{
    return v != NULL && name != NULL && strcmp(v->name, name) == 0 ? v->pointer : NULL;
}
