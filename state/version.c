/* The version of the library. */

#include <atrium/version.h>

const char *atr_version(void)
{
    return ATR_VERSION;
}
