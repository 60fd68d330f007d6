/* What a pool's memory is cut into: chunks of cells, with free lists. A chunk begins with cells of all
 * sizes and ends with a note for each, so a pool that is looked at tells its cells apart without any mark
 * that would have to be made when a value is made or freed. Slabs of one size each were tried: a model
 * and its texts, which are made, read and released together, then lie in two places, and releasing a
 * million of them took twice as long. */
#include <string.h>

#include "heap.h"

enum { CHUNK_FIRST = 2048, LINE = 64 };

/* ---- chunks ---- */

static char *chunk_base(atr_chunk *chunk)
{
    return (char *)(((uintptr_t)(chunk + 1) + LINE - 1) & ~(uintptr_t)(LINE - 1));
}

/* Behind the notes. How much a chunk holds does not depend on where it lies, so that the number of chunks is the
 * same in every run. */
static char *chunk_end(atr_chunk *chunk)
{
    return chunk_base(chunk) + chunk->size_bytes - sizeof *chunk - (LINE - 1);
}

static atr_chunk *chunk_new(atr_pool *pool)
{
    size_t size = pool->chunk_next_bytes != 0 ? pool->chunk_next_bytes : CHUNK_FIRST;
    atr_chunk *chunk = atr_chunk_take(size);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->top = chunk_base(chunk);
    chunk->notes = chunk_end(chunk);
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    pool->chunk_bytes += size;
    pool->chunk_next_bytes = size < ATR_CHUNK_FULL ? size * 2 : size;
    pool->figures.blocks++;
    return chunk;
}

static void current_set(atr_pool *pool, atr_chunk *chunk)
{
    pool->current = chunk;
    pool->bump = chunk->top;
    pool->bump_end = chunk->notes;
}

/* How far the current chunk is used stands in the pool. */
static void current_note(atr_pool *pool)
{
    if (pool->current != NULL) {
        pool->current->top = pool->bump;
        pool->current->notes = pool->bump_end;
    }
}

bool atr_chunk_next(atr_pool *pool, size_t class)
{
    current_note(pool);
    while (pool->room != NULL) {
        atr_chunk *chunk = pool->room;
        pool->room = chunk->room_next;
        current_set(pool, chunk);
        if (atr_chunk_has(pool, class)) {
            return true;
        }
    }
    if (chunk_new(pool) == NULL) {
        return false;
    }
    current_set(pool, pool->chunks);
    return true;
}

/* ---- looking at every cell ---- */

typedef struct cells {
    char *at;
    const char *note;
    const char *last_note;
    size_t class;
} cells;

static cells cells_of(atr_chunk *chunk)
{
    return (cells){chunk_base(chunk), chunk_end(chunk), chunk->notes, 0};
}

/* The next cell, NULL behind the last one. */
static atr_head *cells_next(cells *all)
{
    void *cell = all->at;
    if (all->note == all->last_note) {
        return NULL;
    }
    all->class = (size_t) * --all->note;
    all->at += all->class * ATR_CELL_STEP;
    return cell;
}

static void *link_of(const atr_pool *pool, const void *cell, size_t class)
{
    void *next;
    memcpy(&next, atr_cell_link(pool, cell, class), sizeof next);
    return next;
}

/* In checked pools they have it already. */
void atr_cells_mark(atr_pool *pool)
{
    current_note(pool);
    for (size_t class = 0; class < ATR_CELL_CLASSES && !pool->checked; class ++) {
        void *cell = pool->free_first[class];
        for (; cell != NULL; cell = link_of(pool, cell, class)) {
            ((atr_head *)cell)->model = &atr_dead_model;
        }
    }
}

void atr_pool_each(atr_pool *pool, void (*fn)(void *user, atr_head *head), void *user)
{
    atr_cells_mark(pool);
    for (atr_chunk *chunk = pool->chunks; chunk != NULL; chunk = chunk->next) {
        cells all = cells_of(chunk);
        for (atr_head *head; (head = cells_next(&all)) != NULL;) {
            if (head->model != &atr_dead_model) {
                fn(user, head);
            }
        }
    }
    for (atr_cell_block *block = pool->blocks; block != NULL; block = block->older) {
        fn(user, (atr_head *)(void *)(block + 1));
    }
}

/* ---- giving back ---- */

static bool chunk_is_spent(atr_chunk *chunk)
{
    cells all = cells_of(chunk);
    const atr_head *head;
    do {
        head = cells_next(&all);
    } while (head != NULL && head->model == &atr_dead_model);
    return head == NULL;
}

