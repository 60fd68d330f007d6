/* Pools and scopes from the inside: cells by size class, the table of owners, the list of the dead. */
#ifndef ATR_STATE_HEAP_H
#define ATR_STATE_HEAP_H

#include <stdatomic.h>
#include <string.h>

#include <atrium/memory.h>
#include <atrium/pool.h>
#include <atrium/scope.h>

enum {
    ATR_CELL_STEP = ATR_STEP_BYTES, /* cells are multiples of it: of their class */
    /* Class 0 has none. To 560 bytes: a full node of a map, in checked pools too; larger cells come from
     * the allocator. */
    ATR_CELL_CLASSES = ATR_STEPS_MAX + 1,
    ATR_POOLS_MAX = 65536,
    ATR_CHUNK_FULL = 256 * 1024, /* the size that chunks of a pool grow to */
    ATR_SCOPE_INLINE = 16,
};

/* Memory that a pool cuts cells from, upwards. A note for each stands at the end, downwards: its class. So
 * the cells can be walked, and values that are made together lie together, a model beside its texts. */
typedef struct atr_chunk {
    struct atr_chunk *next;
    struct atr_chunk *room_next; /* the next one that is not used up */
    uint32_t size_bytes;
    bool spent;  /* while a pool is swept: no cell of it is in use */
    char *top;   /* behind the cells cut; of a pool's current chunk: bump */
    char *notes; /* the last note; bump_end */
} atr_chunk;

typedef struct atr_loan atr_loan;

/* What a pool has counted since it was made: see atr_memory_stats. A copy is either fresh or apart. */
typedef struct atr_figures {
    uint64_t fresh, undone, stolen;
    uint64_t apart, settled, folded, blocks;
} atr_figures;

/* Memory from the allocator that goes with its pool: a cell, or what a value has beside its cell. */
typedef struct atr_cell_block {
    struct atr_cell_block *older;
    struct atr_cell_block *younger;
    size_t size_bytes; /* with this */
    size_t unused;     /* so that what follows is aligned for any type */
} atr_cell_block;

/* What every update writes stands together, as a write into a line of memory that was not the last one written
 * costs more than what it writes (docs/performance.md). */
struct atr_pool {
    _Atomic(const void *) thread; /* identity of the owner, NULL: detached. First: see pool_clear */
    uint16_t id;
    bool plain; /* none of checked, direct, gate: a cell comes straight from its class's list */
    bool eager; /* copies of nodes count all they refer to: no loans */
    uint16_t loan_unused; /* loan.h */
    bool checked;         /* poison, first-in-first-out reuse, careful scopes */
    bool dead_listed;
    _Atomic(uint64_t) made; /* values; these two are written by the owner, read by atr_memory_now */
    _Atomic(uint64_t) gone;
    size_t bytes;
    atr_figures figures;
    struct atr_ahead *ahead; /* of its store (ahead.h), or NULL */
    atr_loan *loans;
    uint32_t loan_capacity;
    bool direct; /* every value from the allocator: sanitizers see each */
    bool closed; /* freed with the last value */
    bool of_thread;
    bool stays;             /* an app's: no other thread ever adopts it while that one uses it */
    bool thin;              /* its home takes it over as soon as nothing is going on */
    bool retires;           /* its struct is used by pools only, as long as there are any */
    const atr_pool *home;   /* pools of one home may refer to each other; NULL: to any */
    atr_pool *into;         /* the home while it may take this one over (absorb.c), else NULL */
    atr_pool *adopted;      /* those it may take over, the thin ones first */
    atr_pool *adopted_next; /* siblings there */
    atr_pool *adopted_prev;
    size_t rest;        /* it goes, or becomes thin, with so many values left */
    size_t chunk_bytes; /* taken for the cells, used or not */
    size_t block_bytes; /* taken for the blocks */
    size_t sweep_bytes; /* a sweep before so much is free would come too early */
    atr_scope *scopes;  /* open root scopes */
    atr_scope *spare;   /* closed scopes for the next open */
    atr_head *dead;     /* values to be freed, linked through their heads */
    atr_pool *dead_next;
    void *free_first[ATR_CELL_CLASSES];
    char *bump; /* in the current chunk: what is not cut yet */
    char *bump_end;
    atr_chunk *current;      /* NULL: none yet */
    atr_chunk *room;         /* other chunks that are not used up */
    atr_chunk *chunks;       /* all */
    size_t chunk_next_bytes; /* size of the next chunk */
    atr_cell_block *blocks;  /* cells that came from the allocator, each behind its link */
    atr_gate_fn gate;
    void *gate_user;
    const char *stack; /* checked: where the owner's stack was when it opened the outermost scope */
    atr_cell_block *extras; /* what values have beside their cells */
    void *free_last[];      /* checked pools have it */
};

