/* The table of forms, and how a name and a file choose one. */
#include "report/forms/forms.h"

#include <string.h>
#include <strings.h>

/* Of rows with one name, the one without an ending comes last. */
const struct tm_form tm_forms[] = {
    {"text", false, NULL, tm_write_text, NULL},
    {"json", true, NULL, tm_write_json, NULL},
    {"csv", true, NULL, tm_write_csv, NULL},
    {"markdown", true, NULL, tm_write_markdown, NULL},
    {"junit", true, NULL, tm_write_junit, NULL},
    {"codequality", true, NULL, tm_write_codequality, NULL},
    {"sarif", true, NULL, tm_write_sarif, NULL},
    {"github", false, NULL, tm_write_github, NULL},
    {"openmetrics", true, NULL, tm_write_openmetrics, NULL},
    {"badge", true, "svg", tm_write_badge_svg, NULL},
    {"badge", true, NULL, tm_write_badge_json, NULL},
    {"slack", true, NULL, tm_write_slack, NULL},
    {"teams", true, NULL, tm_write_teams, NULL},
    {"text-short", true, NULL, tm_write_text_short, NULL},
    {NULL, false, NULL, NULL, NULL},
};

const struct tm_form *tm_form_find(const struct tm_form *forms, const char *name, const char *file)
{
    const char *dot = file ? strrchr(file, '.') : NULL;
    for (const struct tm_form *form = forms; form->name; form++)
        if (strcmp(form->name, name) == 0 && (!form->ending || (dot && strcasecmp(dot + 1, form->ending) == 0)))
            return form;
    return NULL;
}
