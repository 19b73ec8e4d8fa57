/* The names of tests/data/hostile_names.txt. */
#ifndef TM_TESTS_HOSTILE_H
#define TM_TESTS_HOSTILE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/stage.h"

enum { HOSTILE_MOST = 200, HOSTILE_SIZE = 4096 };

enum hostile_kind { PLAIN, ODD, REFUSED };

struct hostile {
    char label[32], name[HOSTILE_SIZE];
    enum hostile_kind kind;
};

static inline void decode_percent(const char *from, char *to)
{
    for (; *from; from++) {
        unsigned byte = (unsigned char)*from;
        if (byte == '%') {
            assert_int_equal(sscanf(from + 1, "%2x", &byte), 1); /* NOLINT(cert-err34-c): two digits do not overflow */
            from += 2;
        }
        *to++ = (char)byte;
    }
    *to = '\0';
}

static inline size_t read_hostile(struct hostile names[HOSTILE_MOST])
{
    const char *top = getenv("TM_SOURCE_DIR");
    char path[1024], line[16384], kind[16], encoded[sizeof line];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/tests/data/hostile_names.txt", top ? top : ".");
    FILE *in = fopen(path, "r");
    if (!in)
        fail_msg("no %s", path);
    while (fgets(line, sizeof line, in)) {
        if (*line == '#')
            continue;
        assert_true(n < HOSTILE_MOST && sscanf(line, "%31s %15s %16383s", names[n].label, kind, encoded) == 3);
        decode_percent(encoded, names[n].name);
        names[n].kind = strcmp(kind, "plain") == 0 ? PLAIN : strcmp(kind, "odd") == 0 ? ODD : REFUSED;
        n++;
    }
    fclose(in);
    return n;
}

/* A report in which every text is that name, and its plugin is of that class. */
static inline struct tm_report *hostile_report(struct stage *stage, const char *name, enum tm_class class)
{
    begin(stage);
    struct tm_report *report = &stage->report;
    report->project = report->branch = report->host = report->version = stage->run.key = stage->run.commit = name;
    report->metrics[QUEUE].name = report->metrics[QUEUE].unit = name;
    size_t plugin = add_plugin(stage, name, class != TM_MISSING && class != TM_RETIRED);
    for (int i = 0; i < 2; i++) {
        struct tm_report_verdict *v = add_verdict(stage, plugin, i == 0 ? QUEUE : -1, class);
        v->leads = i == 0;
        v->since = v->last_good = v->since_commit = v->good_commit = v->signal = v->why = v->kind = name;
    }
    struct tm_report_verdict *whole = add_unknown(stage, TM_WHOLE_RUN, QUEUE, TM_REGRESSED);
    whole->since = whole->why = name;
    report->explain = true;
    return finish(stage);
}

#endif