typedef struct atr_deferred {
    void (*fn)(void *ptr);
    void *ptr;
} atr_deferred;

struct atr_scope {
    atr_scope_front front;
    atr_pool *pool;
    atr_scope *parent;
    atr_scope *older; /* sibling opened before this one */
    atr_scope *younger;
    atr_scope *spare_next; /* of a closed one; what stays as it was is not written again */
    union {
        struct {
            uint32_t count; /* of entries */
            uint32_t deferred_count;
        };
        uint64_t counts; /* both: is there any? */
    };
    atr_head **entries; /* values this scope owns one count of */
    atr_deferred *deferred;
    uint32_t capacity;
    uint32_t deferred_capacity;
    atr_head *small[ATR_SCOPE_INLINE];
};

/* Values whose count fell to zero, by pool: release is iterative, whatever the depth. */
struct atr_dead {
    atr_pool *pools;
};

/* The model of released values in checked pools. */
extern const atr_model atr_dead_model;

/* The pools by their ids. */
extern _Atomic(atr_pool *) atr_pools[ATR_POOLS_MAX];
/* The calling thread's own pool, made on first use; NULL when memory is out. */
atr_pool *atr_pool_of_thread(void);

/* ---- heap.c: chunks and cells of a pool ---- */

/* Let another chunk be the current one. false: memory is out. */
bool atr_chunk_next(atr_pool *pool, size_t class);
/* Make the cells of a pool ready to be told apart: a free one then has the model of released values. */
void atr_cells_mark(atr_pool *pool);
/* Tell of each live value, in the order of their places. fn makes and frees none. */
void atr_pool_each(atr_pool *pool, void (*fn)(void *user, atr_head *head), void *user);
/* Give back the chunks in which nothing lives. @return their size */
size_t atr_pool_sweep(atr_pool *pool);
/* Let a pool have the chunks, cells and blocks of another one, which has none then. */
void atr_cells_join(atr_pool *pool, atr_pool *from);

/* ---- absorb.c: a pool is taken over by its home ---- */

/* From now on the home may take it over. Both are the calling thread's. */
void atr_pool_link(atr_pool *pool, atr_pool *home);
/* It and those that it might take over are on their own. */
void atr_pool_unlink(atr_pool *pool);
/* A pool without scopes has fewer values than before: it may be no longer needed. */
void atr_pool_quiet(atr_pool *pool);
/* A pool that has values left was closed. */
void atr_pool_thin(atr_pool *pool);
/* Take over what is thin, and give back what is free if it is much. Not while values are being made. */
void atr_pool_tidy(atr_pool *home);
/* The pool of an app: itself, or the one that may take this one over. */
static inline atr_pool *atr_pool_root(const atr_scope *s)
{
    return s->pool->into != NULL ? s->pool->into : s->pool;
}
/* Do not keep its number to itself: the table has little room left. */
bool atr_pools_are_many(void);
/* Let a pool's values be counted by another one, take its number away and free it. */
void atr_pool_merge(atr_pool *pool, atr_pool *into);

/* A chunk for a pool, and back. Chunks of the full size wait for the next pool while there are pools.
 * take: NULL when memory is out */
atr_chunk *atr_chunk_take(size_t size_bytes);
void atr_chunk_give(atr_chunk *chunk);
/* Give back those that wait. */
void atr_chunks_trim(void);
/* A pool has come or gone: called in pairs. */
void atr_chunks_enter(void);
void atr_chunks_leave(void);

/* What other threads have left to this one: whether there may be something, and do it. */
extern atomic_size_t atr_errands_waiting;
void atr_errands_run(void);

/* Count the pools and the values in them, for any thread. */
void atr_pools_count(size_t *count, size_t *values);
/* Free a pool, which nothing needs any more, and what is left in it. */
void atr_pool_free(atr_pool *pool);
/* An address in the frame of the caller's caller or below: how deep the stack is now. */
const char *atr_stack_here(void);

/* A cell that is not counted yet, from wherever the pool has them from. NULL when memory is out. */
void *atr_cell_find(atr_pool *pool, size_t size_bytes);
/* The slow sides of atr_cell_alloc and atr_cell_put. */
void *atr_cell_make(atr_pool *pool, size_t size_bytes);
void atr_cell_give(atr_pool *pool, void *cell, size_t size_bytes);
/* Memory for a value to have beside its cell. It gives it back when it dies, or the pool that is freed with it does.
 * take: NULL when memory is out; give: NULL is nothing */
