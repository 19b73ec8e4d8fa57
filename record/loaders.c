/* All loaders there are, for forks: their tables' locks are held across a fork, so that the child finds each table whole, and makes
 * the locks anew. */
#include "record/loaders.h"

#include "record/last_words.h"

/* Those who change the table are not put off for ever by those who read it. */
static void init_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
#ifdef __GLIBC__
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
    pthread_rwlock_init(lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

static struct {
    pthread_mutex_t lock;
    tm_loader *first;
    uint32_t forks; /* constant in a process */
} loaders = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* No table may be half changed, nor its lock held, in the child. */
static void before_fork(void)
{
    pthread_mutex_lock(&loaders.lock);
    for (tm_loader *loader = loaders.first; loader; loader = loader->next)
        pthread_rwlock_wrlock(&loader->lock);
}

static void after_fork(void)
{
    for (tm_loader *loader = loaders.first; loader; loader = loader->next)
        pthread_rwlock_unlock(&loader->lock);
    pthread_mutex_unlock(&loaders.lock);
}

/* The calls under way are the parent's. */
static void in_child(void)
{
    loaders.forks++;
    for (tm_loader *loader = loaders.first; loader; loader = loader->next) {
        init_lock(&loader->lock);
        for (int i = 0; i < TM_LOADER_BUCKETS; i++)
            for (struct tm_loaded *plugin = loader->buckets[i]; plugin; plugin = plugin->next)
                plugin->calls = 0;
    }
    pthread_mutex_init(&loaders.lock, NULL);
    tm_last_words_forked();
}

int tm_loaders_add(tm_loader *loader)
{
    static bool watches_forks; /* guarded by the lock */
    pthread_mutex_lock(&loaders.lock);
    watches_forks = watches_forks || pthread_atfork(before_fork, after_fork, in_child) == 0;
    bool added = watches_forks;
    if (added) {
        init_lock(&loader->lock);
        loader->next = loaders.first;
        loaders.first = loader;
    }
    pthread_mutex_unlock(&loaders.lock);
    return added ? 0 : -1;
}

void tm_loaders_remove(tm_loader *loader)
{
    pthread_mutex_lock(&loaders.lock);
    tm_loader **place = &loaders.first;
    while (*place != loader)
        place = &(*place)->next;
    *place = loader->next;
    pthread_mutex_unlock(&loaders.lock);
}

uint32_t tm_loaders_forks(void)
{
    return loaders.forks;
}
