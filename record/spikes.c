/* Samples become spikes: one after the other with the same culprit go on with the last spike. The list is bounded; a day of spikes
 * leaves the heaviest. */
#include "record/spikes.h"

#include <math.h>
#include <string.h>

/* CPU time, but for a factor: by the highest sample, which is what the spike is known for. */
static double weight(const struct tm_spike *spike)
{
    return spike->cpu_percent * spike->duration_ms;
}

static void drop_weakest(struct tm_spikes *spikes)
{
    size_t weakest = 0;
    for (size_t i = 1; i < spikes->n; i++)
        if (weight(&spikes->kept[i]) < weight(&spikes->kept[weakest]))
            weakest = i;
    spikes->n--;
    memmove(&spikes->kept[weakest], &spikes->kept[weakest + 1], (spikes->n - weakest) * sizeof *spikes->kept);
}

/* A sample that goes on with the last spike makes it longer; an interval whose culprit is not
 * known joins whichever it is beside. NULL: no new one began. */
const struct tm_spike *tm_spikes_add(struct tm_spikes *spikes, const struct tm_spike *sample)
{
    struct tm_spike *last = spikes->goes_on ? &spikes->kept[spikes->n - 1] : NULL;
    if (last && (!sample->plugin || !last->plugin || sample->plugin == last->plugin)) {
        last->duration_ms = sample->at_ms + sample->duration_ms - last->at_ms;
        last->cpu_percent = fmax(last->cpu_percent, sample->cpu_percent);
        last->plugin = sample->plugin ? sample->plugin : last->plugin;
        return NULL;
    }
    if (spikes->n == TM_SPIKES_KEPT)
        drop_weakest(spikes);
    spikes->kept[spikes->n] = *sample;
    spikes->goes_on = true;
    return &spikes->kept[spikes->n++];
}

void tm_spikes_pause(struct tm_spikes *spikes)
{
    spikes->goes_on = false;
}

void tm_spikes_forget(struct tm_spikes *spikes)
{
    spikes->n = 0;
    spikes->goes_on = false;
}
