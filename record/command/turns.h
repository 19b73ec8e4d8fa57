/* Commands take turns: one after the other, again and again, so that a slow spell of the machine hurts all alike. */
#ifndef TM_RECORD_COMMAND_TURNS_H
#define TM_RECORD_COMMAND_TURNS_H

#include "record/command/timings.h"

struct tm_turns {
    struct tm_subject *subjects;
    size_t n;
    size_t warmups;                                     /* turns of each that are not counted */
    size_t least;                                       /* each has so many timings at least, */
    double least_ns;                                    /* and takes so long in all */
    bool together;                                      /* all have as many timings as the one that needs most */
    char *const *prepare;                               /* executed before each command; NULL: nothing is */
    bool may_fail;                                      /* a command that fails is a timing like any other */
    bool by_shell;                                      /* what a shell's start takes is taken off */
    void (*progress)(const struct tm_subject *subject); /* of whom the next timing will be */
};

enum tm_turns_end {
    TM_TURNS_TAKEN,
    TM_TURNS_NO_MEMORY,
    TM_TURNS_INTERRUPTED,
    TM_TURNS_LOST,           /* the launcher is no more */
    TM_TURNS_NOT_STARTED,    /* there is no such command, or it is none */
    TM_TURNS_FAILED,         /* a command has, which may not */
    TM_TURNS_PREPARE_FAILED, /* or the one before it, which never may */
};

/* How it ended otherwise. */
struct tm_turns_trouble {
    const struct tm_subject *subject;
    struct tm_execution execution; /* of the command, or of the one before it */
    bool warmup;
};

/*
 * The order is turned round from one round to the next, A B B A A B: what gets slower or faster evenly adds as much to each.
 *
 * A shell's start is the median of TM_SHELL_STARTS, of each time by itself; no timing gets less than 0.
 */
enum { TM_SHELL_STARTS = 50 };
enum tm_turns_end tm_turns_take(const struct tm_turns *turns, struct tm_launcher *launcher, struct tm_turns_trouble *trouble);

#endif
