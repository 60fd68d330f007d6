/* Options as a database keeps them: copied, with every default filled in. */
#ifndef ATR_SQLITE_OPTIONS_H
#define ATR_SQLITE_OPTIONS_H

#include <atrium/sqlite.h>

typedef struct atr_sqlite_settings {
    atr_sqlite_options values; /* no pointer in it is the caller's */
    const char *file;          /* what SQLite opens */
    const char *shown;         /* what messages call it */
    int migration_count;
    char *texts; /* path, URI and scripts, one after the other */
    size_t texts_bytes;
    const char **scripts;
    const atr_model **models; /* that JSON of kind any may hold */
} atr_sqlite_settings;

/* 0, ATR_E_NO_MEMORY, or ATR_E_INVALID: more scripts or models than anybody has. */
int atr_sqlite_settings_init(atr_sqlite_settings *settings, const atr_sqlite_options *options);
void atr_sqlite_settings_free(atr_sqlite_settings *settings);

#endif