void *atr_extra_take(atr_pool *pool, size_t size_bytes);
void atr_extra_give(atr_pool *pool, void *extra);
/* The same for what a call gives back before it returns, if no function of the user jumps: no figure counts it. */
void *atr_room_take(atr_pool *pool, size_t size_bytes);
/* What atr_dead_add does, for the library itself. */
void atr_dead_put(atr_dead *dead, atr_head *head);
/* Let a scope own one count. false: out of memory (latched), the count was released. */
bool atr_scope_own(atr_scope *s, atr_head *head);
/* A result that is the very value, fit for s, that it was made of, or NULL: s owns it, too, as if it had been made in
 * it, since the scope that owned it may close before. NULL: out of memory, or s is another thread's (latched). */
const void *atr_scope_same(atr_scope *s, const void *value);
/* Free all on the list and what they alone held; it is not empty. */
void atr_dead_free(atr_dead *dead);

/* ---- inline: what every value that is made or freed passes through ---- */

/* The pool of an id, NULL when there is none (any more). */
static inline atr_pool *atr_pool_of(uint16_t owner)
{
    return atomic_load_explicit(&atr_pools[owner], memory_order_acquire);
}

/* Add to what only the owner of the pool writes, and other threads read: in place, which compilers do not do by
 * themselves, and without a lock. Tallies are added to in the order of the program. */
static inline void atr_tally_add(_Atomic(uint64_t) *tally, uint64_t more)
{
#if defined(__GNUC__) && defined(__x86_64__) && !defined(ATR_PORTABLE)
    __asm__ volatile("addq %1, %0" : "+m"(*(uint64_t *)tally) : "er"(more) : "cc");
#else
    uint64_t now = atomic_load_explicit(tally, memory_order_relaxed) + more;
    atomic_store_explicit(tally, now, memory_order_release);
#endif
}

static inline void atr_pool_made(atr_pool *pool, size_t values, size_t bytes)
{
    atr_tally_add(&pool->made, values);
    pool->bytes += bytes;
}

/* One of which nobody knows yet is taken back. */
static inline void atr_pool_unmade(atr_pool *pool, size_t bytes)
{
    atr_pool_made(pool, (size_t)-1, (size_t)0 - bytes);
}

/* Who reads that so many are gone reads that at least as many were made. */
static inline void atr_pool_lost(atr_pool *pool, size_t values, size_t bytes)
{
    atr_tally_add(&pool->gone, values);
    pool->bytes -= bytes;
}

/* A thread's pool lives while it has scopes or values, a closed one while it has values: called when the
 * last scope or value may have gone. */
static inline void atr_pool_settle(atr_pool *pool)
{
    if (pool->scopes == NULL) {
        atr_pool_quiet(pool);
    }
}

/* A value's owner may change while other threads read the value: absorb.c. */
static inline uint16_t atr_owner_of(const atr_head *head)
{
#if defined(__GNUC__)
    return __atomic_load_n(&head->owner, __ATOMIC_RELAXED);
#else
    return head->owner;
#endif
}

static inline void atr_owner_set(atr_head *head, uint16_t owner)
{
#if defined(__GNUC__)
    __atomic_store_n(&head->owner, owner, __ATOMIC_RELAXED);
#else
    head->owner = owner;
#endif
}

/* Where a free cell links to the next one: elsewhere behind the address of its model, so that the head of
 * a dead value stays readable. */
static inline char *atr_cell_link(const atr_pool *pool, const void *cell, size_t class)
{
    return (char *)(uintptr_t)cell + (pool->checked ? (class - 1) * ATR_CELL_STEP : sizeof(void *));
}

static inline size_t atr_cell_class(size_t size_bytes)
{
    return (size_bytes + ATR_CELL_STEP - 1) / ATR_CELL_STEP;
}

/* Has the current chunk room for a cell and its note? */
static inline bool atr_chunk_has(const atr_pool *pool, size_t class)
{
    return (size_t)(pool->bump_end - pool->bump) > class * ATR_CELL_STEP;
}

static inline void *atr_cell_cut(atr_pool *pool, size_t class)
{
    void *cell = pool->bump;
    pool->bump += class * ATR_CELL_STEP;
    *--pool->bump_end = (char)class;
    return cell;
}

/* One of a class that was used before and is not counted yet, if there is any in a pool without special wishes; else
 * NULL. */
static inline void *atr_cell_reuse(atr_pool *pool, size_t class)
{
    void *cell = pool->plain ? pool->free_first[class] : NULL;
    if (cell != NULL) {
        memcpy(&pool->free_first[class], (char *)cell + sizeof(void *), sizeof(void *));
    }
    return cell;
}

/* The same, or a new one, if one is at hand. */
static inline void *atr_cell_take(atr_pool *pool, size_t class)
{
    void *cell;
    if (!pool->plain || class >= ATR_CELL_CLASSES) {
        return NULL;
    }
    cell = atr_cell_reuse(pool, class);
    if (cell == NULL && atr_chunk_has(pool, class)) {
        cell = atr_cell_cut(pool, class);
    }
    return cell;
}

