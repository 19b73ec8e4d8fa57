/* Options are about one run, unless they say how each of several is called or timed: --run with
 * {stem}, --at mtime; or that each file is a part of it: --part with {stem}. Whether an input has one run or more is known only
 * when the second one comes, so that is where it is told. */
#include "ingest/settle.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "schema/valid.h"

static const char STEM[] = "{stem}";

static bool names_files(const char *pattern)
{
    return pattern && strstr(pattern, STEM);
}

bool tm_settle_each_file(const struct tm_ingest_options *options)
{
    return names_files(options->run.key) || names_files(options->run.part);
}

void tm_settle_stem(const char *file, const char **stem, size_t *size)
{
    const char *slash = strrchr(file, '/');
    *stem = slash ? slash + 1 : file;
    size_t length = strlen(*stem);
    if (length > 3 && strcmp(*stem + length - 3, ".gz") == 0)
        length -= 3;
    *size = length;
    for (size_t i = 1; i < length; i++)
        if ((*stem)[i] == '.')
            *size = i;
}

/* The pattern with the file's stem in it. NULL: no pattern, or no memory, which has been noted. */
static const char *fill_stem(struct tm_sink *sink, const char *pattern, const char *file)
{
    const char *at = pattern ? strstr(pattern, STEM) : NULL, *stem;
    char name[2 * TM_NAME_MAX];
    size_t size;
    if (!at)
        return pattern;
    tm_settle_stem(file, &stem, &size);
    int length = snprintf(name, sizeof name, "%.*s%.*s%s", (int)(at - pattern), pattern, (int)size, stem, at + sizeof STEM - 1);
    return tm_sink_text(sink, name, length < (int)sizeof name ? (size_t)length : sizeof name - 1);
}

const char *tm_settle_key(struct tm_sink *sink, const char *file)
{
    return fill_stem(sink, sink->options->run.key, file);
}

const char *tm_settle_part(struct tm_sink *sink, const char *file)
{
    return fill_stem(sink, sink->options->run.part, file);
}

/* A text of the file: one that cannot be stored is as good as none, and is told. */
static const char *take(struct tm_gather *gather, const char *what, const char *text, uint64_t line)
{
    const struct tm_place place = {gather->file, line, 0};
    char shown[TM_SHOWN_SIZE];
    const char *fault = text && *text ? tm_name_fault(text, strlen(text)) : NULL;
    if (fault)
        tm_diag_notice(gather->sink->diag, &place, "the %s '%s' is left out: it %s", what, tm_shown(text, strlen(text), shown),
                       fault);
    return text && *text && !fault ? tm_sink_text(gather->sink, text, strlen(text)) : NULL;
}

/* Suites of one file are lineages of their own: the part is added to the host, whoever has named it. */
static const char *host_of(struct tm_gather *gather, const char *host, const char *part, uint64_t line)
{
    char whole[2 * TM_NAME_MAX];
    if (!part || !*part)
        return take(gather, "host", host, line);
    snprintf(whole, sizeof whole, "%s%s%s", host ? host : "", host && *host ? " / " : "", part);
    return take(gather, "host", whole, line);
}

/* The time of a file, which is the newest that its measurements can be of. */
static bool file_time(struct tm_sink *sink, const char *file, int64_t *at)
{
    struct stat facts;
    const struct tm_place place = {file, 0, 0};
    if (stat(file, &facts) == 0) {
        *at = (int64_t)facts.st_mtime;
        return true;
    }
    tm_diag_error(sink->diag, &place, "has no time of its own for '--at mtime': it is no file");
    return false;
}

/* Told of the second run: all behind it have the same fault. */
static bool refuse_second(struct tm_gather *gather, const struct tm_gather_facts *facts, const char *option, const char *instead)
{
    const struct tm_place place = {gather->file, facts->line, 0};
    if (!gather->refused)
        tm_diag_error(gather->sink->diag, &place, "found a second run, but %s is about one: %s", option, instead);
    gather->refused = true;
    return false;
}

static bool settle_key(struct tm_gather *gather, const struct tm_gather_facts *facts, struct tm_run *run)
{
    const char *given = tm_settle_key(gather->sink, gather->file);
    run->key = given ? given : take(gather, "run's name", facts->key, facts->line);
    if (!given || gather->runs == 0 || (tm_settle_each_file(gather->sink->options) && gather->named == 0))
        return true;
    return refuse_second(gather, facts, "--run",
                         tm_settle_each_file(gather->sink->options)
                             ? "a file with several runs names them itself"
                             : "leave it out, or '--run {stem}' names a run after each file");
}

bool tm_settle_start(struct tm_sink *sink, const char *file, int64_t told, int64_t *started_at, bool *assumed)
{
    const struct tm_ingest_options *options = sink->options;
    const struct tm_place place = {file, 0, 0};
    *assumed = false;
    if (options->has_start)
        return true;
    if (told >= 0) {
        *started_at = told;
        return true;
    }
    if (options->at_mtime)
        return file_time(sink, file, started_at);
    *assumed = true;
    /* The parts of a run are of one time. */
    if (options->n_files <= 1 || options->run.part)
        return true;
    /* Once: of two hundred files all have the same fault. */
    if (sink->no_time_told)
        return false;
    sink->no_time_told = true;
    tm_diag_error(
        sink->diag, &place,
        "does not say when it was measured, and there are several files: '--at mtime' takes each file's time, or ingest them "
        "one by one with --at TIME");
    return false;
}

bool tm_settle_run(struct tm_gather *gather, const struct tm_gather_facts *facts, struct tm_run *run, bool *assumed)
{
    const struct tm_run *given = &gather->sink->options->run;
    uint64_t line = facts->line;
    *run = *given;
    run->tool = facts->tool;
    if (!settle_key(gather, facts, run))
        return false;
    if (gather->sink->options->has_start && gather->runs > 0 && !(names_files(given->part) && gather->named == 0))
        return refuse_second(gather, facts, "--at", "leave it out, or '--at mtime' takes each file's time");
    if (!tm_settle_start(gather->sink, gather->file, facts->started_at, &run->started_at, assumed))
        return false;
    if (!given->commit_id)
        run->commit_id = take(gather, "commit", facts->commit, line);
    if (!given->branch)
        run->branch = take(gather, "branch", facts->branch, line);
    if (!given->version)
        run->version = take(gather, "version", facts->version, line);
    run->host = host_of(gather, given->host ? given->host : facts->host, facts->part, line);
    run->part = tm_settle_part(gather->sink, gather->file);
    gather->named++;
    return !gather->sink->failed;
}
