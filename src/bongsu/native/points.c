/* Points of a curve as JSON text: [ms,value],[ms,value]…

   A number is written so that reading it back gives the same float64: as a whole number of its last decimal where that
   is exact (12.34 is 1234 hundredths), else with as many digits as tell it from its neighbours. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "second.h"
#include "steps.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "digits are laid out for machines that store the lowest byte first"
#endif

typedef unsigned __int128 u128;

#define INLINE static inline __attribute__((always_inline)) /* a point is written in 60 cycles: calls would show */

enum { MOST_DECIMALS = 6, MOST_DIGITS = 27 };

enum { SHARED = 4000 }; /* points that a second thread takes part in: 0.1 ms of writing */

static const uint64_t TENS[] = {
    1ull, 10ull, 100ull, 1000ull, 10000ull, 100000ull, 1000000ull, 10000000ull, 100000000ull, 1000000000ull,
    10000000000ull, 100000000000ull, 1000000000000ull, 10000000000000ull, 100000000000000ull, 1000000000000000ull,
    10000000000000000ull, 100000000000000000ull, 1000000000000000000ull, 10000000000000000000ull};

static const uint64_t FIVES[] = {
    1ull, 5ull, 25ull, 125ull, 625ull, 3125ull, 15625ull, 78125ull, 390625ull, 1953125ull, 9765625ull, 48828125ull,
    244140625ull, 1220703125ull, 6103515625ull, 30517578125ull, 152587890625ull, 762939453125ull, 3814697265625ull,
    19073486328125ull, 95367431640625ull, 476837158203125ull, 2384185791015625ull, 11920928955078125ull,
    59604644775390625ull, 298023223876953125ull, 1490116119384765625ull, 7450580596923828125ull};

/* Eight digits of a number below 10^8 as eight bytes, the first digit lowest: split in two, four and eight parts at once. */
INLINE uint64_t eight_digits(uint32_t number) {
    uint64_t parts = number / 10000 | (uint64_t)(number % 10000) << 32;
    uint64_t higher = parts * 10486 >> 20 & 0x0000007f0000007full; /* a hundredth of each: 10486 / 2^20 */
    parts = higher | (parts - 100 * higher) << 16;
    higher = parts * 103 >> 10 & 0x000f000f000f000full; /* a tenth */
    return (higher | (parts - 10 * higher) << 8) + 0x3030303030303030ull;
}

INLINE char *put_eight(char *out, uint32_t number) {
    uint64_t digits = eight_digits(number);
    memcpy(out, &digits, 8);
    return out + 8;
}

/* Sixteen digits of a number below 10^16. */
INLINE void put_sixteen(char *out, uint64_t number) {
    uint32_t high = (uint32_t)(number / 100000000), low = (uint32_t)(number % 100000000);
#ifdef __SSE2__
    __m128i fours = _mm_set_epi32((int)(low % 10000), (int)(low / 10000), (int)(high % 10000), (int)(high / 10000));
    __m128i higher = _mm_srli_epi16(_mm_mulhi_epu16(fours, _mm_set1_epi32(5243)), 3); /* a hundredth: 5243 / 2^19 */
    __m128i pairs = _mm_or_si128(
        higher, _mm_slli_epi32(_mm_sub_epi16(fours, _mm_mullo_epi16(higher, _mm_set1_epi32(100))), 16));
    higher = _mm_mulhi_epu16(pairs, _mm_set1_epi16(6554)); /* a tenth: 6554 / 2^16 */
    __m128i digits = _mm_or_si128(
        higher, _mm_slli_epi16(_mm_sub_epi16(pairs, _mm_mullo_epi16(higher, _mm_set1_epi16(10))), 8));
    _mm_storeu_si128((__m128i *)(void *)out, _mm_add_epi8(digits, _mm_set1_epi8('0')));
#else
    put_eight(put_eight(out, high), low);
#endif
}

