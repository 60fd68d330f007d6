/* The version of the headers at compile time and of the library at run time. */
#ifndef ATRIUM_VERSION_H
#define ATRIUM_VERSION_H

#include <atrium/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ATR_VERSION_MAJOR 0
#define ATR_VERSION_MINOR 1
#define ATR_VERSION_PATCH 0

/* "major.minor.patch" */
#define ATR_VERSION "0.1.0"

/* One number that grows with every version, for `#if ATR_VERSION_NUMBER >= 1002003` (1.2.3). */
#define ATR_VERSION_NUMBER \
    (ATR_VERSION_MAJOR * 1000000 + ATR_VERSION_MINOR * 1000 + ATR_VERSION_PATCH)

/*
 * Tell the version of the library that is linked.
 *
 * Compare it with ATR_VERSION, the version of the headers, to find a program that runs with
 * another library than it was compiled for.
 *
 * @return  static text "major.minor.patch", never NULL
 * @thread  any
 */
ATR_API const char *atr_version(void);

#ifdef __cplusplus
}
#endif

#endif
