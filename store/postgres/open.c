/* Opening a store on a server. Its name in messages is its address without a password. */
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

/* The address as it was given holds a password, perhaps: it is wiped, and shown without what stands before the '@'. */
static void hide_address(tm_store *store)
{
    char *at = strrchr(store->path, '@');
    static const char shown[] = "postgresql://";
    size_t length = strlen(store->path);
    if (at && strncmp(store->path, shown, strlen(shown)) == 0)
        memmove(store->path + strlen(shown), at + 1, strlen(at));
    else
        memcpy(store->path, shown, length < sizeof shown ? length : sizeof shown);
    char *query = strchr(store->path, '?');
    size_t kept = query ? (size_t)(query - store->path) : strlen(store->path);
    memset(store->path + kept, 0, length - kept);
}

int tm_postgres_open(tm_store *store, unsigned flags)
{
    enum { OLDEST = 120000 }; /* PostgreSQL 12 */
    const char *fault;
    struct tm_postgres *own = store->connection = calloc(1, sizeof *own);
    if (!own)
        return tm_store_fail(store, "out of memory");
    own->readonly = flags & TM_READONLY;
    own->pq = tm_libpq(&fault);
    if (!own->pq) {
        hide_address(store);
        return tm_store_fail(store, "cannot open '%s': PostgreSQL's library is not here (%s); Debian's package is libpq5",
                             store->path, fault);
    }
    own->db = own->pq->PQconnectdb(store->path);
    hide_address(store);
    if (!own->db)
        return tm_store_fail(store, "out of memory");
    if (own->pq->PQstatus(own->db) != CONNECTION_OK) {
        tm_postgres_failed(own, NULL);
        return tm_postgres_error(store, "open");
    }
    if (name_store(store, own) != 0 || tm_postgres_run(own, "SET client_min_messages = warning") != 0)
        return -1;
    if (own->pq->PQserverVersion(own->db) < OLDEST)
        return tm_store_fail(store, "cannot open '%s': the server is older than PostgreSQL 12", store->path);
    return tm_postgres_migrate(store, flags);
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