/* Take the model from the cells of chunks in which nothing lives. false: there is no such chunk. */
static bool spent_find(const atr_pool *pool)
{
    bool found = false;
    for (atr_chunk *chunk = pool->chunks; chunk != NULL; chunk = chunk->next) {
        cells all = cells_of(chunk);
        chunk->spent = chunk_is_spent(chunk);
        found |= chunk->spent;
        for (atr_head *head; chunk->spent && (head = cells_next(&all)) != NULL;) {
            head->model = NULL;
        }
    }
    return found;
}

/* Free lists without the cells that have no model; the others keep their order. */
static void free_lists_filter(atr_pool *pool)
{
    for (size_t class = 0; class < ATR_CELL_CLASSES; class ++) {
        void *cell = pool->free_first[class], *last = NULL;
        pool->free_first[class] = NULL;
        for (; cell != NULL; cell = link_of(pool, cell, class)) {
            if (((atr_head *)cell)->model == NULL) {
                continue;
            }
            memcpy(last == NULL ? (char *)&pool->free_first[class]
                                : atr_cell_link(pool, last, class),
                   &cell, sizeof cell);
            last = cell;
        }
        if (last != NULL) {
            void *none = NULL;
            memcpy(atr_cell_link(pool, last, class), &none, sizeof none);
        }
        if (pool->checked) {
            pool->free_last[class] = last;
        }
    }
}

static void room_filter(atr_pool *pool)
{
    atr_chunk **link = &pool->room;
    while (*link != NULL) {
        if ((*link)->spent) {
            *link = (*link)->room_next;
        } else {
            link = &(*link)->room_next;
        }
    }
    if (pool->current != NULL && pool->current->spent) {
        pool->current = NULL;
        pool->bump = NULL;
        pool->bump_end = NULL;
    }
}

static size_t spent_give(atr_pool *pool)
{
    atr_chunk **link = &pool->chunks;
    size_t bytes = 0;
    while (*link != NULL) {
        atr_chunk *chunk = *link;
        if (chunk->spent) {
            *link = chunk->next;
            bytes += chunk->size_bytes;
            atr_chunk_give(chunk);
        } else {
            link = &chunk->next;
        }
    }
    return bytes;
}

size_t atr_pool_sweep(atr_pool *pool)
{
    size_t bytes = 0;
    atr_cells_mark(pool);
    if (spent_find(pool)) {
        free_lists_filter(pool);
        room_filter(pool);
        bytes = spent_give(pool);
        pool->chunk_bytes -= bytes;
    }
    if (pool->chunks == NULL) {
        pool->chunk_next_bytes = 0;
    }
    return bytes;
}

/* ---- joining ---- */

static void free_list_join(atr_pool *pool, atr_pool *from, size_t class)
{
    void *first = from->free_first[class], *cell = first;
    if (first == NULL) {
        return;
    }
    if (pool->checked) { /* first in, first out: behind those of the pool */
        if (pool->free_first[class] == NULL) {
            pool->free_first[class] = first;
        } else {
            memcpy(atr_cell_link(pool, pool->free_last[class], class), &first, sizeof first);
        }
        pool->free_last[class] = from->free_last[class];
    } else {
        for (void *next; (next = link_of(pool, cell, class)) != NULL;) {
            cell = next;
        }
        memcpy(atr_cell_link(pool, cell, class), &pool->free_first[class], sizeof first);
        pool->free_first[class] = first;
    }
    from->free_first[class] = NULL;
}

/* What is not cut yet is used up before the pool's own. */
static void chunks_join(atr_pool *pool, atr_pool *from)
{
    atr_chunk **link = &from->room;
    current_note(from);
    if (from->current != NULL) {
        from->current->room_next = from->room;
        from->room = from->current;
    }
    while (*link != NULL) {
        link = &(*link)->room_next;
    }
    *link = pool->room;
    pool->room = from->room;
    for (link = &from->chunks; *link != NULL;) {
        link = &(*link)->next;
    }
    *link = pool->chunks;
    pool->chunks = from->chunks;
    pool->chunk_bytes += from->chunk_bytes;
    from->current = NULL;
    from->room = NULL;
    from->chunks = NULL;
}

static void blocks_join(atr_pool *pool, atr_pool *from)
{
    atr_cell_block *last = from->blocks;
    if (last != NULL) {
        while (last->older != NULL) {
            last = last->older;
        }
        last->older = pool->blocks;
        if (last->older != NULL) {
            last->older->younger = last;
        }
        pool->blocks = from->blocks;
        from->blocks = NULL;
    }
    pool->block_bytes += from->block_bytes;
}

void atr_cells_join(atr_pool *pool, atr_pool *from)
{
    for (size_t class = 0; class < ATR_CELL_CLASSES; class ++) {
        free_list_join(pool, from, class);
    }
    chunks_join(pool, from);
    blocks_join(pool, from);
}
