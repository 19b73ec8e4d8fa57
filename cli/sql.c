/* sql: somebody's own question. The store guards itself; here is the text of the query and how long it may take. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/address.h"
#include "cli/arguments.h"
#include "cli/format.h"
#include "cli/sql_values.h"

enum { LONGEST_QUERY = 1000000 }; /* bytes, as the store allows: nobody writes a longer one */

/* All of a stream, terminated; NULL (and a message) if that cannot be. The caller frees it. */
static char *read_stream(FILE *in, const char *name)
{
    char *text = malloc(LONGEST_QUERY + 1);
    size_t size = text ? fread(text, 1, LONGEST_QUERY + 1, in) : 0;
    if (!text) {
        tm_trouble("out of memory");
    } else if (ferror(in)) {
        tm_trouble("cannot read '%s': %s", name, strerror(errno));
    } else if (size > LONGEST_QUERY) {
        tm_trouble("the query in '%s' is longer than %d bytes", name, LONGEST_QUERY);
    } else if (memchr(text, '\0', size)) {
        tm_trouble("the query in '%s' holds a NUL byte", name);
    } else {
        text[size] = '\0';
        return text;
    }
    free(text);
    return NULL;
}

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "re");
    if (!in) {
        tm_trouble("cannot open '%s': %s", path, strerror(errno));
        return NULL;
    }
    char *text = read_stream(in, path);
    fclose(in);
    return text;
}

/* The query, to be freed: a word, a file, or standard input. NULL (and a message) if there is none. */
static char *read_query(const struct tm_arguments *arguments)
{
    const char *file = tm_option_value(arguments, "file");
    if (file && arguments->n_words > 0) {
        tm_trouble("a query and --file exclude each other");
        return NULL;
    }
    if (file)
        return read_file(file);
    if (arguments->n_words == 0 || strcmp(arguments->words[0], "-") == 0)
        return read_stream(stdin, "standard input");
    char *query = strdup(arguments->words[0]);
    if (!query)
        tm_trouble("out of memory");
    return query;
}

/* Seconds, 0 for none. 0, or -1 after a message. */
static int read_limits(const struct tm_arguments *arguments, struct tm_sql_limits *limits)
{
    const char *text = tm_option_value(arguments, "timeout");
    char *end;
    *limits = (struct tm_sql_limits){.seconds = 30};
    if (!text)
        return 0;
    limits->seconds = strtod(text, &end);
    if (end != text && *end == '\0' && limits->seconds >= 0 && limits->seconds < 1e9)
        return 0;
    tm_trouble("--timeout '%s' is not a number of seconds", text);
    return -1;
}

/* A single function over long texts may take longer than anybody waits, and cannot be interrupted. Nothing is lost with a reader.
 */
static void give_up(int signal)
{
    static const char message[] =
        "tidemark: the query was stopped: it took longer than its time limit (--timeout SECONDS sets it)\n";
    (void)signal;
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    _exit(TM_EXIT_TROUBLE);
}

/* Behind the store's own watch, which interrupts and is mostly heeded long before: seconds in
 * which the query should have stopped by itself. */
enum { GRACE = 2 };

/* What SQLite may hold is the store's to say; this is for all of the process, with the rows that a
 * form holds: half as much again, so that SQLite's own limit speaks first. */
enum { MEMORY_MIB = 1536 };

/* A sanitizer reserves far more address space than there is memory. gcc and clang say differently that there is one. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RESERVES_MORE 1
#elif defined(__has_feature)
#define RESERVES_MORE (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define RESERVES_MORE 0
#endif

static void limit_memory(void)
{
#if !RESERVES_MORE
    struct rlimit limit;
    const rlim_t most = (rlim_t)MEMORY_MIB << 20;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= most))
        return;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most ? most : limit.rlim_max;
    (void)setrlimit(RLIMIT_AS, &limit); /* lowering one's own limit is always allowed */
#endif
}

/* The query is read before the store is opened: it may come from a terminal, and take minutes. */
static int prepare(struct tm_context *context)
{
    struct tm_sql_limits limits;
    if (read_limits(context->arguments, &limits) != 0)
        return TM_EXIT_TROUBLE;
    if (tm_option_given(context->arguments, "tables")) {
        bool more = context->arguments->n_words > 0 || tm_option_given(context->arguments, "file") ||
                    tm_option_given(context->arguments, "param");
        return more ? tm_trouble("--tables goes with no query and no --param") : 0;
    }
    char *query = read_query(context->arguments);
    context->own = query ? tm_sql_with_values(context->arguments, query, tm_is_address(context->path)) : NULL;
    free(query);
    return context->own ? 0 : TM_EXIT_TROUBLE;
}

static int run_sql(struct tm_context *context)
{
    struct tm_sql_limits limits;
    if (read_limits(context->arguments, &limits) != 0)
        return TM_EXIT_TROUBLE;
    if (!context->own)
        return tm_print_rows(context, tm_ask(context->store, TM_Q_TABLES_AND_VIEWS, ""));
    limit_memory();
    if (limits.seconds > 0 && signal(SIGALRM, give_up) != SIG_ERR)
        alarm((unsigned)limits.seconds + GRACE);
    int code = tm_print_rows(context, tm_sql(context->store, context->own, &limits));
    alarm(0); /* printing may take as long as its reader wants */
    return code;
}

const struct tm_command tm_command_sql = {
    .name = "sql",
    .usage = "[QUERY | --file FILE] [options]",
    .summary = "run one SQL query that reads the store",
    .more = "Without QUERY and --file, the query comes from standard input. It cannot change the store.\n"
            "The views are profiles (a row per run and plugin), history (plugin, metric, ts, value), latest, verdicts, levels, "
            "alarms,\n"
            "decisions, weekly, parts and spikes; --tables lists their columns. Functions beside\n"
            "SQLite's own are median, percentile, mad, variance, stddev, var_pop, stddev_pop, corr, slope, mann_kendall, zscore,\n"
            "robust_z, sketch_percentile and sketch_merge.",
    .example = "  tidemark sql \"select plugin, median(wall_per_call_ms) from profiles group by plugin\"\n",
    .group = TM_ASKING,
    .needs = TM_NEEDS_READING,
    .prepare = prepare,
    .run = run_sql,
    .most_words = 1,
    .options = {{"file", "FILE", "read the query from a file"},
                {"param", "NAME=VALUE", "what ':NAME' stands for in the query; may be repeated"},
                {"tables", NULL, "list the views and tables, with their columns"},
                {"timeout", "SECONDS", "stop the query after that time, 0 for never (default: 30)"},
                TM_FORMAT_OPTION},
};
