/* May a value be referred to from a value of this scope? */
#ifndef ATR_STATE_CHECK_H
#define ATR_STATE_CHECK_H

#include <atrium/scope.h>

/* Whether the calling thread may make values in s. Checked pools only; latches ATR_E_THREAD. */
bool atr_scope_usable(atr_scope *s);

/* NULL when value (not NULL) may be used in s as a `model` (NULL: any), else the reason. */
const char *atr_value_fault(const atr_scope *s, const void *value, const atr_model *model);

/* NULL when value (not NULL), of any thread, may be read for a copy in s (may be NULL), else the reason. */
const char *atr_copy_fault(const atr_scope *s, const void *value);

/* Why a value of this owner may not be referred to from s, else NULL. Reads no count. */
const char *atr_owner_fault(const atr_scope *s, const void *value);

/* The quick form for collections: usable, or latched as ATR_E_REFUSED. `what` names the collection. */
bool atr_value_accept(atr_scope *s, const void *value, const atr_model *model, const char *what);

/* What is said of a model that gives two fields one name: model, both fields, what the name is, its size as an
 * int, the name. */
#define ATR_NAMES_CLASH "%s: the fields %s and %s have the same %s %.*s"

#endif
