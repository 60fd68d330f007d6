/* Which rows of two stretches of a vector are the same, by content. */
#ifndef ATR_STATE_ROWS_MATCH_H
#define ATR_STATE_ROWS_MATCH_H

#include <atrium/vector.h>

/* Whether two words are equal as elements or keys of a type. */
bool atr_words_equal(const atr_type *type, atr_word a, atr_word b);

typedef struct atr_stretch {
    const atr_word *rows;
    uint32_t count;
    uint8_t *lone; /* all 0; becomes 1 for each row that the other stretch has not, in this order */
} atr_stretch;

/* Mark what the stretches have not in common (see align.h). What is looked at is added to *visited.
 * Returns 0 or ATR_E_NO_MEMORY. */
int atr_rows_match(const atr_type *type, const atr_stretch *was, const atr_stretch *now,
                   size_t *visited);

#endif
