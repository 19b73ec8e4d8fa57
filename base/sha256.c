/* SHA-256 as FIPS 180-4 has it, of what is all in memory: written to be compared with the standard, and fast enough for the
 * charts of a report. */
#include "base/sha256.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, ROUNDS = 64 }; /* bytes of a block */

/* 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turned(uint32_t x, int bits)
{
    return x >> bits | x << (32 - bits);
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* 6.2.2, step 1: the message schedule. */
static void expand(const uint8_t *block, uint32_t w[ROUNDS])
{
    for (int i = 0; i < 16; i++)
        w[i] = word_at(block + 4 * i);
    for (int i = 16; i < ROUNDS; i++)
        w[i] = w[i - 16] + (turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
               (turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10);
}

/* One round, in which only two of the eight words change: the others change their names, which the
 * caller does. */
static inline void turn(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f, uint32_t g, uint32_t *h,
                        uint32_t input)
{
    uint32_t choice = (e & f) ^ (~e & g), majority = (a & b) ^ (a & c) ^ (b & c);
    uint32_t one = *h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + input;
    *d += one;
    *h = one + (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority;
}

/* 6.2.2, steps 2 to 4: one block into the state. After eight rounds every word has its own name
 * again. */
static void mix(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[ROUNDS];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    expand(block, w);
    for (int i = 0; i < ROUNDS; i++)
        w[i] += constants[i];
    for (int i = 0; i < ROUNDS; i += 8) {
        turn(a, b, c, &d, e, f, g, &h, w[i]);
        turn(h, a, b, &c, d, e, f, &g, w[i + 1]);
        turn(g, h, a, &b, c, d, e, &f, w[i + 2]);
        turn(f, g, h, &a, b, c, d, &e, w[i + 3]);
        turn(e, f, g, &h, a, b, c, &d, w[i + 4]);
        turn(d, e, f, &g, h, a, b, &c, w[i + 5]);
        turn(c, d, e, &f, g, h, a, &b, w[i + 6]);
        turn(b, c, d, &e, f, g, h, &a, w[i + 7]);
    }
    const uint32_t turned_state[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; i++)
        state[i] += turned_state[i];
}

/* 5.1.1: the message ends with a bit, zeros, and its length in bits. */
void tm_sha256(const void *data, size_t size, uint8_t digest[TM_SHA256_SIZE])
{
    /* 5.3.3: of the square roots of the first 8 primes */
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const uint8_t *bytes = data;
    uint8_t last[2 * BLOCK] = {0};
    size_t whole = size / BLOCK * BLOCK, rest = size - whole,
           ends = rest + 9 > BLOCK /* a bit, and the length in 8 bytes */ ? 2 * BLOCK : BLOCK;
    for (size_t at = 0; at < whole; at += BLOCK)
        mix(state, bytes + at);
    memcpy(last, bytes + whole, rest);
    last[rest] = 0x80;
    for (size_t i = 0; i < 8; i++)
        last[ends - 1 - i] = (uint8_t)((uint64_t)size * 8 >> (8 * i));
    for (size_t at = 0; at < ends; at += BLOCK)
        mix(state, last + at);
    for (int i = 0; i < TM_SHA256_SIZE; i++)
        digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void tm_sha256_base64(const void *data, size_t size, char text[TM_SHA256_BASE64])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t digest[TM_SHA256_SIZE + 1] = {0};
    tm_sha256(data, size, digest);
    for (int i = 0; i < TM_SHA256_SIZE + 1; i += 3) {
        uint32_t three = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8 | digest[i + 2];
        for (int j = 0; j < 4; j++)
            text[i / 3 * 4 + j] = alphabet[three >> (18 - 6 * j) & 63];
    }
    text[TM_SHA256_BASE64 - 2] = '='; /* 32 bytes are eleven threes but one */
    text[TM_SHA256_BASE64 - 1] = '\0';
}
