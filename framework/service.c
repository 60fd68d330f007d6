/* Services: slots filled once, emptied when the app closes, the last filled first. */
#include "app_private.h"

static provided *find(const atr_app *app, const atr_service *service)
{
    for (size_t i = 0; i < app->service_count; i++) {
        if (app->services[i].service == service) {
            return &app->services[i];
        }
    }
    return NULL;
}

bool service_is_filled(const atr_app *app, const atr_service *service)
{
    return find(app, service) != NULL;
}

static int add(atr_app *app, const atr_service *service, void *handle)
{
    if (app->service_count == app->service_capacity) {
        provided *services = array_grow(app->services, &app->service_capacity, sizeof *services);
        if (services == NULL) {
            return ATR_E_NO_MEMORY;
        }
        app->services = services;
    }
    app->services[app->service_count++] = (provided){service, handle};
    return ATR_OK;
}

int atr_app_provide(atr_app *app, const atr_service *service, void *handle)
{
    int code;
    if (handle == NULL) {
        return ATR_E_INVALID;
    }
    code = !app_on_thread(app, "provide") ? ATR_E_THREAD
           : app->closing                 ? ATR_E_CLOSED
           : find(app, service) != NULL   ? ATR_E_INVALID
                                          : add(app, service, handle);
    if (code != ATR_OK && service->type->close != NULL) {
        service->type->close(handle);
    }
    return code;
}

void *atr_service_use(atr_ctx *ctx, const atr_service *service)
{
    const atr_ctx_front *front;
    const activation *active = ctx_of_world(ctx, "ATR_USE", &front);
    const provided *slot = active != NULL ? find(active->app, service) : NULL;
    if (slot == NULL && active != NULL) {
        atr_refuse(front->scope, ATR_E_NO_SERVICE, "the service %s was not provided",
                   service->name);
    }
    return slot != NULL ? slot->handle : NULL;
}

void services_close(atr_app *app)
{
    while (app->service_count > 0) {
        provided last = app->services[--app->service_count];
        if (last.service->type->close != NULL) {
            last.service->type->close(last.handle);
        }
    }
    atr_memory_give(app->services, app->service_capacity * sizeof *app->services);
    app->services = NULL;
    app->service_capacity = 0;
}
