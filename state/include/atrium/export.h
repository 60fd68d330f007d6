/* Marks of public functions, for every compiler that builds or uses the libraries.
 *
 * ATR_STATIC    defined by who links the static libraries on Windows
 * ATR_BUILDING  defined while the libraries themselves are compiled
 */
#ifndef ATRIUM_EXPORT_H
#define ATRIUM_EXPORT_H

/* A function or object that the library exports. */
#if defined(ATR_STATIC)
#define ATR_API
#elif defined(_WIN32)
#if defined(ATR_BUILDING)
#define ATR_API __declspec(dllexport)
#else
#define ATR_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define ATR_API __attribute__((visibility("default")))
#else
#define ATR_API
#endif

/* A function of a header, of its own in each translation unit, that the unit may leave unused. */
#if defined(__GNUC__)
#define ATR_INLINE_ static inline __attribute__((unused))
#else
#define ATR_INLINE_ static inline
#endif

/* A function that is worth having in each of its callers. */
#if defined(__GNUC__) && !defined(ATR_PORTABLE)
#define ATR_ALWAYS_INLINE static inline __attribute__((always_inline))
#else
#define ATR_ALWAYS_INLINE static inline
#endif

/* A function that must not burden its callers, though it is called. */
#if defined(__GNUC__)
#define ATR_NOINLINE __attribute__((noinline))
#else
#define ATR_NOINLINE
#endif

/* A variable of each thread's own, which the library itself reaches without a call. */
#if defined(__GNUC__) && !defined(ATR_PORTABLE)
#define ATR_THREAD_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define ATR_THREAD_LOCAL _Thread_local
#endif

/* A register tells threads apart. Older compilers have the name of it, and fail to translate it. */
#if defined(__linux__) && defined(__x86_64__) && !defined(ATR_PORTABLE) && \
    (defined(__clang__) ? __clang_major__ >= 14 : __GNUC__ >= 11)
#define ATR_THREAD_POINTER
#endif

/* A function like printf: `fmt` is the position of its format, `args` that of the first argument
 * after it (0 for a va_list). Positions count from 1. */
#if defined(__GNUC__)
#define ATR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define ATR_PRINTF(fmt, args)
#endif

/* A function that is seldom called: it must not burden the callers that do not. */
#if defined(__GNUC__)
#define ATR_COLD __attribute__((cold, noinline))
#else
#define ATR_COLD
#endif

#endif
