/* Student's t distribution. */
#ifndef TM_ANALYZE_STUDENT_H
#define TM_ANALYZE_STUDENT_H

/*
 * P(|T| >= |t|) with df > 0 degrees of freedom, by the incomplete beta function:
 *
 *     I_x(df / 2, 1 / 2),  x = df / (df + t^2)
 *
 * t = 0: 1.  t infinite: 0.  A NaN: NAN.
 */
double tm_student_tails(double t, double df);

/* The t >= 0 with tm_student_tails(t, df) = p, 0 < p <= 1, to 12 digits or so; t = 1e300 where it would be larger. */
double tm_student_bound(double p, double df);

#endif
