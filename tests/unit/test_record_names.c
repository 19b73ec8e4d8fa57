/* Names and versions of plugins: which are taken, and how many. */
#include "record/threads.h"
#include "tests/unit/one_thread.h"

static void test_names(void **state)
{
    static char longest[TM_NAME_MAX + 1], too_long[TM_NAME_MAX + 2];
    static const struct {
        const char *name, *message; /* NULL: accepted */
    } rows[] =
        {
            {"a", NULL},
            {"with space, comma and \"quotes\"", NULL},
            {" leading and trailing ", NULL},
            {"../../etc/passwd; $(reboot)", NULL},
            {"größer 中文 \xf0\x9f\x90\x8c", NULL},
            {"-5", NULL},
            {longest, NULL},
            {"", "plugin name '' is empty"},
            {"*", "plugin name '*' is '*', which stands for the whole run"},
            {"line\nbreak", "plugin name 'line\\x0abreak' holds a control character"},
            {"\xff", "plugin name '\\xff' is not valid UTF-8"},
            {too_long, "is longer than 1024 bytes"},
        },
      *row;
    (void)state;
    memset(longest, 'x', TM_NAME_MAX);
    memset(too_long, 'x', TM_NAME_MAX + 1);
    EACH(row, rows)
    {
        tm_rec_plugin *plugin = tm_rec_register(row->name, NULL);
        if (!plugin != !!row->message)
            fail_msg("'%s' was %s", row->name, plugin ? "accepted" : "refused");
        if (row->message)
            assert_non_null(strstr(tm_rec_message(), row->message));
        else
            assert_string_equal(tm_rec_plugin_name(plugin), row->name);
        assert_ptr_equal(tm_rec_register(row->name, NULL), plugin);
        call_once(plugin, TM_REC_OK);
        if (plugin)
            assert_int_equal(seen(row->name)->profile.calls, 1);
    }
}

static void test_versions(void **state)
{
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    call_once(plugin, TM_REC_OK);
    assert_null(seen("alpha")->profile.plugin_version);
    tm_rec_register("alpha", "1.4");
    tm_rec_register("alpha", NULL);
    assert_string_equal(seen("alpha")->profile.plugin_version, "1.4");
    assert_ptr_equal(tm_rec_register("alpha", "no\ttext"), plugin);
    assert_string_equal(tm_rec_message(), "version 'no\\x09text' of plugin 'alpha' holds a control character");
    assert_string_equal(seen("alpha")->profile.plugin_version, "1.4");
    tm_rec_register("alpha", "1.5");
    assert_string_equal(seen("alpha")->profile.plugin_version, "1.5");
}

static void test_many_plugins(void **state)
{
    char name[32];
    (void)state;
    for (int i = 0; i < TM_PLUGINS_MAX; i++) {
        snprintf(name, sizeof name, "plugin-%d", i);
        tm_rec_plugin *plugin = tm_rec_register(name, NULL);
        assert_non_null(plugin);
        if (i % 1000 == 0)
            call_once(plugin, TM_REC_OK);
    }
    assert_null(tm_rec_register("one more", NULL));
    assert_non_null(strstr(tm_rec_message(), "at most"));
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_int_equal(snapshot->n_entries, TM_PLUGINS_MAX / 1000 + 1);
    for (size_t i = 1; i < snapshot->n_entries; i++)
        assert_true(strcmp(snapshot->entries[i - 1].profile.plugin, snapshot->entries[i].profile.plugin) < 0);
    tm_rec_snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_names),
        ON(test_versions),
        ON(test_many_plugins),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
