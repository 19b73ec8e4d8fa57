/* Facts about a store in which nothing is wrong, for tests of the doctor's checks; and a table of what is found when a part of it
 * is spoilt. */
#ifndef TM_TESTS_DOCTOR_FIXTURE_H
#define TM_TESTS_DOCTOR_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gate/doctor.h"

enum { DAY = 86400, RUNS_MOST = 200 };

/* 30 nights of one host, the newest this morning. */
struct healthy {
    struct tm_doctor doctor;
    struct tm_doctor_run runs[RUNS_MOST];
    char names[RUNS_MOST][16];
    struct tm_doctor_metric metrics[4];
    struct tm_doctor_open open[4];
    struct tm_doctor_decision decisions[4];
    struct tm_doctor_setting settings[2];
    struct tm_doctor_line lines[4];
};

static const int64_t now = 1795140000;

static inline void add_run(struct healthy *h, int64_t started_at, const char *branch, const char *host)
{
    size_t n = h->doctor.n_runs++;
    snprintf(h->names[n], sizeof h->names[n], "n%zu", n + 1);
    h->runs[n] = (struct tm_doctor_run){(int64_t)n + 1, started_at, h->names[n], branch, host, true, true};
}

static inline void add_nights(struct healthy *h, int n, const char *branch, const char *host)
{
    for (int i = 0; i < n; i++)
        add_run(h, now - DAY * (int64_t)(n - 1 - i) - 3600, branch, host);
}

static inline void begin(struct healthy *h)
{
    memset(h, 0, sizeof *h);
    h->doctor = (struct tm_doctor){.now = now,
                                   .project = "default",
                                   .base = "main",
                                   .runs = h->runs,
                                   .metrics = h->metrics,
                                   .open = h->open,
                                   .decisions = h->decisions,
                                   .settings = h->settings,
                                   .lines = h->lines,
                                   .noise = {.asked = 40, .least = NAN},
                                   .place = {.is_file = true,
                                             .there = true,
                                             .writable = true,
                                             .journalable = true,
                                             .bytes = 10 << 20,
                                             .free_bytes = (int64_t)1 << 40}};
    add_nights(h, 30, "main", "ci");
}

/* found: "severity check: text | mend" a line. */
struct doctor_row {
    const char *name;
    void (*spoil)(struct healthy *h);
    const char *found;
};

static inline void each_finds(const struct doctor_row *rows, size_t n)
{
    static struct healthy h;
    int failures = 0;
    for (size_t i = 0; i < n; i++) {
        struct tm_problems problems;
        char found[4000] = "";
        begin(&h);
        if (rows[i].spoil)
            rows[i].spoil(&h);
        assert_int_equal(tm_doctor_find(&h.doctor, &problems), 0);
        for (size_t p = 0; p < problems.n; p++)
            snprintf(found + strlen(found), sizeof found - strlen(found), "%s %s: %s | %s\n",
                     tm_severity_name(problems.list[p].severity), problems.list[p].check, problems.list[p].text,
                     problems.list[p].mend);
        if (strcmp(found, rows[i].found) != 0) {
            print_message("%s:\n%s", rows[i].name, *found ? found : "nothing\n");
            failures++;
        }
        tm_problems_free(&problems);
    }
    assert_int_equal(failures, 0);
}

#endif
