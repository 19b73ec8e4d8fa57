/* The store as the program sees it: no word of any engine here, so that another one can stand behind the same calls.
 * Functions return 0, or -1 with a message in the handle (tm_error), unless they say otherwise. */
#ifndef TM_STORE_STORE_H
#define TM_STORE_STORE_H

#include "schema/facts.h"
#include "schema/sql.h"

/* Writing. Several runs may go into one transaction; until tm_commit nobody else sees them, and a lost process leaves none of them.
 */
int tm_begin(tm_store *store);
int tm_commit(tm_store *store);
void tm_rollback(tm_store *store); /* harmless without a transaction */

/* In a transaction, before anything of the project is read that is to be written anew: others who write in it wait from here to the
 * end. NULL: all projects. One that is not there yet is locked by its name. Harmless again, and where a transaction locks the whole
 * store. */
int tm_lock_project(tm_store *store, const char *project);

/* What has just failed, tried again from its beginning: another writer may have come between, or the server have gone. */
enum tm_again {
    TM_AGAIN_NO,     /* it would fail again */
    TM_AGAIN_SAME,   /* nothing of it was stored */
    TM_AGAIN_UNSURE, /* all of it, or nothing: the connection was lost while it was committed */
};
enum tm_again tm_may_try_again(tm_store *store);

/* Rolls back, waits a moment, which gets longer with *tries, and connects anew where the connection is lost. 0: try again; -1: give
 * up, with the message of what failed; so also what is unsure, unless `repeatable`: done twice it is what it is done once. */
int tm_try_again(tm_store *store, int *tries, bool repeatable);

/* 1: *version is another number once somebody else has committed something, whatever this handle does; 0: that cannot be told; -1.
 * With it what was read before a transaction is known to be true in it. */
int tm_version(tm_store *store, int64_t *version);

/* Called once when tm_begin or tm_commit has waited for others for two seconds. */
typedef void tm_waiting(const char *path);
void tm_when_waiting(tm_store *store, tm_waiting *waiting);

enum tm_put_mode {
    TM_PUT,                   /* a stored run of that key must hold the same rows */
    TM_PUT_APPEND,            /* plugins that the stored run does not have are added to it, those it has must be the same */
    TM_PUT_REPLACE,           /* the stored run's content gives way */
    TM_PUT_REPLACE_IN_BRANCH, /* the same, but a stored run of another branch stays that one's, and is an error */
};

/* Are all facts of the run fit to be stored? The first fault is the one that is told. tm_put_run asks by itself. 0 or -1. */
int tm_run_check(tm_store *store, const struct tm_run *run);

/* Inside a transaction, each run once: its rows come together. After -1 the transaction must be rolled back.
 *
 * A run without a key is the stored one, whatever that is called, that has the same rows in the same lineage: of the same commit
 * where its start is assumed, else of the same start. Where there is none it is new, and gets the default key (schema/key.h). */
int tm_put_run(tm_store *store, const struct tm_run_content *content, enum tm_put_mode mode, enum tm_outcome *outcome);

/* What the store calls the run that was put last, and when that began. */
struct tm_put_name {
    const char *key; /* valid until the next put */
    int64_t started_at;
};
struct tm_put_name tm_put_name(const tm_store *store);

/* What a refused run and the stored run of its key differ in. */
enum tm_conflict {
    TM_NO_CONFLICT,   /* it was refused for another reason */
    TM_OTHER_RUN,     /* start time, host, branch, ... */
    TM_OTHER_PLUGINS, /* which plugins there are */
    TM_OTHER_ROWS,    /* what a plugin's row says */
};
enum tm_conflict tm_put_conflict(const tm_store *store); /* of the last tm_put_run */

/* Reading: a table of rows, one after the other. */
typedef struct tm_rows tm_rows;

enum tm_type { TM_NULL, TM_INTEGER, TM_REAL, TM_TEXT, TM_BLOB };

struct tm_value {
    enum tm_type type;
    int64_t integer;
    double real;
    const char *text; /* TEXT and BLOB: valid until the next row */
    size_t size;
};

int tm_rows_next(tm_rows *rows); /* 1: a row, 0: no more, -1: failed */

/* 0, or -1 where reading failed: a value that could not be read counts also if no further row was asked for, so that the reader of
 * a single row sees it here. NULL is harmless and gives 0. */
int tm_rows_close(tm_rows *rows);

/* The columns by number, from 0, for those who show whatever there is. */
int tm_rows_width(const tm_rows *rows);
const char *tm_rows_name(const tm_rows *rows, int column);
struct tm_value tm_rows_value(const tm_rows *rows, int column);
const char *tm_rows_text(const tm_rows *rows, int column); /* never NULL: "" where there is no text */

/* The columns by name. Reading them in the statement's order costs one comparison each. A name that the statement does not have is
 * a fault of the program: it is printed and the program aborts. A value that cannot be read for want of memory looks like NULL, and
 * the next tm_rows_next and tm_rows_close return -1. */
