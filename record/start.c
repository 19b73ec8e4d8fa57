/* Start, stop and fork: who turns the recorder on and off, on top of all its other parts. What can fail is tried before anything
 * is seen of it from outside; then tm_rec_is_on turns, and a new generation makes all that is of an older one void. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "record/binding.h"
#include "record/monitor.h"
#include "record/plugins.h"
#include "record/rseq.h"
#include "record/snapshot.h"
#include "record/state.h"
#include "record/threads.h"
#include "record/trace.h"

static pthread_mutex_t switching = PTHREAD_MUTEX_INITIALIZER; /* on or off, one at a time */

/* Present if the hooks are linked into the program. */
extern const struct tm_memory_hooks tm_memory_hooks __attribute__((weak));

/* The allocator's hooks, in the mode that is asked for. 0, or -1 with a message: they are not there, or refuse it. */
static int find_hooks(enum tm_rec_memory mode, int64_t site_bytes)
{
    const struct tm_memory_hooks *hooks = &tm_memory_hooks;
    if (!hooks)
        hooks = dlsym(RTLD_DEFAULT, "tm_memory_hooks");
    tm_recorder.memory = TM_REC_MEMORY_OFF;
    tm_recorder.notes_sites = false;
    tm_recorder.hooks = hooks && hooks->version == TM_MEMORY_HOOKS_VERSION ? hooks : NULL;
    if (site_bytes < 0 || (site_bytes > 0 && mode != TM_REC_MEMORY_OWNER))
        return tm_rec_fail("cannot note places with site_bytes %lld: expected 0, or more with memory by owner",
                           (long long)site_bytes);
    if (mode == TM_REC_MEMORY_OFF)
        return 0;
    if (!tm_recorder.hooks)
        return tm_rec_fail("cannot measure memory: the allocator's hooks are %s (run with LD_PRELOAD=.../libtidemark_malloc.so)",
                           hooks ? "of another version" : "not loaded");
    if (hooks->mode((int)mode, site_bytes) != 0)
        return tm_rec_fail("cannot measure memory: the program has an allocator of its own, not glibc's");
    tm_recorder.memory = mode;
    tm_recorder.notes_sites = site_bytes > 0;
    return 0;
}

/* They count nothing from then on, at the cost of one look a call. */
static void leave_hooks(void)
{
    if (tm_recorder.memory != TM_REC_MEMORY_OFF)
        tm_recorder.hooks->mode(TM_REC_MEMORY_OFF, 0);
    tm_recorder.memory = TM_REC_MEMORY_OFF;
}

/* In the child there is one thread, and nothing has been recorded. */
static void forked(void)
{
    tm_recorder.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    switching = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    tm_rec_monitor_forked(); /* also if the recorder was just being stopped */
    if (!tm_recorder_on())
        return;
    tm_rec_trace_forked();
    tm_threads_forked();
    tm_plugins_forked();
    tm_snapshot_forget();
    atomic_fetch_add(&tm_recorder.generation, 1);
}

/* Everything that can fail. */
static int prepare(const struct tm_rec_config *config)
{
    if (tm_clock_choose(config->clock, tm_rseq_proven) != 0 || find_hooks(config->memory, config->site_bytes) != 0)
        return -1;
    if (config->trace && tm_rec_trace_open(config->trace, config->trace_share) != 0)
        goto hooks;
    if (tm_rec_monitor_start(config) == 0)
        return 0;
    tm_rec_trace_close();
hooks:
    leave_hooks();
    return -1;
}

/* With `switching`. */
static int switch_on(const struct tm_rec_config *config)
{
    static bool watches_forks;
    if (tm_recorder_on())
        return tm_rec_fail("the recorder is on already");
    if (!watches_forks && pthread_atfork(tm_recorder_lock, tm_recorder_unlock, forked) != 0)
        return tm_rec_fail("out of memory");
    watches_forks = true;
    if (prepare(config) != 0)
        return -1;
    tm_recorder_lock();
    tm_snapshot_forget(); /* the clock begins at zero again */
    tm_recorder_unlock();
    atomic_fetch_add(&tm_recorder.generation, 1);
    __atomic_store_n(&tm_rec_is_on, 1, __ATOMIC_RELEASE);
    return 0;
}

static void switch_off(void)
{
    if (!tm_recorder_on())
        return;
    __atomic_store_n(&tm_rec_is_on, 0, __ATOMIC_RELEASE);
    tm_rec_monitor_stop();
    tm_rec_trace_close();
    tm_recorder_lock();
    atomic_fetch_add(&tm_recorder.generation, 1);
    tm_threads_forget();
    tm_plugins_forget();
    tm_snapshot_forget();
    leave_hooks();
    tm_recorder_unlock();
}

bool tm_rec_wished(void)
{
    const char *wish = secure_getenv("PLUGIN_PROFILING");
    return wish && strcmp(wish, "1") == 0;
}

int tm_rec_start(const struct tm_rec_config *config)
{
    static const struct tm_rec_config usual = TM_REC_CONFIG_INIT;
    if (!config)
        config = &usual;
    if (tm_rec_monitor_is_me())
        return tm_rec_fail("on_spike cannot start recording");
    bool wanted = config->on > 0 || (config->on < 0 && tm_rec_wished());
    if (!wanted && !tm_recorder_on())
        return 0;
    pthread_mutex_lock(&switching);
    int result = switch_on(config);
    pthread_mutex_unlock(&switching);
    return result;
}

void tm_rec_stop(void)
{
    if (tm_rec_monitor_is_me()) {
        tm_rec_fail("on_spike cannot stop recording");
        return;
    }
    pthread_mutex_lock(&switching);
    switch_off();
    pthread_mutex_unlock(&switching);
}
