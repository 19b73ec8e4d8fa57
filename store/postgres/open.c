/* Opening a store on a server. Its name in messages is its address without user and password. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/db.h"

/* What may be shown: where it is, and not who we are there. */
static int name_store(tm_store *store, const struct tm_postgres *own)
{
    char name[600];
    const char *host = own->pq->PQhost(own->db), *database = own->pq->PQdb(own->db);
    snprintf(name, sizeof name, "postgresql://%s/%s", host && *host != '/' ? host : "", database ? database : "");
    char *kept = strdup(name);
    if (!kept)
        return tm_store_fail(store, "out of memory");
    free(store->path);
    store->path = kept;
    return 0;
}

/* Between "//" and the next '/': USER:PASSWORD@HOST:PORT. A second '@', or one behind that, is mostly part of a password that ought
 * to be written in another way; what libpq takes such an address for, its messages would tell. */
static bool is_clear(const char *address)
{
    const char *from = strstr(address, "://") + 3, *end = from + strcspn(from, "?");
    const char *at = memchr(from, '@', (size_t)(end - from)), *slash = memchr(from, '/', (size_t)(end - from));
    return !at || (!memchr(at + 1, '@', (size_t)(end - at - 1)) && (!slash || at < slash) && !strchr(end, '@'));
}

/* Takes the address from store->path, where a name without user, password and options stands in its place: of one that is not
 * clear, the scheme alone. NULL: no memory, and no address in the path either. */
static char *take_address(tm_store *store)
{
    static const char scheme[] = "postgresql://";
    char *address = store->path, *name = strdup(address);
    const char *from = strstr(address, "://") + 3, *at = strchr(from, '@');
    store->path = name;
    if (!name) {
        explicit_bzero(address, strlen(address));
        free(address);
        return NULL;
    }
    explicit_bzero(name, strlen(name));
    if (at)
        from = at + 1;
    if (is_clear(address))
        snprintf(name, strlen(address) + 1, "postgres%s://%.*s", address[8] == 'q' ? "ql" : "", (int)strcspn(from, "?"), from);
    else
        memcpy(name, scheme, strlen(address) < sizeof scheme ? strlen(address) : sizeof scheme);
    return address;
}

/* The address as libpq takes it, with what stands for limits that it does not name itself. */
static PGconn *connect_to(const struct tm_libpq *pq, const char *address)
{
    const char *names[12], *values[12];
    static const struct {
        const char *name, *value, *variable;
    } defaults[] = {{"connect_timeout", "10", "PGCONNECT_TIMEOUT"}, /* seconds */
                    {"keepalives_idle", "10", NULL},                /* a server that answers no more is given up after 25 s */
                    {"keepalives_interval", "5", NULL},
                    {"keepalives_count", "3", NULL},
                    {"tcp_user_timeout", "25000", NULL}, /* ms */
                    {"fallback_application_name", "tidemark", NULL}};
    int n = 0;
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (!defaults[i].variable || !getenv(defaults[i].variable))
            names[n] = defaults[i].name, values[n++] = defaults[i].value;
    names[n] = "dbname", values[n++] = address; /* what is named later counts */
    names[n] = "client_encoding", values[n++] = "UTF8";
    names[n] = NULL, values[n] = NULL;
    return pq->PQconnectdbParams(names, values, 1);
}

/* libpq's words for an address that it cannot read would show parts of it. */
static int check_address(tm_store *store, const struct tm_libpq *pq, const char *address)
{
    char *words = NULL;
    PQconninfoOption *options = pq->PQconninfoParse(address, &words);
    bool fine = options && is_clear(address);
    pq->PQconninfoFree(options);
    pq->PQfreemem(words);
    return fine ? 0
                : tm_store_fail(
                      store,
                      "cannot open '%s': the address cannot be read: expected postgresql://USER@HOST/DATABASE; in a name or a "
                      "password '@' is written %%40, '/' %%2F, ':' %%3A, '?' %%3F and '%%' %%25",
                      store->path);
}

/* What the server says beside its answers is for nobody; libpq would print it. */
static void ignore_notice(void *context, const char *message)
{
    (void)context, (void)message;
}

/* No setting is left in the session, which a pooler gives to others. */
static int greet(tm_store *store)
{
    enum { OLDEST = 120000 }; /* PostgreSQL 12 */
    struct tm_postgres *own = tm_postgres_of(store);
    if (own->pq->PQstatus(own->db) != CONNECTION_OK) {
        store->unreachable = true;
        tm_postgres_failed(own, NULL);
        return tm_postgres_error(store, "open");
    }
    if (own->pq->PQserverVersion(own->db) < OLDEST)
        return tm_store_fail(store, "cannot open '%s': the server is older than PostgreSQL 12", store->path);
    own->pq->PQsetNoticeProcessor(own->db, ignore_notice, NULL);
    return 0;
}

static int connect_store(tm_store *store, const char *address)
{
    struct tm_postgres *own = tm_postgres_of(store);
    if (check_address(store, own->pq, address) != 0)
        return -1;
    own->db = connect_to(own->pq, address);
    if (!own->db)
        return tm_store_fail(store, "out of memory");
    return greet(store) != 0 ? -1 : name_store(store, own);
}

int tm_postgres_open(tm_store *store, unsigned flags)
{
    const char *fault;
    struct tm_postgres *own = store->connection = calloc(1, sizeof *own);
    char *address = take_address(store);
    int result = -1;
    if (!own || !address) {
        tm_store_fail(store, "out of memory");
    } else {
        own->readonly = flags & TM_READONLY;
        own->pq = tm_libpq(&fault);
        if (own->pq)
            result = connect_store(store, address);
        else
            tm_store_fail(store, "cannot open '%s': PostgreSQL's library is not here (%s); Debian's package is libpq5", store->path,
                          fault);
        store->unreachable = store->unreachable || !own->pq;
    }
    if (address)
        explicit_bzero(address, strlen(address));
    free(address);
    return result == 0 ? tm_postgres_migrate(store, flags) : -1;
}

/* libpq knows yet how it connected. */
int tm_postgres_reconnect(tm_store *store)
{
    struct tm_postgres *own = tm_postgres_of(store);
    if (!own->lost)
        return 0;
    own->pq->PQreset(own->db);
    if (greet(store) != 0)
        return -1;
    own->lost = false;
    return 0;
}

void tm_postgres_close(tm_store *store)
{
    struct tm_postgres *own = tm_postgres_of(store);
    if (!own)
        return;
    if (own->db)
        own->pq->PQfinish(own->db);
    free(own);
    store->connection = NULL;
}
