/* GHashTable with g_int64_hash: the key lies inside the item, and its pointer stands for the value too, so
 * that GLib keeps one array for both. */
#include <glib.h>

#include "refs.h"

void *ref_ghash_new(const items *all)
{
    GHashTable *table = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (size_t i = 0; i < all->n; i++) {
        gpointer key = (gpointer)&all->item[i]->id;
        g_hash_table_insert(table, key, key);
    }
    return table;
}

void ref_ghash_free(void *table)
{
    g_hash_table_destroy(table);
}

uint64_t ref_ghash_find(void *table, items *all, size_t ops)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ops; i++) {
        gint64 key = items_next_key(all);
        const gint64 *found = g_hash_table_lookup(table, &key);
        sum += (uint64_t)*found;
    }
    return sum;
}
