/* The one table of a verdict's fields. A row says how a field is called, where its value is, and at which place it stands in each
 * list; a list is written by going through its places in order. */
#include "report/verdict_fields.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/escape.h"
#include "report/json_members.h"

/* ---- what follows from a verdict ---- */

bool tm_plugin_is_shown(const struct tm_report_plugin *plugin)
{
    return plugin->present || plugin->n_verdicts > 0;
}

const char *tm_verdict_subject(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    return verdict->plugin == TM_WHOLE_RUN ? "*" : report->plugins[verdict->plugin].name;
}

bool tm_verdict_speaks(const struct tm_report_verdict *verdict)
{
    return verdict->leads || verdict->class == TM_OVER_LIMIT;
}

bool tm_verdict_is_news(const struct tm_report_verdict *verdict)
{
    return tm_verdict_speaks(verdict) && verdict->class != TM_NOT_JUDGED && (verdict->class != TM_PASS || verdict->why);
}

/* As the gate decides: an alarm of the whole run always, of a plugin by its leader's class. */
bool tm_verdict_fails(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (verdict->plugin == TM_WHOLE_RUN)
        return true;
    return tm_verdict_speaks(verdict) && (verdict->class >= TM_OVER_LIMIT || (report->strict && verdict->class == TM_SUSPECT));
}

/* ---- the table ---- */

/* NAME: a TEXT that CSV writes as "" where there is none, and not as an empty cell. */
enum kind { NAME, TEXT, NUMBER, COUNT, ID, FLAG };

/* One of its members, by the field's kind. */
struct value {
    const char *text; /* NULL: none */
    double number;    /* NAN: not known */
    int64_t count;    /* an ID of 0: none */
    bool flag;
};

typedef struct value derived(const struct tm_report *report, const struct tm_report_verdict *verdict);

static struct value subject(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return (struct value){.text = tm_verdict_subject(report, v)};
}

static struct value class_name(const struct tm_report *report, const struct tm_report_verdict *v)
{
    (void)report;
    return (struct value){.text = tm_class_name(v->class)};
}

static struct value fails(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return (struct value){.flag = tm_verdict_fails(report, v)};
}

static struct value metric(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return (struct value){.text = v->metric < 0 ? NULL : report->metrics[v->metric].name};
}

static struct value unit(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return (struct value){.text = v->metric < 0 ? NULL : report->metrics[v->metric].unit};
}

static struct value level(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return (struct value){.number = tm_report_level(report, v)};
}

/* By how much the level lies above the baseline, as a share of it. */
static struct value change(const struct tm_report *report, const struct tm_report_verdict *v)
{
    bool known = v->metric >= 0 && fabs(v->baseline) > 0;
    return (struct value){.number = known ? (tm_report_level(report, v) - v->baseline) / fabs(v->baseline) : NAN};
}

static struct value effect_is(const struct tm_report *report, const struct tm_report_verdict *v)
{
    if (v->metric < 0 || isnan(v->effect))
        return (struct value){.text = NULL};
    return (struct value){.text = tm_metric_is_by_amount(report->metrics[v->metric].kind) ? "amount" : "share"};
}

/* The beginning of the names of its group. */
static struct value group(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return (struct value){.text = v->group ? report->groups[v->group - 1].name : NULL};
}

/* Counts have evidence of another sort, on which nothing was measured. */
static struct value probability(const struct tm_report *report, const struct tm_report_verdict *v)
{
    bool known = v->metric >= 0 && !tm_metric_is_counted(report->metrics[v->metric].kind);
    return (struct value){.number = known ? tm_verdict_probability(v->class, v->evidence) : NAN};
}

/* Places are counted from 1; 0: the field is not in that list. JSON breaks its lines where the hundreds change. */
struct field {
    const char *name, *column, *words; /* in JSON; in CSV, NULL: the same; for people, NULL: not shown to them */
    enum kind kind;
    size_t offset; /* in struct tm_report_verdict, where it is no derived value */
    derived *derive;
    int place[TM_FIELD_LISTS];
};

#define OF(member)   offsetof(struct tm_report_verdict, member), NULL
#define BY(function) 0, function

