/* The list of row edits, and those of maps and sets: the keys that differ. Of maps without an order they are
 * sorted, so that the script does not depend on hashes. */
#include "rows_diff.h"

#include <stdlib.h>
#include <string.h>

#include <atrium/memory.h>

#include "map_diff.h"
#include "omap_diff.h"
#include "rows_match.h"

bool atr_row_edits_add(atr_row_edits *rows, const atr_row_edit *edit)
{
    rows->sure += !rows->loose || edit->kind != ATR_EDIT_CHANGE;
    rows->over = rows->enough > 0 && rows->sure >= rows->enough;
    if (rows->over) {
        return false;
    }
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity == 0 ? 8 : rows->capacity * 2;
        atr_row_edit *items = atr_memory_take(capacity * sizeof *items);
        if (items == NULL) {
            return false;
        }
        if (rows->count > 0) {
            memcpy(items, rows->items, rows->count * sizeof *items);
        }
        atr_memory_give(rows->items, rows->capacity * sizeof *items);
        rows->items = items;
        rows->capacity = capacity;
    }
    rows->items[rows->count++] = *edit;
    return true;
}

void atr_row_edits_free(atr_row_edits *rows)
{
    atr_memory_give(rows->items, rows->capacity * sizeof *rows->items);
    rows->items = NULL;
    rows->count = 0;
    rows->capacity = 0;
}

typedef struct collector {
    atr_row_edits *rows;
    const atr_type *type; /* of the values; of ordered sets: of the keys */
    bool failed;
} collector;

static void entry_differs(void *user, atr_word key, const atr_word *was, const atr_word *now,
                          uint32_t was_row, uint32_t row)
{
    collector *c = user;
    atr_row_edit edit = {.kind = ATR_EDIT_CHANGE, .key = key, .was_index = was_row, .index = row};
    if (was != NULL && now != NULL && !c->rows->loose && atr_words_equal(c->type, *was, *now)) {
        return;
    }
    if (was != NULL) {
        edit.was = *was;
    } else {
        edit.kind = ATR_EDIT_INSERT;
    }
    if (now != NULL) {
        edit.now = *now;
    } else {
        edit.kind = ATR_EDIT_REMOVE;
    }
    c->failed = c->failed || !atr_row_edits_add(c->rows, &edit);
}

static void key_differs(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    entry_differs(user, key, was, now, 0, 0);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = ((const atr_row_edit *)a)->key.i64, y = ((const atr_row_edit *)b)->key.i64;
    return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
    return atr_str_compare(((const atr_row_edit *)a)->key.ref, ((const atr_row_edit *)b)->key.ref);
}

int atr_map_edits(atr_row_edits *rows, const atr_model *model, const atr_map *was,
                  const atr_map *now)
{
    size_t from = rows->count;
    collector c = {rows, &model->element, false};
    rows->visited += atr_map_changes_all(was, now, &c.failed, key_differs, &c);
    if (c.failed) {
        return ATR_E_NO_MEMORY;
    }
    if (rows->count - from > 1) {
        qsort(rows->items + from, rows->count - from, sizeof *rows->items,
              model->key == ATR_KIND_STR ? by_text : by_number);
    }
    return ATR_OK;
}

int atr_omap_edits(atr_row_edits *rows, const atr_model *model, const atr_omap *was,
                   const atr_omap *now)
{
    const atr_type key = {model->key, false, NULL, NULL};
    collector c = {rows, model->structure == ATR_STRUCTURE_OSET ? &key : &model->element, false};
    rows->visited += atr_omap_changes_all(was, now, &c.failed, entry_differs, &c);
    return c.failed ? ATR_E_NO_MEMORY : ATR_OK;
}
