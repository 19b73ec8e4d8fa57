/* The table of forms. */
#include <string.h>

#include "report/export/export.h"

const struct tm_export_form *const tm_export_forms[] = {
    &tm_export_csv, &tm_export_ndjson, &tm_export_data_js, &tm_export_openmetrics, &tm_export_otlp, NULL,
};

const struct tm_export_form *tm_export_form_named(const char *name)
{
    for (const struct tm_export_form *const *form = tm_export_forms; *form; form++)
        if (strcmp((*form)->name, name) == 0)
            return *form;
    return NULL;
}