/* clang-format off */
static const struct field fields[] = {
    /* name, column, words, kind, where                                            places: gate, CSV, finding, evidence, numbers */
    {"plugin", NULL, NULL, NAME, BY(subject),                                              {101,  1, 101,   0,  0}},
    {"class", NULL, NULL, TEXT, BY(class_name),                                            {102,  3, 104,   0,  0}},
    {"leads", NULL, NULL, FLAG, OF(leads),                                                 {103,  4,   0,   0,  0}},
    {"fails", NULL, NULL, FLAG, BY(fails),                                                 {104,  0,   0,   0,  0}},
    {"metric", NULL, NULL, NAME, BY(metric),                                               {105,  2, 102,   0,  0}},
    {"unit", NULL, NULL, TEXT, BY(unit),                                                   {106,  0, 103,   0,  0}},
    {"kind", NULL, NULL, TEXT, OF(kind),                                                   {107,  5, 105,   0,  0}},
    {"value", NULL, "tonight", NUMBER, OF(value),                                          {201,  6,   0, 101,  1}},
    {"corrected", NULL, "without the run's factor", NUMBER, OF(corrected),                 {202,  7,   0, 102,  2}},
    {"level", NULL, NULL, NUMBER, BY(level),                                               {203,  0,   0, 103,  0}},
    {"baseline", NULL, "baseline", NUMBER, OF(baseline),                                   {204,  8,   0, 104,  3}},
    {"change", NULL, NULL, NUMBER, BY(change),                                             {205,  0,   0,   0,  0}},
    {"effect", NULL, "effect", NUMBER, OF(effect),                                         {206,  9,   0,   0,  5}},
    {"effect_is", NULL, NULL, TEXT, BY(effect_is),                                         {207,  0,   0,   0,  0}},
    {"evidence", NULL, "evidence", NUMBER, OF(evidence),                                   {208, 10,   0, 105,  6}},
    {"needed", NULL, "needed", NUMBER, OF(needed),                                         {209, 11,   0, 106,  7}},
    {"runs", NULL, "newest runs", COUNT, OF(runs),                                         {210, 12,   0,   0,  8}},
    {"baseline_runs", NULL, "of runs", COUNT, OF(baseline_runs),                           {211, 13,   0,   0,  4}},
    {"z_history", NULL, "z in history", NUMBER, OF(z_history),                             {301, 14,   0, 201,  9}},
    {"pct_history", NULL, "percentile in history", NUMBER, OF(pct_history),                {302, 15,   0, 202, 10}},
    {"z_population", NULL, "z in population", NUMBER, OF(z_population),                    {303, 16,   0, 203, 11}},
    {"pct_population", NULL, "percentile in population", NUMBER, OF(pct_population),       {304, 17,   0, 204, 12}},
    {"since", NULL, NULL, TEXT, OF(since),                                                 {401, 18, 201,   0,  0}},
    {"since_commit", NULL, NULL, TEXT, OF(since_commit),                                   {402, 21, 202,   0,  0}},
    {"last_good", NULL, NULL, TEXT, OF(last_good),                                         {403, 19, 203,   0,  0}},
    {"good_commit", NULL, NULL, TEXT, OF(good_commit),                                     {404, 20, 204,   0,  0}},
    {"signal", NULL, NULL, TEXT, OF(signal),                                               {405, 22,   0,   0,  0}},
    {"why", NULL, NULL, TEXT, OF(why),                                                     {406, 23,   0,   0,  0}},
    {"decision", "decision_id", NULL, ID, OF(decision),                                    {407, 24,   0,   0,  0}},
    {"earliest", NULL, NULL, TEXT, OF(interval.earliest),                                  {501, 25, 301,   0,  0}},
    {"latest", NULL, NULL, TEXT, OF(interval.latest),                                      {502, 26, 302,   0,  0}},
    {"latest_commit", NULL, NULL, TEXT, OF(interval.latest_commit),                        {503, 27, 303,   0,  0}},
    {"sure_good", NULL, NULL, TEXT, OF(interval.sure_good),                                {504, 28, 304,   0,  0}},
    {"sure_good_commit", NULL, NULL, TEXT, OF(interval.sure_good_commit),                  {505, 29, 305,   0,  0}},
    {"group", NULL, NULL, TEXT, BY(group),                                                 {506, 30, 306,   0,  0}},
    {"limit", NULL, "limit", NUMBER, OF(allowed),                                          {508, 32,   0, 108, 14}},
    {"probability", NULL, "probability that it is real", NUMBER, BY(probability),          {507, 31,   0, 107, 13}},
};
/* clang-format on */

