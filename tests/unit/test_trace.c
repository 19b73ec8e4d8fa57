/* Which calls become spans, and how these hang together. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "record/binding.h"
#include "record/clock.h"

enum { MOST = 20000 };

static struct span {
    char trace[33], id[17], parent[17], name[64], error[64];
    int64_t start, end;
    double wall_ms, cpu_ms;
    int code;
} spans[MOST];

static size_t n_spans;
static char scratch[512], path[600];

static int make_scratch(void **state)
{
    const char *parent = getenv("TMPDIR");
    (void)state;
    snprintf(scratch, sizeof scratch, "%s/tidemark-trace.XXXXXX", parent ? parent : "/tmp");
    return mkdtemp(scratch) ? snprintf(path, sizeof path, "%s/spans.jsonl", scratch) < 0 : -1;
}

static int remove_scratch(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(scratch);
}

static void start(double share)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1;
    config.spike_interval = 0;
    config.trace = path;
    config.trace_share = share;
    if (tm_rec_start(&config) != 0)
        fail_msg("%s", tm_rec_message());
}

static int start_anew(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    tm_rec_stop();
    return 0;
}

static void copy(char *to, size_t size, json_t *text)
{
    assert_true(json_is_string(text));
    assert_true(strlen(json_string_value(text)) < size);
    strcpy(to, json_string_value(text));
}

static void read_attribute(struct span *span, const char *key, json_t *value)
{
    if (strcmp(key, "plugin.wall_ms") == 0)
        span->wall_ms = json_number_value(json_object_get(value, "doubleValue"));
    if (strcmp(key, "plugin.cpu_ms") == 0)
        span->cpu_ms = json_number_value(json_object_get(value, "doubleValue"));
    if (strcmp(key, "error.type") == 0)
        copy(span->error, sizeof span->error, json_object_get(value, "stringValue"));
}

static void read_span(struct span *span, json_t *json)
{
    size_t i;
    json_t *one, *attributes = json_object_get(json, "attributes");
    memset(span, 0, sizeof *span);
    copy(span->trace, sizeof span->trace, json_object_get(json, "traceId"));
    copy(span->id, sizeof span->id, json_object_get(json, "spanId"));
    copy(span->parent, sizeof span->parent, json_object_get(json, "parentSpanId"));
    copy(span->name, sizeof span->name, json_object_get(json, "name"));
    span->start = strtoll(json_string_value(json_object_get(json, "startTimeUnixNano")), NULL, 10);
    span->end = strtoll(json_string_value(json_object_get(json, "endTimeUnixNano")), NULL, 10);
    span->code = (int)json_integer_value(json_object_get(json_object_get(json, "status"), "code"));
    for (i = 0; (one = json_array_get(attributes, i)); i++)
        read_attribute(span, json_string_value(json_object_get(one, "key")), json_object_get(one, "value"));
}

static void read_spans(void)
{
    char *line = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (n_spans = 0; getline(&line, &room, file) > 0; n_spans++) {
        json_error_t error;
        json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, &error);
        if (!root)
            fail_msg("line %zu: %s", n_spans + 1, error.text);
        json_t *scope = json_array_get(json_object_get(json_array_get(json_object_get(root, "resourceSpans"), 0), "scopeSpans"), 0);
        assert_true(n_spans < MOST);
        read_span(&spans[n_spans], json_array_get(json_object_get(scope, "spans"), 0));
        json_decref(root);
    }
    free(line);
    fclose(file);
}

static const struct span *span_named(const char *name)
{
    for (size_t i = 0; i < n_spans; i++)
        if (strcmp(spans[i].name, name) == 0)
            return &spans[i];
    fail_msg("no span '%s'", name);
    return NULL;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct span *)a)->id, ((const struct span *)b)->id);
}

static void assert_ids_differ(void)
{
    qsort(spans, n_spans, sizeof *spans, by_id);
    for (size_t i = 1; i < n_spans; i++)
        assert_string_not_equal(spans[i - 1].id, spans[i].id);
}

static void call_once(tm_rec_plugin *plugin, enum tm_rec_status status)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    tm_rec_end(&call, status);
}

static void nested(void **state)
{
    struct tm_rec_call outer, inner;
    struct timespec pause = {.tv_nsec = 2000000};
    (void)state;
    time_t before = time(NULL);
    start(1);
    tm_rec_plugin *a = tm_rec_register("a", NULL), *b = tm_rec_register("b", NULL), *c = tm_rec_register("c", NULL);
    tm_rec_begin(&outer, a);
    tm_rec_begin(&inner, b);
    nanosleep(&pause, NULL);
    call_once(c, TM_REC_OK);
    tm_rec_end(&inner, TM_REC_OK);
    tm_rec_end(&outer, TM_REC_OK);
    call_once(tm_rec_register("another", NULL), TM_REC_OK);
    tm_rec_stop();
    read_spans();

    assert_int_equal(n_spans, 4);
    const struct span *top = span_named("plugin.a"), *middle = span_named("plugin.b"), *low = span_named("plugin.c");
    assert_string_equal(top->parent, "");
    assert_string_equal(middle->parent, top->id);
    assert_string_equal(low->parent, middle->id);
    assert_string_equal(top->trace, low->trace);
    assert_string_equal(top->trace, middle->trace);
    assert_string_not_equal(top->trace, span_named("plugin.another")->trace);
    assert_true(top->start <= middle->start && middle->start <= low->start);
    assert_true(low->end <= middle->end && middle->end <= top->end);
    /* time() may lag by a tick of the kernel's. */
    assert_true(top->start / 1000000000 >= before && top->end / 1000000000 <= time(NULL) + 1);
    assert_true(middle->wall_ms >= 2 && (double)(middle->end - middle->start) / 1e6 >= 2);
    assert_true(middle->cpu_ms < middle->wall_ms);
}

