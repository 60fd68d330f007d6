/* Copying options: the texts go into one block, the pointers to the scripts into another. */
#include <string.h>

#include <atrium/memory.h>

#include "options.h"

enum {
    BUSY_TIMEOUT_MS = 5000,
    ROW_LIMIT = 2000000,
    BYTE_LIMIT = 256 * 1024 * 1024,
    STATEMENT_LIMIT = 100,
    MIGRATIONS_MAX = 1000000
};

static const char in_memory[] = ":memory:";

static void fill_defaults(atr_sqlite_options *values)
{
    if (values->busy_timeout_ms == 0) {
        values->busy_timeout_ms = BUSY_TIMEOUT_MS;
    }
    if (values->row_limit == 0) {
        values->row_limit = ROW_LIMIT;
    }
    if (values->byte_limit == 0) {
        values->byte_limit = BYTE_LIMIT;
    }
    if (values->statement_limit == 0) {
        values->statement_limit = STATEMENT_LIMIT;
    }
}

static const char *append(atr_sqlite_settings *settings, size_t *used, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = settings->texts + *used;
    memcpy(copy, text, size);
    *used += size;
    return copy;
}

static int copy_texts(atr_sqlite_settings *settings, const char *path, const char *const *scripts)
{
    size_t count = (size_t)settings->migration_count, used = 0, copied = 0;
    settings->texts_bytes = strlen(path) + 1;
    for (const char *const *at = scripts; *at != NULL; at++) {
        settings->texts_bytes += strlen(*at) + 1;
    }
    settings->texts = atr_memory_take(settings->texts_bytes);
    settings->scripts = atr_memory_take((count + 1) * sizeof *settings->scripts);
    if (settings->texts == NULL || settings->scripts == NULL) {
        atr_sqlite_settings_free(settings);
        return ATR_E_NO_MEMORY;
    }
    settings->values.path = append(settings, &used, path);
    for (const char *const *at = scripts; *at != NULL; at++) {
        settings->scripts[copied++] = append(settings, &used, *at);
    }
    settings->scripts[copied] = NULL;
    settings->values.migrations = settings->scripts;
    return ATR_OK;
}

int atr_sqlite_settings_init(atr_sqlite_settings *settings, const atr_sqlite_options *options)
{
    static const char *const none[] = {NULL};
    const char *const *scripts =
        options != NULL && options->migrations != NULL ? options->migrations : none;
    const char *path = options != NULL ? options->path : NULL;
    memset(settings, 0, sizeof *settings);
    if (options != NULL) {
        settings->values = *options;
    }
    fill_defaults(&settings->values);
    while (scripts[settings->migration_count] != NULL) {
        if (++settings->migration_count > MIGRATIONS_MAX) {
            return ATR_E_INVALID;
        }
    }
    return copy_texts(settings, path != NULL ? path : in_memory, scripts);
}

void atr_sqlite_settings_free(atr_sqlite_settings *settings)
{
    atr_memory_give(settings->texts, settings->texts_bytes);
    atr_memory_give(settings->scripts,
                    ((size_t)settings->migration_count + 1) * sizeof *settings->scripts);
    settings->texts = NULL;
    settings->scripts = NULL;
}
