/* The classes whose statements stay prepared: found by class, the one unused for longest goes
 * first. */
#ifndef ATR_SQLITE_CACHE_H
#define ATR_SQLITE_CACHE_H

#include <stdint.h>

#include "plan.h"

enum { ATR_SQLITE_CACHE_CHAINS = 64 };

typedef struct atr_sqlite_cache {
    atr_sqlite_plan *chains[ATR_SQLITE_CACHE_CHAINS];
    atr_sqlite_plan *newest, *oldest; /* by last use */
    uint32_t count;
} atr_sqlite_cache;

/* NULL when the class is not there. */
atr_sqlite_plan *atr_sqlite_cache_find(atr_sqlite_cache *cache, const atr_query_class *query_class);
/* Takes the plan; frees the one unused for longest when there are more than limit. */
void atr_sqlite_cache_add(atr_sqlite_cache *cache, atr_sqlite_plan *plan, uint32_t limit);
void atr_sqlite_cache_clear(atr_sqlite_cache *cache);

#endif
