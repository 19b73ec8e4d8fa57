/* Spans as lines of OTLP/JSON, read back by a strict parser, and the file they are appended to when it is not well. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "record/lines.h"
#include "record/span.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

static struct tm_lines lines = TM_LINES_INIT;
static char head[TM_SPAN_HEAD_SIZE];

static struct tm_span plain(const char *plugin)
{
    return (struct tm_span){.plugin = plugin,
                            .trace = {0x0123456789abcdef, 1},
                            .id = 0xfedcba9876543210,
                            .start_ns = 1795140000000000123,
                            .wall_ns = 1234567,
                            .cpu_ns = 1000001,
                            .peak_bytes = 1536,
                            .status = TM_REC_OK};
}

static json_t *parse(const char *line, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb(line, size, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("%s at %d: %.*s", error.text, error.position, (int)size, line);
    return root;
}

/* The one span of a line; borrowed. */
static json_t *span_of(json_t *root)
{
    json_t *resource = json_array_get(json_object_get(root, "resourceSpans"), 0);
    json_t *spans = json_object_get(json_array_get(json_object_get(resource, "scopeSpans"), 0), "spans");
    assert_int_equal(json_array_size(spans), 1);
    return json_array_get(spans, 0);
}

static json_t *attribute(json_t *attributes, const char *key)
{
    size_t i;
    json_t *one;
    json_array_foreach(attributes, i, one) if (strcmp(json_string_value(json_object_get(one, "key")), key) ==
                                               0) return json_object_get(one, "value");
    return NULL;
}

static json_t *span_attribute(json_t *root, const char *key)
{
    return attribute(json_object_get(span_of(root), "attributes"), key);
}

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static json_t *written(const struct tm_span *span)
{
    static char line[TM_SPAN_LINE_SIZE];
    size_t size = tm_span_line(line, head, span);
    assert_true(size < sizeof line);
    assert_ptr_equal(memchr(line, '\n', size), line + size - 1);
    return parse(line, size);
}

static void everything_in_its_place(void **state)
{
    struct tm_span span = plain("pdf-parser");
    (void)state;
    tm_span_head(head, "unknown_service:host", 4711, "");
    json_t *root = written(&span), *one = span_of(root);
    json_t *resource = json_object_get(json_array_get(json_object_get(root, "resourceSpans"), 0), "resource");
    json_t *about = json_object_get(resource, "attributes");
    assert_string_equal(text_of(attribute(about, "service.name"), "stringValue"), "unknown_service:host");
    assert_string_equal(text_of(attribute(about, "process.pid"), "intValue"), "4711");
    assert_string_equal(text_of(one, "traceId"), "0123456789abcdef0000000000000001");
    assert_string_equal(text_of(one, "spanId"), "fedcba9876543210");
    assert_string_equal(text_of(one, "parentSpanId"), "");
    assert_string_equal(text_of(one, "name"), "plugin.pdf-parser");
    assert_string_equal(text_of(one, "startTimeUnixNano"), "1795140000000000123");
    assert_string_equal(text_of(one, "endTimeUnixNano"), "1795140000001234690");
    assert_int_equal(json_integer_value(json_object_get(one, "kind")), 1);
    assert_int_equal(json_object_size(json_object_get(one, "status")), 0);
    assert_string_equal(text_of(span_attribute(root, "plugin.name"), "stringValue"), "pdf-parser");
    assert_true(json_real_value(json_object_get(span_attribute(root, "plugin.wall_ms"), "doubleValue")) == 1.234567);
    assert_true(json_real_value(json_object_get(span_attribute(root, "plugin.cpu_ms"), "doubleValue")) == 1.000001);
    assert_true(json_real_value(json_object_get(span_attribute(root, "plugin.peak_mem_kb"), "doubleValue")) == 1.5);
    assert_null(span_attribute(root, "error.type"));
    json_decref(root);
}

static void what_is_unknown_is_left_out(void **state)
{
    struct tm_span span = plain("x");
    (void)state;
    span.cpu_ns = span.peak_bytes = -1;
    span.parent = 255;
    json_t *root = written(&span);
    assert_null(span_attribute(root, "plugin.cpu_ms"));
    assert_null(span_attribute(root, "plugin.peak_mem_kb"));
    assert_string_equal(text_of(span_of(root), "parentSpanId"), "00000000000000ff");
    json_decref(root);
}

static const struct outcome {
    enum tm_rec_status status;
    const char *type, *expected;
} outcomes[] = {
    {TM_REC_OK, NULL, NULL},
    {TM_REC_OK, "ValueError", NULL},
    {TM_REC_ERROR, "ValueError", "ValueError"},
    {TM_REC_ERROR, NULL, "_OTHER"},
    {TM_REC_ERROR, "", "_OTHER"},
    {TM_REC_CANCELLED, NULL, "cancelled"},
    {TM_REC_TIMEOUT, NULL, "timeout"},
    {TM_REC_ERROR, "a \"quoted\" \\ type\n", "a \"quoted\" \\ type\n"},
    {TM_REC_ERROR, "cut \xd0", "cut \xef\xbf\xbd"},
};

