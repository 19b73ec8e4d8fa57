#include "ingest/symbols.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const char *text, size_t size)
{
    uint64_t h = size;
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
    return h ^ (h >> 29);
}

static int is(const struct tm_symbol *symbol, const char *text, size_t size)
{
    return symbol->size == size && memcmp(symbol->text, text, size) == 0;
}

static struct tm_symbol **slot_of(const struct tm_symbols *symbols, const char *text, size_t size, uint64_t hash)
{
    size_t at = hash & (symbols->size - 1);
    while (symbols->slots[at] && (symbols->slots[at]->hash != hash || !is(symbols->slots[at], text, size)))
        at = (at + 1) & (symbols->size - 1);
    return &symbols->slots[at];
}

static int grow(struct tm_symbols *symbols)
{
    struct tm_symbols bigger = *symbols;
    bigger.size = symbols->size ? 2 * symbols->size : 256;
    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (!bigger.slots)
        return -1;
    for (size_t i = 0; i < symbols->size; i++) {
        struct tm_symbol *symbol = symbols->slots[i];
        if (symbol)
            *slot_of(&bigger, symbol->text, symbol->size, symbol->hash) = symbol;
    }
    free(symbols->slots);
    symbols->slots = bigger.slots;
    symbols->size = bigger.size;
    return 0;
}

static struct tm_symbol *look_up(struct tm_symbols *symbols, const char *text, size_t size, int *is_new)
{
    uint64_t hash = hash_of(text, size);
    if (2 * (symbols->used + 1) > symbols->size && grow(symbols) != 0)
        return NULL;
    struct tm_symbol **slot = slot_of(symbols, text, size, hash);
    if (*slot)
        return *slot;
    struct tm_symbol *symbol = tm_arena_take(&symbols->arena, sizeof *symbol);
    char *copy = tm_arena_text(&symbols->arena, text, size);
    if (!symbol || !copy)
        return NULL;
    *symbol = (struct tm_symbol){.text = copy, .size = size, .hash = hash};
    *slot = symbol;
    symbols->used++;
    *is_new = 1;
    return symbol;
}

struct tm_symbol *tm_symbol(struct tm_symbols *symbols, const char *text, size_t size, int *is_new)
{
    struct tm_symbol *previous = symbols->previous, *guess = previous ? previous->next : NULL;
    *is_new = 0;
    if (!guess || !is(guess, text, size)) {
        guess = look_up(symbols, text, size, is_new);
        if (previous)
            previous->next = guess;
    }
    symbols->previous = guess;
    return guess;
}

void tm_symbols_free(struct tm_symbols *symbols)
{
    tm_arena_free(&symbols->arena);
    free(symbols->slots);
    *symbols = (struct tm_symbols){0};
}