static void errors(void **state)
{
    struct tm_rec_call call;
    (void)state;
    start(1);
    tm_rec_begin(&call, tm_rec_register("failing", NULL));
    tm_rec_error(&call, "ValueError", "no such page");
    tm_rec_end(&call, TM_REC_ERROR);
    call_once(tm_rec_register("fine", NULL), TM_REC_OK);
    call_once(tm_rec_register("late", NULL), TM_REC_TIMEOUT);
    call_once(tm_rec_register("left", NULL), TM_REC_CANCELLED);
    call_once(tm_rec_register("silent", NULL), TM_REC_ERROR);
    tm_rec_stop();
    read_spans();
    assert_string_equal(span_named("plugin.failing")->error, "ValueError");
    assert_int_equal(span_named("plugin.failing")->code, 2);
    assert_int_equal(span_named("plugin.fine")->code, 0);
    assert_string_equal(span_named("plugin.fine")->error, "");
    assert_string_equal(span_named("plugin.late")->error, "timeout");
    assert_string_equal(span_named("plugin.left")->error, "cancelled");
    assert_string_equal(span_named("plugin.silent")->error, "_OTHER");
}

/* Whole trees are picked: of 4000 roots about a quarter, each with both of its children. */
static void a_share_of_the_roots(void **state)
{
    size_t roots = 0;
    (void)state;
    start(0.25);
    tm_rec_plugin *a = tm_rec_register("a", NULL), *b = tm_rec_register("b", NULL);
    for (int i = 0; i < 4000; i++) {
        struct tm_rec_call call;
        tm_rec_begin(&call, a);
        call_once(b, TM_REC_OK);
        call_once(b, TM_REC_OK);
        tm_rec_end(&call, TM_REC_OK);
    }
    tm_rec_stop();
    read_spans();
    for (size_t i = 0; i < n_spans; i++)
        roots += strcmp(spans[i].parent, "") == 0;
    assert_in_range(roots, 800, 1200); /* 1000 and 7 standard deviations */
    assert_int_equal(n_spans, 3 * roots);
    for (size_t i = 0; i < n_spans; i += 3) {
        assert_string_equal(spans[i].parent, spans[i + 2].id);
        assert_string_equal(spans[i + 1].parent, spans[i + 2].id);
    }
    assert_ids_differ();
}

