/* The hash of any value: its scalars and parts mixed in a fixed order of walking, which begins with the seed. A model
 * is hashed by itself, and its hash stands for it in that of what refers to it; so one that several others refer to
 * needs to be hashed once only (known.h). Instead of recursion there is a list of models that are under way. */
#include <string.h>

#include <atrium/memory.h>
#include <atrium/model.h>

#include "known.h"
#include "walk.h"

/* So many models are gone through, those met again and not known each time: with memory to note them, without. What
 * comes behind them is left out, or models that are shared widely, and defaults that refer to themselves, had no end. */
enum { MODELS_MAX = 1 << 24, UNKNOWN_MAX = 1 << 20 };

typedef struct walk {
    atr_hasher hasher; /* its inline items stay unwritten */
    atr_knowns knowns;
    size_t models;
} walk;

void atr_hash_word(atr_hasher *hasher, uint64_t word)
{
    hasher->state = atr_hash_mix(hasher->state ^ word) + 0x9e3779b97f4a7c15u;
}

void atr_hash_f64(atr_hasher *hasher, double value)
{
    uint64_t word = 0x7ff8000000000000u;
    if (value == 0) {
        value = 0; /* no negative zero */
    }
    if (value == value) {
        memcpy(&word, &value, sizeof word);
    }
    atr_hash_word(hasher, word);
}

/* ---- lists ---- */

/* A list of twice the room. @return NULL: no memory, the old one stays */
static void *grown(void *items, const void *small, size_t capacity, size_t item_bytes)
{
    void *more = atr_memory_take(2 * capacity * item_bytes);
    if (more == NULL) {
        return NULL;
    }
    memcpy(more, items, capacity * item_bytes);
    if (items != small) {
        atr_memory_give(items, capacity * item_bytes);
    }
    return more;
}

static bool items_reserve(atr_hasher *h)
{
    if (h->count == h->capacity) {
        const void **more = grown(h->items, h->small, h->capacity, sizeof *h->items);
        if (more == NULL) {
            return false;
        }
        h->items = more;
        h->capacity *= 2;
    }
    return true;
}

static bool open_reserve(atr_hasher *h)
{
    if (h->depth == h->open_capacity) {
        atr_hash_open *more = grown(h->open, h->small_open, h->open_capacity, sizeof *h->open);
        if (more == NULL) {
            return false;
        }
        h->open = more;
        h->open_capacity *= 2;
    }
    return true;
}

static void hasher_init(atr_hasher *h)
{
    h->state = atr_hash_seed();
    h->items = h->small;
    h->count = 0;
    h->capacity = ATR_WALK_INLINE;
    h->open = h->small_open;
    h->depth = 0;
    h->open_capacity = ATR_WALK_INLINE;
}

static void hasher_clear(atr_hasher *h)
{
    if (h->items != h->small) {
        atr_memory_give(h->items, h->capacity * sizeof *h->items);
    }
    if (h->open != h->small_open) {
        atr_memory_give(h->open, h->open_capacity * sizeof *h->open);
    }
}

/* ---- the walk ---- */

static uint64_t hash_name(const char *name)
{
    uint64_t word = 0xcbf29ce484222325u;
    for (; *name != '\0'; name++) {
        word = (word ^ (unsigned char)*name) * 0x100000001b3u;
    }
    return word;
}

/* What is in the value itself; what it refers to is listed. */
static void level(atr_hasher *h, const atr_head *head)
{
    if (head->model->structure != ATR_STRUCTURE_NODE) {
        atr_hash_word(h, hash_name(head->model->name));
    }
    head->model->hash(head, h);
}

static bool refers_to_nothing(const atr_head *head)
{
    atr_structure structure = head->model->structure;
    return structure == ATR_STRUCTURE_STR || structure == ATR_STRUCTURE_BYTES;
}

/* When memory is out the rest is left out of the hash, which must not fail. Equal values walk alike, but
 * one may have met the full memory and the other not: then they hash differently, and nothing in the
 * library relies on atr_hash for more than a guess. */
void atr_hash_ref(atr_hasher *hasher, const void *value)
{
    bool nothing = atr_is_nothing(value);
    atr_hash_word(hasher, !nothing);
    if (nothing) {
        return;
    }
    if (refers_to_nothing(value)) {
        level(hasher, value);
    } else if (items_reserve(hasher)) {
        hasher->items[hasher->count++] = value;
    }
}

/* The hash of a model is complete: it becomes a word of the one around it. */
static uint64_t end(atr_hasher *h, uint64_t around)
{
    uint64_t hash = atr_hash_mix(h->state);
    h->state = around;
    atr_hash_word(h, hash);
    return hash;
}

/* One that refers to text at most is hashed as fast as it is looked up. */
static void enter(walk *w, const atr_head *model)
{
    atr_hasher *h = &w->hasher;
    const atr_known *known = atr_knowns_find(&w->knowns, model);
    atr_hash_open open = {model, h->state, h->count};
    if (known != NULL) {
        atr_hash_word(h, known->low);
        return;
    }
    if (w->models >= (w->knowns.failed ? UNKNOWN_MAX : MODELS_MAX)) {
        return;
    }
    w->models++;
    h->state = atr_hash_seed();
    level(h, model);
    if (h->count > open.items && open_reserve(h)) {
        h->open[h->depth++] = open;
    } else {
        h->count = open.items;
        end(h, open.around);
    }
}

static void leave(walk *w)
{
    atr_hasher *h = &w->hasher;
    atr_hash_open open = h->open[--h->depth];
    atr_knowns_note(&w->knowns, (atr_known){open.model, end(h, open.around), 0});
}

static bool is_over(const atr_hasher *h)
{
    return h->depth > 0 && h->count == h->open[h->depth - 1].items;
}

uint64_t atr_hash(const void *value)
{
    walk w;
    hasher_init(&w.hasher);
    w.knowns = (atr_knowns){0};
    w.models = 0;
    atr_hash_ref(&w.hasher, value);
    while (w.hasher.count > 0 || w.hasher.depth > 0) {
        if (is_over(&w.hasher)) {
            leave(&w);
            continue;
        }
        const atr_head *head = w.hasher.items[--w.hasher.count];
        if (head->model->structure == ATR_STRUCTURE_FIELDS) {
            enter(&w, head);
        } else {
            level(&w.hasher, head);
        }
    }
    hasher_clear(&w.hasher);
    atr_knowns_free(&w.knowns);
    return atr_hash_mix(w.hasher.state);
}
