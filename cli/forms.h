/* --format NAME[=FILE], several at once: which forms the verdict takes, and where each goes. */
#ifndef TM_CLI_FORMS_H
#define TM_CLI_FORMS_H

#include "cli/command.h"
#include "report/forms/forms.h"

enum { TM_FORMS_MOST = 16 };

struct tm_chosen_form {
    const struct tm_form *form;
    const char *file; /* NULL: standard output */
};

struct tm_chosen_forms {
    struct tm_chosen_form list[TM_FORMS_MOST];
    size_t n;
};

/* From a table like tm_forms; the one called `usual` on standard output where none is named. 0, or TM_EXIT_TROUBLE after a message.
 */
int tm_forms_choose(const struct tm_context *context, const struct tm_form *table, const char *usual,
                    struct tm_chosen_forms *forms);

/* Writes them all, and the Markdown form to the step summary that GitHub asks for beside its own form: 0, or TM_EXIT_TROUBLE. */
int tm_forms_write(const struct tm_chosen_forms *forms, const struct tm_report *report);

/* The same of a comparison. */
int tm_forms_compare(const struct tm_chosen_forms *forms, const struct tm_comparison *comparison);

#endif