static void none_of_them(void **state)
{
    (void)state;
    start(0);
    for (int i = 0; i < 1000; i++)
        call_once(tm_rec_register("a", NULL), TM_REC_OK);
    tm_rec_stop();
    read_spans();
    assert_int_equal(n_spans, 0);
}

/* A suspended call keeps its span, also when it goes on elsewhere, and what it calls there are its children. */
static void suspended(void **state)
{
    struct tm_rec_call first, second;
    (void)state;
    start(1);
    tm_rec_begin(&first, tm_rec_register("first", NULL));
    tm_rec_suspend(&first);
    tm_rec_begin(&second, tm_rec_register("second", NULL));
    tm_rec_suspend(&second);
    tm_rec_resume(&first);
    call_once(tm_rec_register("child", NULL), TM_REC_OK);
    tm_rec_end(&first, TM_REC_OK);
    tm_rec_end(&second, TM_REC_OK);
    tm_rec_stop();
    read_spans();
    assert_int_equal(n_spans, 3);
    assert_string_equal(span_named("plugin.child")->parent, span_named("plugin.first")->id);
    assert_string_equal(span_named("plugin.second")->parent, "");
    assert_string_not_equal(span_named("plugin.second")->trace, span_named("plugin.first")->trace);
}

static void *help(void *call)
{
    struct tm_rec_call helper;
    tm_rec_adopt(&helper, call);
    call_once(tm_rec_register("child", NULL), TM_REC_OK);
    tm_rec_release(&helper);
    return NULL;
}

/* A helper has no span of its own; what it calls belongs to the call that it works for. */
static void helped(void **state)
{
    struct tm_rec_call call;
    pthread_t thread;
    (void)state;
    start(1);
    tm_rec_begin(&call, tm_rec_register("parent", NULL));
    assert_int_equal(pthread_create(&thread, NULL, help, &call), 0);
    pthread_join(thread, NULL);
    tm_rec_end(&call, TM_REC_OK);
    tm_rec_stop();
    read_spans();
    assert_int_equal(n_spans, 2);
    assert_string_equal(span_named("plugin.child")->parent, span_named("plugin.parent")->id);
    assert_string_equal(span_named("plugin.child")->trace, span_named("plugin.parent")->trace);
}

static void *call_many(void *plugin)
{
    for (int i = 0; i < 3000; i++)
        call_once(plugin, TM_REC_OK);
    return NULL;
}

static void by_many_threads(void **state)
{
    pthread_t threads[4];
    (void)state;
    start(1);
    tm_rec_plugin *plugin = tm_rec_register("a", NULL);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_many, plugin), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    tm_rec_stop();
    read_spans();
    assert_int_equal(n_spans, 12000);
    assert_ids_differ();
}

/* Both go on in the same file, with ids of their own, and nothing is there twice. */
static void after_a_fork(void **state)
{
    int status;
    (void)state;
    start(1);
    tm_rec_plugin *plugin = tm_rec_register("a", NULL);
    call_many(plugin);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        call_many(tm_rec_register("a", NULL));
        tm_rec_stop();
        _exit(0);
    }
    call_many(plugin);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    tm_rec_stop();
    read_spans();
    assert_int_equal(n_spans, 9000);
    assert_ids_differ();
}

static void cannot_start(void **state)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    (void)state;
    config.on = 1;
    config.trace = "/nonexistent/spans.jsonl";
    assert_int_equal(tm_rec_start(&config), -1);
    assert_string_equal(tm_rec_message(), "cannot open '/nonexistent/spans.jsonl': No such file or directory");
    config.trace = "/nonexistent/\x1b[31m\n.jsonl";
    assert_int_equal(tm_rec_start(&config), -1);
    assert_string_equal(tm_rec_message(), "cannot open '/nonexistent/\\x1b[31m\\x0a.jsonl': No such file or directory");
    config.trace = path;
    config.trace_share = 1.5;
    assert_int_equal(tm_rec_start(&config), -1);
    assert_non_null(strstr(tm_rec_message(), "1.5"));
    assert_int_equal(access(path, F_OK), -1);
}

