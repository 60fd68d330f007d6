/** Return codes of synchronous calls and codes of errors in the domain `atrium`. */
#ifndef ATRIUM_CODE_H
#define ATRIUM_CODE_H

#include <atrium/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** 0 is success; every failure is negative. The numbers never change. */
typedef enum atr_code {
    ATR_OK = 0,
    ATR_E_NO_MEMORY = -1, /**< an allocation failed */
    ATR_E_INVALID = -2,   /**< an argument that no caller should pass */
    ATR_E_REFUSED = -3,   /**< a value breaks the rules of its model */
    ATR_E_UTF8 = -4,      /**< text is not valid UTF-8 */
    ATR_E_LIMIT = -5,     /**< a bound on size, depth, count or time was reached */
    ATR_E_LATCHED = -6,   /**< the scope holds an error: nothing leaves it (rule S4) */
    ATR_E_THREAD = -7,    /**< called on, or value from, the wrong thread or app */
    ATR_E_PHASE = -8,     /**< not allowed now: a turn or a round is open, or a context is stale */
    ATR_E_STALE = -9,     /**< a handle whose flight or subscription is over */
    ATR_E_ANSWERED = -10, /**< a second answer to one query */
    ATR_E_NO_ANSWER =
        -11,              /**< start returned without answer or reply handle; a reply was dropped */
    ATR_E_NO_START = -12, /**< a class without start_async ran for real */
    ATR_E_NO_SERVICE = -13, /**< a service slot is empty */
    ATR_E_CANCELLED = -14,  /**< cancelled on request */
    ATR_E_TIMEOUT = -15,    /**< no answer within the timeout */
    ATR_E_CLOSED = -16,     /**< the app or handle is closed or closing */
    ATR_E_NOT_FOUND = -17,  /**< nothing there, where something was required */
    ATR_E_TYPE = -18,       /**< a value of another type than declared */
    ATR_E_DEFINITION = -19, /**< a model, root, class or component is defined wrongly */
    ATR_E_SYSTEM = -20,     /**< the operating system refused; detail tells */
    ATR_E_FAULT = -21       /**< a fault injected through the world */
} atr_code;

/** Give the name of a code, e.g. "ATR_E_TIMEOUT"; "ATR_E_?" for a number that is none.
 *  @return static text. @thread any */
ATR_API const char *atr_code_name(int code);

/** Give a short English text for a code. @return static text. @thread any */
ATR_API const char *atr_code_text(int code);

#ifdef __cplusplus
}
#endif
#endif
