/* A store that is made late is there with the first commit, and leaves nothing where there is none. */
#include <sys/wait.h>

#include "tests/unit/store_rules.h"

static bool there(const char *name)
{
    return access(file(name), F_OK) == 0;
}

static void store_night(tm_store *store, const char *key)
{
    struct tm_profile profile = full_profile();
    struct tm_run run = night;
    run.key = key;
    assert_int_equal(put(store, &run, &profile, 1, NULL), 0);
}

static void holds(const char *name, int64_t runs)
{
    tm_store *store = open_store(name, TM_READONLY);
    assert_int_equal(number(store, "SELECT count(*) FROM run"), runs);
    tm_close(store);
}

static void nothing_is_left_without_a_commit(void **state)
{
    (void)state;
    tm_store *store = open_store("none.db", TM_CREATE | TM_MADE_LATE);
    assert_int_equal(tm_begin(store), 0);
    assert_false(there("none.db"));
    assert_true(there("none.db-making"));
    tm_close(store);
    assert_false(there("none.db") || there("none.db-making") || there("none.db-making-journal"));
}

static void it_is_there_with_the_first_commit(void **state)
{
    (void)state;
    tm_store *store = open_store("late.db", TM_CREATE | TM_MADE_LATE);
    store_night(store, "n1");
    assert_true(there("late.db"));
    assert_false(there("late.db-making"));
    holds("late.db", 1);
    store_night(store, "n2"); /* on the same handle */
    store_night(store, "n3");
    tm_close(store);
    holds("late.db", 3);
}

static void without_the_flag_it_is_there_at_once(void **state)
{
    (void)state;
    tm_store *store = open_store("soon.db", TM_CREATE);
    assert_true(there("soon.db"));
    assert_false(there("soon.db-making"));
    holds("soon.db", 0);
    store_night(store, "n1");
    tm_close(store);
    holds("soon.db", 1);
}

/* Whoever comes second waits, and finds the first one's. */
static void two_make_one(void **state)
{
    enum { HOLDS_IT_US = 100000 };
    (void)state;
    tm_store *first = open_store("two.db", TM_CREATE | TM_MADE_LATE);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        tm_store *second;
        struct tm_profile profile = full_profile();
        struct tm_run run = night;
        run.key = "second";
        _exit(tm_open(file("two.db"), TM_CREATE | TM_MADE_LATE, &second) != 0 || put(second, &run, &profile, 1, NULL) != 0);
    }
    usleep(HOLDS_IT_US);
    int status = 0;
    assert_int_equal(waitpid(child, &status, WNOHANG), 0);
    store_night(first, "first");
    tm_close(first);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    holds("two.db", 2);
    assert_false(there("two.db-making"));
}

/* Whoever comes second makes it where the first one has given up. */
static void the_second_makes_it(void **state)
{
    (void)state;
    tm_store *first = open_store("second.db", TM_CREATE | TM_MADE_LATE);
    tm_close(first);
    tm_store *second = open_store("second.db", TM_CREATE | TM_MADE_LATE);
    store_night(second, "n1");
    tm_close(second);
    holds("second.db", 1);
}

/* What a killed process has left: half a store, and a journal that would put anything into it. */
static void remains_are_no_store(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        FILE *out = fopen(file(i ? "left.db-making-journal" : "left.db-making"), "w");
        assert_non_null(out);
        fputs("SQLite format 3", out);
        fclose(out);
    }
    tm_store *store = open_store("left.db", TM_CREATE | TM_MADE_LATE);
    store_night(store, "n1");
    tm_close(store);
    holds("left.db", 1);
    assert_false(there("left.db-making") || there("left.db-making-journal"));
}

/* Who knows nothing of the lock has made one: it stays, and the run is not said to be stored. */
static void no_store_is_written_over(void **state)
{
    struct tm_profile profile = full_profile();
    (void)state;
    tm_store *store = open_store("other.db", TM_CREATE | TM_MADE_LATE);
    FILE *out = fopen(file("other.db"), "w");
    fputs("theirs", out);
    fclose(out);
    expect_error("theirs", store, put(store, &night, &profile, 1, NULL), "File exists");
    tm_close(store);
    char found[8] = "";
    FILE *in = fopen(file("other.db"), "r");
    assert_non_null(fgets(found, sizeof found, in));
    fclose(in);
    assert_string_equal(found, "theirs");
    assert_false(there("other.db-making"));
}

/* A link is somebody's: nothing is made through it, and the store is made where SQLite makes it. */
static void a_link_is_no_lock(void **state)
{
    (void)state;
    assert_int_equal(symlink("victim", file("linked.db-making")), 0);
    tm_store *store = open_store("linked.db", TM_CREATE | TM_MADE_LATE);
    store_night(store, "n1");
    tm_close(store);
    holds("linked.db", 1);
    assert_false(there("victim"));
    FILE *out = fopen(file("victim"), "w");
    fputs("theirs", out);
    fclose(out);
    assert_int_equal(link(file("victim"), file("hard.db-making")), 0);
    store = open_store("hard.db", TM_CREATE | TM_MADE_LATE);
    store_night(store, "n1");
    tm_close(store);
    holds("hard.db", 1);
    struct stat facts;
    assert_int_equal(stat(file("victim"), &facts), 0);
    assert_int_equal(facts.st_size, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_without_a_commit),
        cmocka_unit_test(it_is_there_with_the_first_commit),
        cmocka_unit_test(without_the_flag_it_is_there_at_once),
        cmocka_unit_test(two_make_one),
        cmocka_unit_test(the_second_makes_it),
        cmocka_unit_test(remains_are_no_store),
        cmocka_unit_test(no_store_is_written_over),
        cmocka_unit_test(a_link_is_no_lock),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
