/* The generator's command line: which nights of which plugins, and where they go. */
#include <stdlib.h>
#include <string.h>

#include "nights.h"

enum type { FLAG, COUNT, DATE, TEXT };

struct option {
    const char *name, *value, *help;
    enum type type;
    void *to;
    uint64_t least, most; /* of a count */
};

enum { OPTIONS = 13 };

static void list_options(struct option list[OPTIONS], struct options *o)
{
    const struct option all[OPTIONS] = {
        {"--nights", "N", "length of the history (default 90; --bench: 5000)", COUNT, &o->nights, 1, 100000},
        {"--plugins", "N", "how many plugins (default 40; --bench, --bench-calls: 1000)", COUNT, &o->plugins, 1, 100000},
        {"--start", "DATE", "first night (default 2026-08-23; --bench: 2013-01-01)", DATE, &o->start_day, 0, 0},
        {"--seed", "N", "another history (default 1)", COUNT, &o->seed, 0, UINT64_MAX},
        {"--only-night", "K", "write night K of that history alone", COUNT, &o->only_night, 1, 100000},
        {"--noise-only", NULL, "noise and slow nights, but no event", FLAG, &o->noise_only, 0, 0},
        {"--calls", NULL, "a row per call instead of a row per plugin", FLAG, &o->calls, 0, 0},
        {"--calls-per-plugin", "N", "calls of each plugin in a night (default: 30 to 200)", COUNT, &o->calls_per_plugin, 1,
         10000000},
        {"--truth", "FILE", "also write what happened to whom, as CSV", TEXT, &o->truth, 0, 0},
        {"-o", "FILE", "write there instead of standard output", TEXT, &o->out, 0, 0},
        {"--bench", NULL, "fast, plain rows for benchmarks", FLAG, &o->bench, 0, 0},
        {"--bench-calls", "N", "fast, plain rows for benchmarks: N calls of a single run", COUNT, &o->bench_calls, 1, UINT64_MAX},
        {"--help", NULL, "this text", FLAG, NULL, 0, 0},
    };
    memcpy(list, all, sizeof all);
}

static _Noreturn void help(const struct option *list)
{
    puts("usage: nights [OPTION]...\n"
         "Write the profiles of generated nights as CSV. The same options write the same bytes on every machine.\n");
    for (int i = 0; i < OPTIONS; i++)
        printf("  %-19s%-5s %s\n", list[i].name, list[i].value ? list[i].value : "", list[i].help);
    puts("\nThe truth listing names each plugin that changes, the first and last night of it, the figure that changes and by how\n"
         "much: relative to before, but the new rate for error_rate and KB a call for mem_delta_kb. Plugin '*' is a slow night.\n"
         "\nExample: a history of 60 nights, then the next night alone\n\n"
         "  nights --nights 61 --truth truth.csv | grep -v '^2026-10-22' >history.csv\n"
         "  nights --nights 61 --only-night 61 >night.csv");
    if (fflush(stdout) || ferror(stdout)) {
        fputs("nights: cannot write 'standard output'\n", stderr);
        exit(2);
    }
    exit(0);
}

static _Noreturn void usage(const char *what, const char *subject)
{
    fprintf(stderr, "nights: %s '%s'; see 'nights --help'\n", what, subject);
    exit(2);
}

static bool parse_count(const char *s, uint64_t *v)
{
    *v = 0;
    if (!*s)
        return false;
    for (; *s; s++) {
        uint64_t digit = (uint64_t)(*s - '0');
        if (*s < '0' || *s > '9' || *v > (UINT64_MAX - digit) / 10)
            return false;
        *v = *v * 10 + digit;
    }
    return true;
}

static void set_count(const struct option *opt, const char *value)
{
    uint64_t v;

    if (!parse_count(value, &v) || v < opt->least || v > opt->most) {
        fprintf(stderr, "nights: '%s' takes a whole number from %llu to %llu, not '%s'\n", opt->name,
                (unsigned long long)opt->least, (unsigned long long)opt->most, value);
        exit(2);
    }
    *(uint64_t *)opt->to = v;
}

static void set_option(const struct option *opt, const char *value)
{
    if (opt->type == COUNT)
        set_count(opt, value);
    else if (opt->type == TEXT)
        *(const char **)opt->to = value;
    else if (!date_parse(value, opt->to))
        usage("no date from 1970-01-01 to 2999-12-31:", value);
}

static const struct option *find_option(const struct option *list, const char *arg, const char **value)
{
    size_t n = strcspn(arg, "=");

    *value = arg[n] ? arg + n + 1 : NULL;
    for (int i = 0; i < OPTIONS; i++)
        if (strlen(list[i].name) == n && !strncmp(list[i].name, arg, n))
            return &list[i];
    usage(*arg == '-' ? "unknown option" : "unexpected argument", arg);
}

static void parse_options(struct options *o, int argc, char **argv)
{
    struct option list[OPTIONS];
    const char *value;

    list_options(list, o);
    for (int i = 1; i < argc; i++) {
        const struct option *opt = find_option(list, argv[i], &value);
        if (opt->type == FLAG && value)
            usage("no value is taken by", opt->name);
        if (opt->type == FLAG && !opt->to)
            help(list);
        if (opt->type == FLAG) {
            *(bool *)opt->to = true;
            continue;
        }
        if (!value && i + 1 == argc)
            usage("a value must follow", opt->name);
        set_option(opt, value ? value : argv[++i]);
    }
}

static void complete(struct options *o)
{
    bool bench = o->bench || o->bench_calls;

    if (bench && (o->calls || o->truth || o->noise_only || o->calls_per_plugin))
        usage("no model, no truth and no choice of calls with", o->bench ? "--bench" : "--bench-calls");
    if (o->bench && o->bench_calls)
        usage("not both '--bench' and", "--bench-calls");
    if (o->start_day < 0)
        date_parse(bench ? "2013-01-01" : "2026-08-23", &o->start_day);
    o->nights = o->nights ? o->nights : bench ? 5000 : 90;
    o->plugins = o->plugins ? o->plugins : bench ? 1000 : 40;
    if (o->only_night > o->nights)
        usage("not as many nights in the history:", "--only-night");
}

int main(int argc, char **argv)
{
    static struct out out;
    struct options o = {.seed = 1, .start_day = -1};

    parse_options(&o, argc, argv);
    complete(&o);
    if (o.truth) {
        out_open(&out, o.truth);
        write_truth(&o, &out);
        out_close(&out);
    }
    out_open(&out, o.out);
    if (o.bench_calls)
        write_bench_calls(&o, &out);
    else if (o.bench)
        write_bench(&o, &out);
    else
        write_history(&o, &out);
    out_close(&out);
    return 0;
}
