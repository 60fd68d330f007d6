/** Everything an application needs of libatrium. */
#ifndef ATRIUM_H
#define ATRIUM_H

#include <atrium/app.h>
#include <atrium/edits.h>
#include <atrium/memory.h>
#include <atrium/query.h>
#include <atrium/service.h>
#include <atrium/store.h>
#include <atrium/version.h>

#endif