int tm_rows_column(const tm_rows *rows, const char *name);      /* its number; -1: no such column, nothing aborts */
int64_t tm_row_integer(const tm_rows *rows, const char *name);  /* 0 for NULL */
int64_t tm_row_time(const tm_rows *rows, const char *name);     /* seconds, 0 for NULL; one that is no time fails the reading */
double tm_row_real(const tm_rows *rows, const char *name);      /* integers too; NAN for NULL */
const char *tm_row_text(const tm_rows *rows, const char *name); /* "" for NULL; valid until the next row */
struct tm_value tm_row_value(const tm_rows *rows, const char *name);

/* The statements of schema/queries.sql, by name, prepared at first use and kept. `types` says what follows, a letter a parameter:
 *   t const char *, NULL is SQL NULL      i int64_t       n int64_t, TM_UNKNOWN is SQL NULL
 *   r double, NAN is SQL NULL             b const void *, size_t */
tm_rows *tm_ask(tm_store *store, enum tm_query query, const char *types, ...); /* NULL on failure; one of a kind at a time */
int tm_do(tm_store *store, enum tm_query query, const char *types, ...);       /* returns no row */
/* The same with the values in an array: REAL NAN and TEXT NULL are SQL NULL; a TEXT ends with its NUL, its size is not looked at.
 */
int tm_do_values(tm_store *store, enum tm_query query, const struct tm_value *values, size_t n);
int tm_get(tm_store *store, int64_t *value, enum tm_query query, const char *types,
           ...); /* 1: one integer, 0: no row, -1: failed */

