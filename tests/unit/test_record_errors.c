/* What is kept of errors: a few of each plugin, counted, in a room that does not grow. */
#include "tests/unit/one_thread.h"

static void test_errors(void **state)
{
    char message[400], name[16];
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    memset(message, 'x', sizeof message);
    memcpy(message + 158, "\xc3\xa4\xc3\xa4", 4); /* the second character would be cut in two */
    message[sizeof message - 1] = '\0';
    fail_once(plugin, "ValueError", "bad\x1b[31m value\n\xff");
    fail_once(plugin, "ValueError", message);
    fail_once(plugin, "ValueError", message);
    fail_once(plugin, NULL, NULL);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "%d", i);
        fail_once(plugin, "KeyError", name);
    }
    const struct tm_rec_entry *entry = seen("alpha");
    assert_int_equal(entry->profile.errors, 104);
    assert_int_equal(entry->n_errors, TM_REC_ERRORS_KEPT);
    assert_string_equal(entry->errors[0].message, "bad?[31m value??");
    assert_int_equal(entry->errors[1].count, 2);
    assert_int_equal(strlen(entry->errors[1].message), 160);
    assert_string_equal(entry->errors[1].message + 158, "\xc3\xa4");
    assert_string_equal(entry->errors[2].type, "");
    int64_t sum = entry->other_errors;
    for (size_t i = 0; i < entry->n_errors; i++)
        sum += entry->errors[i].count;
    assert_int_equal(sum, 104);
}

static void test_errors_take_no_room(void **state)
{
    char message[32];
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    fail_once(plugin, "ValueError", "first");
    size_t before = allocated();
    for (int i = 0; i < 1000000; i++) {
        snprintf(message, sizeof message, "message %d", i);
        fail_once(plugin, "ValueError", message);
    }
    assert_int_equal(allocated(), before);
    assert_int_equal(seen("alpha")->profile.errors, 1000001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_errors),
        ON(test_errors_take_no_room),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
