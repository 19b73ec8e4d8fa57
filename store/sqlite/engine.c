/* SQLite as an engine: its functions, in one table. Contracts are in store/engine.h; a function
 * that is not here does not exist for the rest of the store. */
#include "store/sqlite/db.h"

const struct tm_engine tm_sqlite_engine = {
    .name = "SQLite",
    .features = TM_ENGINE_FILE | TM_ENGINE_AD_HOC,
    .open = tm_sqlite_open,
    .close = tm_sqlite_close,
    .publish = tm_sqlite_publish,
    .begin = tm_sqlite_begin,
    .commit = tm_sqlite_commit,
    .rollback = tm_sqlite_rollback,
    .version = tm_sqlite_version,
    .prepare = tm_sqlite_prepare,
    .finalize = tm_sqlite_finalize,
    .bind = tm_sqlite_bind,
    .step = tm_sqlite_step,
    .reset = tm_sqlite_reset,
    .clear = tm_sqlite_clear,
    .width = tm_sqlite_width,
    .column = tm_sqlite_column,
    .value = tm_sqlite_value,
    .add_profiles = tm_sqlite_add_profiles,
    .error = tm_sqlite_error,
    .query = tm_sqlite_query,
    .query_end = tm_sqlite_query_end,
    .used = tm_sqlite_used,
    .check = tm_sqlite_check,
    .aside = tm_sqlite_aside,
    .snapshot = tm_sqlite_snapshot,
    .snapshot_end = tm_sqlite_snapshot_end,
    .copy = tm_sqlite_copy,
};
