/* Printing parts of values into a text. */
#ifndef ATR_STATE_PRINT_H
#define ATR_STATE_PRINT_H

#include <atrium/model.h>

#include "text.h"

enum { ATR_PRINT_DEPTH = 64, ATR_PRINT_BYTES = 32 };

/* Print a whole value, NULL too, as atr_print does. */
void atr_text_value(atr_text *text, const void *value);
/* Print what a field holds, its redaction aside. */
void atr_text_field(atr_text *text, const atr_type *type, const void *at);
/* Print an element of a vector or map, or a key. */
void atr_text_word(atr_text *text, const atr_type *type, atr_word word);
/* Print the key of a map or set. */
void atr_text_key(atr_text *text, const atr_model *model, atr_word key);

#endif