/* The number (below 10^8) without noughts in front; writes eight bytes. */
INLINE char *put_short(char *out, uint32_t number) {
    uint64_t digits = eight_digits(number);
    int noughts = __builtin_ctzll((digits - 0x3030303030303030ull) | 1ull << 56) >> 3;
    digits >>= 8 * noughts;
    memcpy(out, &digits, 8);
    return out + 8 - noughts;
}

INLINE char *put_whole(char *out, uint64_t number) {
    if (number < 100000000)
        return put_short(out, (uint32_t)number);
    if (number < 10000000000000000ull)
        return put_eight(put_short(out, (uint32_t)(number / 100000000)), (uint32_t)(number % 100000000));
    out = put_short(out, (uint32_t)(number / 10000000000000000ull));
    number %= 10000000000000000ull;
    return put_eight(put_eight(out, (uint32_t)(number / 100000000)), (uint32_t)(number % 100000000));
}

/* The first so many (8 at most) of `of` digits. The number behind a point, noughts in front and all; writes 24 bytes. */
INLINE char *put_behind(char *out, uint64_t number, int digits) {
    number *= TENS[digits > 16 ? 0 : 16 - digits]; /* 16 digits: what is too much is cut off */
    if (digits > 16) {
        uint64_t first = number / 10000000000000000ull;
        uint64_t head = eight_digits((uint32_t)first) >> 8 * (24 - digits);
        memcpy(out, &head, 8);
        out += digits - 16;
        number -= first * 10000000000000000ull;
        digits = 16;
    }
    put_sixteen(out, number);
    return out + digits;
}

/* What all values of a curve have in common, as far as it was read. */
struct habit {
    int decimals; /* that held the values so far, at least one */
    int broken;   /* whether the value before had more than can be counted in */
};

/* `value` (positive, below 2^53) as a whole number of its last decimal; NULL where none of six holds it. */
INLINE char *put_decimal(char *out, double value, struct habit *habit) {
    int most = habit->broken ? habit->decimals : MOST_DECIMALS;
    for (int decimals = habit->decimals; decimals <= most; decimals++) {
        double scaled = value * SCALES[decimals];
        if (!(scaled < 9007199254740992.0))
            break;
        int64_t number = (int64_t)(scaled + 0.5); /* signed: only newest processors convert the others at once */
        if ((double)number / SCALES[decimals] == value) {
            habit->decimals = decimals;
            habit->broken = 0;
            uint64_t whole = (uint64_t)(int64_t)value;
            out = put_whole(out, whole);
            *out++ = '.';
            return put_behind(out, (uint64_t)number - whole * TENS[decimals], decimals);
        }
    }
    habit->broken = 1;
    return NULL;
}

/* `value` = mantissa · 2^-bits, with so many digits behind the point that half of the last is less than a quarter of
   what separates the value from its neighbours: 10^-digits < 2^-(bits + 1). So it is never rounded to a whole number,
   and all digits together are below 2·10^17. */
INLINE char *put_digits(char *out, uint64_t mantissa, int bits, int digits) {
    int shift = bits - digits;
    uint64_t whole = bits < 64 ? mantissa >> bits : 0, fraction = bits < 64 ? mantissa - (whole << bits) : mantissa;
    uint64_t number = (uint64_t)(((u128)fraction * FIVES[digits] + (((u128)1 << shift) >> 1)) >> shift);
    if (digits < 20) {
        out = put_whole(out, whole);
        *out++ = '.';
        out = put_behind(out, number, digits);
    } else {
        memcpy(out, "0.", 2);
        memset(out + 2, '0', (size_t)(digits - 18));
        out = put_behind(out + 2 + digits - 18, number, 18);
    }
    while (out[-1] == '0' && out[-2] != '.')
        out--;
    return out;
}