static void outcomes_by_status(void **state)
{
    const struct outcome *row;
    (void)state;
    EACH(row, outcomes)
    {
        struct tm_span span = plain("x");
        span.status = row->status;
        span.error_type = row->type;
        json_t *root = written(&span), *type = span_attribute(root, "error.type");
        json_t *code = json_object_get(json_object_get(span_of(root), "status"), "code");
        assert_int_equal(json_integer_value(code), row->expected ? 2 : 0);
        if (row->expected)
            assert_string_equal(text_of(type, "stringValue"), row->expected);
        else
            assert_null(type);
        json_decref(root);
    }
}

static const struct hostile {
    const char *name, *read;
} hostiles[] = {
    {"\"", "\""},
    {"\\", "\\"},
    {"\\\"}]}]}]}]}", "\\\"}]}]}]}]}"},
    {"a\nb\r\tc\x01\x1f\x7f", "a\nb\r\tc\x01\x1f\x7f"},
    {"\xd0\xbf\xd0\xb0\xd1\x80\xd1\x81\xd0\xb5\xd1\x80", "\xd0\xbf\xd0\xb0\xd1\x80\xd1\x81\xd0\xb5\xd1\x80"},
    {"\xf0\x9f\x90\x8c", "\xf0\x9f\x90\x8c"},
    {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xe2\x80\xa8%s%n", "\xe2\x80\xa8%s%n"},
    {"", ""},
};

static void hostile_names(void **state)
{
    const struct hostile *row;
    char expected[256];
    (void)state;
    EACH(row, hostiles)
    {
        struct tm_span span = plain(row->name);
        tm_span_head(head, row->name, 1, "");
        json_t *root = written(&span);
        snprintf(expected, sizeof expected, "plugin.%s", row->read);
        assert_string_equal(text_of(span_of(root), "name"), expected);
        assert_string_equal(text_of(span_attribute(root, "plugin.name"), "stringValue"), row->read);
        json_decref(root);
    }
}

/* Texts at their longest, all of which must be escaped, and numbers at theirs. */
static void nothing_overflows(void **state)
{
    static char name[TM_NAME_MAX * 4];
    static const char fillers[] = {'x', '"', '\x01', '\xff'};
    (void)state;
    for (size_t i = 0; i < sizeof fillers; i++) {
        memset(name, fillers[i], sizeof name - 1);
        struct tm_span span = plain(name);
        span.wall_ns = span.cpu_ns = span.peak_bytes = INT64_MAX / 4;
        span.parent = span.id = span.trace[0] = span.trace[1] = UINT64_MAX;
        span.status = TM_REC_ERROR;
        span.error_type = name;
        tm_span_head(head, name, INT64_MIN, "");
        json_decref(written(&span));
    }
}

/* ---- the file ---- */

static char scratch[512], path[600];

static int make_scratch(void **state)
{
    const char *parent = getenv("TMPDIR");
    (void)state;
    snprintf(scratch, sizeof scratch, "%s/tidemark-span.XXXXXX", parent ? parent : "/tmp");
    return mkdtemp(scratch) ? snprintf(path, sizeof path, "%s/spans.jsonl", scratch) < 0 : -1;
}

static int remove_scratch(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(scratch);
}

static void add(const char *plugin, long number)
{
    struct tm_span span = plain(plugin);
    for (long i = 0; i < number; i++) {
        span.id = (uint64_t)i + 1;
        tm_lines_add(&lines, head, &span);
    }
}

/* How many lines the file has; each must be whole. `unreadable` of them may be something else. */
static long count(long unreadable)
{
    long number = 0;
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while ((size = getline(&line, &room, file)) > 0) {
        assert_int_equal(line[size - 1], '\n');
        if (unreadable-- <= 0)
            json_decref(parse(line, (size_t)size));
        number++;
    }
    free(line);
    fclose(file);
    return number;
}

static void lines_are_appended(void **state)
{
    (void)state;
    unlink(path);
    tm_span_head(head, "host", 1, "");
    assert_int_equal(tm_lines_open(&lines, path), 0);
    add("first", 1000);
    assert_int_equal(tm_lines_close(&lines), 0);
    assert_int_equal(count(0), 1000);
    assert_int_equal(tm_lines_open(&lines, path), 0);
    add("second", 1);
    assert_int_equal(tm_lines_close(&lines), 0);
    assert_int_equal(count(0), 1001);
}

/* A second after the oldest, the next line brings them all. */
static void old_lines_are_not_kept(void **state)
{
    struct tm_span span = plain("x");
    (void)state;
    unlink(path);
    assert_int_equal(tm_lines_open(&lines, path), 0);
    add("x", 3);
    assert_int_equal(count(0), 0);
    span.start_ns += 1100000000;
    tm_lines_add(&lines, head, &span);
    assert_int_equal(count(0), 4);
    assert_int_equal(tm_lines_close(&lines), 0);
    assert_int_equal(count(0), 4);
}

static void a_torn_line_is_ended(void **state)
{
    (void)state;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("{\"resourceSpans\":[{\"resour", file);
    fclose(file);
    assert_int_equal(tm_lines_open(&lines, path), 0);
    add("x", 2);
    assert_int_equal(tm_lines_close(&lines), 0);
    assert_int_equal(count(1), 3);
}

static void no_such_directory(void **state)
{
    (void)state;
    assert_int_equal(tm_lines_open(&lines, "/nonexistent/spans.jsonl"), ENOENT);
    assert_int_equal(tm_lines_open(&lines, scratch), EISDIR);
}

static void full_disk(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(tm_lines_open(&lines, "/dev/full"), 0);
    add("x", 500);
    assert_int_equal(tm_lines_close(&lines), ENOSPC);
    assert_int_equal(lines.missing, 500);
}

/* In a process of its own, as what fails here ends a process. The exit code is what the lines' close returned. */
static int in_child(void (*limit)(void))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        limit();
        add("x", 500);
        int failed = tm_lines_close(&lines);
        _exit(lines.missing > 0 ? failed : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void limit_size(void)
{
    struct rlimit limit = {.rlim_cur = 100000, .rlim_max = 100000};
    signal(SIGXFSZ, SIG_DFL);
    setrlimit(RLIMIT_FSIZE, &limit);
    tm_lines_open(&lines, path);
}

/* The signal of the limit would end the host; the line that did not fit leaves nothing behind. */
static void file_size_limit(void **state)
{
    (void)state;
    unlink(path);
    assert_int_equal(in_child(limit_size), EFBIG);
    assert_in_range(count(0), 100, 250);
}

static void nobody_reads(void)
{
    mkfifo(path, 0600);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    signal(SIGPIPE, SIG_DFL);
    tm_lines_open(&lines, path);
    close(reader);
}

static void closed_pipe(void **state)
{
    (void)state;
    unlink(path);
    assert_int_equal(in_child(nobody_reads), EPIPE);
}

/* What was collected before a fork is written once. */
static void after_a_fork(void **state)
{
    int status;
    (void)state;
    unlink(path);
    assert_int_equal(tm_lines_open(&lines, path), 0);
    add("parent", 5);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        tm_lines_forked(&lines);
        add("child", 1000);
        _exit(tm_lines_close(&lines));
    }
    add("parent", 1000);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(tm_lines_close(&lines), 0);
    assert_int_equal(count(0), 2005);
}

static void *write_some(void *plugin)
{
    add(plugin, 2000);
    return NULL;
}

static void by_many_threads(void **state)
{
    pthread_t threads[4];
    (void)state;
    unlink(path);
    assert_int_equal(tm_lines_open(&lines, path), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_some, "x"), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(tm_lines_close(&lines), 0);
    assert_int_equal(count(0), 8000);
}

static void resource_attributes(void **state)
{
    (void)state;
    tm_span_head(head, "host", 1, " deployment.environment = prod ,team=a%2Cb%00%zz,service.name=other,=x,y=,z,quote=\",last=%");
    assert_non_null(strstr(head, "\"service.name\",\"value\":{\"stringValue\":\"host\"}},"
                                 "{\"key\":\"deployment.environment\",\"value\":{\"stringValue\":\"prod\"}},"
                                 "{\"key\":\"team\",\"value\":{\"stringValue\":\"a,b%00%zz\"}},"
                                 "{\"key\":\"quote\",\"value\":{\"stringValue\":\"\\\"\"}},"
                                 "{\"key\":\"last\",\"value\":{\"stringValue\":\"%\"}},"
                                 "{\"key\":\"process.pid\""));
    assert_null(strstr(head, "other"));
    /* More than fits is left out, whatever it is made of. */
    char pairs[20000] = "";
    for (size_t i = 0; i < 60; i++)
        snprintf(pairs + strlen(pairs), sizeof pairs - strlen(pairs), "k%zu=%%01%%02\x7f,long%zu=%0300d,", i, i, 0);
    tm_span_head(head, "host", 1, pairs);
    assert_non_null(strstr(head, "\"k0\""));
    assert_null(strstr(head, "long0"));
    assert_true(strlen(head) < TM_SPAN_HEAD_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resource_attributes),
        cmocka_unit_test(everything_in_its_place),
        cmocka_unit_test(what_is_unknown_is_left_out),
        cmocka_unit_test(outcomes_by_status),
        cmocka_unit_test(hostile_names),
        cmocka_unit_test(nothing_overflows),

        cmocka_unit_test(lines_are_appended),
        cmocka_unit_test(old_lines_are_not_kept),
        cmocka_unit_test(a_torn_line_is_ended),
        cmocka_unit_test(no_such_directory),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(file_size_limit),
        cmocka_unit_test(closed_pipe),
        cmocka_unit_test(after_a_fork),
        cmocka_unit_test(by_many_threads),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
