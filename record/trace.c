/* Which calls become spans, and with which ids. A root is chosen by a random number, and what it calls goes with it: a trace is
 * whole. Ids are made of 64 random bits; half of a trace's is made of the other half and a secret, so that a call carries only one.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "record/clock.h"
#include "record/lines.h"
#include "record/span.h"
#include "record/state.h"
#include "record/trace.h"

bool tm_rec_tracing;

/* Constant while on, but for the lines. */
static struct {
    char *path;
    uint64_t chosen_below; /* of 2^53: a double's share is exact to that */
    uint64_t secret;       /* makes half of every trace's id */
    struct tm_place host;  /* TRACEPARENT: the span that the program is in. span 0: none */
    int64_t zero_ns;       /* since 1970, when tm_rec_now was 0 */
    unsigned opened;       /* every thread's random numbers begin anew when this has changed */
    char head[TM_SPAN_HEAD_SIZE];
} trace;

static struct tm_lines lines = TM_LINES_INIT;

static _Thread_local uint64_t random_state;
static _Thread_local unsigned random_opened; /* trace.opened, when the state was seeded */

static int64_t since_1970(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The finalizer of splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t scramble(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/* From the system; where that fails, from what differs between threads, processes and times. */
static uint64_t seed(void)
{
    uint64_t value;
    if (getentropy(&value, sizeof value) != 0)
        value = scramble((uint64_t)since_1970()) ^ scramble((uint64_t)getpid()) ^ (uint64_t)(uintptr_t)&random_state;
    return value;
}

/* splitmix64, seeded by the system for every thread and after every fork. */
static uint64_t random_number(void)
{
    if (random_opened != trace.opened) {
        random_state = seed();
        random_opened = trace.opened;
    }
    return scramble(random_state += 0x9e3779b97f4a7c15U /* 2^64 over the golden ratio */);
}

/* No id is 0. */
static uint64_t random_id(void)
{
    uint64_t id = random_number();
    return id ? id : 1;
}

void tm_rec_trace_begin(struct tm_rec_call *call, const struct tm_rec_call *parent)
{
    call->trace[0] = 0;
    if (parent ? parent->trace[0] == 0 : random_number() >> 11 /* 53 bits */ >= trace.chosen_below)
        return;
    bool joins = !parent && trace.host.span != 0;
    call->trace[0] = parent ? parent->trace[0] : joins ? trace.host.trace[1] : random_id();
    call->trace[1] = random_id();
    call->trace[2] = parent ? parent->trace[1] : trace.host.span;
}

bool tm_rec_trace_place(const struct tm_rec_call *call, struct tm_place *place)
{
    bool joined = trace.host.span && call->trace[0] == trace.host.trace[1];
    place->trace[0] = joined ? trace.host.trace[0] : scramble(trace.secret ^ call->trace[0]);
    place->trace[1] = call->trace[0];
    place->span = call->trace[1];
    return tm_rec_tracing && call->trace[0] != 0;
}

/* What the environment says; "": it is not said. */
static const char *said(const char *variable)
{
    const char *value = secure_getenv(variable);
    return value ? value : "";
}

/* A call carries half of its trace's id, which must not be 0: such a trace is not joined. */
static void find_host(void)
{
    if (!tm_place_read(said("TRACEPARENT"), &trace.host) || trace.host.trace[1] == 0)
        trace.host.span = 0;
}

/* A span is written when its call ends, children before their parents; readers put them together
 * by the ids. */
void tm_rec_trace_end(const struct tm_rec_call *call, int64_t wall_ns, int64_t cpu_ns, int64_t peak_bytes,
                      enum tm_rec_status status, const char *error_type)
{
    struct tm_place place;
    if (!tm_rec_trace_place(call, &place))
        return;
    struct tm_span span = {.plugin = tm_rec_plugin_name(call->plugin),
                           .trace = {place.trace[0], place.trace[1]},
                           .id = place.span,
                           .parent = call->trace[2],
                           .start_ns = trace.zero_ns + call->began,
                           .wall_ns = wall_ns,
                           .cpu_ns = cpu_ns,
                           .peak_bytes = peak_bytes,
                           .status = status,
                           .error_type = error_type};
    tm_lines_add(&lines, trace.head, &span);
}

/* OpenTelemetry's own variables name the service, or else the program does. */
static void begin_anew(void)
{
    char name[TM_SPAN_PAIR_SIZE] = "unknown_service", key[TM_SPAN_PAIR_SIZE], value[TM_SPAN_PAIR_SIZE];
    const char *service = said("OTEL_SERVICE_NAME"), *resource = said("OTEL_RESOURCE_ATTRIBUTES"), *at = resource;
#ifdef __GLIBC__
    snprintf(name, sizeof name, "unknown_service:%s", program_invocation_short_name);
#endif
    while (tm_span_pair(&at, key, value))
        if (strcmp(key, "service.name") == 0)
            strcpy(name, value);
    tm_span_head(trace.head, *service ? service : name, getpid(), resource);
    trace.opened++;
    trace.secret = seed();
}

int tm_rec_trace_open(const char *path, double share)
{
    char shown[TM_SHOWN_LONG_SIZE];
    if (!(share >= 0 && share <= 1))
        return tm_rec_fail("cannot trace a share of %g of the calls: expected 0 to 1", share);
    trace.path = strdup(path);
    int error = trace.path ? tm_lines_open(&lines, path) : ENOMEM;
    if (error) {
        free(trace.path);
        return tm_rec_fail("cannot open '%s': %s", tm_shown_long(path, shown),
                           error == ENXIO   ? "it has no reader"
                           : error == ELOOP ? "it is a symbolic link"
                                            : strerror(error));
    }
    trace.chosen_below = (uint64_t)ldexp(share, 53);
    trace.zero_ns = since_1970() - tm_rec_now();
    find_host();
    begin_anew();
    tm_rec_tracing = true;
    return 0;
}

void tm_rec_trace_close(void)
{
    char shown[TM_SHOWN_LONG_SIZE];
    if (!tm_rec_tracing)
        return;
    tm_rec_tracing = false;
    int error = tm_lines_close(&lines);
    if (error)
        tm_rec_fail("cannot write '%s': %s, %lld spans are missing", tm_shown_long(trace.path, shown), strerror(error),
                    (long long)lines.missing);
    free(trace.path);
}

void tm_rec_trace_forked(void)
{
    if (!tm_rec_tracing)
        return;
    tm_lines_forked(&lines);
    begin_anew();
}
