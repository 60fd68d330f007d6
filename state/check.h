/* May a value be referred to from a value of this scope? */
#ifndef ATR_STATE_CHECK_H
#define ATR_STATE_CHECK_H

#include <atrium/scope.h>

/* NULL when value (not NULL) may be used in s as a `model` (NULL: any), else the reason. */
const char *atr_value_fault(const atr_scope *s, const void *value, const atr_model *model);

/* The quick form for collections: usable, or latched as ATR_E_REFUSED. `what` names the collection. */
bool atr_value_accept(atr_scope *s, const void *value, const atr_model *model, const char *what);

#endif
