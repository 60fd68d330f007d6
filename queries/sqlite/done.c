/* The model of what a write did. */
#include <atrium/sqlite.h>

ATR_MODEL_TABLE_(atr_sqlite_done, ATR_SQLITE_DONE, NULL, 0, .atr = ATR_HEAD(atr_sqlite_done));
ATR_MODEL_KEYS_(atr_sqlite_done, ATR_SQLITE_DONE);
ATR_MODEL_COLLECTIONS_(atr_sqlite_done);
