/* How a call fails: SQLite's errors and our own become immutable errors in the scope of the
 * answer. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <atrium/error.h>

#include "call.h"

enum { MESSAGE_MAX_BYTES = 1024 };

atr_scope *atr_sqlite_scope(atr_sqlite_call *call)
{
    if (call->s == NULL) {
        call->s = call->caller->scope(call->self);
    }
    return call->s;
}

bool atr_sqlite_is_cancelled(const atr_sqlite_call *call)
{
    return call->cancelled != NULL && atomic_load_explicit(call->cancelled, memory_order_relaxed);
}

static const atr_str cancelled_text = ATR_STR_INIT("cancelled, and rolled back if it was a write");
const atr_error atr_sqlite_cancelled = {
    ATR_HEAD(atr_error),
    .domain = ATR_DOMAIN_ATRIUM,
    .code = ATR_E_CANCELLED,
    .message = &cancelled_text,
};

const atr_error *atr_sqlite_error(const atr_sqlite_call *call)
{
    const atr_error *error = atr_sqlite_is_cancelled(call) ? &atr_sqlite_cancelled
                             : call->s != NULL             ? atr_scope_error(call->s)
                                                           : NULL;
    return error != NULL ? error : &atr_error_no_memory;
}

/* The detail is left out when it is no text: SQL may come from anywhere. */
static const atr_str *detail_new(atr_scope *s, const char *detail)
{
    size_t size = detail != NULL ? strlen(detail) : 0;
    if (detail == NULL || atr_utf8_check(detail, size) != size) {
        return NULL;
    }
    return atr_str_new_n(s, detail, size);
}

/* What a draft adds to an error: detail_number, retryable, cause. */
static void latch(atr_sqlite_call *call, const atr_error *base, atr_error draft, const char *detail)
{
    atr_scope *s = call->s;
    if (base != &atr_error_no_memory && atr_scope_error(s) == NULL) {
        draft.domain = base->domain;
        draft.code = base->code;
        draft.message = base->message;
        draft.detail = detail_new(s, detail);
        base = atr_error_new(s, draft);
    }
    atr_scope_fail(s, base);
}

int atr_sqlite_fail(atr_sqlite_call *call, sqlite3 *handle, int code, const char *about,
                    const char *detail)
{
    atr_scope *s = atr_sqlite_scope(call);
    int primary = code & 0xff;
    atr_error draft = {.retryable = primary == SQLITE_BUSY || primary == SQLITE_LOCKED};
    const char *text = sqlite3_errstr(code);
    if (s == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (handle != NULL && (sqlite3_errcode(handle) & 0xff) == primary) {
        text = sqlite3_errmsg(handle);
        draft.detail_number = sqlite3_system_errno(handle);
    }
    latch(call,
          atr_error_make(s, ATR_DOMAIN_SQLITE, code, "%s%s%s", about != NULL ? about : "",
                         about != NULL ? ": " : "", text),
          draft, detail);
    return ATR_E_SYSTEM;
}

int atr_sqlite_refuse(atr_sqlite_call *call, int code, const char *detail, const char *format, ...)
{
    atr_scope *s = atr_sqlite_scope(call);
    char message[MESSAGE_MAX_BYTES];
    va_list args;
    if (s == NULL) {
        return ATR_E_NO_MEMORY;
    }
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    latch(call, atr_error_make(s, ATR_DOMAIN_ATRIUM, code, "%s", message), (atr_error){0}, detail);
    return code;
}

int atr_sqlite_refuse_for(atr_sqlite_call *call, const atr_error *cause, int code,
                          const char *detail, const char *format, ...)
{
    atr_scope *s = atr_sqlite_scope(call);
    char about[MESSAGE_MAX_BYTES];
    va_list args;
    if (s == NULL || cause->code == ATR_E_NO_MEMORY) {
        return s != NULL ? atr_scope_fail(s, &atr_error_no_memory) : ATR_E_NO_MEMORY;
    }
    va_start(args, format);
    vsnprintf(about, sizeof about, format, args);
    va_end(args);
    latch(call, atr_error_make(s, ATR_DOMAIN_ATRIUM, code, "%s: %s", about, cause->message->bytes),
          (atr_error){.cause = cause}, detail);
    return code;
}

int atr_sqlite_fault(atr_sqlite_call *call, const char *point, const char *detail)
{
    int code = call->caller->fault != NULL ? call->caller->fault(call->self, point) : 0;
    if (code > 0) {
        return atr_sqlite_fail(call, NULL, code, point, detail);
    }
    if (code < 0) {
        return atr_sqlite_refuse(call, ATR_E_FAULT, detail, "a fault was injected at %s", point);
    }
    return ATR_OK;
}
