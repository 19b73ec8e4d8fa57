/* The command measure: what the line asks for, and the parts that do it. */
#ifndef TM_CLI_MEASURE_H
#define TM_CLI_MEASURE_H

#include "cli/command.h"
#include "cli/format.h"
#include "cli/forms.h"
#include "record/command/launcher.h"
#include "record/command/turns.h"

/* All zero at first. */
struct tm_measuring {
    struct tm_subject *subjects;
    size_t n;
    struct tm_turns turns;
    struct tm_launching launching;
    struct tm_launcher launcher;
    bool pair, stored;
    double fail_above;              /* of a pair: a share; NAN: nothing fails */
    struct tm_chosen_forms forms;   /* of a pair */
    const struct tm_format *format; /* of others; NULL: text */
    struct tm_run run;              /* what the line says of it */
    enum tm_put_mode mode;
    void **owned; /* lists of words, and the texts in them */
    size_t n_owned;
};

/* ---- measure_line.c ---- */

/* Reads the line, and the file that it names: 0, or TM_EXIT_TROUBLE after a message. Free in any case. */
int tm_measuring_read(const struct tm_context *context, struct tm_measuring *measuring);
void tm_measuring_free(struct tm_measuring *measuring);

/* ---- measure_subjects.c ---- */

/* The commands that the line or --file names, into `subjects`. */
int tm_measuring_read_subjects(const struct tm_arguments *arguments, struct tm_measuring *measuring);
/* A line for /bin/sh as a list of words, which `measuring` owns; NULL: no memory. */
char **tm_measuring_shell(struct tm_measuring *measuring, const char *line);

/* ---- measure_forms.c ---- */

/* Prints what was measured: 0, or TM_EXIT_TROUBLE after a message. */
int tm_measuring_print(const struct tm_measuring *measuring);
/* "exit code 3", "signal 9 (Killed)", "its time was over" */
void tm_measuring_put_end(FILE *out, const struct tm_timing *timing);

/* ---- measure_store.c ---- */

/* Can the run be stored at all, and is none of its name there, unless it is added to? What is measured now cannot be what is
 * stored. 0, or TM_EXIT_TROUBLE after a message. */
int tm_measuring_check_name(struct tm_context *context, const struct tm_measuring *measuring);
/* Stores the run and says so: 0, or TM_EXIT_TROUBLE after a message. */
int tm_measuring_store(struct tm_context *context, const struct tm_measuring *measuring);

/* ---- measure_pair.c ---- */

/* A comparison's forms, as --format names them. 0, or TM_EXIT_TROUBLE after a message. */
int tm_measuring_choose_forms(const struct tm_context *context, struct tm_chosen_forms *forms);
/* Compares the two subjects and prints that: an exit code. */
int tm_measuring_compare(const struct tm_measuring *measuring);

#endif
