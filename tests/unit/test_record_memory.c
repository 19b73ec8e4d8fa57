/* What the recorder makes of the allocator's counts; the hooks here are the test's own. */
#include "record/threads.h"
#include "tests/unit/recording.h"

static struct tm_memory_thread memory;
static int mode_told;
static int64_t site_bytes_told;

static struct tm_memory_thread *this_thread(void)
{
    return &memory;
}

static int set_mode(int mode, int64_t site_bytes)
{
    mode_told = mode;
    site_bytes_told = site_bytes;
    return 0;
}

const struct tm_memory_hooks tm_memory_hooks = {.version = TM_MEMORY_HOOKS_VERSION, .thread = this_thread, .mode = set_mode};

static void allocate(int64_t bytes)
{
    struct tm_memory_owner *owner = memory.owner;
    memory.net += bytes;
    if (memory.net > memory.high)
        memory.high = memory.net;
    if (!owner)
        return;
    owner->live += bytes;
    if (owner->live > owner->peak)
        owner->peak = owner->live;
}

static int start_with(enum tm_rec_memory mode)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    memory = (struct tm_memory_thread){.net = 5000, .high = 7000};
    config.on = 1;
    config.clock = TM_REC_CLOCK_SYSCALL;
    config.spike_interval = 0;
    config.memory = mode;
    config.site_bytes = mode == TM_REC_MEMORY_OWNER ? 4096 : 0;
    return tm_rec_start(&config);
}

static int start_net(void **state)
{
    (void)state;
    return start_with(TM_REC_MEMORY_NET);
}

static int start_owner(void **state)
{
    (void)state;
    return start_with(TM_REC_MEMORY_OWNER);
}

static int stop(void **state)
{
    (void)state;
    tm_rec_stop();
    return mode_told == TM_REC_MEMORY_OFF ? 0 : -1;
}

static void expect(const char *plugin, double delta, double peak)
{
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    for (size_t i = 0; i < snapshot->n_entries; i++) {
        const struct tm_profile *profile = &snapshot->entries[i].profile;
        if (strcmp(profile->plugin, plugin) != 0)
            continue;
        if (profile->mem_delta_bytes != delta || profile->peak_mem_bytes != peak)
            fail_msg("%s: %g bytes, peak %g, not %g and %g", plugin, profile->mem_delta_bytes, profile->peak_mem_bytes, delta,
                     peak);
        tm_rec_snapshot_free(snapshot);
        return;
    }
    fail_msg("no plugin '%s'", plugin);
}

static void test_mode(void **state)
{
    (void)state;
    assert_int_equal(mode_told, TM_REC_MEMORY_OWNER);
    assert_int_equal(site_bytes_told, 4096);
}

/* The outer one holds 100 and 50 at its highest, while the inner one, which the outer one's peak contains, holds 1000. */
static void test_net_nested(void **state)
{
    struct tm_rec_call outer, inner;
    (void)state;
    tm_rec_begin(&outer, tm_rec_register("outer", NULL));
    allocate(100);
    tm_rec_begin(&inner, tm_rec_register("inner", NULL));
    allocate(1000);
    allocate(-990);
    tm_rec_end(&inner, TM_REC_OK);
    allocate(50);
    allocate(-100);
    tm_rec_end(&outer, TM_REC_OK);
    expect("inner", 10, 1000);
    expect("outer", 60, 1100);
    assert_int_equal(memory.high, 7000); /* whoever was there before the calls finds the old mark */
}

static void test_net_sums_calls(void **state)
{
    struct tm_rec_call call;
    (void)state;
    for (int i = 1; i <= 3; i++) {
        tm_rec_begin(&call, tm_rec_register("alpha", NULL));
        allocate(100 * i);
        allocate(-90 * i);
        tm_rec_end(&call, TM_REC_OK);
    }
    expect("alpha", 60, 300);
}

