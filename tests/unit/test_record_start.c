/* The recorder on and off, and on again. */
#include "record/binding.h"
#include "record/clock.h"
#include "tests/unit/one_thread.h"

/* However long the recording before it was. */
static void test_second_start(void **state)
{
    (void)state;
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    wait_ms(2100); /* in whole seconds that is two; one the clocks of the test may be apart */
    tm_rec_stop();
    int64_t before = time(NULL);
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    assert_in_range(tm_rec_began(), before, time(NULL) + 1);
    tm_rec_stop();
}

static void test_off_does_nothing(void **state)
{
    struct tm_rec_call call, helper;
    (void)state;
    unsetenv("PLUGIN_PROFILING");
    assert_int_equal(tm_rec_start(NULL), 0);
    assert_int_equal(tm_rec_is_on, 0);
    tm_rec_plugin *plugin = tm_rec_register("alpha", "1");
    assert_null(plugin);
    tm_rec_begin(&call, plugin);
    tm_rec_suspend(&call);
    tm_rec_resume(&call);
    tm_rec_error(&call, "Error", "message");
    tm_rec_adopt(&helper, &call);
    tm_rec_release(&helper);
    tm_rec_end(&call, TM_REC_OK);
    assert_null(tm_rec_take());
    assert_int_equal(tm_rec_flush_csv(file("off.csv")), 0);
    assert_int_equal(access(file("off.csv"), F_OK), -1);
    tm_rec_stop();
}

static void test_environment(void **state)
{
    static const struct {
        const char *value;
        int on;
    } rows[] = {{"1", 1}, {"0", 0}, {"", 0}, {"true", 0}, {"11", 0}}, *row;
    (void)state;
    EACH(row, rows)
    {
        setenv("PLUGIN_PROFILING", row->value, 1);
        assert_int_equal(tm_rec_start(NULL), 0);
        if (tm_rec_is_on != row->on)
            fail_msg("PLUGIN_PROFILING='%s': on is %d", row->value, tm_rec_is_on);
        tm_rec_stop();
    }
    setenv("PLUGIN_PROFILING", "1", 1);
    assert_int_equal(tm_rec_start(&(struct tm_rec_config){.on = 0}), 0);
    assert_int_equal(tm_rec_is_on, 0);
    unsetenv("PLUGIN_PROFILING");
}

static void test_start_again(void **state)
{
    struct tm_rec_call call;
    (void)state;
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    assert_int_equal(tm_rec_start(NULL), -1);
    assert_string_equal(tm_rec_message(), "the recorder is on already");
    tm_rec_plugin *former = tm_rec_register("former", NULL);
    tm_rec_begin(&call, former);
    tm_rec_stop();
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    tm_rec_end(&call, TM_REC_OK); /* of the recorder before */
    call_once(former, TM_REC_OK);
    call_once(plugin, TM_REC_OK);
    assert_int_equal(seen("alpha")->profile.calls, 1);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_int_equal(snapshot->n_entries, 1);
    tm_rec_snapshot_free(snapshot);
    tm_rec_stop();
}

static void test_memory_needs_hooks(void **state)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    (void)state;
    config.on = 1;
    config.memory = TM_REC_MEMORY_NET;
    assert_int_equal(tm_rec_start(&config), -1);
    assert_non_null(strstr(tm_rec_message(), "LD_PRELOAD=.../libtidemark_malloc.so"));
    assert_int_equal(tm_rec_is_on, 0);
    config.site_bytes = 1; /* of NET */
    assert_int_equal(tm_rec_start(&config), -1);
    assert_non_null(strstr(tm_rec_message(), "site_bytes 1"));
}

/* Plugins of before a stop are used again. */
static void test_starting_again_takes_no_room(void **state)
{
    size_t before = 0;
    (void)state;
    for (int i = 0; i < 60; i++) {
        if (i == 10)
            before = allocated();
        assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
        call_once(tm_rec_register("alpha", i % 2 ? "1" : NULL), TM_REC_ERROR);
        call_once(tm_rec_register("beta", NULL), TM_REC_OK);
        assert_int_equal(seen("alpha")->profile.calls, 1);
        assert_int_equal(seen("alpha")->profile.errors, 1);
        if (i % 2)
            assert_string_equal(seen("alpha")->profile.plugin_version, "1");
        else
            assert_null(seen("alpha")->profile.plugin_version);
        tm_rec_stop();
    }
    size_t after = allocated();
    assert_true(after < before || after - before <= 1024);
}

#if defined(__x86_64__)
/* Guests keep time by their host's clock, which goes by the same counter. */
static void test_counters(void **state)
{
    static const char *const good[] = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "hyperv_clocksource_msr"},
                             *const bad[] = {"hpet", "acpi_pm", "jiffies", "xen", "", "ts"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_null(tm_counter_fault(good[i], true));
        assert_string_equal(tm_counter_fault(good[i], false), "the processor's counter has no constant rate");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(tm_counter_fault(bad[i], true), "the kernel does not keep time by the processor's counter");
}
#endif

static void test_why_there_is_no_fast_clock(void **state)
{
    (void)state;
    tm_rec_stop();
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    assert_string_equal(tm_rec_clock_why(), "the system call was asked for");
    assert_true(fabs(tm_rec_clock_drift()) < 1000);
    tm_rec_stop();
    int result = start(TM_REC_CLOCK_RSEQ);
    assert_true(result == 0 ? !*tm_rec_clock_why() : *tm_rec_clock_why() && strstr(tm_rec_message(), tm_rec_clock_why()));
    tm_rec_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_start),
        cmocka_unit_test(test_off_does_nothing),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_start_again),
#if defined(__x86_64__)
        cmocka_unit_test(test_counters),
#endif
        cmocka_unit_test(test_why_there_is_no_fast_clock),
        cmocka_unit_test(test_memory_needs_hooks),
        cmocka_unit_test(test_starting_again_takes_no_room),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
