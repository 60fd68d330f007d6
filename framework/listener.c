/* Success listeners and global error handlers, in order of registration. */
#include "app_private.h"

static int add(atr_app *app, listener_list *list, listener next)
{
    bool is_empty = next.on_failure == NULL && next.on_success == NULL;
    int code = !app_on_thread(app, "listen") ? ATR_E_THREAD
               : is_empty                    ? ATR_E_INVALID
               : app->ended                  ? ATR_E_CLOSED
                                             : ATR_OK;
    if (code == ATR_OK && list->count == list->capacity) {
        listener *items = array_grow(list->items, &list->capacity, sizeof *items);
        list->items = items != NULL ? items : list->items;
        code = items != NULL ? ATR_OK : ATR_E_NO_MEMORY;
    }
    if (code != ATR_OK) {
        if (next.destroy != NULL) {
            next.destroy(next.user);
        }
        return code;
    }
    list->items[list->count++] = next;
    return ATR_OK;
}

int atr_app_on_error(atr_app *app, atr_failure_fn fn, void *user, atr_destroy_fn destroy)
{
    return add(app, &app->on_error, (listener){.on_failure = fn, .user = user, .destroy = destroy});
}

int atr_app_on_success(atr_app *app, const atr_query_class *query_class, atr_success_fn fn,
                       void *user, atr_destroy_fn destroy)
{
    return add(
        app, &app->on_success,
        (listener){.on_success = fn, .query_class = query_class, .user = user, .destroy = destroy});
}

void listeners_end(listener_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].destroy != NULL) {
            list->items[i].destroy(list->items[i].user);
        }
    }
    list->count = 0;
}
