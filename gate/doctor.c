/* The table of what the doctor looks for. A check that finds something says what it is in one line,
 * and with what it is mended; what mends nothing is not told. */
#include "gate/doctor_checks.h"

/* In the order in which problems of one severity are told: where the store lies, then its runs, then what is judged. */
static const struct {
    const char *name;
    tm_doctor_check *find;
} checks[] = {
    {"store", tm_check_store},
    {"writable", tm_check_writable},
    {"space", tm_check_space},
    {"network file system", tm_check_remote},
    {"leftover", tm_check_leftover},
    {"reader role", tm_check_reader},
    {"no runs", tm_check_no_runs},
    {"lost cache", tm_check_lost_cache},
    {"dates", tm_check_future},
    {"hosts", tm_check_hosts},
    {"branches", tm_check_branches},
    {"stale", tm_check_stale},
    {"gaps", tm_check_gaps},
    {"order", tm_check_order},
    {"commits", tm_check_commits},
    {"first nights", tm_check_young},
    {"not judged", tm_check_unjudged},
    {"noise", tm_check_noise},
    {"clocks", tm_check_clocks},
    {"open", tm_check_open},
    {"missing", tm_check_missing},
    {"expired waivers", tm_check_expired},
    {"decisions", tm_check_gone},
    {"directions", tm_check_directions},
    {"units", tm_check_units},
    {"settings", tm_check_settings},
    {"decisions file", tm_check_lines},
    {"copy", tm_check_copy},
    {"gnuplot", tm_check_gnuplot},
};

enum { N_CHECKS = sizeof checks / sizeof *checks };

int tm_doctor_find(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    *problems = (struct tm_problems){.n = 0};
    for (size_t i = 0; i < N_CHECKS; i++) {
        problems->check = checks[i].name;
        checks[i].find(doctor, problems);
    }
    tm_problems_sort(problems);
    return problems->failed ? -1 : 0;
}
