/* What `tidemark ingest` reads. All numbers are whole nanoseconds and bytes, written exactly: a binary fraction of a millisecond or
 * a kilobyte has a finite decimal, and reading it back gives the same number. */
#include <math.h>
#include <string.h>

#include "base/csv_field.h"
#include "base/replace.h"
#include "base/text.h"
#include "record/guard.h"
#include "record/snapshot.h"
#include "record/state.h"
#include "schema/fields.h"

static void put_text(FILE *out, const char *text)
{
    if (text)
        tm_csv_field(out, text, strlen(text));
}

/* The digits of a number, `digits` of them or more, ending before `end`. Returns the first. */
static char *write_digits(char *end, uint64_t number, int digits)
{
    while (digits-- > 0 || number > 0) {
        *--end = (char)('0' + number % 10);
        number /= 10;
    }
    return end;
}

static void put_count(FILE *out, int64_t count)
{
    if (count == TM_UNKNOWN) {
        putc(',', out);
        return;
    }
    char text[24], *end = text + sizeof text, *at = write_digits(end, (uint64_t)count, 1); /* at most 20, and the comma */
    *--at = ',';
    fwrite(at, 1, (size_t)(end - at), out);
}

/* A whole number of parts, so many of which are one unit, and scale of one part to the last of `digits` after the point: with 10^6
 * parts and 6 digits 1500000 is 1.5. NAN: unknown. */
static void put_decimal(FILE *out, double value, uint64_t parts, uint64_t scale, int digits)
{
    char text[48], *end = text + sizeof text, *at = end; /* 20 digits, sign, point, 10 digits and the comma fit */
    if (!isnan(value)) {
        uint64_t whole = (uint64_t)fabs(value);
        at = write_digits(end, whole % parts * scale, digits);
        *--at = '.';
        at = write_digits(at, whole / parts, 1);
        if (value < 0)
            *--at = '-';
        while (end[-1] == '0')
            end--;
        end -= end[-1] == '.';
    }
    *--at = ',';
    fwrite(at, 1, (size_t)(end - at), out);
}

static void put_ms(FILE *out, double ns)
{
    put_decimal(out, ns, 1000000, 1, 6);
}

static void put_kb(FILE *out, double bytes)
{
    put_decimal(out, bytes, 1024, 9765625, 10); /* 1/1024 = 0.0009765625 */
}

static const char *const own_times[] = {"self_wall_per_call_ms", "self_cpu_per_call_ms", TM_METRIC_HELD, TM_METRIC_HELD_OTHERS,
                                        TM_METRIC_PREEMPTED};

/* What a value of the field is, behind its comma; nothing where it was not recorded. */
static void put_field(FILE *out, const struct tm_field *field, const struct tm_profile *profile)
{
    if (field->type == TM_FIELD_COUNT) {
        put_count(out, tm_field_count(field, profile));
    } else if (field->type == TM_FIELD_TEXT) {
        putc(',', out);
        put_text(out, tm_field_text(field, profile));
    } else if (field->unit == TM_UNIT_TIME) {
        put_ms(out, tm_field_real(field, profile));
    } else {
        put_kb(out, tm_field_real(field, profile));
    }
}

/* A row. The order is the header's, in put_all(). */
static void put_profile(FILE *out, const struct tm_profile *profile, const bool *with)
{
    put_text(out, profile->plugin);
    for (size_t i = 0; i < tm_n_fields; i++)
        put_field(out, &tm_fields[i], profile);
    for (size_t i = 0; i < sizeof own_times / sizeof *own_times; i++)
        if (with[i])
            put_decimal(out, round(tm_reading_of(profile, own_times[i]) * 1e9), 1000000000, 1, 9); /* picoseconds */
    putc('\n', out);
}

/* A column of own times is there if they differ from the others anywhere. */
static bool any_reading(const struct tm_rec_snapshot *snapshot, const char *metric)
{
    for (size_t i = 0; i < snapshot->n_entries; i++)
        if (!isnan(tm_reading_of(&snapshot->entries[i].profile, metric)))
            return true;
    return false;
}

static void put_all(FILE *out, const struct tm_rec_snapshot *snapshot)
{
    bool with[sizeof own_times / sizeof *own_times];
    fputs("plugin", out);
    for (size_t i = 0; i < tm_n_fields; i++)
        fprintf(out, ",%s", tm_fields[i].name);
    for (size_t i = 0; i < sizeof own_times / sizeof *own_times; i++) {
        with[i] = any_reading(snapshot, own_times[i]);
        if (with[i])
            fprintf(out, ",%s", own_times[i]);
    }
    putc('\n', out);
    for (size_t i = 0; i < snapshot->n_entries; i++)
        put_profile(out, &snapshot->entries[i].profile, with);
}

/* Signals of the write are blocked: a plugin host must not die of a full disk. */
static int write_file(const char *path, const struct tm_rec_snapshot *snapshot)
{
    char shown[TM_SHOWN_LONG_SIZE];
    struct tm_replacement replacement;
    struct tm_guard guard;
    tm_guard_begin(&guard);
    int error = tm_replacement_begin(&replacement, path);
    if (!error) {
        put_all(replacement.out, snapshot);
        error = tm_replacement_end(&replacement, true);
    }
    tm_guard_end(&guard);
    return error ? tm_rec_fail("cannot write '%s': %s", tm_shown_long(path, shown), strerror(error)) : 0;
}

/* Taken first, then written; what could not be written is given back, and comes with the next flush. */
int tm_rec_flush_csv(const char *path)
{
    if (!path)
        return tm_rec_fail("cannot write the profiles: no path");
    if (!tm_recorder_on())
        return 0;
    struct tm_taken *taken = tm_take(true, false);
    if (!taken)
        return -1;
    int result = write_file(path, tm_taken_shown(taken));
    if (result != 0)
        tm_taken_give_back(taken);
    tm_taken_free(taken);
    return result;
}
