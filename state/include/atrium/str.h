/** Immutable text and bytes. Text is valid UTF-8, checked when it is made; NUL inside is allowed, and a
 *  NUL follows the last byte. The empty text is a value, not NULL. */
#ifndef ATRIUM_STR_H
#define ATRIUM_STR_H

#include <stdarg.h>

#include <atrium/scope.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest text or bytes. @units bytes */
#define ATR_STR_MAX 0x7fffffffu

struct atr_str {
    atr_head atr;
    uint32_t size;     /**< bytes, without the final NUL */
    uint32_t hash;     /**< 0: not known (static text); never written after the making */
    const char *bytes; /**< size bytes and a NUL */
};

struct atr_bytes {
    atr_head atr;
    size_t size;
    const unsigned char *bytes;
};

extern ATR_API const atr_model atr_str_model;
extern ATR_API const atr_model atr_bytes_model;
extern ATR_API const atr_str atr_str_default;     /**< "" */
extern ATR_API const atr_bytes atr_bytes_default; /**< no bytes */

/** Initialiser of a static text: `static const atr_str name = ATR_STR_INIT("milk");` */
#define ATR_STR_INIT(literal)                                                                      \
    {                                                                                              \
        {&atr_str_model, INT32_MIN, 0, 0}, (uint32_t)(sizeof("" literal "") - 1), 0, "" literal "" \
    }

/** A static text at file scope: `static const todo_item milk = { ..., .title = ATR_LIT("milk") };`
 *  Inside a function use ATR_STR. C only. */
#define ATR_LIT(literal) (&(const atr_str)ATR_STR_INIT(literal))

/** A text value that points at a string literal and copies nothing. The literal must be UTF-8.
 *  @errors ATR_E_NO_MEMORY, ATR_E_UTF8 */
#define ATR_STR(s, literal) atr_str_literal((s), "" literal "", sizeof("" literal "") - 1)
ATR_API const atr_str *atr_str_literal(atr_scope *s, const char *literal, size_t size);

/** Copy text. @param text NUL-terminated UTF-8, NULL is refused.
 *  @return the default object ("") on failure
 *  @errors ATR_E_UTF8: not UTF-8 (RFC 3629). ATR_E_INVALID: NULL. ATR_E_LIMIT: over ATR_STR_MAX. */
ATR_API const atr_str *atr_str_new(atr_scope *s, const char *text);
/** The same for size bytes, which may contain NUL. */
ATR_API const atr_str *atr_str_new_n(atr_scope *s, const char *text, size_t size);
/** The same for code that fills in a value of s itself: the text's count is the caller's, who puts it
 *  into that value. */
ATR_API const atr_str *atr_str_part_(atr_scope *s, const char *text, size_t size);
/** Make text by a printf format. */
ATR_API const atr_str *atr_str_format(atr_scope *s, const char *format, ...) ATR_PRINTF(2, 3);
ATR_API const atr_str *atr_str_format_v(atr_scope *s, const char *format, va_list args);
/** Join two texts; NULL counts as "". */
ATR_API const atr_str *atr_str_concat(atr_scope *s, const atr_str *a, const atr_str *b);

/** Compare with NUL-terminated text. @return false for NULL */
ATR_API bool atr_str_is(const atr_str *v, const char *text);
/** Equality and byte order; NULL equals NULL and comes first. */
ATR_API bool atr_str_equal(const atr_str *a, const atr_str *b);
ATR_API int atr_str_compare(const atr_str *a, const atr_str *b);
/** The seeded hash (SipHash-1-3 folded to 32 bits, never 0). NULL hashes as "". */
ATR_API uint32_t atr_str_hash(const atr_str *v);

/** Copy bytes. @param bytes may be NULL when size is 0.
 *  @errors ATR_E_LIMIT: over ATR_STR_MAX. ATR_E_INVALID: NULL with a size */
ATR_API const atr_bytes *atr_bytes_new(atr_scope *s, const void *bytes, size_t size);
ATR_API bool atr_bytes_equal(const atr_bytes *a, const atr_bytes *b);
ATR_API int atr_bytes_compare(const atr_bytes *a, const atr_bytes *b);

/** Check UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
 *  @return size when all is valid, else the offset of the first bad sequence. @source RFC 3629 */
ATR_API size_t atr_utf8_check(const char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
