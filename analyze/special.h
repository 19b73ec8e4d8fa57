#ifndef TM_ANALYZE_SPECIAL_H
#define TM_ANALYZE_SPECIAL_H

/*
 * The special functions behind the tail probabilities, as logarithms, built
 * so that large parameters cost no digits: powers over factorials are taken
 * as deviance (Loader 2000) plus Stirling error, never as a difference of
 * large log-gammas.
 */

/* log of x^a y^b / B(a, b), where y = 1 - x is given apart so that neither
 * end loses digits.  a, b > 0, 0 < x < 1. */
double tm_log_beta_power(double a, double b, double x, double y);

/* log of the regularised incomplete beta function I_x(a, b), y = 1 - x.
 * a, b > 0; x = 0 gives -INFINITY, y = 0 gives 0. */
double tm_log_beta_inc(double a, double b, double x, double y);

/* log of the regularised incomplete gamma functions P(a, x) and
 * Q(a, x) = 1 - P.  a > 0, x >= 0. */
double tm_log_gamma_p(double a, double x);
double tm_log_gamma_q(double a, double x);

/* log(1 - exp(l)) for l <= 0. */
double tm_log_complement(double l);

#endif
