/* --format NAME[=FILE], several at once: which forms the verdict takes, and where each goes. All
 * of that is checked before anything is judged, since a night that was judged and cannot be told
 * is worse than a line that is refused. */
#include "cli/forms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/durable.h"
#include "cli/arguments.h"
#include "cli/color.h"
#include "cli/output.h"
#include "report/compare/compare.h"

static int no_such_form(const struct tm_form *table, const char *name)
{
    char known[256] = "";
    for (const struct tm_form *form = table; form->name; form++) {
        bool last = !form[1].name;
        if (last || strcmp(form->name, form[1].name) != 0) /* some have a row for each kind of file */
            snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", *known ? last ? " or " : ", " : "", form->name);
    }
    return tm_trouble("no format '%s': expected %s, append =FILE to write to a file", name, known);
}

/* What the verdict may not be written over: the store, and the night's own rows. */
static int check_file(const struct tm_context *context, const struct tm_chosen_forms *forms, const char *file)
{
    const struct tm_arguments *arguments = context->arguments;
    if (tm_output_check(context, "format", file) != 0)
        return TM_EXIT_TROUBLE;
    for (int i = 0; i < arguments->n_words; i++)
        if (tm_same_file(file, arguments->words[i]))
            return tm_trouble("--format would write over its input '%s'", file);
    for (size_t i = 0; i < forms->n; i++)
        if (forms->list[i].file && tm_same_file(forms->list[i].file, file))
            return tm_trouble("two formats would go to the file '%s'", file);
    return 0;
}

/* One --format: its form, by name and by what its file is called (a badge is .svg or .json), and
 * its file. */
static int choose_form(const struct tm_context *context, const struct tm_form *table, struct tm_chosen_forms *forms,
                       const char *wish)
{
    char name[32];
    size_t size = strcspn(wish, "=");
    const char *file = wish[size] ? wish + size + 1 : NULL;
    snprintf(name, sizeof name, "%.*s", (int)size, wish);
    if (file && !*file)
        return tm_trouble("--format '%s' names no file", wish);
    if (forms->n == TM_FORMS_MOST)
        return tm_trouble("more than %d formats at once", TM_FORMS_MOST);
    const struct tm_form *form = size < sizeof name ? tm_form_find(table, name, file) : NULL;
    if (!form)
        return no_such_form(table, name);
    if (file && check_file(context, forms, file) != 0)
        return TM_EXIT_TROUBLE;
    forms->list[forms->n].form = form;
    forms->list[forms->n++].file = file;
    return 0;
}

/* A document has standard output for itself; lines for people and for GitHub's runner may share it. */
static int check_output(const struct tm_chosen_forms *forms)
{
    const char *document = NULL;
    size_t shown = 0;
    for (size_t i = 0; i < forms->n; i++)
        if (!forms->list[i].file) {
            shown++;
            document = forms->list[i].form->document ? forms->list[i].form->name : document;
        }
    if (document && shown > 1)
        return tm_trouble("two formats would mix on standard output: give '%s' a file, as in --format %s=FILE", document, document);
    return 0;
}

/* Text on standard output, with colours where they are wanted: 0, or TM_EXIT_TROUBLE. */
static int colour(const struct tm_context *context, struct tm_chosen_forms *forms)
{
    int wanted = tm_color_wanted(context->arguments);
    for (size_t i = 0; i < forms->n && wanted > 0; i++)
        if (!forms->list[i].file && forms->list[i].form->write == tm_write_text)
            forms->list[i].form = &tm_coloured_text;
    return wanted < 0 ? TM_EXIT_TROUBLE : 0;
}

/* In the order they were given, which is the order they are written in. */
int tm_forms_choose(const struct tm_context *context, const struct tm_form *table, const char *usual, struct tm_chosen_forms *forms)
{
    const struct tm_arguments *arguments = context->arguments;
    *forms = (struct tm_chosen_forms){0};
    for (int i = 0; i < arguments->n_given; i++) {
        const struct tm_given *given = &arguments->given[i];
        if (strcmp(arguments->command->options[given->option].name, "format") == 0 &&
            choose_form(context, table, forms, given->value) != 0)
            return TM_EXIT_TROUBLE;
    }
    int code = forms->n == 0 ? choose_form(context, table, forms, usual) : check_output(forms);
    return code == 0 ? colour(context, forms) : code;
}

/* What is told: a verdict, or a comparison. */
struct told {
    const struct tm_report *report;
    const struct tm_comparison *comparison;
};

/* Blocks are for a terminal, where neither a file nor a document goes. */
static int write_one(FILE *out, const struct tm_chosen_form *chosen, const struct told *told)
{
    if (!told->report)
        return chosen->form->compare(out, told->comparison);
    struct tm_report report = *told->report;
    report.blocks = report.blocks && !chosen->file && !chosen->form->document;
    return chosen->form->write(out, &report);
}

/* Appended, as GitHub asks: other steps write to the same file. */
static int append_summary(const struct told *told)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (!path || !*path)
        return 0;
    FILE *out = fopen(path, "ae");
    if (!out)
        return tm_trouble("cannot write the step summary '%s': %s", path, strerror(errno));
    if ((told->report ? tm_write_markdown(out, told->report) : tm_comparison_comment(out, told->comparison)) != 0) {
        fclose(out);
        return tm_trouble("cannot write the step summary '%s': out of memory", path);
    }
    int error = tm_close_durably(out, true);
    return error ? tm_trouble("cannot write the step summary '%s': %s", path, strerror(error)) : 0;
}

static int write_all(const struct tm_chosen_forms *forms, const struct told *told)
{
    for (size_t i = 0; i < forms->n; i++) {
        struct tm_output output;
        if (tm_output_open(&output, forms->list[i].file) != 0)
            return TM_EXIT_TROUBLE;
        /* A form that could not be written whole leaves the old file as it is. */
        bool whole = write_one(output.out, &forms->list[i], told) == 0;
        if (tm_output_close(&output, whole) != 0)
            return TM_EXIT_TROUBLE;
        if (!whole)
            return tm_trouble("cannot write the %s as %s: out of memory", told->report ? "verdict" : "comparison",
                              forms->list[i].form->name);
        if (strcmp(forms->list[i].form->name, "github") == 0 && append_summary(told) != 0)
            return TM_EXIT_TROUBLE;
    }
    return 0;
}

int tm_forms_write(const struct tm_chosen_forms *forms, const struct tm_report *report)
{
    return write_all(forms, &(struct told){.report = report});
}

int tm_forms_compare(const struct tm_chosen_forms *forms, const struct tm_comparison *comparison)
{
    return write_all(forms, &(struct told){.comparison = comparison});
}