/* The host goes on, and hears of it when it stops the recorder. */
static void full_disk(void **state)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    config.on = 1;
    config.trace = "/dev/full";
    assert_int_equal(tm_rec_start(&config), 0);
    call_many(tm_rec_register("a", NULL));
    tm_rec_stop();
    assert_string_equal(tm_rec_message(), "cannot write '/dev/full': No space left on device, 3000 spans are missing");
}

/* Whoever may write to the folder would choose where a host writes. */
static void a_planted_link(void **state)
{
    char other[700], expected[800];
    struct stat facts;
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    (void)state;
    snprintf(other, sizeof other, "%s.other", path);
    close(open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    unlink(path);
    assert_int_equal(symlink(other, path), 0);
    config.on = 1;
    config.trace = path;
    snprintf(expected, sizeof expected, "cannot open '%s': it is a symbolic link", path);
    assert_int_equal(tm_rec_start(&config), -1);
    assert_string_equal(tm_rec_message(), expected);
    assert_int_equal(stat(other, &facts), 0);
    assert_int_equal(facts.st_size, 0);
    unlink(other);
}

/* ---- pipes ---- */

static int make_pipe(void **state)
{
    (void)state;
    unlink(path);
    return mkfifo(path, 0600);
}

static void pipe_without_reader(void **state)
{
    char expected[700];
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    (void)state;
    config.on = 1;
    config.trace = path;
    snprintf(expected, sizeof expected, "cannot open '%s': it has no reader", path);
    alarm(60); /* ends a host that waits for a reader */
    assert_int_equal(tm_rec_start(&config), -1);
    alarm(0);
    assert_string_equal(tm_rec_message(), expected);
}

static void pipe_that_nobody_reads(void **state)
{
    (void)state;
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    start(1);
    alarm(60);
    call_many(tm_rec_register("a", NULL));
    tm_rec_stop();
    alarm(0);
    assert_non_null(strstr(tm_rec_message(), "Resource temporarily unavailable, "));
    close(reader);
}

static size_t n_lines_read;

static void *read_slowly(void *stream)
{
    char *line = NULL;
    size_t room = 0;
    for (n_lines_read = 0; getline(&line, &room, stream) > 0; n_lines_read++)
        if (n_lines_read % 1000 == 0)
            nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    free(line);
    return NULL;
}

/* One who reads at all gets all. */
static void pipe_with_a_slow_reader(void **state)
{
    pthread_t thread;
    (void)state;
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    start(1);
    assert_int_equal(fcntl(reader, F_SETFL, 0), 0);
    FILE *stream = fdopen(reader, "r");
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, stream), 0);
    call_many(tm_rec_register("a", NULL));
    tm_rec_stop();
    pthread_join(thread, NULL);
    fclose(stream);
    assert_int_equal(n_lines_read, 3000);
}

/* ---- descriptors ---- */

/* As daemons do. What the host opens then has the trace's number, and is no trace. */
static void closed_by_the_host(void **state)
{
    char other[700], content[64] = "";
    struct stat of_trace, found;
    int number = -1;
    (void)state;
    snprintf(other, sizeof other, "%s.other", path);
    start(1);
    assert_int_equal(stat(path, &of_trace), 0);
    for (int i = 3; i < 256 && number < 0; i++)
        if (fstat(i, &found) == 0 && found.st_ino == of_trace.st_ino && found.st_dev == of_trace.st_dev)
            number = i;
    int file = open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(dup2(file, number), number);
    assert_int_equal(write(file, "customer 1\n", 11), 11);
    call_once(tm_rec_register("a", NULL), TM_REC_OK);
    tm_rec_stop();
    assert_non_null(strstr(tm_rec_message(), "Bad file descriptor, 1 spans are missing"));
    assert_int_equal(pread(file, content, sizeof content - 1, 0), 11);
    assert_string_equal(content, "customer 1\n");
    assert_int_equal(close(number), 0); /* it is still open */
    close(file);
    unlink(other);
}

