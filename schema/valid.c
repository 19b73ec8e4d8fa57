/* The rules of the data, in C: what a writer checks itself before it stores. The CHECKs of the
 * tables say the same to everybody else. */
#include "schema/valid.h"

#include <float.h>
#include <string.h>

#include "base/text.h"
#include "schema/fields.h"

const char *tm_name_fault(const char *text, size_t size)
{
    if (size == 0)
        return "is empty";
    if (size > TM_NAME_MAX)
        return "is longer than 1024 bytes"; /* TM_NAME_MAX */
    for (size_t at = 0, step; at < size; at += step) {
        uint32_t code = 0;
        step = 1;
        if (text[at] >= ' ' && text[at] <= '~') /* nearly all: no need to decode it */
            continue;
        step = tm_utf8_character(text + at, size - at, &code);
        if (step == 0)
            return "is not valid UTF-8";
        if (tm_is_control(code))
            return "holds a control character";
    }
    return NULL;
}

/* The one name that cannot be a plugin's. */
const char *tm_plugin_name_fault(const char *text, size_t size)
{
    if (size == 1 && *text == '*')
        return "is '*', which stands for the whole run";
    return tm_name_fault(text, size);
}

/* NAN is "not recorded"; infinite and negative are measured wrongly. */
static const char *number_fault(double value, bool required, bool may_fall)
{
    if (isnan(value))
        return required ? "is missing" : NULL;
    if (isinf(value))
        return "is not finite";
    return value < 0 && !may_fall ? "is negative" : NULL;
}

/* Those that are not known are passed over: NAN < highest is false. */
bool tm_percentiles_rise(const struct tm_profile *p)
{
    const double known[] = {p->wall_p50_ns, p->wall_p95_ns, p->wall_p99_ns, p->wall_max_ns};
    double highest = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i] < highest)
            return false;
        if (!isnan(known[i]))
            highest = known[i];
    }
    return true;
}

/* When it was and how much CPU time it took must be known; how long it lasted need not. */
const char *tm_spike_fault(const struct tm_spike *spike, const char **field)
{
    const char *fault = number_fault(spike->at_ms, true, false);
    *field = "at_ms";
    if (!fault) {
        fault = number_fault(spike->duration_ms, false, false);
        *field = "duration_ms";
    }
    if (!fault) {
        fault = number_fault(spike->cpu_percent, true, false);
        *field = "cpu_percent";
    }
    return fault;
}

/* A count that may be unknown, and must not exceed `most`. */
static const char *count_fault(const struct tm_field *field, int64_t value, int64_t most)
{
    if (field->required && value < 0)
        return "is negative or missing";
    if (value < TM_UNKNOWN)
        return "is negative";
    return value > most ? "is more than calls" : NULL;
}

static const char *field_fault(const struct tm_field *field, const struct tm_profile *profile)
{
    if (field->type == TM_FIELD_REAL) {
        double value = tm_field_real(field, profile);
        return value >= 0 && value <= DBL_MAX ? NULL : number_fault(value, field->required, field->may_fall); /* the usual first */
    }
    if (field->type == TM_FIELD_COUNT)
        return count_fault(field, tm_field_count(field, profile),
                           field->at == offsetof(struct tm_profile, errors) ? profile->calls : INT64_MAX);
    const char *text = tm_field_text(field, profile);
    return text ? tm_name_fault(text, strlen(text)) : NULL;
}

/* Wall time is the usual one; what other programs measure may be anything else. */
bool tm_profile_measured(const struct tm_profile *profile)
{
    if (!isnan(profile->wall_ns) || profile->n_readings > 0 || profile->calls == 0)
        return true;
    for (size_t i = 0; i < tm_n_fields; i++)
        if (tm_fields[i].at != offsetof(struct tm_profile, calls) && tm_fields[i].type != TM_FIELD_TEXT &&
            tm_field_known(&tm_fields[i], profile))
            return true;
    return false;
}

/* The first fault in the order of the table, named by its column: what the store's own CHECKs
 * would name. */
const char *tm_profile_fault(const struct tm_profile *profile, const char **field)
{
    for (size_t i = 0; i < tm_n_fields; i++) {
        const char *fault = field_fault(&tm_fields[i], profile);
        if (fault) {
            *field = tm_fields[i].column;
            return fault;
        }
    }
    *field = "wall_p50_ns to wall_max_ns:";
    if (!tm_percentiles_rise(profile))
        return "percentiles fall";
    *field = "every measurement";
    return tm_profile_measured(profile) ? NULL : "is missing";
}
