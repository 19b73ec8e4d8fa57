/* A call as OpenTelemetry's span, one line of OTLP/JSON: a whole ExportTraceServiceRequest with one span in it, as its file
 * exporter writes them. Ids are lower-case hex, 64-bit integers are strings, enums are numbers, a root's parentSpanId is "". */
#ifndef TM_RECORD_SPAN_H
#define TM_RECORD_SPAN_H

#include <stdbool.h>

#include "record/binding.h"

struct tm_span {
    const char *plugin;
    uint64_t trace[2], id, parent;       /* parent 0: a root */
    int64_t start_ns;                    /* since 1970 */
    int64_t wall_ns, cpu_ns, peak_bytes; /* cpu_ns, peak_bytes -1: unknown */
    enum tm_rec_status status;
    const char *error_type; /* NULL: the status says it */
};

enum { TM_SPAN_HEAD_SIZE = 8192, TM_SPAN_LINE_SIZE = 24576, TM_SPAN_PAIR_SIZE = 256 };

/* The next of KEY=VALUE,KEY=VALUE,... (OTEL_RESOURCE_ATTRIBUTES), %41 decoded; *pairs moves behind it. What is no such pair, or too
 * long, is left out. false: there is none any more. */
bool tm_span_pair(const char **pairs, char key[TM_SPAN_PAIR_SIZE], char value[TM_SPAN_PAIR_SIZE]);

/* A span among those of other programs, as W3C's traceparent says it: 00-TRACE-SPAN-FLAGS. */
struct tm_place {
    uint64_t trace[2], span;
};

bool tm_place_read(const char *text, struct tm_place *place); /* false: it is none */
void tm_place_write(const struct tm_place *place, char text[TM_REC_SPAN_SIZE]);

/* What every line begins with: who writes. Longer names are cut; pairs, but for the service's name, are there as far as they fit.
 */
void tm_span_head(char head[TM_SPAN_HEAD_SIZE], const char *service, long long process, const char *pairs);

/* A line with its end, and no NUL; returns its size. */
size_t tm_span_line(char line[TM_SPAN_LINE_SIZE], const char *head, const struct tm_span *span);

#endif