/* ---- the trace that the program is in ---- */

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN  "00f067aa0ba902b7"

static void call_twice(void)
{
    struct tm_rec_call outer, inner;
    char said[TM_REC_SPAN_SIZE];
    assert_false(tm_rec_current_span(said));
    tm_rec_begin(&outer, tm_rec_register("outer", NULL));
    tm_rec_begin(&inner, tm_rec_register("inner", NULL));
    assert_true(tm_rec_current_span(said));
    tm_rec_end(&inner, TM_REC_OK);
    tm_rec_end(&outer, TM_REC_OK);
    tm_rec_stop();
    read_spans();
    assert_int_equal(n_spans, 2);
    char expected[TM_REC_SPAN_SIZE];
    snprintf(expected, sizeof expected, "00-%.32s-%.16s-01", span_named("plugin.inner")->trace, span_named("plugin.inner")->id);
    assert_string_equal(said, expected);
    assert_string_equal(span_named("plugin.inner")->parent, span_named("plugin.outer")->id);
    assert_string_equal(span_named("plugin.inner")->trace, span_named("plugin.outer")->trace);
}

static void joins_the_host_s_trace(void **state)
{
    static const char *const said[] = {"00-" TRACE "-" SPAN "-01", "00-" TRACE "-" SPAN "-00", "cc-" TRACE "-" SPAN "-01-more"};
    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        unlink(path);
        setenv("TRACEPARENT", said[i], 1);
        start(1);
        call_twice();
        assert_string_equal(span_named("plugin.outer")->trace, TRACE);
        assert_string_equal(span_named("plugin.outer")->parent, SPAN);
    }
    unsetenv("TRACEPARENT");
}

static void joins_nothing_else(void **state)
{
    static const char *const said[] = {"",
                                       "00",
                                       "ff-" TRACE "-" SPAN "-01",
                                       "00-" TRACE "-" SPAN "-01-more",
                                       "00-" TRACE "-" SPAN "-0",
                                       "00-" TRACE "-0000000000000000-01",
                                       "00-00000000000000000000000000000000-" SPAN "-01",
                                       "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01",
                                       "00-" TRACE "_" SPAN "-01"};
    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        unlink(path);
        setenv("TRACEPARENT", said[i], 1);
        start(1);
        call_twice();
        assert_string_equal(span_named("plugin.outer")->parent, "");
        assert_string_not_equal(span_named("plugin.outer")->trace, TRACE);
    }
    unsetenv("TRACEPARENT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(joins_the_host_s_trace, stop),
        cmocka_unit_test_teardown(joins_nothing_else, stop),
        cmocka_unit_test_setup_teardown(nested, start_anew, stop),
        cmocka_unit_test_setup_teardown(errors, start_anew, stop),
        cmocka_unit_test_setup_teardown(a_share_of_the_roots, start_anew, stop),
        cmocka_unit_test_setup_teardown(none_of_them, start_anew, stop),
        cmocka_unit_test_setup_teardown(suspended, start_anew, stop),
        cmocka_unit_test_setup_teardown(helped, start_anew, stop),
        cmocka_unit_test_setup_teardown(by_many_threads, start_anew, stop),
        cmocka_unit_test_setup_teardown(after_a_fork, start_anew, stop),
        cmocka_unit_test_setup_teardown(cannot_start, start_anew, stop),
        cmocka_unit_test_setup_teardown(full_disk, start_anew, stop),
        cmocka_unit_test_setup_teardown(a_planted_link, start_anew, stop),
        cmocka_unit_test_setup_teardown(pipe_without_reader, make_pipe, stop),
        cmocka_unit_test_setup_teardown(pipe_that_nobody_reads, make_pipe, stop),
        cmocka_unit_test_setup_teardown(pipe_with_a_slow_reader, make_pipe, stop),
        cmocka_unit_test_setup_teardown(closed_by_the_host, start_anew, stop),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
