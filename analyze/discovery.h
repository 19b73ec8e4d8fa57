/* Many comparisons at once: which of them count, if no more than a share of those that do may be false. */
#ifndef TM_ANALYZE_DISCOVERY_H
#define TM_ANALYZE_DISCOVERY_H

#include <stddef.h>

/*
 * Benjamini & Hochberg (1995): q[i] is the share of false ones, on the average, among all that have a p of at most p[i].
 *
 *     q of the i-th smallest p = min over j >= i of n' p(j) / j       n' the p that are known
 *
 * NAN stays NAN and does not count. 0, or -1: no memory.
 */
int tm_false_discovery(const double *p, size_t n, double *q);

/*
 * The same where comparisons come in families, as the metrics of a plugin do, which tell much the same (Benjamini & Bogomolov
 * 2014). A family is looked into if its own p counts among all families' at that share; in those, R of F, a comparison counts by
 * its q within its family at the share R / F of it:
 *
 *     P of a family = the least q within it (Simes 1986),   Q of it by Benjamini & Hochberg over the families
 *     q[i] = max(Q, q within the family * F / R)            at most 1; R = 1 where none counts
 *
 * So a comparison counts where q[i] <= share, the share of families that are told for nothing is at most that, and so is that of
 * false ones in those that are told, on the average. A family of its own for each comparison is tm_false_discovery().
 *
 * families: how many there are; family[i] < families. *counted: R. 0, or -1: no memory.
 */
int tm_false_discovery_of_families(const double *p, const size_t *family, size_t n, size_t families, double share, double *q,
                                   size_t *counted);

#endif
