/* What the files of the command evaluate share. */
#ifndef TM_CLI_EVALUATE_H
#define TM_CLI_EVALUATE_H

#include "cli/command.h"
#include "gate/past.h"
#include "ingest/truth.h"

struct tm_evaluation {
    const struct tm_rules *rules;
    struct tm_past past;
    struct tm_truth truth;
    struct tm_history *histories; /* of the past's plugins, in their order */
    struct tm_known *known;       /* by row of the truth */
    struct tm_known *patient;     /* the same within TM_EVALUATION_PATIENT runs */
    struct tm_score score, patient_score;
    int within;
};

/* cli/evaluate_truth.c. The kind of event that the truth speaks of. */
enum tm_event_kind tm_truth_event(enum tm_truth_kind kind);

/* Adds the events of the truth to the histories of the past. 0, or -1: diag says what is unknown. */
int tm_evaluation_place(struct tm_evaluation *evaluation, struct tm_diag *diag);

/* cli/evaluate_forms.c. 0, or -1 without memory. */
int tm_evaluation_text(FILE *out, const struct tm_evaluation *evaluation);
int tm_evaluation_csv(FILE *out, const struct tm_evaluation *evaluation);
int tm_evaluation_json(FILE *out, const struct tm_evaluation *evaluation);

#endif
