/* Spans of a share of calls. A call is chosen at its begin; the span is written at its end, whole lines, by any thread. The calls
 * passed are the recorder's own copies; their `trace` is free for use here, and is what it was set to at the begin when the call
 * ends. */
#ifndef TM_RECORD_TRACE_H
#define TM_RECORD_TRACE_H

#include <stdbool.h>

#include "record/tidemark_record.h"

/* The file is appended to. 0 or -1 (tm_rec_message). */
int tm_rec_trace_open(const char *path, double share);
void tm_rec_trace_close(void);  /* tm_rec_message says if spans are missing */
void tm_rec_trace_forked(void); /* in the child: goes on in the same file, without the parent's lines */

/* Between them, while tm_rec_tracing. parent NULL: a root. cpu_ns and peak_bytes: negative if not measured. */
void tm_rec_trace_begin(struct tm_rec_call *call, const struct tm_rec_call *parent);
void tm_rec_trace_end(const struct tm_rec_call *call, int64_t wall_ns, int64_t cpu_ns, int64_t peak_bytes,
                      enum tm_rec_status status, const char *error_type);

struct tm_place;
bool tm_rec_trace_place(const struct tm_rec_call *call, struct tm_place *place); /* false: the call has no span */

extern bool tm_rec_tracing; /* constant while on */

#endif
