/* Kinds of errors, counted. A plugin's list is short and looked through, under a lock of one flag that is held for less than a
 * microsecond; a thread that does not get it in time counts its error among the others, so that no call waits for another. */
#include "record/errors.h"

#include <sched.h>
#include <string.h>

#include "base/text.h"

enum {
    TRIES = 1000,   /* some microseconds: whoever has the lock needs less than one, unless it was put off its processor */
    LEFT = 1000000, /* yields, a second or so: then it was left by a jump and nobody will give it back */
};

/* Cut at a character's end, and with '?' for what may not be shown: texts go into reports and
 * files. `size` has room for the NUL. */
void tm_error_text(char *kept, size_t size, const char *text)
{
    size_t left = text ? strnlen(text, 4 * size) : 0 /* more than can be kept */, used = 0;
    while (left > 0) {
        bool showable;
        size_t step = tm_next_character(text, left, &showable);
        if (used + step >= size)
            break;
        if (showable)
            memcpy(kept + used, text, step);
        else
            kept[used] = '?';
        used += step;
        text += step;
        left -= step;
    }
    kept[used] = '\0';
}

/* Nobody is in there for longer than a microsecond, unless it was left by a jump. */
static void lock(struct tm_errors *errors)
{
    for (int i = 0; i < LEFT && atomic_flag_test_and_set_explicit(&errors->busy, memory_order_acquire); i++)
        sched_yield();
}

static void unlock(struct tm_errors *errors)
{
    atomic_flag_clear_explicit(&errors->busy, memory_order_release);
}

/* A kind is its type and its message. What finds no room is counted, not named. */
static void add_locked(struct tm_errors *errors, const struct tm_error_kind *kind)
{
    for (size_t i = 0; i < errors->n; i++)
        if (strcmp(errors->kinds[i].type, kind->type) == 0 && strcmp(errors->kinds[i].message, kind->message) == 0) {
            errors->kinds[i].count += kind->count;
            return;
        }
    if (errors->n < TM_REC_ERRORS_KEPT)
        errors->kinds[errors->n++] = *kind;
    else
        atomic_fetch_add_explicit(&errors->others, kind->count, memory_order_relaxed);
}

void tm_errors_add(struct tm_errors *errors, const struct tm_error_kind *kind)
{
    for (int i = 0; i < TRIES; i++)
        if (!atomic_flag_test_and_set_explicit(&errors->busy, memory_order_acquire)) {
            add_locked(errors, kind);
            atomic_store(&errors->any, true);
            unlock(errors);
            return;
        }
    atomic_fetch_add(&errors->others, kind->count);
    atomic_store(&errors->any, true);
}

bool tm_errors_any(struct tm_errors *errors)
{
    return atomic_load(&errors->any);
}

/* take: what is read is gone from the list, in one step with reading it. */
void tm_errors_read(struct tm_errors *errors, bool take, struct tm_errors *copy)
{
    lock(errors);
    if (take)
        atomic_store(&errors->any, false);
    copy->n = errors->n;
    memcpy(copy->kinds, errors->kinds, errors->n * sizeof *errors->kinds);
    copy->others = take ? atomic_exchange(&errors->others, 0) : atomic_load(&errors->others);
    if (take)
        errors->n = 0;
    unlock(errors);
}

void tm_errors_give_back(struct tm_errors *errors, const struct tm_errors *taken)
{
    lock(errors);
    for (size_t i = 0; i < taken->n; i++)
        add_locked(errors, &taken->kinds[i]);
    atomic_fetch_add(&errors->others, taken->others);
    atomic_store(&errors->any, true);
    unlock(errors);
}

void tm_errors_forget(struct tm_errors *errors)
{
    errors->n = 0;
    errors->others = 0;
    errors->any = false;
    unlock(errors);
}
