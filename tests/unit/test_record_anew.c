/* What a flush leaves in the recorder: nothing, or all of it if it failed; and what a child has of its parent. */
#include <sys/wait.h>

#include "tests/unit/one_thread.h"

static void test_flush_begins_anew(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    tm_rec_begin(&call, plugin);
    wait_ms(100); /* the one that shall be forgotten; the next is shorter, whatever the machine does */
    tm_rec_end(&call, TM_REC_OK);
    fail_once(plugin, "ValueError", "once");
    assert_int_equal(tm_rec_flush_csv(file("first.csv")), 0);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_int_equal(snapshot->n_entries, 0);
    tm_rec_snapshot_free(snapshot);
    call_once(plugin, TM_REC_OK);
    const struct tm_rec_entry *entry = seen("alpha");
    assert_int_equal(entry->profile.calls, 1);
    assert_int_equal(entry->profile.errors, 0);
    assert_int_equal(entry->n_errors, 0);
    assert_true(entry->profile.wall_max_ns < 100e6 && entry->profile.longest_step_ns < 100e6);
    assert_true(entry->profile.wall_max_ns == entry->profile.wall_ns);
}

static void test_failed_flush_loses_nothing(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    tm_rec_begin(&call, plugin);
    wait_ms(2);
    tm_rec_end(&call, TM_REC_OK);
    fail_once(plugin, "ValueError", "once");
    struct tm_rec_snapshot *before = tm_rec_take();
    assert_int_equal(tm_rec_flush_csv(file("no/such/directory.csv")), -1);
    assert_non_null(strstr(tm_rec_message(), "no/such/directory.csv': No such file or directory"));
    assert_int_equal(tm_rec_flush_csv("/dev/full"), -1);
    assert_non_null(strstr(tm_rec_message(), "No space left on device"));
    tm_store *store = open_store("closed.db", TM_CREATE);
    assert_int_equal(tm_rec_flush_store(store, &(struct tm_run){.key = "", .started_at = 1}), -1);
    assert_true(strlen(tm_rec_message()) > 0);
    tm_close(store);
    const struct tm_rec_entry *now = seen("alpha"), *then = entry_of(before, "alpha");
    assert_int_equal(now->profile.calls, 2);
    assert_true(now->profile.wall_ns == then->profile.wall_ns && now->profile.cpu_ns == then->profile.cpu_ns);
    assert_true(now->profile.wall_max_ns == then->profile.wall_max_ns && now->profile.wall_p50_ns == then->profile.wall_p50_ns);
    assert_int_equal(now->profile.latency_size, then->profile.latency_size);
    assert_memory_equal(now->profile.latency, then->profile.latency, then->profile.latency_size);
    assert_int_equal(now->n_errors, 1);
    tm_rec_snapshot_free(before);
}

static void test_flush_replaces_whole_files(void **state)
{
    char line[64];
    (void)state;
    FILE *old = fopen(file("night.csv"), "w");
    fputs("an older night\n", old);
    fclose(old);
    call_once(tm_rec_register("alpha", NULL), TM_REC_OK);
    assert_int_equal(tm_rec_flush_csv(file("night.csv")), 0);
    FILE *new = fopen(file("night.csv"), "r");
    assert_non_null(fgets(line, sizeof line, new));
    assert_int_equal(strncmp(line, "plugin,calls,errors,", 20), 0);
    fclose(new);
    struct dirent *entry;
    DIR *dir = opendir(scratch);
    while ((entry = readdir(dir)))
        assert_null(strstr(entry->d_name, "night.csv."));
    closedir(dir);
}

static void test_fork(void **state)
{
    struct tm_rec_call call;
    int status;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    call_once(plugin, TM_REC_OK);
    tm_rec_begin(&call, plugin);
    pid_t child = fork();
    if (child == 0) {
        struct tm_rec_snapshot *snapshot = tm_rec_take();
        int good = snapshot && snapshot->n_entries == 0;
        tm_rec_end(&call, TM_REC_OK); /* its parent's */
        tm_rec_begin(&call, plugin);
        wait_ms(5);
        tm_rec_end(&call, TM_REC_ERROR);
        tm_rec_snapshot_free(snapshot);
        snapshot = tm_rec_take();
        const struct tm_profile *profile = &snapshot->entries[0].profile;
        good = good && snapshot->n_entries == 1 && profile->calls == 1 && profile->errors == 1 && profile->cpu_ns < 3e6;
        good = good && tm_rec_flush_csv(file("child.csv")) == 0;
        tm_rec_snapshot_free(snapshot);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    tm_rec_end(&call, TM_REC_OK);
    assert_int_equal(seen("alpha")->profile.calls, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_flush_begins_anew),
        ON(test_failed_flush_loses_nothing),
        ON(test_flush_replaces_whole_files),
        ON(test_fork),
        BEST(test_fork),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