/* A cell for a value: counted as live, contents unwritten. NULL when memory is out. */
static inline void *atr_cell_alloc(atr_pool *pool, size_t size_bytes)
{
    void *cell = atr_cell_take(pool, atr_cell_class(size_bytes));
    if (cell == NULL) {
        return atr_cell_make(pool, size_bytes);
    }
    atr_pool_made(pool, 1, size_bytes);
    return cell;
}

/* Back into a pool without special wishes. */
static inline void atr_cell_link_in(atr_pool *pool, void *cell, size_t class)
{
    memcpy((char *)cell + sizeof(void *), &pool->free_first[class], sizeof(void *));
    pool->free_first[class] = cell;
}

/* Back it goes; that it is no more is for the caller to count. */
static inline void atr_cell_put(atr_pool *pool, void *cell, size_t size_bytes)
{
    size_t class = atr_cell_class(size_bytes);
    if (pool->plain && class < ATR_CELL_CLASSES) {
        atr_cell_link_in(pool, cell, class);
    } else {
        atr_cell_give(pool, cell, size_bytes);
    }
}

static inline void atr_cell_free(atr_pool *pool, void *cell, size_t size_bytes)
{
    atr_cell_put(pool, cell, size_bytes);
    atr_pool_lost(pool, 1, size_bytes);
}

/* How many bytes a value takes, its content included. */
static inline size_t atr_value_size(const atr_head *head)
{
    const atr_model *model = head->model;
    return model->size_of != NULL ? model->size_of(head) : model->size_bytes;
}

/* What a published value carries in head.flags: the part of its own address in which others near it differ. */
static inline uint16_t atr_head_flags(const void *value)
{
    return (uint16_t)(uintptr_t)value;
}

/* Fill in the head of a fresh cell: count 1, owned by the caller. */
static inline void atr_head_init(atr_pool *pool, void *cell, const atr_model *model)
{
    atr_head *head = cell;
    head->model = model;
    head->count = 1;
    head->owner = pool->id;
    head->flags = atr_head_flags(cell);
}

/* A value owned by s, its head filled in and not counted yet, if there is room in the list of s and a cell at
 * hand; else NULL. */
static inline void *atr_value_take(atr_scope *s, const atr_model *model, size_t size_bytes)
{
    void *cell;
    if (s == NULL || s->count >= s->capacity) {
        return NULL;
    }
    cell = atr_cell_take(s->pool, atr_cell_class(size_bytes));
    if (cell != NULL) {
        atr_head_init(s->pool, cell, model);
        s->entries[s->count++] = cell;
    }
    return cell;
}

/* What atr_value_alloc does when that is so; it counts. */
void *atr_value_make(atr_scope *s, const atr_model *model, size_t size_bytes);

/* atr_value_alloc, in place. */
static inline void *atr_value_new(atr_scope *s, const atr_model *model, size_t size_bytes)
{
    void *cell = atr_value_take(s, model, size_bytes);
    if (cell == NULL) {
        return atr_value_make(s, model, size_bytes);
    }
    atr_pool_made(s->pool, 1, size_bytes);
    return cell;
}

/* Let a dead value go, and list what it held. */
static inline void atr_value_dissolve(atr_pool *pool, atr_head *head, atr_dead *dead)
{
    if (head->model->release != NULL) {
        head->model->release(head, dead);
    }
    atr_cell_free(pool, head, atr_value_size(head));
}

/* Allocate a value that no scope owns: count 1 belongs to the caller. NULL when memory is out. */
static inline void *atr_node_alloc(atr_pool *pool, const atr_model *model, size_t size_bytes)
{
    atr_head *head = atr_cell_alloc(pool, size_bytes);
    if (head != NULL) {
        atr_head_init(pool, head, model);
        if (model->release_places != NULL) {
            head->flags = 0; /* it has no loan */
        }
    }
    return head;
}

/* Take the count that s owns of the value made in it last; of any other value add one. */
static inline void atr_count_take(atr_scope *s, const void *value)
{
    if (s != NULL && s->count > 0 && s->entries[s->count - 1] == value) {
        s->count--;
    } else {
        atr_hold_(value);
    }
}

/* A scope that nothing was done in yet. */
static inline bool atr_scope_is_fresh(const atr_scope *s)
{
    return s->counts == 0 && s->front.inner == NULL && s->front.error == NULL;
}

/* Free a value whose count fell to zero. */
void atr_value_end(atr_head *head);
/* What atr_value_release does, for the library itself. */
static inline void atr_let_go(const void *value)
{
    atr_head *head = (atr_head *)(uintptr_t)value;
    if (head != NULL && head->count > 0 && --head->count == 0) {
        atr_value_end(head);
    }
}

static inline void atr_dead_run(atr_dead *dead)
{
    if (dead->pools != NULL) {
        atr_dead_free(dead);
    }
}

#endif
