/* A hash table with chains, and a list in order of use, through the plans themselves. */
#include <string.h>

#include "cache.h"

static atr_sqlite_plan **chain_of(atr_sqlite_cache *cache, const atr_query_class *query_class)
{
    uintptr_t address = (uintptr_t)query_class;
    return &cache->chains[(address >> 4 ^ address >> 10) % ATR_SQLITE_CACHE_CHAINS];
}

static void unlink_use(atr_sqlite_cache *cache, atr_sqlite_plan *plan)
{
    *(plan->newer != NULL ? &plan->newer->older : &cache->newest) = plan->older;
    *(plan->older != NULL ? &plan->older->newer : &cache->oldest) = plan->newer;
}

static void link_newest(atr_sqlite_cache *cache, atr_sqlite_plan *plan)
{
    plan->newer = NULL;
    plan->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = plan;
    cache->newest = plan;
}

atr_sqlite_plan *atr_sqlite_cache_find(atr_sqlite_cache *cache, const atr_query_class *query_class)
{
    atr_sqlite_plan *plan = *chain_of(cache, query_class);
    while (plan != NULL && plan->query_class != query_class) {
        plan = plan->chain;
    }
    if (plan != NULL && plan != cache->newest) {
        unlink_use(cache, plan);
        link_newest(cache, plan);
    }
    return plan;
}

static void remove_oldest(atr_sqlite_cache *cache)
{
    atr_sqlite_plan *plan = cache->oldest;
    atr_sqlite_plan **link = chain_of(cache, plan->query_class);
    while (*link != plan) {
        link = &(*link)->chain;
    }
    *link = plan->chain;
    unlink_use(cache, plan);
    cache->count--;
    atr_sqlite_plan_free(plan);
}

void atr_sqlite_cache_add(atr_sqlite_cache *cache, atr_sqlite_plan *plan, uint32_t limit)
{
    atr_sqlite_plan **chain = chain_of(cache, plan->query_class);
    plan->chain = *chain;
    *chain = plan;
    link_newest(cache, plan);
    cache->count++;
    while (cache->count > limit && cache->count > 1) {
        remove_oldest(cache);
    }
}

void atr_sqlite_cache_clear(atr_sqlite_cache *cache)
{
    while (cache->oldest != NULL) {
        remove_oldest(cache);
    }
}
