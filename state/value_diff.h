/* The walk over what differs between any two values, edit by edit. */
#ifndef ATR_STATE_VALUE_DIFF_H
#define ATR_STATE_VALUE_DIFF_H

#include <atrium/edits.h>
#include <atrium/pool.h>

/* Steps that edits lead back to. Begins as all zero, but for the pool. */
typedef struct atr_steps {
    struct atr_step_block *first;
    atr_pool *pool; /* beside whose values they lie; NULL: the allocator's */
} atr_steps;
void atr_steps_free(atr_steps *steps);

typedef struct atr_value_diff {
    uint32_t levels;    /* of values that are looked into; 0: all */
    bool hide_redacted; /* redacted fields are not looked into */
    bool redacted;      /* the values are what such a field holds */
    size_t limit;       /* of edits that fn is told; not 0 */
    bool counts_on;     /* those beyond are counted; else the walk ends with ATR_E_LIMIT */
    /* Take an edit, whose path is in `steps`. Returns 0 or a code, which ends the walk. */
    int (*fn)(void *user, const atr_edit *edit);
    void *user;
    atr_steps steps;
    size_t edits; /* that there are */
    size_t visited;
} atr_value_diff;

/* Walk. Recursion does not depend on the values. Returns 0, the code of fn,
 * ATR_E_LIMIT, or ATR_E_NO_MEMORY. */
int atr_values_diff(atr_value_diff *d, const void *was, const void *now);

#endif
