/* Printing parts of values into a text. */
#ifndef ATR_STATE_PRINT_H
#define ATR_STATE_PRINT_H

#include <atrium/model.h>

#include "text.h"

enum {
    ATR_PRINT_DEPTH = 64,
    ATR_PRINT_BYTES = 32,
    ATR_PRINT_MOST = 64 * 1024 * 1024, /* of text: what comes then is left out */
};

/* Print a whole value, NULL too, as atr_print does. */
void atr_text_value(atr_text *text, const void *value);
/* Print what a place of this type holds. */
void atr_text_typed(atr_text *text, const atr_type *type, const atr_value *value);

#endif
