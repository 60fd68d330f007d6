/* Copying options: the texts go into one block, the pointers to scripts and models into two more. */
#include <string.h>

#include <atrium/memory.h>

#include "options.h"

enum {
    BUSY_TIMEOUT_MS = 5000,
    ROW_LIMIT = 2000000,
    BYTE_LIMIT = 256 * 1024 * 1024,
    STATEMENT_LIMIT = 100,
    MIGRATIONS_MAX = 1000000,
    MODELS_MAX = 1000000
};

/* Before a name that SQLite would take for something else than a file. */
static const char folder[] = "./";
enum { FOLDER_SIZE = sizeof folder - 1 };

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
    if (values->json.models == NULL) {
        values->json.model_count = 0;
    }
    values->json.canonical = true;
}

static size_t text_bytes(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

static const char *append(atr_sqlite_settings *settings, size_t *used, const char *text)
{
    size_t size = text_bytes(text);
    char *copy = settings->texts + *used;
    if (text == NULL) {
        return NULL;
    }
    memcpy(copy, text, size);
    *used += size;
    return copy;
}

/* Of these three SQLite makes a URI, a database in memory and one that is nowhere. */
static bool is_misread(const char *path)
{
    return strncmp(path, "file:", 5) == 0 || strcmp(path, ":memory:") == 0 || *path == '\0';
}

/* The path stands behind the folder, to be had with it or without. */
static void name_file(atr_sqlite_settings *settings)
{
    const char *path = settings->values.path, *uri = settings->values.uri;
    settings->file = path == NULL       ? (uri != NULL ? uri : ":memory:")
                     : is_misread(path) ? path - FOLDER_SIZE
                                        : path;
    settings->shown = path != NULL ? path : settings->file;
}

static int take_blocks(atr_sqlite_settings *settings, const char *const *scripts)
{
    const atr_sqlite_options *values = &settings->values;
    size_t count = (size_t)settings->migration_count;
    settings->texts_bytes = FOLDER_SIZE + text_bytes(values->path) + text_bytes(values->uri);
    for (const char *const *at = scripts; *at != NULL; at++) {
        settings->texts_bytes += text_bytes(*at);
    }
    settings->texts = atr_memory_take(settings->texts_bytes);
    settings->scripts = atr_memory_take((count + 1) * sizeof *settings->scripts);
    settings->models = atr_memory_take((values->json.model_count + 1) * sizeof *settings->models);
    if (settings->texts == NULL || settings->scripts == NULL || settings->models == NULL) {
        atr_sqlite_settings_free(settings);
        return ATR_E_NO_MEMORY;
    }
    return ATR_OK;
}

static void copy_options(atr_sqlite_settings *settings, const char *const *scripts)
{
    atr_sqlite_options *values = &settings->values;
    size_t used = FOLDER_SIZE, copied = 0;
    memcpy(settings->texts, folder, FOLDER_SIZE);
    values->path = append(settings, &used, values->path);
    values->uri = append(settings, &used, values->uri);
    for (const char *const *at = scripts; *at != NULL; at++) {
        settings->scripts[copied++] = append(settings, &used, *at);
    }
    settings->scripts[copied] = NULL;
    values->migrations = settings->scripts;
    for (size_t i = 0; i < values->json.model_count; i++) {
        settings->models[i] = values->json.models[i];
    }
    values->json.models = settings->models;
}

int atr_sqlite_settings_init(atr_sqlite_settings *settings, const atr_sqlite_options *options)
{
    static const char *const none[] = {NULL};
    const char *const *scripts =
        options != NULL && options->migrations != NULL ? options->migrations : none;
    int code;
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
    if (settings->values.json.model_count > MODELS_MAX) {
        return ATR_E_INVALID;
    }
    code = take_blocks(settings, scripts);
    if (code == ATR_OK) {
        copy_options(settings, scripts);
        name_file(settings);
    }
    return code;
}

void atr_sqlite_settings_free(atr_sqlite_settings *settings)
{
    atr_memory_give(settings->texts, settings->texts_bytes);
    atr_memory_give(settings->scripts,
                    ((size_t)settings->migration_count + 1) * sizeof *settings->scripts);
    atr_memory_give(settings->models,
                    (settings->values.json.model_count + 1) * sizeof *settings->models);
    settings->texts = NULL;
    settings->scripts = NULL;
    settings->models = NULL;
}