/* 50 MB in the first step of one, held while the other one runs: the peak is the first one's. */
static void test_net_steps(void **state)
{
    struct tm_rec_call hungry, innocent;
    (void)state;
    tm_rec_begin(&hungry, tm_rec_register("hungry", NULL));
    allocate(1000);
    tm_rec_suspend(&hungry);
    tm_rec_begin(&innocent, tm_rec_register("innocent", NULL));
    allocate(10);
    tm_rec_suspend(&innocent);
    tm_rec_resume(&hungry);
    allocate(500);
    allocate(-1400);
    tm_rec_end(&hungry, TM_REC_OK);
    tm_rec_resume(&innocent);
    allocate(-10);
    tm_rec_end(&innocent, TM_REC_OK);
    expect("hungry", 100, 1500);
    expect("innocent", 0, 10);
}

/* Calls that leave the stack from the middle: what was held meanwhile is still known. */
static void test_net_out_of_order(void **state)
{
    struct tm_rec_call below, leaves, stays;
    (void)state;
    tm_rec_begin(&below, tm_rec_register("below", NULL));
    tm_rec_begin(&leaves, tm_rec_register("leaves", NULL));
    allocate(300);
    allocate(-300);
    tm_rec_begin(&stays, tm_rec_register("stays", NULL));
    allocate(20);
    tm_rec_suspend(&leaves);
    allocate(30);
    tm_rec_end(&stays, TM_REC_OK);
    tm_rec_end(&leaves, TM_REC_OK);
    tm_rec_end(&below, TM_REC_OK);
    expect("leaves", 20, 300);
    expect("stays", 50, 50);
    expect("below", 50, 300);
}

static void test_net_recursion(void **state)
{
    struct tm_rec_call outer, inner;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    tm_rec_begin(&outer, plugin);
    tm_rec_begin(&inner, plugin);
    allocate(10);
    tm_rec_end(&inner, TM_REC_OK);
    tm_rec_end(&outer, TM_REC_OK);
    expect("alpha", 10, 10);
}

static void test_owners(void **state)
{
    struct tm_rec_call outer, inner;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("outer", NULL), *b = tm_rec_register("inner", NULL);
    tm_rec_begin(&outer, a);
    assert_ptr_equal(memory.owner, &a->owner);
    tm_rec_begin(&inner, b);
    assert_ptr_equal(memory.owner, &b->owner);
    tm_rec_suspend(&outer); /* from the middle */
    assert_ptr_equal(memory.owner, &b->owner);
    tm_rec_suspend(&inner);
    assert_null(memory.owner);
    tm_rec_resume(&inner);
    assert_ptr_equal(memory.owner, &b->owner);
    tm_rec_end(&inner, TM_REC_OK);
    assert_null(memory.owner);
    tm_rec_end(&outer, TM_REC_OK);
    assert_null(memory.owner);
}

/* Live bytes are counted on from flush to flush; the peak begins anew with what is live. A flush that fails takes neither. */
static void test_owner_flushes(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("cache", NULL);
    for (int i = 0; i < 2; i++) {
        tm_rec_begin(&call, plugin);
        allocate(1000);
        allocate(-600);
        tm_rec_end(&call, TM_REC_OK);
    }
    assert_int_equal(tm_rec_flush_csv("/dev/full"), -1);
    expect("cache", 800, 1400);
    assert_int_equal(tm_rec_flush_csv("/dev/null"), 0);
    tm_rec_begin(&call, plugin);
    allocate(100);
    allocate(-300);
    tm_rec_end(&call, TM_REC_OK);
    expect("cache", -200, 900);
}

#define NET(test)   cmocka_unit_test_setup_teardown(test, start_net, stop)
#define OWNER(test) cmocka_unit_test_setup_teardown(test, start_owner, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OWNER(test_mode),           NET(test_net_nested),    NET(test_net_sums_calls), NET(test_net_steps),
        NET(test_net_out_of_order), NET(test_net_recursion), OWNER(test_owners),       OWNER(test_owner_flushes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
