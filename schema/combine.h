/* The parts of a run as one: what workers of one run have measured each by itself.
 *
 * Calls, errors, times, memory growth, cancellations and timeouts are added; longest steps, slowest calls and memory peaks are the
 * highest of the parts. Percentiles come from the merged sketches, and are not known where a part has none. What one part does not
 * know of its calls, nobody knows of all of them. A reading goes by its kind. Versions and clocks stay where all parts have the
 * same; a plugin that only one part has stays as it is.
 *
 * The peaks of processes that lived on one machine add up: a part named MACHINE:WORKER says on which, and the machine with the
 * highest sum of peaks gives the reading TM_PEAK_SUM.
 *
 * The result depends on the parts and their names alone, not on the order in which they came: to the last bit. */
#ifndef TM_SCHEMA_COMBINE_H
#define TM_SCHEMA_COMBINE_H

#include "base/arena.h"
#include "schema/run.h"

#define TM_PEAK_SUM      "peak_mem_sum_kb"
#define TM_PEAK_SUM_UNIT "KiB"

/* How the values of a reading become one. */
enum tm_reading_kind {
    TM_READING_SUM,
    TM_READING_MEAN, /* weighted by calls */
    TM_READING_HIGHEST,
    TM_READING_LOWEST,
};

/* By words of its name ("queue_max", "hit_rate", "ns_per_row") and by its unit (per something, a rate, a share); else a sum. unit
 * NULL: none. */
enum tm_reading_kind tm_reading_kind(const char *metric, const char *unit);

/* A run made of parts; all zero is empty. */
struct tm_combined {
    struct tm_arena arena;
    struct tm_profile *profiles;
    size_t n_profiles, profiles_room;
    struct tm_spike *spikes;
    size_t n_spikes, spikes_room;
};

/* `parts` of one run, each with its name in run.part, in the order of these names' bytes, and its profiles in the order of their
 * plugins' bytes. *whole becomes the run: its facts are those of the first part, its start the earliest of all, by which spikes are
 * moved; it borrows from `into` and from the parts. -1: no memory. Free `into` in any case. */
int tm_combine(const struct tm_run_content *parts, size_t n, struct tm_combined *into, struct tm_run_content *whole);
void tm_combined_free(struct tm_combined *combined);

#endif
