/* Errors and the names of codes. The error of a full memory is static: it can always be reported. */
#include <stdio.h>

#include <atrium/error.h>

#include "heap.h"

ATR_ENUM_IMPL_LINKED_(ATR_API, atr_domain, ATR_DOMAIN);
ATR_MODEL_TABLE_(atr_error, ATR_ERROR, NULL, 0, .atr = ATR_HEAD(atr_error));
ATR_MODEL_KEYS_(atr_error, ATR_ERROR);
ATR_MODEL_COLLECTIONS_(atr_error);

static const atr_str no_memory_text = ATR_STR_INIT("out of memory");
const atr_error atr_error_no_memory = {
    ATR_HEAD(atr_error),
    .domain = ATR_DOMAIN_ATRIUM,
    .code = ATR_E_NO_MEMORY,
    .message = &no_memory_text,
};

static const struct {
    int code;
    const char *name;
    const char *text;
} codes[] = {
    {ATR_OK, "ATR_OK", "success"},
    {ATR_E_NO_MEMORY, "ATR_E_NO_MEMORY", "out of memory"},
    {ATR_E_INVALID, "ATR_E_INVALID", "invalid argument"},
    {ATR_E_REFUSED, "ATR_E_REFUSED", "value refused by its model"},
    {ATR_E_UTF8, "ATR_E_UTF8", "text is not UTF-8"},
    {ATR_E_LIMIT, "ATR_E_LIMIT", "a bound was reached"},
    {ATR_E_LATCHED, "ATR_E_LATCHED", "the scope holds an error"},
    {ATR_E_THREAD, "ATR_E_THREAD", "wrong thread or app"},
    {ATR_E_PHASE, "ATR_E_PHASE", "not allowed now"},
    {ATR_E_STALE, "ATR_E_STALE", "the handle is over"},
    {ATR_E_ANSWERED, "ATR_E_ANSWERED", "already answered"},
    {ATR_E_NO_ANSWER, "ATR_E_NO_ANSWER", "no answer was given"},
    {ATR_E_NO_START, "ATR_E_NO_START", "the query class has no start_async"},
    {ATR_E_NO_SERVICE, "ATR_E_NO_SERVICE", "the service was not provided"},
    {ATR_E_CANCELLED, "ATR_E_CANCELLED", "cancelled"},
    {ATR_E_TIMEOUT, "ATR_E_TIMEOUT", "no answer in time"},
    {ATR_E_CLOSED, "ATR_E_CLOSED", "closed"},
    {ATR_E_NOT_FOUND, "ATR_E_NOT_FOUND", "not found"},
    {ATR_E_TYPE, "ATR_E_TYPE", "value of another type"},
    {ATR_E_DEFINITION, "ATR_E_DEFINITION", "wrong definition"},
    {ATR_E_SYSTEM, "ATR_E_SYSTEM", "the operating system refused"},
    {ATR_E_FAULT, "ATR_E_FAULT", "injected fault"},
};

const char *atr_code_name(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].code == code) {
            return codes[i].name;
        }
    }
    return "ATR_E_?";
}

const char *atr_code_text(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].code == code) {
            return codes[i].text;
        }
    }
    return "unknown code";
}

/* Text for people may quote bytes that are no text: each of them becomes a question mark. */
static const atr_str *lossy_text(atr_scope *s, char *text, size_t size)
{
    for (size_t bad = atr_utf8_check(text, size); bad < size;) {
        text[bad] = '?';
        bad += 1 + atr_utf8_check(text + bad + 1, size - bad - 1);
    }
    return atr_str_new_n(s, text, size);
}

static const atr_str *message_new(atr_scope *s, const char *format, va_list args)
{
    const atr_str *message = NULL;
    char *text = NULL;
    va_list again;
    int size;
    va_copy(again, args);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the caller began it */
    size = vsnprintf(NULL, 0, format, args);
    text = size >= 0 ? atr_memory_take((size_t)size + 1) : NULL;
    if (text != NULL) {
        vsnprintf(text, (size_t)size + 1, format, again);
        message = lossy_text(s, text, (size_t)size);
        atr_memory_give(text, (size_t)size + 1);
    }
    va_end(again);
    return message;
}

/* An error is made in a scope of its own inside s: its text must not latch s, or s would report the text
 * of the report. */
static const atr_error *error_make_v(atr_scope *s, atr_domain domain, int32_t code,
                                     const char *format, va_list args)
{
    atr_scope *inner = s != NULL ? atr_scope_open(s) : NULL;
    const atr_error *error = &atr_error_no_memory;
    if (inner == NULL) {
        return error;
    }
    const atr_str *message = message_new(inner, format, args);
    if (message != NULL) {
        error = ATR_NEW(inner, atr_error,
                        .domain = atr_domain_known((int)domain) ? domain : ATR_DOMAIN_APP,
                        .code = code, .message = message);
    }
    if (atr_scope_take_error(inner) != NULL || atr_scope_hold(s, error) != ATR_OK) {
        error = &atr_error_no_memory;
    }
    atr_scope_close(inner);
    return error;
}

const atr_error *atr_error_make(atr_scope *s, atr_domain domain, int32_t code, const char *format,
                                ...)
{
    const atr_error *error;
    va_list args;
    va_start(args, format);
    error = error_make_v(s, domain, code, format, args);
    va_end(args);
    return error;
}

bool atr_error_is(const atr_error *error, atr_domain domain, int32_t code)
{
    return error != NULL && error->domain == domain && error->code == code;
}

int atr_refuse(atr_scope *s, int code, const char *format, ...)
{
    va_list args;
    if (s == NULL || atr_scope_error(s) != NULL) {
        return code;
    }
    va_start(args, format);
    atr_scope_fail(s, error_make_v(s, ATR_DOMAIN_ATRIUM, code, format, args));
    va_end(args);
    return code;
}
