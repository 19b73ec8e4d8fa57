/* Series of numbers as short text, since a page may hold thousands: the differences of whole steps, mostly one or two characters
 * each. The script charts.js reads them.
 *
 * A character stands for 0 to 91: '#' to '~', but ' ' and '!' for '<' and '\', which mean something in scripts and in JSON. The
 * difference d to the value before is 2d, or -2d - 1: below 64 one character; below 64 + 24 * 92 two; else 88 and six, the highest
 * place first. 89: no value; 90 and a character c: c + 2 of them. */
#ifndef TM_REPORT_PAGE_PACKED_H
#define TM_REPORT_PAGE_PACKED_H

#include <stddef.h>
#include <stdio.h>

/* How many steps make 1: a power of ten, so that the largest value has four or five digits, and the smallest two, if there is room
 * for both. least 0: none is so small. */
double tm_packed_steps(double most, double least);

/* The text of n values, NAN among them; returns its length. */
size_t tm_put_packed(FILE *out, const double *values, size_t n, double steps);

#endif
