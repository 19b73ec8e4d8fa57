#include "schema/valid.h"

#include "base/text.h"

const char *tm_name_fault(const char *text, size_t size)
{
    if (size == 0)
        return "is empty";
    if (size > TM_NAME_MAX)
        return "is longer than 1024 bytes";
    for (size_t at = 0, step; at < size; at += step) {
        uint32_t code = 0;
        step = tm_utf8_character(text + at, size - at, &code);
        if (step == 0)
            return "is not valid UTF-8";
        if (tm_is_control(code))
            return "holds a control character";
    }
    return NULL;
}

const char *tm_plugin_name_fault(const char *text, size_t size)
{
    if (size == 1 && *text == '*')
        return "is '*', which stands for the whole run";
    return tm_name_fault(text, size);
}

struct rule {
    const char *field;
    double value;
    bool required, may_fall;
};

static const char *number_fault(const struct rule *rule)
{
    if (isnan(rule->value))
        return rule->required ? "is missing" : NULL;
    if (isinf(rule->value))
        return "is not finite";
    return rule->value < 0 && !rule->may_fall ? "is negative" : NULL;
}

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

/* The first fault; NULL: none. *field is the last one looked at. */
static const char *first_fault(const struct rule *rules, size_t count, const char **field)
{
    const char *fault = NULL;
    for (size_t i = 0; i < count && !fault; i++) {
        *field = rules[i].field;
        fault = number_fault(&rules[i]);
    }
    return fault;
}

const char *tm_spike_fault(const struct tm_spike *spike, const char **field)
{
    const struct rule rules[] = {
        {"at_ms", spike->at_ms, true, false},
        {"duration_ms", spike->duration_ms, false, false},
        {"cpu_percent", spike->cpu_percent, true, false},
    };
    return first_fault(rules, sizeof rules / sizeof *rules, field);
}

const char *tm_profile_fault(const struct tm_profile *p, const char **field)
{
    const struct rule rules[] = {
        {"wall_ns", p->wall_ns, true, false},
        {"cpu_ns", p->cpu_ns, false, false},
        {"mem_delta_bytes", p->mem_delta_bytes, false, true},
        {"peak_mem_bytes", p->peak_mem_bytes, false, false},
        {"wall_p50_ns", p->wall_p50_ns, false, false},
        {"wall_p95_ns", p->wall_p95_ns, false, false},
        {"wall_p99_ns", p->wall_p99_ns, false, false},
        {"wall_max_ns", p->wall_max_ns, false, false},
        {"occupied_ns", p->occupied_ns, false, false},
        {"longest_step_ns", p->longest_step_ns, false, false},
    };
    *field = "calls";
    if (p->calls < 0)
        return "is negative or missing";
    *field = "errors";
    if (p->errors < TM_UNKNOWN || p->errors > p->calls)
        return p->errors < 0 ? "is negative" : "is more than calls";
    *field = "cancelled or timeouts";
    if (p->cancelled < TM_UNKNOWN || p->timeouts < TM_UNKNOWN)
        return "is negative";
    const char *fault = first_fault(rules, sizeof rules / sizeof *rules, field);
    if (!fault && !tm_percentiles_rise(p)) {
        *field = "wall_p50_ns to wall_max_ns:";
        fault = "percentiles fall";
    }
    return fault;
}
