/* Builders of maps and sets. The builder is a value of its scope, so that it goes with the scope however it
 * was left. What is set in an empty builder with i64 keys is only noted, and becomes a trie when it is
 * sealed, in one go. Else the trie is changed in place where nobody else holds it. */
#include <string.h>

#include <atrium/error.h>

#include "collections.h"
#include "map_node.h"

enum { NOTES_FIRST = 16, NOTES_MAX = 4 * 1024 * 1024, NOTES_SAMPLED = 1024, TWICE_MANY = 8 };

struct atr_map_builder {
    atr_head atr;
    atr_scope *scope;
    const atr_model *model; /* of the map */
    atr_map_tree tree;      /* empty while there are notes */
    atr_map_entry *notes;   /* with counts of their values */
    uint32_t count, capacity;
};

static void notes_free(atr_map_builder *b)
{
    atr_memory_give(b->notes, b->capacity * sizeof *b->notes);
    b->notes = NULL;
    b->count = 0;
    b->capacity = 0;
}

static void builder_release(void *value, atr_dead *dead)
{
    atr_map_builder *b = value;
    atr_release_(dead, b->tree.root);
    for (uint32_t i = 0; b->tree.kind->ref && i < b->count; i++) {
        atr_release_(dead, b->notes[i].value.ref);
    }
    notes_free(b);
}

static const atr_model builder_model = {
    .name = "map builder",
    .structure = ATR_STRUCTURE_NODE,
    .size_bytes = sizeof(atr_map_builder),
    .release = builder_release,
};

atr_map_builder *atr_map_builder_new(atr_scope *s, const atr_model *model, const atr_map *from)
{
    atr_map_builder *b;
    if (s == NULL || !atr_collection_fit(s, model, from)) {
        return NULL;
    }
    b = atr_value_alloc(s, &builder_model, sizeof *b);
    if (b == NULL) {
        return NULL;
    }
    b->scope = s;
    b->model = model;
    b->tree.pool = s->pool;
    b->tree.kind = atr_map_kind_of(model);
    b->tree.root = from != NULL ? (atr_map_node *)(uintptr_t)from->root : NULL;
    b->tree.size = atr_map_count(from);
    b->tree.borrows = false;
    atr_hold_(b->tree.root);
    b->notes = NULL;
    b->count = 0;
    b->capacity = 0;
    return b;
}

/* ---- notes ---- */

/* Have many notes the same key as another? Looks at so few of them that it costs nothing, and misses half of
 * them being so once in a thousand times. Without memory to look: no. */
static bool notes_come_twice(const atr_map_builder *b)
{
    uint32_t looks = 8, twice = 0, bits = 4, *table;
    uint64_t random = 1;
    for (uint64_t root = 1; root * root < b->count; root *= 2) {
        looks *= 2; /* 8 times the square root: then there are 32 pairs to be met */
        bits++;
    }
    table = atr_memory_take(sizeof *table << bits);
    if (table == NULL) {
        return false;
    }
    memset(table, 0, sizeof *table << bits);
    for (uint32_t i = 0; i < looks; i++) {
        uint32_t at, *slot;
        random = random * 0x5851f42d4c957f2du + 1;
        at = (uint32_t)((random >> 32) * b->count >> 32);
        slot = &table[atr_map_hash_i64(b->notes[at].key.i64) >> (64 - bits)];
        twice +=
            *slot > 0 && *slot - 1 != at && b->notes[*slot - 1].key.i64 == b->notes[at].key.i64;
        *slot = at + 1;
    }
    atr_memory_give(table, sizeof *table << bits);
    return twice >= TWICE_MANY;
}

