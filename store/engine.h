/* What the store asks of a database. An engine is a folder below store/ that fills in one struct tm_engine; store/open.c chooses
 * among them, and all else in store/ is the same for each.
 *
 * Functions return 0, or -1 with the message in the handle (tm_store_fail), unless they say otherwise. */
#ifndef TM_STORE_ENGINE_H
#define TM_STORE_ENGINE_H

#include <stdbool.h>

#include "schema/sql.h"
#include "store/store.h"

/* How long a writer waits for another's lock. A night of a million rows is written in seconds, so a queue of dozens gets through;
 * whoever waits longer waits for a program that hangs. */
enum { TM_LOCK_SECONDS = 120 };

/* What an engine may lack. */
enum tm_engine_feature {
    TM_ENGINE_FILE = 1,   /* the store's path is a file's: it can be looked for before it is opened */
    TM_ENGINE_AD_HOC = 2, /* runs somebody's SQL under limits: query and query_end are there */
};

/* A prepared statement; each engine casts it from its own. */
typedef struct tm_statement tm_statement;

/* A profile on its way into the table. */
struct tm_batch_row {
    int64_t plugin_id;
    const struct tm_profile *profile;
};

struct tm_engine {
    const char *name;
    unsigned features; /* of enum tm_engine_feature */

    /* Opens store->path with flags of enum tm_open_flags, brings its schema up to date and leaves what it needs later in
     * store->connection, also on failure. close takes it back and finds no statement prepared any more. */
    int (*open)(tm_store *store, unsigned flags);
    void (*close)(tm_store *store);

    /* Behind a commit: a store that was made late (TM_MADE_LATE) is in its place from now on. 1: so it is, and who writes
     * again opens again; 0: it was there; -1. NULL: an engine that makes none late. */
    int (*publish)(tm_store *store);

    /* A transaction that writes: begin waits for the lock of other writers, TM_LOCK_SECONDS at most. Without `references` the rows
     * that others refer to need not be looked up, nor be taken out with those that refer to them. rollback is harmless without a
     * transaction, and must also do after a failed commit. */
    int (*begin)(tm_store *store, bool references);
    int (*commit)(tm_store *store);
    void (*rollback)(tm_store *store);

    /* A number that is another one once somebody else has committed anything. NULL: the engine has none, and nobody waits there for
     * who judges another project. */
    int (*version)(tm_store *store, int64_t *version);

    /* In such a transaction: waits for others who write in that project (NULL: in any), and keeps them waiting until it ends; what
     * is read afterwards is what they have left. NULL: begin did. */
    int (*lock_project)(tm_store *store, const char *project);

    /* Behind a failure: see tm_may_try_again. reconnect: 0 also where the connection stands. NULL, both: never. */
    enum tm_again (*again)(tm_store *store);
    int (*reconnect)(tm_store *store);

    /* Named statements, each in the engine's own SQL. reset: ends the stepping, and with it locks. clear: that, and nothing is
     * bound. What bind is given must stay until then. bind: parameters from 1; what is not bound is NULL. step: 1 a row, 0 no more,
     * -1. value: columns from 0; -1 where there is no memory for it. bind, step and value leave no message: error makes it. */
    tm_statement *(*prepare)(tm_store *store, enum tm_query query);
    void (*finalize)(tm_statement *statement); /* NULL is harmless */
    int (*bind)(tm_statement *statement, int at, const struct tm_value *value);
    int (*step)(tm_statement *statement);
    void (*reset)(tm_statement *statement);
    void (*clear)(tm_statement *statement);
    int (*width)(tm_statement *statement);
    const char *(*column)(tm_statement *statement, int column); /* its name; never NULL */
    int (*value)(tm_statement *statement, int column, struct tm_value *value);

    /* Inserts the rows of one run, in rising order of plugins, as fast as the engine can. */
    int (*add_profiles)(tm_store *store, int64_t run_id, const struct tm_batch_row *rows, size_t n);

    /* Puts the engine's last failure into words, "cannot DOING 'PATH': ...", and returns -1. doing NULL: of the ad hoc query. */
    int (*error)(tm_store *store, const char *doing);

    /* Ad hoc SQL, see tm_sql: one at a time, ended by query_end, which is harmless without one and takes statement NULL. */
    tm_statement *(*query)(tm_store *store, const char *sql, const struct tm_sql_limits *limits);
    void (*query_end)(tm_store *store, tm_statement *statement);

    /* How many bytes of the store are in use, as the open transaction leaves it. NULL: the engine cannot tell in a moment. */
    int (*used)(tm_store *store, int64_t *bytes);

    int64_t (*check)(tm_store *store, tm_tell *tell, void *context); /* see tm_check */

    /* Lays copies of all that is derived before the store's own tables, for this connection alone (schema/aside.sql). No statement
     * is prepared then. */
    int (*aside)(tm_store *store);

    /* From here to its end all that is read is of one moment, also in a transaction that writes; harmless within one. */
    int (*snapshot)(tm_store *store);
    void (*snapshot_end)(tm_store *store);

    /* Writes the whole store, as it is at one moment, into a file that is there and empty (see tm_copy). NULL: an engine without
     * files of its own cannot. */
    int (*copy)(tm_store *store, const char *path);
};

extern const struct tm_engine tm_sqlite_engine, tm_postgres_engine;

#endif
