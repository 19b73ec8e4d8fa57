/* What the doctor looks for: a function each, and nothing but facts in it. */
#ifndef TM_GATE_DOCTOR_CHECKS_H
#define TM_GATE_DOCTOR_CHECKS_H

#include "gate/doctor.h"

/* Adds what it finds. */
typedef void tm_doctor_check(const struct tm_doctor *doctor, struct tm_problems *problems);

/* doctor_runs.c, doctor_series.c, doctor_place.c */
tm_doctor_check tm_check_no_runs, tm_check_young, tm_check_hosts, tm_check_branches, tm_check_future, tm_check_order,
    tm_check_stale, tm_check_gaps, tm_check_commits, tm_check_unjudged, tm_check_lost_cache;
tm_doctor_check tm_check_noise, tm_check_clocks, tm_check_directions, tm_check_units, tm_check_open, tm_check_missing,
    tm_check_expired, tm_check_gone, tm_check_settings, tm_check_lines;
tm_doctor_check tm_check_store, tm_check_writable, tm_check_space, tm_check_remote, tm_check_leftover, tm_check_gnuplot,
    tm_check_reader, tm_check_copy;

#endif
