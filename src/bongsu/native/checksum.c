/* CRC-32: sixteen bytes at a time where the processor multiplies without carrying, else four at a time out of tables. */

#include "checksum.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define FOLDS 1
#include <immintrin.h>
#endif

/* The tables are made when first needed. */
static uint32_t tables[4][256];

static void make_tables(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        tables[0][i] = crc;
    }
    for (int table = 1; table < 4; table++)
        for (int i = 0; i < 256; i++)
            tables[table][i] = tables[table - 1][i] >> 8 ^ tables[0][tables[table - 1][i] & 255];
}

static uint32_t by_tables(const uint8_t *data, int64_t size, uint32_t crc) {
    if (!tables[3][255])
        make_tables();
    int64_t i = 0;
    for (; i + 4 <= size; i += 4) {
        crc ^= word(data + i);
        crc = tables[3][crc & 255] ^ tables[2][crc >> 8 & 255] ^ tables[1][crc >> 16 & 255] ^ tables[0][crc >> 24];
    }
    for (; i < size; i++)
        crc = crc >> 8 ^ tables[0][(crc ^ data[i]) & 255];
    return crc;
}

#ifdef FOLDS
#define FOLDING __attribute__((target("pclmul,sse4.1")))

FOLDING static __m128i load(const uint8_t *data) { return _mm_loadu_si128((const __m128i *)(const void *)data); }

/* What `sum` comes to some bytes further on (how many is in `by`), and what is found there. */
FOLDING static __m128i fold(__m128i sum, __m128i by, __m128i found) {
    return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(sum, by, 0x00), _mm_clmulepi64_si128(sum, by, 0x11)), found);
}

/* At least 64 bytes, a multiple of sixteen. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
   Instruction" (Intel, 2009); the constants are those of this polynomial, bits reflected. */
FOLDING static uint32_t by_folding(const uint8_t *data, int64_t size, uint32_t crc) {
    const __m128i by64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4), by16 = _mm_set_epi64x(0xccaa009e, 0x1751997d0);
    const __m128i low = _mm_setr_epi32(-1, 0, -1, 0), poly = _mm_set_epi64x(0x1f7011641, 0x1db710641);
    __m128i sum[4];
    for (int i = 0; i < 4; i++)
        sum[i] = load(data + 16 * i);
    sum[0] = _mm_xor_si128(sum[0], _mm_cvtsi32_si128((int)crc));
    const uint8_t *end = data + size;
    for (data += 64; end - data >= 64; data += 64)
        for (int i = 0; i < 4; i++)
            sum[i] = fold(sum[i], by64, load(data + 16 * i));
    __m128i all = sum[0];
    for (int i = 1; i < 4; i++)
        all = fold(all, by16, sum[i]);
    for (; end - data >= 16; data += 16)
        all = fold(all, by16, load(data));
    all = _mm_xor_si128(_mm_srli_si128(all, 8), _mm_clmulepi64_si128(all, by16, 0x10)); /* to 64 bits */
    all = _mm_xor_si128(_mm_srli_si128(all, 4),
                        _mm_clmulepi64_si128(_mm_and_si128(all, low), _mm_set_epi64x(0, 0x163cd6124), 0x00));
    __m128i times = _mm_and_si128(_mm_clmulepi64_si128(_mm_and_si128(all, low), poly, 0x10), low); /* to 32 (Barrett) */
    all = _mm_xor_si128(all, _mm_clmulepi64_si128(times, poly, 0x00));
    return (uint32_t)_mm_extract_epi32(all, 1);
}
#endif

uint32_t checksum(const uint8_t *data, int64_t size) {
    uint32_t crc = 0xffffffffu;
#ifdef FOLDS
    if (size >= 64 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
        int64_t most = size & ~(int64_t)15;
        crc = by_folding(data, most, crc);
        data += most;
        size -= most;
    }
#endif
    return by_tables(data, size, crc) ^ 0xffffffffu;
}

/* The same for Python, which has zlib to compare it with. */
uint32_t bongsu_checksum(const uint8_t *data, int64_t size) { return checksum(data, size); }
