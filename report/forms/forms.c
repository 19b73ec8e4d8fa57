/* The table of forms, and how a name and a file choose one. */
#include "report/forms/forms.h"

#include <string.h>
#include <strings.h>

/* Of rows with one name, the one without an ending comes last. */
const struct tm_form tm_forms[] = {
    {"text", false, NULL, tm_write_text},
    {"json", true, NULL, tm_write_json},
    {"csv", true, NULL, tm_write_csv},
    {"markdown", true, NULL, tm_write_markdown},
    {"junit", true, NULL, tm_write_junit},
    {"github", false, NULL, tm_write_github},
    {"openmetrics", true, NULL, tm_write_openmetrics},
    {"badge", true, "svg", tm_write_badge_svg},
    {"badge", true, NULL, tm_write_badge_json},
    {NULL, false, NULL, NULL},
};

const struct tm_form *tm_form_find(const char *name, const char *file)
{
    const char *dot = file ? strrchr(file, '.') : NULL;
    for (const struct tm_form *form = tm_forms; form->name; form++)
        if (strcmp(form->name, name) == 0 && (!form->ending || (dot && strcasecmp(dot + 1, form->ending) == 0)))
            return form;
    return NULL;
}
