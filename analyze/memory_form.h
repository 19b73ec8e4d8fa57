/* What writing and reading the judge's memory have in common. Internal to analyze/memory_*.c. */
#ifndef TM_ANALYZE_MEMORY_FORM_H
#define TM_ANALYZE_MEMORY_FORM_H

/* Bits of a series' first byte. */
enum { OPEN = 1, ALERTED = 2, YOUNG_LEVEL = 4, SCATTERED = 8, COMMON_PARTS = 16, IMPROVED = 32, KNOWN_BITS = 63 };

enum { MOST_NIGHTS = 1 << 30 }; /* of a lineage: 3 million years of them; more is no count of ours */

enum { MOST_VALUES = TM_DETECTOR_BASELINE + TM_DETECTOR_NEWEST }; /* of a series: those of its baseline and those that wait */

#endif
