/* What tests of the recorder on one thread share: starting with either clock, calls, and what a plugin's profile says now. */
#ifndef TM_TESTS_ONE_THREAD_H
#define TM_TESTS_ONE_THREAD_H

#include <malloc.h>

#include "record/binding.h"
#include "tests/unit/recording.h"

static inline const struct tm_rec_entry *entry_of(const struct tm_rec_snapshot *snapshot, const char *plugin)
{
    for (size_t i = 0; i < snapshot->n_entries; i++)
        if (strcmp(snapshot->entries[i].profile.plugin, plugin) == 0)
            return &snapshot->entries[i];
    fail_msg("plugin '%s' is not in the snapshot", plugin);
    return NULL;
}

/* The entry of a plugin, valid until the next call. */
static inline const struct tm_rec_entry *seen(const char *plugin)
{
    static struct tm_rec_snapshot *snapshot;
    tm_rec_snapshot_free(snapshot);
    snapshot = NULL;
    if (!plugin)
        return NULL;
    snapshot = tm_rec_take();
    assert_non_null(snapshot);
    return entry_of(snapshot, plugin);
}

static inline int start_syscall(void **state)
{
    (void)state;
    return start(TM_REC_CLOCK_SYSCALL);
}

static inline int start_best(void **state)
{
    (void)state;
    return start(TM_REC_CLOCK_BEST);
}

static inline int stop(void **state)
{
    (void)state;
    seen(NULL);
    tm_rec_stop();
    return 0;
}

static inline void call_once(tm_rec_plugin *plugin, enum tm_rec_status status)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    tm_rec_end(&call, status);
}

/* Bytes that malloc has given out. */
static inline size_t allocated(void)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
#else
    return 0;
#endif
}

static inline void fail_once(tm_rec_plugin *plugin, const char *type, const char *message)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    tm_rec_error(&call, type, message);
    tm_rec_end(&call, TM_REC_ERROR);
}

/* A test with the recorder on. */
#define ON(test) cmocka_unit_test_setup_teardown(test, start_syscall, stop)
#define BEST(test)                                                                                                                 \
    {                                                                                                                              \
#test " with the best clock", test, start_best, stop, NULL                                                                 \
    }

#endif