static bool notes_grow(atr_map_builder *b)
{
    uint32_t capacity = b->capacity == 0 ? NOTES_FIRST : b->capacity * 2;
    atr_map_entry *grown = atr_memory_take(capacity * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    if (b->count > 0) {
        memcpy(grown, b->notes, b->count * sizeof *grown);
    }
    atr_memory_give(b->notes, b->capacity * sizeof *b->notes);
    b->notes = grown;
    b->capacity = capacity;
    return true;
}

static bool note(atr_map_builder *b, atr_word key, atr_word value)
{
    if (b->count == b->capacity && !notes_grow(b)) {
        return false;
    }
    b->notes[b->count++] = (atr_map_entry){key, value};
    if (b->tree.kind->ref) {
        atr_hold_(value.ref);
    }
    return true;
}

/* Make the trie of the notes. false: no memory, they are still there. */
static bool notes_build(atr_map_builder *b)
{
    atr_map_entry *room;
    bool built;
    if (b->count == 0) {
        return true;
    }
    room = atr_memory_take(b->count * sizeof *room);
    if (room == NULL) {
        return false;
    }
    built = atr_map_tree_build(&b->tree, b->notes, room, b->count);
    atr_memory_give(room, b->count * sizeof *room);
    if (built) {
        notes_free(b);
    }
    return built;
}

/* Is what is set to be noted, and not put into the trie? When notes are full of values that others took the
 * place of, the trie lets go of them, now and from then on. */
static bool is_noting(atr_map_builder *b)
{
    if (b->tree.root != NULL || b->tree.kind->text || b->count >= NOTES_MAX) {
        return false;
    }
    return b->count < b->capacity || b->count < NOTES_SAMPLED || !b->tree.kind->ref ||
           !notes_come_twice(b);
}

/* ---- changes ---- */

int atr_map_builder_set(atr_map_builder *b, atr_word key, atr_word value)
{
    int code;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_map_key_fit(b->scope, b->model, key) ||
        !atr_map_value_fit(b->scope, b->model, value)) {
        return ATR_E_REFUSED;
    }
    if (is_noting(b)) {
        code = note(b, key, value) ? ATR_OK : ATR_E_NO_MEMORY;
    } else {
        code = notes_build(b) ? atr_map_tree_set(&b->tree, key, value) : ATR_E_NO_MEMORY;
    }
    return code >= 0 ? ATR_OK : atr_map_latch(b->scope, b->model, code);
}

int atr_map_builder_remove(atr_map_builder *b, atr_word key)
{
    int code;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_map_key_fit(b->scope, b->model, key)) {
        return ATR_E_REFUSED;
    }
    code = notes_build(b) ? atr_map_tree_remove(&b->tree, key) : ATR_E_NO_MEMORY;
    return code >= 0 ? ATR_OK : atr_map_latch(b->scope, b->model, code);
}

/* ---- reading ---- */

/* What is in the trie, as a map that nobody holds. false: no memory for it, latched. */
static bool builder_read(atr_map_builder *b, atr_map *read)
{
    if (!notes_build(b)) {
        atr_map_latch(b->scope, b->model, ATR_E_NO_MEMORY);
        return false;
    }
    *read = (atr_map){.atr.model = b->model, .size = (uint32_t)b->tree.size, .root = b->tree.root};
    return true;
}

size_t atr_map_builder_count(atr_map_builder *b)
{
    atr_map read;
    return b != NULL && builder_read(b, &read) ? read.size : 0;
}

bool atr_map_builder_find(atr_map_builder *b, atr_word key, atr_word *value)
{
    atr_map read;
    return b != NULL && builder_read(b, &read) && read.root != NULL &&
           atr_map_find(&read, key, value);
}

/* When memory is out the builder keeps what it holds. */
const atr_map *atr_map_builder_seal(atr_map_builder *b)
{
    const atr_map *m;
    if (b == NULL) {
        return NULL;
    }
    if (!notes_build(b)) {
        atr_map_latch(b->scope, b->model, ATR_E_NO_MEMORY);
        return NULL;
    }
    if (b->tree.root == NULL) {
        return NULL;
    }
    m = atr_map_publish(b->scope, b->model, b->tree.root, b->tree.size);
    if (m != NULL) {
        b->tree.root = NULL;
        b->tree.size = 0;
    }
    return m;
}
