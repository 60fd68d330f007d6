/** Errors: immutable values, so they can stand in the state, be printed, compared and carried around. */
#ifndef ATRIUM_ERROR_H
#define ATRIUM_ERROR_H

#include <atrium/model.h>

#define ATR_DOMAIN(X)                 \
    X(ATR_DOMAIN_APP, 0, "app")       \
    X(ATR_DOMAIN_ATRIUM, 1, "atrium") \
    X(ATR_DOMAIN_UV, 2, "uv")         \
    X(ATR_DOMAIN_SQLITE, 3, "sqlite") \
    X(ATR_DOMAIN_HTTP, 4, "http")     \
    X(ATR_DOMAIN_CURL, 5, "curl")     \
    X(ATR_DOMAIN_JSON, 6, "json")

/* code: in domain atrium one of atr_code, in domain app what the application chose, elsewhere the number
 * of that domain (for sqlite the extended result code). detail: the original text, e.g. the SQL. */
#define ATR_ERROR(F)                   \
    F(enumeration(atr_domain), domain) \
    F(i32, code)                       \
    F(str, message)                    \
    F(opt(str), detail)                \
    F(i64, detail_number)              \
    F(bool, retryable)                 \
    F(opt(ref(atr_error)), cause)      \
    F(any, payload)

#ifdef __cplusplus
extern "C" {
#endif

ATR_ENUM_LINKED_(ATR_API, atr_domain, ATR_DOMAIN);
ATR_MODEL_LINKED_(ATR_API, atr_error, ATR_ERROR);

/** The error of a failed allocation; static, so it can always be reported. */
extern ATR_API const atr_error atr_error_no_memory;

/** Make an error with a formatted message. Bytes in it that are not UTF-8 become `?`.
 *  @param code see ATR_ERROR. @param domain one that is not listed counts as ATR_DOMAIN_APP
 *  @return never NULL; atr_error_no_memory when memory is out */
ATR_API const atr_error *atr_error_make(atr_scope *s, atr_domain domain, int32_t code,
                                        const char *format, ...) ATR_PRINTF(4, 5);

/** Whether an error is of this domain and code. @return false for NULL */
ATR_API bool atr_error_is(const atr_error *error, atr_domain domain, int32_t code);

/** Make an error of domain atrium and latch it in s: one line for makers that refuse.
 *  @return code */
ATR_API int atr_refuse(atr_scope *s, int code, const char *format, ...) ATR_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
