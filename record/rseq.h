/* Restartable sequences (rseq), which tell a thread whether it has been off its processor; clock.h says what for. */
#ifndef TM_RECORD_RSEQ_H
#define TM_RECORD_RSEQ_H

#include <stdbool.h>
#include <stdint.h>

/* The calling thread's rseq_cs pointer; NULL: no kernel, C library or processor that has one. */
uint64_t *tm_rseq_pointer(void);

/* What is set there: the address of a descriptor of a piece of code that is never run. 0 where there is no pointer. */
uint64_t tm_rseq_descriptor(void);

/* Whether the kernel clears the pointer whenever it must, found out by trying, once in a process: some milliseconds. Needs the wall
 * clock (tm_wall). */
bool tm_rseq_proven(void);

/* Why not, after that; a few words. */
extern const char *tm_rseq_fault;

#endif
