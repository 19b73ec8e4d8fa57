/* What the store refuses of a run that repeats another one, and of a run's time. */
#include "tests/unit/fixture.h"

#include "schema/tidemark.h"

enum { START = 1700000000 };

static int put_one(tm_store *store, const struct tm_run *run)
{
    struct tm_profile profile = TM_PROFILE_INIT;
    profile.plugin = "a";
    profile.calls = 10;
    profile.wall_ns = 1e9;
    int code = tm_run_begin(store, run) || tm_run_add(store, &profile) || tm_run_commit(store, NULL) ? -1 : 0;
    tm_run_abort(store);
    return code;
}

static void refusals(void **state)
{
    static const struct {
        struct tm_run run;
        const char *says; /* "" where it is taken */
    } cases[] = {
        {{.key = "first", .started_at = START, .host = "h"}, ""},
        {{.key = "again", .started_at = START + 60, .host = "h", .repeat_of = "first"}, ""},
        {{.key = "b", .started_at = START, .host = "h", .repeat_of = "again"}, "which is a repeat itself"},
        {{.key = "c", .started_at = START, .host = "other", .repeat_of = "first"}, "on another host"},
        {{.key = "d", .started_at = START, .host = "h", .branch = "other", .repeat_of = "first"}, "on another branch"},
        {{.key = "e", .started_at = START, .host = "h", .repeat_of = "e"}, "there is no such run"},
        {{.key = "f", .started_at = START, .host = "h", .repeat_of = "none"}, "there is no such run"},
        {{.key = "g", .started_at = -1, .host = "h"}, "expected epoch seconds of the years 1970 to 9999"},
        {{.key = "i", .started_at = 253402300800, .host = "h"}, "expected epoch seconds of the years 1970 to 9999"},
    };
    (void)state;
    tm_store *store = open_store("t.db", TM_CREATE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int code = put_one(store, &cases[i].run);
        if (code != (*cases[i].says ? -1 : 0) || (code != 0 && !strstr(tm_error(store), cases[i].says)))
            fail_msg("%s: %d, %s", cases[i].run.key, code, tm_error(store));
    }
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
