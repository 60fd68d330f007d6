/* Pools and scopes from the inside: cells by size class, the table of owners, the list of the dead. */
#ifndef ATR_STATE_HEAP_H
#define ATR_STATE_HEAP_H

#include <stdatomic.h>

#include <atrium/memory.h>
#include <atrium/pool.h>
#include <atrium/scope.h>

enum {
    ATR_CELL_STEP = 16,    /* cells are multiples of it */
    ATR_CELL_CLASSES = 33, /* 16 .. 528 bytes; larger cells come from the allocator */
    ATR_POOLS_MAX = 65536,
    ATR_SCOPE_INLINE = 16,
};

typedef struct atr_chunk {
    struct atr_chunk *next;
    size_t size_bytes;
} atr_chunk;

struct atr_pool {
    uint16_t id;
    bool checked; /* poison, first-in-first-out reuse, careful scopes */
    bool direct;  /* every value from the allocator: sanitizers see each */
    bool closed;  /* freed with the last value */
    bool of_thread;
    _Atomic(const void *) thread; /* identity of the owner, NULL: detached */
    const atr_pool *home;         /* pools of one home may refer to each other; NULL: to any */
    void *free_first[ATR_CELL_CLASSES];
    void *free_last[ATR_CELL_CLASSES];
    char *bump;
    char *bump_end;
    size_t chunk_bytes; /* size of the next chunk */
    atr_chunk *chunks;
    _Atomic(size_t) values; /* written by the owner, read by atr_memory_now */
    size_t bytes;
    atr_gate_fn gate;
    void *gate_user;
    atr_scope *scopes; /* open root scopes */
    atr_scope *spare;  /* closed scopes for the next open */
    atr_head *dead;    /* values to be freed, linked through their heads */
    atr_pool *dead_next;
    bool dead_listed;
    const char *stack; /* checked: where the owner's stack was when it opened the outermost scope */
};

typedef struct atr_deferred {
    void (*fn)(void *ptr);
    void *ptr;
} atr_deferred;

struct atr_scope {
    atr_scope_front front;
    atr_pool *pool;
    atr_scope *parent;
    atr_scope *inner; /* youngest open scope inside */
    atr_scope *older; /* sibling opened before this one; in the spare list: next */
    atr_scope *younger;
    const atr_error *error;
    atr_head **entries; /* values this scope owns one count of */
    uint32_t count;
    uint32_t capacity;
    atr_deferred *deferred;
    uint32_t deferred_count;
    uint32_t deferred_capacity;
    atr_head *small[ATR_SCOPE_INLINE];
};

/* Values whose count fell to zero, by pool: release is iterative, whatever the depth. */
struct atr_dead {
    atr_pool *pools;
};

/* The model of released values in checked pools. */
extern const atr_model atr_dead_model;

/* Identity of the calling thread. */
const void *atr_thread_self(void);
/* The pool of an id, NULL when there is none (any more). */
atr_pool *atr_pool_of(uint16_t owner);
/* The calling thread's own pool, made on first use; NULL when memory is out. */
atr_pool *atr_pool_of_thread(void);

/* Count the pools and the values in them, for any thread. */
void atr_pools_count(size_t *count, size_t *values);
/* Free a pool that nothing needs any more: called when its last scope or value went. */
void atr_pool_settle(atr_pool *pool);
/* An address in the frame of the caller's caller or below: how deep the stack is now. */
const char *atr_stack_here(void);
/* What a published value carries in head.flags: its own address, folded. */
uint16_t atr_head_flags(const void *value);

/* How many bytes a value takes, its content included. */
size_t atr_value_size(const atr_head *head);
/* A cell for a value: counted as live, contents unwritten. NULL when memory is out. */
void *atr_cell_alloc(atr_pool *pool, size_t size_bytes);
void atr_cell_free(atr_pool *pool, void *cell, size_t size_bytes);
/* Fill in the head of a fresh cell: count 1, owned by the caller. */
void atr_head_init(atr_pool *pool, void *cell, const atr_model *model);
/* Allocate a value that no scope owns: count 1 belongs to the caller. NULL when memory is out. */
void *atr_node_alloc(atr_pool *pool, const atr_model *model, size_t size_bytes);
/* Let a scope own one count. false: out of memory (latched), the count was released. */
bool atr_scope_own(atr_scope *s, atr_head *head);
/* Free all on the list and what they alone held. */
void atr_dead_run(atr_dead *dead);

#endif
