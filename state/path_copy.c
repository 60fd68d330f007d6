/* When there is no memory for all copies of a way. */
#include "path_copy.h"

#include <atrium/error.h>

ATR_COLD void atr_copies_drop(atr_copies c, atr_scope *s)
{
    atr_head *handle = s->entries[--s->count];
    atr_hold_(*c.link);
    atr_copies_count(s->pool, c.tally);
    atr_value_end(handle);
    atr_scope_fail(s, &atr_error_no_memory);
}