/* Sets the handle's message, for what stands above the store and fails in its name. Returns -1. */
int tm_store_fail(tm_store *store, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Which runs a list speaks of; NULL and 0 leave a side open. */
struct tm_scope {
    const char *project, *branch, *host;
    int64_t newest; /* at most so many runs, the newest ones */
};

struct tm_prune_wish; /* below */

/* NULL on failure. The caller closes them; one of a kind may be open at a time. */
tm_rows *tm_list_runs(tm_store *store, const struct tm_scope *scope);
tm_rows *tm_list_plugins(tm_store *store, const struct tm_scope *scope);
tm_rows *tm_list_history(tm_store *store, const struct tm_scope *scope, const char *plugin);
tm_rows *tm_list_prunable(tm_store *store, const struct tm_prune_wish *wish);

/* Does anything of that name exist? 1, 0 or -1. A plugin's project NULL: any. */
int tm_has_project(tm_store *store, const char *name);
int tm_has_host(tm_store *store, const char *key);
int tm_has_plugin(tm_store *store, const char *project, const char *name);

/* The stored name that is nearest to `name`, for "did you mean"; NULL if none is near, or where the names cannot be read: then
 * there is no hint. The caller frees it. */
char *tm_nearest_project(tm_store *store, const char *name);
char *tm_nearest_host(tm_store *store, const char *key);
char *tm_nearest_plugin(tm_store *store, const char *project, const char *name);
char *tm_nearest_metric(tm_store *store, const char *name);

/* Upkeep. Each is a transaction of its own; project NULL is the default project. */
int tm_remove_run(tm_store *store, const char *project, const char *key);
int tm_rename_plugin(tm_store *store, const char *project, const char *name, const char *new_name);
/* project NULL: in all that have it. better and unit NULL keep what is. */
int tm_describe_metric(tm_store *store, const char *project, const char *name, const char *better, const char *unit);

/* Which runs go: those that started before a time, and are none of the newest so many of their branch and host; what is TM_UNKNOWN
 * keeps none. */
struct tm_prune_wish {
    const char *project; /* NULL: all */
    int64_t before, keep_runs;
    /* TM_UNKNOWN: whatever else there is. Else what is needed stays: so many nights of each branch and host, the newest and those
     * before the oldest thing that is not over, and runs that a decision names; and a repeat stays or goes with its run. */
    int64_t needed;
    const char *branches; /* a JSON array: only runs of these, and their weeks as well; NULL: of all */
    bool whole_weeks;     /* only those of weeks that go as a whole */
    bool rollup;          /* into weeks, see docs/schema.md */
    bool all;             /* also where a project that has runs would keep none; else nothing is removed */
};

struct tm_pruned {
    int64_t runs, weeks;       /* that were removed; that were added to */
    int64_t known;             /* of the removed, that had been rolled up before */
    int64_t kept;              /* from before that time, which are needed */
    int64_t used_before, used; /* bytes of the store, before and after; TM_UNKNOWN: the engine does not say */
};

/* One transaction: all of it, or nothing. */
int tm_prune(tm_store *store, const struct tm_prune_wish *wish, struct tm_pruned *pruned);
/* The time that many days before the newest run, or before now where that is earlier. */
int tm_keep_days(tm_store *store, const char *project, int64_t days, int64_t *before);

/* ---- facts.c and restore.c: all that cannot be made again ---- */

/* Called for each fact in the order in which tm_put_fact takes them; texts are valid until it returns. 0, or -1 to stop. */
typedef int tm_see_fact(void *context, const struct tm_fact *fact);

/* Tells all facts of the project, NULL: of the store. 0, or -1: also where a row is not fit to be told (a text that is no UTF-8, a
 * number that is none), for half of a store must not pass for the whole. */
int tm_walk_facts(tm_store *store, const char *project, tm_see_fact *see, void *context);

/* Has the project runs, metrics or decisions? 1, 0 or -1. */
int tm_project_used(tm_store *store, const char *project);

/* Inside a transaction: stores a fact that is not there yet. Its texts must be fit to be stored (schema/valid.h); the rest is
 * checked here. */
int tm_put_fact(tm_store *store, const struct tm_fact *fact);

/* ---- send.c: from one store into another ---- */

/* A fact that was not stored, and why: it is there with another content, mostly. Texts are valid until it returns. */
typedef void tm_refused(void *context, const struct tm_fact *fact, const char *why);

struct tm_send_wish {
    const char *project; /* NULL: all */
    bool decided;        /* decisions too, and with what was judged */
    tm_refused *refused;
    void *context;
};

struct tm_sent {
    uint64_t stored, already, refused; /* runs */
    uint64_t decisions;                /* that were stored */
    uint64_t differ;                   /* facts that were refused */
    uint64_t failed;                   /* of these, for another reason than what is there already */
};

/* Stores what `from` holds, as it is at one moment, and `to` does not: each run, or part of one, in a transaction of its own. What
 * is there already stays as it is, also where it is refused because it differs. 0, or -1 with the message in `to`: what was stored
 * until then is. */
int tm_send(tm_store *from, tm_store *to, const struct tm_send_wish *wish, struct tm_sent *sent);

/* After tm_open has failed: was it because the server could not be reached? */
bool tm_unreachable(const tm_store *store);

/* From now on everything derived (verdicts, what the judge remembers) is read from and written to copies that this handle alone
 * sees, in memory: on a store opened with TM_READONLY, judging works too, and nothing in the file changes. */
int tm_aside(tm_store *store);

/* Between these all that is read is of one moment, whoever writes meanwhile; writers wait. Harmless within a transaction, and
 * without one to end. */
int tm_snapshot(tm_store *store);
void tm_snapshot_end(tm_store *store);

/* Writes all that the store holds into a file that is there and empty: a store of the same content, of one moment. Outside of
 * transactions. What is written is not synced: whoever made the file does that. */
int tm_copy(tm_store *store, const char *path);

/* A flag for tm_open, beside TM_CREATE: a store that is not there is made when something is committed. Whoever fails before leaves
 * nothing; whoever makes the same one meanwhile is waited for. */
enum { TM_MADE_LATE = 1 << 9 };

/* A flag for tm_open, beside those of enum tm_open_flags: opens a store whose schema is not ours too, for tm_check to look at. */
enum { TM_ANY_SCHEMA = 1 << 8 };

/* Opening a store says how its schema is brought up to date: only told, or with a new store's tables in parts. */
struct tm_migration {
    int64_t partitions; /* into so many, by project: of engines that have such; 0: whole */
    void (*plan)(void *context,
                 const char *sql); /* called with each script that there is to run, and none is; NULL: they are run */
    void *context;
};

/* tm_open for that: with `plan`, the handle is good for its message alone. */
int tm_open_migrating(const char *path, unsigned flags, const struct tm_migration *migration, tm_store **store);

/* Looks for damage: the schema, the file, foreign keys, the rules of schema/invariants.sql. Each finding is told to `tell`. Returns
 * their number, or -1, also for a file that may not be written: an engine may check only a part of that. */
typedef void tm_tell(void *context, const char *rule, const char *place);
int64_t tm_check(tm_store *store, tm_tell *tell, void *context);

/* Somebody's SQL, on a store opened with TM_READONLY: one reading statement, nothing else. NULL on failure. */
struct tm_sql_limits {
    double seconds;     /* 0: no limit */
    int64_t temp_bytes; /* what its temporary files may hold together; 0: 4 GiB */
};
tm_rows *tm_sql(tm_store *store, const char *sql, const struct tm_sql_limits *limits);

/* ---- seal.c: check values over what is derived. 0 is none ---- */

/* Of all that the judgement of a run left, as it is stored now; and storing it beside the judgement. */
int tm_seal_of_run(tm_store *store, int64_t run, int64_t *seal);
int tm_seal_run(tm_store *store, int64_t run);

/* 1: what is stored of the run is what was sealed, or was never sealed; 0: it has changed; -1. */
int tm_seal_holds(tm_store *store, int64_t run);

/* Seals those runs that have a judgement without one, as a version before this left them. */
int tm_seal_lineage(tm_store *store, int64_t project, int64_t host, const char *branch);

/* Of a row of the judge's memory; and of a lineage's own part with the sum of its rows' seals. */
int64_t tm_seal_of_series(int64_t plugin, const char *metric, const void *state, size_t size);
int64_t tm_seal_of_lineage(const void *state, size_t size, uint64_t series);

#endif
