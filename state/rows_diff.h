/* What differs between two collections of one type, row by row. */
#ifndef ATR_STATE_ROWS_DIFF_H
#define ATR_STATE_ROWS_DIFF_H

#include <atrium/edits.h>
#include <atrium/ordered_map.h>

/* An edit as the public one; of sets, was and now are keys. */
typedef struct atr_row_edit {
    atr_word key, was, now;
    uint32_t index, was_index;
    atr_edit_kind kind;
} atr_row_edit;

/* Begins as all zero but for `loose` and `enough`. */
typedef struct atr_row_edits {
    atr_row_edit *items;
    size_t count;
    size_t capacity;
    size_t visited;
    /* A change may be one of equal rows: whoever looks into them finds nothing. Comparing them first as a
     * whole would look at everything twice, and once more for each level. */
    bool loose;
    /* Of edits that are none of equal rows, with so many the rest needs not be found; 0: all of it. */
    size_t enough;
    size_t sure;
    bool over; /* there were so many: the list is not all, and its maker gave ATR_E_NO_MEMORY */
} atr_row_edits;

/* Add the edits of two collections, NULL too, in the order of rows, of unordered ones in that of the keys.
 * @return 0 or ATR_E_NO_MEMORY, also when they are `over`, with some of them added */
int atr_vec_edits(atr_row_edits *rows, const atr_model *model, const atr_vec *was,
                  const atr_vec *now);
int atr_map_edits(atr_row_edits *rows, const atr_model *model, const atr_map *was,
                  const atr_map *now);
int atr_omap_edits(atr_row_edits *rows, const atr_model *model, const atr_omap *was,
                   const atr_omap *now);

bool atr_row_edits_add(atr_row_edits *rows, const atr_row_edit *edit);
void atr_row_edits_free(atr_row_edits *rows);

#endif
