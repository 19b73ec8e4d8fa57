/* JUnit XML, as test runners of all languages write it: a test case is a plugin, called once for
 * each time it is there. Suites may be nested, and their sums repeat what the cases say, so only
 * the cases count; of the suites the earliest time is the run's.
 *
 * A time is a number of seconds in the writer's locale. Whether a comma stands between thousands
 * or before the fraction can be told of some values only, and of the others by these: times are
 * kept as text until all are there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/timestamp.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"
#include "ingest/formats/xml.h"
#include "ingest/number.h"

struct test_case {
    const char *name, *time; /* time NULL: none */
    uint64_t line;
    int reruns;
    bool failed, skipped;
};

enum comma { UNKNOWN, THOUSANDS, FRACTION };

struct junit {
    struct tm_document document; /* first */
    struct test_case *cases;
    size_t n_cases;
    bool in_case;
    bool begun; /* the root has been seen */
};

static void *begin(struct tm_sink *sink)
{
    struct junit *junit = calloc(1, sizeof *junit);
    if (junit)
        junit->document.sink = sink;
    return junit;
}

static void end(void *reader)
{
    struct junit *junit = reader;
    free(junit->cases);
    tm_document_end(reader);
}

/* "classname.name", or what there is of it. */
static const char *name_of(struct junit *junit, const char *class, const char *name)
{
    size_t class_size = class ? strlen(class) : 0, name_size = name ? strlen(name) : 0;
    bool both = class_size > 0 && name_size > 0;
    char *whole = tm_arena_take(&junit->document.kept, class_size + name_size + 2);
    if (!whole) {
        tm_sink_no_memory(junit->document.sink, junit->document.gather.file);
        return "";
    }
    if (class_size)
        memcpy(whole, class, class_size);
    if (both)
        whole[class_size] = '.';
    if (name_size)
        memcpy(whole + class_size + both, name, name_size);
    whole[class_size + both + name_size] = '\0';
    return whole;
}

static void start_case(struct junit *junit, struct tm_xml *xml, const char *const *attributes)
{
    const char *time = tm_xml_attribute(attributes, "time");
    const char *status = tm_xml_attribute(attributes, "status");
    struct test_case *added = tm_array_add(&junit->cases, &junit->n_cases, sizeof *added);
    const char *name = name_of(junit, tm_xml_attribute(attributes, "classname"), tm_xml_attribute(attributes, "name"));
    const char *kept = time && *time ? tm_arena_text(&junit->document.kept, time, strlen(time)) : NULL;
    if (!added || (time && *time && !kept)) {
        tm_sink_no_memory(junit->document.sink, junit->document.gather.file);
        return;
    }
    *added = (struct test_case){.name = name, .time = kept, .line = tm_xml_place(xml).line};
    added->skipped = status && (strcmp(status, "notrun") == 0 || strcmp(status, "skipped") == 0 || strcmp(status, "disabled") == 0);
    junit->in_case = true;
}

/* What stands within a case says how it went. */
static void note_result(struct test_case *test, const char *name)
{
    static const char *const again[] = {"rerunFailure", "rerunError", "flakyFailure", "flakyError"};
    if (strcmp(name, "failure") == 0 || strcmp(name, "error") == 0)
        test->failed = true;
    if (strcmp(name, "skipped") == 0)
        test->skipped = true;
    for (size_t i = 0; i < sizeof again / sizeof *again; i++)
        test->reruns += strcmp(name, again[i]) == 0;
}

static void take_timestamp(struct junit *junit, const char *text)
{
    int64_t at, *first = &junit->document.facts.started_at;
    if (text && tm_time_parse(text, strlen(text), &at) == 0 && (*first < 0 || at < *first))
        *first = at;
}

static void start_element(void *context, struct tm_xml *xml, const char *name, const char *const *attributes)
{
    struct junit *junit = context;
    bool suite = strcmp(name, "testsuite") == 0 || strcmp(name, "testsuites") == 0;
    if (!junit->begun && !suite)
        tm_xml_fault(xml, "found the root <%.40s>, expected <testsuites> or <testsuite>", name);
    junit->begun = true;
    if (suite)
        take_timestamp(junit, tm_xml_attribute(attributes, "timestamp"));
    else if (strcmp(name, "testcase") == 0)
        start_case(junit, xml, attributes);
    else if (junit->in_case && junit->n_cases > 0)
        note_result(&junit->cases[junit->n_cases - 1], name);
    if (junit->document.sink->failed)
        tm_xml_fault(xml, "out of memory");
}

