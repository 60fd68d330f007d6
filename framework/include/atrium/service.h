/** Services: resources that query classes need and an app provides, such as a database.
 *
 *      ATR_SERVICE(todo_db, atr_sqlite);                   header: a slot for one atr_sqlite
 *      ATR_SERVICE_IMPL(todo_db, atr_sqlite);              one .c file
 *      ATR_PROVIDE(app, todo_db, handle);                  main; the app closes the handle when it closes
 *      atr_sqlite *db = ATR_USE(ctx, todo_db);             in start_async
 */
#ifndef ATRIUM_SERVICE_H
#define ATRIUM_SERVICE_H

#include <atrium/query.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct atr_app atr_app;

/** What can be provided. */
typedef struct atr_service_type {
    const char *name;
    /** Close a handle: called once on the loop thread when no query is under way any more; joins what it
     *  runs. */
    void (*close)(void *handle);
} atr_service_type;

/** A slot. Its address is its identity. */
typedef struct atr_service {
    const char *name;
    const atr_service_type *type;
} atr_service;

/** @param handle consumed: closed at once, on the calling thread, when it is refused
 *  @errors ATR_E_INVALID: NULL, or the slot is filled; ATR_E_CLOSED; ATR_E_THREAD; ATR_E_NO_MEMORY */
ATR_API int atr_app_provide(atr_app *app, const atr_service *service, void *handle);
/** @return NULL, with ATR_E_NO_SERVICE latched in the context's scope, when the slot is empty; NULL in views, which
 *  are functions of the state: reported */
ATR_API void *atr_service_use(atr_ctx *ctx, const atr_service *service);

#ifdef __cplusplus
}
#endif

/** Declare that TYPE can be provided: ATR_SERVICE_TYPE(my_client); and, in one .c file,
 *  ATR_SERVICE_TYPE_IMPL(my_client, my_client_close); with void my_client_close(void *handle). */
#define ATR_SERVICE_TYPE(TYPE) extern const atr_service_type TYPE##_service_type
#define ATR_SERVICE_TYPE_IMPL(TYPE, CLOSE) \
    const atr_service_type TYPE##_service_type = {#TYPE, CLOSE}

#define ATR_SERVICE(S, TYPE)                       \
    extern const atr_service S##_service;          \
    int S##_provide(atr_app *app_, TYPE *handle_); \
    TYPE *S##_use(atr_ctx *ctx_)
#define ATR_SERVICE_IMPL(S, TYPE)                               \
    const atr_service S##_service = {#S, &TYPE##_service_type}; \
    int S##_provide(atr_app *app_, TYPE *handle_)               \
    {                                                           \
        return atr_app_provide(app_, &S##_service, handle_);    \
    }                                                           \
    TYPE *S##_use(atr_ctx *ctx_)                                \
    {                                                           \
        return (TYPE *)atr_service_use(ctx_, &S##_service);     \
    }                                                           \
    extern const atr_service S##_service

/** Fill a slot; handle is consumed. @return 0 or a code */
#define ATR_PROVIDE(app, S, handle) S##_provide((app), (handle))
/** The handle in a slot. @return NULL, and the scope latched, when it is empty */
#define ATR_USE(c, S) S##_use((c)->ctx)
/** For class tables: `.service = ATR_NEEDS(todo_db)`: a start without it answers ATR_E_NO_SERVICE. */
#define ATR_NEEDS(S) &S##_service

#endif
