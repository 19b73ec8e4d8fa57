/* Each plugin's name once, whatever the number of rows. Rows mostly come in the same order run
 * after run, so each symbol remembers its successor: one comparison instead of a look-up. */
#include "ingest/symbols.h"

#include <string.h>

struct name {
    const char *text;
    size_t size;
};

/* Names may hold any byte, so sizes count and not terminators. */
static bool has_name(uintptr_t item, const void *key)
{
    const struct tm_symbol *symbol = (const struct tm_symbol *)item;
    const struct name *name = key;
    return symbol->size == name->size && memcmp(symbol->text, name->text, name->size) == 0;
}

/* Found, or made with nothing summed up. NULL: no memory; the table is then as it was. */
static struct tm_symbol *look_up(struct tm_symbols *symbols, const struct name *name, int *is_new)
{
    uint64_t hash = tm_hash_text(name->text, name->size);
    struct tm_symbol *found = (struct tm_symbol *)tm_hash_find(&symbols->index, hash, has_name, name);
    if (found)
        return found;
    struct tm_symbol *symbol = tm_arena_take(&symbols->arena, sizeof *symbol);
    char *copy = tm_arena_text(&symbols->arena, name->text, name->size);
    if (!symbol || !copy || tm_hash_add(&symbols->index, hash, (uintptr_t)symbol) != 0)
        return NULL;
    *symbol = (struct tm_symbol){.text = copy, .size = name->size, .older = symbols->newest};
    symbols->newest = symbol;
    *is_new = 1;
    return symbol;
}

struct tm_symbol *tm_symbol(struct tm_symbols *symbols, const char *text, size_t size, int *is_new)
{
    const struct name name = {text, size};
    struct tm_symbol *previous = symbols->previous, *guess = previous ? previous->next : NULL;
    *is_new = 0;
    /* A wrong guess is corrected: the next time round, the order is known. */
    if (!guess || !has_name((uintptr_t)guess, &name)) {
        guess = look_up(symbols, &name, is_new);
        if (previous)
            previous->next = guess;
    }
    symbols->previous = guess;
    return guess;
}

void tm_symbols_free(struct tm_symbols *symbols)
{
    tm_arena_free(&symbols->arena);
    tm_hash_free(&symbols->index);
    *symbols = (struct tm_symbols){0};
}