INLINE char *put_value(char *out, double value, struct habit *habit) {
    uint64_t pattern;
    memcpy(&pattern, &value, 8);
    if (pattern >> 63) {
        *out++ = '-';
        value = -value;
    }
    int exponent = (int)(pattern >> 52 & 0x7ff);
    if (exponent == 0x7ff) { /* no number: nothing that is stored has one */
        out -= pattern >> 63;
        memcpy(out, "null", 4);
        return out + 4;
    }
    char *end = put_decimal(out, value, habit);
    if (end)
        return end;
    int bits = 1075 - exponent;
    int digits = ((bits + 1) * 1233 >> 12) + 1; /* 1233 / 4096 is the logarithm of 2 */
    if (exponent && bits > 0 && digits <= MOST_DIGITS)
        return put_digits(out, (pattern & 0xfffffffffffffull) | 0x10000000000000ull, bits, digits);
    if (bits <= 0 && value < 9.2e18) {
        out = put_whole(out, (uint64_t)value);
        memcpy(out, ".0", 2);
        return out + 2;
    }
    end = out + snprintf(out, 32, "%.17g", value);
    for (char *at = out; at < end; at++)
        if (*at == ',') /* the point of some languages */
            *at = '.';
    return end;
}

/* The first five of a time's 13 digits, which neighbours share: they stand for a day and more. */
struct era {
    uint32_t number;
    uint64_t digits;
};

INLINE char *put_time(char *out, int64_t at, struct era *era) {
    if (at >= 1000000000000 && at < 10000000000000) { /* the years 2001 to 2286 */
        uint32_t number = (uint32_t)(at / 100000000);
        if (number != era->number) {
            era->number = number;
            era->digits = eight_digits(number) >> 24;
        }
        memcpy(out, &era->digits, 8);
        return put_eight(out + 5, (uint32_t)(at % 100000000));
    }
    if (at < 0)
        *out++ = '-';
    return put_whole(out, at < 0 ? 0 - (uint64_t)at : (uint64_t)at);
}

/* A time as points begin with it, "[ms,"; the last byte tells how long that is. */
struct opening {
    char text[23];
    uint8_t length;
};

/* Curves to be written: where each one's values are, and the text of all times (of a single curve: the times). */
struct curves {
    const double *const *values;
    const struct opening *openings;
    const int64_t *at;
    int64_t count;
    char *out;
    int64_t room, *ends;
};

static void write_curve(void *argument, int64_t curve) {
    const struct curves *curves = argument;
    const double *value = curves->values[curve];
    char *out = curves->out + curve * curves->room;
    struct habit habit = {1, 0};
    struct era era = {0, 0};
    for (int64_t i = 0; i < curves->count; i++) {
        if (curves->openings) {
            memcpy(out, curves->openings + i, sizeof *curves->openings);
            out += curves->openings[i].length;
        } else {
            *out = '[';
            out = put_time(out + 1, curves->at[i], &era);
            *out++ = ',';
        }
        out = put_value(out, value[i], &habit);
        memcpy(out, "],", 2);
        out += 2;
    }
    out -= curves->count > 0; /* no comma behind the last */
    curves->ends[curve] = out - curves->out;
}

static void write_openings(struct opening *openings, const int64_t *at, int64_t count) {
    struct era era = {0, 0};
    for (int64_t i = 0; i < count; i++) {
        char *text = openings[i].text;
        *text = '[';
        char *end = put_time(text + 1, at[i], &era);
        *end++ = ',';
        openings[i].length = (uint8_t)(end - text);
    }
}

/* Write so many curves of `count` points each, which share their times. The text of each begins at a multiple of `room`
   (64 bytes a point and one more) in `out`; where it ends goes into `ends`. `openings` has room for one a point where
   there are several curves. */
int64_t bongsu_points(const int64_t *at, const double *const *values, int64_t count, int64_t curves,
                      struct opening *openings, char *out, int64_t room, int64_t *ends) {
    struct curves all = {values, curves > 1 ? openings : NULL, at, count, out, room, ends};
    if (curves > 1)
        write_openings(openings, at, count);
    if (curves > 1 && curves * count >= SHARED) {
        share(write_curve, &all, curves);
        return curves;
    }
    for (int64_t curve = 0; curve < curves; curve++)
        write_curve(&all, curve);
    return curves;
}