enum { N_FIELDS = sizeof fields / sizeof *fields };

/* The field of a list that comes after `before` (NULL: the first one); NULL: none does. */
static const struct field *next_in(enum tm_field_list list, const struct field *before)
{
    const struct field *next = NULL;
    int place = before ? before->place[list] : 0;
    for (const struct field *field = fields; field < fields + N_FIELDS; field++)
        if (field->place[list] > place && (!next || field->place[list] < next->place[list]))
            next = field;
    return next;
}

/* Members are read as what they are in the struct. */
static struct value value_of(const struct field *field, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    const void *member = (const char *)verdict + field->offset;
    if (field->derive)
        return field->derive(report, verdict);
    switch (field->kind) {
    case NAME:
    case TEXT:
        return (struct value){.text = *(const char *const *)member};
    case NUMBER:
        return (struct value){.number = *(const double *)member};
    case COUNT:
        return (struct value){.count = *(const int *)member};
    case ID:
        return (struct value){.count = *(const int64_t *)member};
    case FLAG:
    default:
        return (struct value){.flag = *(const bool *)member};
    }
}

/* A text has none. */
static double number_of(const struct field *field, const struct value *value)
{
    return field->kind == NUMBER ? value->number : field->kind == COUNT ? (double)value->count : NAN;
}

/* Looked up by the field's name, for forms that want a single one. NAN: no number, or no such field. */
double tm_verdict_number(const struct tm_report *report, const struct tm_report_verdict *verdict, const char *name)
{
    for (const struct field *field = fields; field < fields + N_FIELDS; field++)
        if (strcmp(field->name, name) == 0) {
            struct value value = value_of(field, report, verdict);
            return number_of(field, &value);
        }
    return NAN;
}

/* ---- the lists ---- */

/* `first` stands before the first field, `line` where a line breaks. */
void tm_put_fields_json(FILE *out, enum tm_field_list list, const struct tm_report *report, const struct tm_report_verdict *verdict,
                        const char *first, const char *line)
{
    const struct field *before = NULL;
    for (const struct field *field = NULL; (field = next_in(list, before)); before = field) {
        bool breaks = before && field->place[list] / 100 > before->place[list] / 100;
        struct value value = value_of(field, report, verdict);
        fprintf(out, "%s\"%s\": ", !before ? first : breaks ? line : ", ", field->name);
        if (field->kind == NAME || field->kind == TEXT || (field->kind == ID && value.count == 0))
            tm_json_text(out, "", value.text);
        else if (field->kind == FLAG)
            tm_json_flag(out, "", value.flag);
        else if (field->kind == NUMBER)
            tm_json_number(out, "", value.number);
        else
            tm_json_count(out, "", value.count);
    }
}

void tm_put_fields_csv_head(FILE *out)
{
    const char *comma = "";
    for (const struct field *field = NULL; (field = next_in(TM_FIELDS_CSV, field)); comma = ",")
        fprintf(out, "%s%s", comma, field->column ? field->column : field->name);
    putc('\n', out);
}

/* What is not known is an empty cell. */
void tm_put_fields_csv(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    tm_csv_writer *put = tm_csv_writer_for(out);
    const char *comma = "";
    for (const struct field *field = NULL; (field = next_in(TM_FIELDS_CSV, field)); comma = ",") {
        struct value value = value_of(field, report, verdict);
        fputs(comma, out);
        if (field->kind == NAME || (field->kind == TEXT && value.text))
            put(out, value.text ? value.text : "", strlen(value.text ? value.text : ""));
        else if (field->kind == NUMBER && isfinite(value.number))
            tm_put_number(out, value.number);
        else if (field->kind == COUNT || (field->kind == ID && value.count != 0))
            fprintf(out, "%" PRId64, value.count);
        else if (field->kind == FLAG)
            fputs(value.flag ? "1" : "0", out);
    }
    putc('\n', out);
}

/* Six digits: enough to find a value again in the store. */
void tm_put_fields_numbers(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    const char *before = " ";
    for (const struct field *field = NULL; (field = next_in(TM_FIELDS_NUMBERS, field));) {
        struct value value = value_of(field, report, verdict);
        double number = number_of(field, &value);
        if (isnan(number))
            continue;
        fprintf(out, "%s%s %.6g", before, field->words, number);
        before = ", ";
    }
}
