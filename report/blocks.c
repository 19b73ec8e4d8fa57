#include "report/blocks.h"

#include <math.h>

#include "report/chart/levels.h"

static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
enum { HEIGHTS = sizeof blocks / sizeof *blocks };

/* Quiet series should look quiet: the blocks span a fifth of the level at least. */
static const double QUIET = 0.2;

void tm_put_blocks(FILE *out, const char *before, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric,
                   size_t most)
{
    size_t first = report->n_runs > most ? report->n_runs - most : 0, known = 0;
    double low = INFINITY, high = -INFINITY;
    for (size_t run = first; run < report->n_runs; run++) {
        double value = tm_chart_value(report, plugin, metric, run);
        if (!isfinite(value))
            continue;
        low = fmin(low, value), high = fmax(high, value);
        known++;
    }
    if (known < 2)
        return;
    double span = fmax(high - low, QUIET * fmax(fabs(low), fabs(high)));
    low -= (span - (high - low)) / 2;
    fputs(before, out);
    for (size_t run = first; run < report->n_runs; run++) {
        double value = tm_chart_value(report, plugin, metric, run);
        int height = span > 0 ? (int)((value - low) / span * HEIGHTS) : 0;
        fputs(isfinite(value) ? blocks[height < HEIGHTS ? height : HEIGHTS - 1] : " ", out);
    }
    putc('\n', out);
}