static void end_element(void *context, struct tm_xml *xml, const char *name)
{
    struct junit *junit = context;
    (void)xml;
    if (strcmp(name, "testcase") == 0)
        junit->in_case = false;
}

/* Three digits stand behind every comma between thousands, and at most three before the first. */
static bool in_thousands(const char *time)
{
    size_t whole = strcspn(time, ",");
    if (whole == 0 || whole > 3 || time[0] == '0')
        return false;
    for (time += whole; *time == ','; time += 4)
        if (strspn(time + 1, "0123456789") != 3)
            return false;
    return *time == '\0' || *time == '.';
}

/* What this time alone says of the commas of its file. */
static enum comma comma_of(const char *time)
{
    const char *comma = strchr(time, ',');
    if (!comma)
        return UNKNOWN;
    if (!in_thousands(time))
        return FRACTION;
    return strchr(time, '.') || strchr(comma + 1, ',') ? THOUSANDS : UNKNOWN;
}

static enum comma comma_of_file(const struct junit *junit)
{
    enum comma found = UNKNOWN;
    for (size_t i = 0; i < junit->n_cases; i++) {
        const char *time = junit->cases[i].time;
        enum comma own = time ? comma_of(time) : UNKNOWN;
        if (own == FRACTION)
            return FRACTION;
        /* A point before the fraction leaves a comma only the thousands. */
        if (own == THOUSANDS || (time && strchr(time, '.')))
            found = THOUSANDS;
    }
    return found;
}

/* Seconds; NAN: it is no time. */
static double seconds(const char *time, enum comma comma)
{
    char plain[64];
    size_t n = 0, size = strlen(time);
    double value;
    if (strchr(time, ',') && (comma == UNKNOWN || (comma == THOUSANDS && !in_thousands(time)) ||
                              (comma == FRACTION && (strchr(time, '.') || strchr(strchr(time, ',') + 1, ',')))))
        return NAN;
    for (size_t i = 0; i < size && n < sizeof plain; i++)
        if (time[i] != ',' || comma == FRACTION) {
            plain[n] = time[i];
            if (time[i] == ',')
                plain[n] = '.';
            n++;
        }
    return n < sizeof plain && tm_parse_real(plain, n, 0, &value) == TM_NUMBER_OK ? value : NAN;
}

static void add_case(struct junit *junit, const struct test_case *test, enum comma comma)
{
    struct tm_document *document = &junit->document;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const struct tm_place place = {document->gather.file, test->line, 0};
    double time = test->time && !test->skipped ? seconds(test->time, comma) : NAN;
    row.name = test->name;
    row.size = strlen(test->name);
    row.calls = test->skipped ? 0 : 1;
    row.errors = test->failed && !test->skipped ? 1 : 0;
    if (time >= 0)
        row.wall_ns = time * 1e9;
    else if (test->time && !test->skipped)
        tm_diag_notice(document->sink->diag, &place, "the time '%.40s' is left out: %s", test->time,
                       time < 0 ? "it is negative"
                       : strchr(test->time, ',') && comma == UNKNOWN
                           ? "its comma may stand between thousands or before the fraction"
                           : "it is no number of seconds");
    tm_gather_row(&document->gather, &row, test->line);
    if (test->reruns)
        tm_gather_reading(&document->gather, "reruns", "count", "lower", test->reruns);
}

static void read_source(void *reader, struct tm_source *source)
{
    struct junit *junit = reader;
    struct tm_document *document = &junit->document;
    const struct tm_xml_handler handler = {junit, start_element, end_element};
    tm_document_open(document, source, "junit");
    free(junit->cases);
    junit->cases = NULL;
    junit->n_cases = 0;
    junit->in_case = junit->begun = false;
    if (tm_xml_read(source, &handler, document->sink->diag) != 0)
        return;
    enum comma comma = comma_of_file(junit);
    for (size_t i = 0; i < junit->n_cases && !document->sink->failed; i++)
        add_case(junit, &junit->cases[i], comma);
    tm_document_finish(document, false);
}

static bool sniff(const unsigned char *head, size_t size)
{
    const char *stop, *at = tm_sniff_start(head, size, &stop);
    /* In UTF-16 every other byte is 0: expat says what it thinks of it. */
    bool wide = size >= 4 && ((head[0] == 0xff && head[1] == 0xfe) || (head[0] == 0xfe && head[1] == 0xff)) &&
                (head[2] == '<' || head[3] == '<');
    return wide || (at && *at == '<');
}

const struct tm_input_format tm_input_junit = {
    .name = "junit",
    .summary = "JUnit XML: each test case with its time, failures as errors",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .end = end,
};
