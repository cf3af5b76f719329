/* Points of a curve as JSON text: [ms,value],[ms,value]…

   A number is written so that reading it back gives the same float64: as a whole number of its last decimal where that
   is exact (12.34 is 123,400 millionths), else with as many digits as tell it from its neighbours. */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "points.h"
#include "second.h"
#include "steps.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "digits are laid out for machines that store the lowest byte first"
#endif

typedef unsigned __int128 u128;

#define INLINE static inline __attribute__((always_inline)) /* a point takes 30 to 45 cycles: calls would show */

enum { LONG = 20, MOST_DIGITS = 27 }; /* digits behind the point of what is below 2^-10 */

enum { TRUSTED = 8 }; /* values in a row that four decimals held: the next is tried so first */

static const uint64_t NOUGHTS = 0x3030303030303030ull;

enum { SHARED = 4000 }; /* points that a second thread takes part in: 0.06 ms of writing */

static const uint64_t TENS[] = {
    1ull, 10ull, 100ull, 1000ull, 10000ull, 100000ull, 1000000ull, 10000000ull, 100000000ull, 1000000000ull,
    10000000000ull, 100000000000ull, 1000000000000ull, 10000000000000ull, 100000000000000ull, 1000000000000000ull,
    10000000000000000ull, 100000000000000000ull, 1000000000000000000ull, 10000000000000000000ull};

static const uint64_t FIVES[] = { /* from 5^20 on */
    95367431640625ull, 476837158203125ull, 2384185791015625ull, 11920928955078125ull, 59604644775390625ull,
    298023223876953125ull, 1490116119384765625ull, 7450580596923828125ull};

/* A number below 10^8 as two of four digits, the first lowest: number / 10^4 + (number % 10^4) * 2^32. */
INLINE uint64_t fours_of(uint32_t number) {
    return ((uint64_t)number << 32) - number / 10000 * ((10000ull << 32) - 1);
}

/* The eight digits of two fours as eight bytes, the first digit lowest: split in four and eight parts at once. */
INLINE uint64_t eight_digits(uint64_t fours) {
    uint64_t higher = fours * 10486 >> 20 & 0x0000007f0000007full; /* a hundredth of each: 10486 / 2^20 */
    uint64_t pairs = higher | (fours - 100 * higher) << 16;
    higher = pairs * 103 >> 10 & 0x000f000f000f000full; /* a tenth */
    return (higher | (pairs - 10 * higher) << 8) + NOUGHTS;
}

struct sixteen {
    uint64_t first, last;
};

/* The digits of two numbers below 10^8. */
INLINE struct sixteen sixteen_digits(uint32_t first, uint32_t last) {
#ifdef __SSE2__
    __m128i both = _mm_set_epi64x(last, first);
    __m128i high = _mm_srli_epi64(_mm_mul_epu32(both, _mm_set1_epi64x(3518437209)), 45); /* / 10^4: 3518437209 / 2^45 */
    __m128i low = _mm_sub_epi64(both, _mm_mul_epu32(high, _mm_set1_epi64x(10000)));
    __m128i fours = _mm_or_si128(high, _mm_slli_epi64(low, 32));
    __m128i higher = _mm_srli_epi16(_mm_mulhi_epu16(fours, _mm_set1_epi32(5243)), 3); /* a hundredth: 5243 / 2^19 */
    __m128i pairs = _mm_or_si128(
        higher, _mm_slli_epi32(_mm_sub_epi16(fours, _mm_mullo_epi16(higher, _mm_set1_epi32(100))), 16));
    higher = _mm_mulhi_epu16(pairs, _mm_set1_epi16(6554)); /* a tenth: 6554 / 2^16 */
    __m128i digits = _mm_or_si128(
        higher, _mm_slli_epi16(_mm_sub_epi16(pairs, _mm_mullo_epi16(higher, _mm_set1_epi16(10))), 8));
    digits = _mm_add_epi8(digits, _mm_set1_epi8('0'));
    return (struct sixteen){(uint64_t)_mm_cvtsi128_si64(digits),
                            (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(digits, digits))};
#else
    return (struct sixteen){eight_digits(fours_of(first)), eight_digits(fours_of(last))};
#endif
}

INLINE char *put_eight(char *out, uint32_t number) {
    uint64_t digits = eight_digits(fours_of(number));
    memcpy(out, &digits, 8);
    return out + 8;
}

/* How many digits a number below 10^8 has. This is known long before they are: what comes after them has its place, and
   needn't wait. */
INLINE int length_of(uint32_t number) {
    if (number < 10000)
        return 1 + (number >= 10) + (number >= 100) + (number >= 1000);
    return 5 + (number >= 100000) + (number >= 1000000) + (number >= 10000000);
}

/* The last so many of eight digits; writes eight bytes. */
INLINE char *put_last(char *out, uint64_t digits, int length) {
    digits >>= 8 * (8 - length);
    memcpy(out, &digits, 8);
    return out + length;
}

INLINE char *put_short(char *out, uint32_t number) {
    return put_last(out, eight_digits(fours_of(number)), length_of(number));
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

/* Takes away noughts at the end of a fraction, all but one. */
INLINE char *without_noughts(char *end) {
    while (end[-1] == '0' && end[-2] != '.')
        end--;
    return end;
}

/* A fraction of so many digits (19 at most) without noughts at its end; writes 24 bytes. */
INLINE char *put_fraction(char *out, uint64_t number, int digits) {
    char *end = out + digits;
    uint32_t rest = (uint32_t)(number % 100);
    if (!number) {
        *out = '0';
        return out + 1;
    }
    if (digits > 16) {
        uint64_t first = number / 10000000000000000ull;
        uint64_t head = eight_digits(fours_of((uint32_t)first)) >> 8 * (24 - digits);
        memcpy(out, &head, 8);
        out += digits - 16;
        number -= first * 10000000000000000ull;
    } else
        number *= TENS[16 - digits];
    struct sixteen all = sixteen_digits((uint32_t)(number / 100000000), (uint32_t)(number % 100000000));
    memcpy(out, &all.first, 8);
    memcpy(out + 8, &all.last, 8);
    return rest ? end - (rest % 10 == 0) : without_noughts(end);
}

/* `value` as a whole number of its last decimal; signed: only newest processors convert the others at once. */
INLINE int64_t scaled(double value, int decimals) { return (int64_t)(value * SCALES[decimals] + 0.5); }

/* A float64 in binary: mantissa / 2^bits. In decimal, half of the last digit behind the point is less than a quarter of
   what separates the value from its neighbours: 10^-digits < 2^-(bits + 1). So it is never rounded to a whole number,
   and all digits together are below 2·10^17. */
struct binary {
    uint64_t mantissa;
    int bits, digits;
};

INLINE struct binary binary_of(uint64_t pattern) {
    int bits = 1075 - (int)(pattern >> 52 & 0x7ff);
    int digits = ((bits + 1) * 1233 >> 12) + 1; /* 1233 / 4096 is the logarithm of 2 */
    return (struct binary){(pattern & 0xfffffffffffffull) | 0x10000000000000ull, bits, digits};
}

/* What is behind the point, as a number of so many digits (19 at most): the whole is shifted out. */
INLINE uint64_t fraction_of(struct binary value) {
    uint64_t fraction = value.mantissa << (64 - value.bits);
    return (uint64_t)(((u128)fraction * TENS[value.digits] + (1ull << 63)) >> 64);
}

/* Eight digits that are written together with those of the value behind them: which, and where to. */
struct later {
    uint32_t number;
    char *place;
};

INLINE void put_later(struct later later, uint64_t digits) {
    if (later.place)
        memcpy(later.place, &digits, 8);
}

/* A number (below 10^8) of ten-thousandths. */
INLINE char *put_decimal(char *out, uint32_t number, struct later later) {
    struct sixteen digits = sixteen_digits(later.number, number);
    uint32_t hundredths = number / 100, rest = number % 100, behind = (uint32_t)(digits.last >> 32);
    put_later(later, digits.first);
    out = put_last(out, digits.last << 32, length_of(number / 10000));
    *out++ = '.';
    memcpy(out, &behind, 4);
    return rest ? out + 4 - (rest % 10 == 0) : out + 2 - (hundredths % 10 == 0);
}

/* A number from a thousandth to 10^8, of however many decimals. */
INLINE char *put_mixed(char *out, double value, struct binary binary, int *plain, struct later later) {
    int64_t millionths = scaled(value, 6), whole = (int64_t)value;
    int held = (double)millionths / SCALES[6] == value;
    if (held && value < 10000.0 && millionths % 100 == 0) {
        ++*plain;
        return put_decimal(out, (uint32_t)(millionths / 100), later);
    }
    *plain = 0;
    struct sixteen digits = sixteen_digits(later.number, (uint32_t)whole);
    put_later(later, digits.first);
    out = put_last(out, digits.last, length_of((uint32_t)whole));
    *out++ = '.';
    if (held)
        return put_fraction(out, (uint64_t)(millionths - whole * 1000000), 6);
    return put_fraction(out, fraction_of(binary), binary.digits);
}

/* Any number, however large or small. */
static __attribute__((noinline)) char *put_any(char *out, double value, struct binary binary) {
    int decimals = 6;
    while (decimals && value * SCALES[decimals] >= 2251799813685248.0) /* 2^51: above it rounding may miss it */
        decimals--;
    int64_t number = decimals ? scaled(value, decimals) : 0;
    if (decimals && (double)number / SCALES[decimals] == value) {
        uint64_t whole = (uint64_t)(int64_t)value;
        out = put_whole(out, whole);
        *out++ = '.';
        return put_fraction(out, (uint64_t)number - whole * TENS[decimals], decimals);
    }
    if (binary.bits > 0 && binary.digits < 20) {
        out = put_whole(out, (uint64_t)value);
        *out++ = '.';
        return put_fraction(out, fraction_of(binary), binary.digits);
    }
    if (binary.bits > 0 && binary.digits <= MOST_DIGITS) { /* below 2^-10 */
        int shift = binary.bits - binary.digits;
        u128 scale = (u128)binary.mantissa * FIVES[binary.digits - LONG], half = (u128)1 << shift >> 1;
        memcpy(out, "0.", 2);
        memset(out + 2, '0', (size_t)(binary.digits - 18));
        return put_fraction(out + 2 + binary.digits - 18, (uint64_t)((scale + half) >> shift), 18);
    }
    if (binary.bits <= 0 && value < 9.2e18) {
        out = put_whole(out, (uint64_t)value);
        memcpy(out, ".0", 2);
        return out + 2;
    }
    char *end = out + snprintf(out, 32, "%.17g", value);
    for (char *at = out; at < end; at++)
        if (*at == ',') /* the point of some languages */
            *at = '.';
    return end;
}

/* A value that follows so many in a row (`plain`) that were whole numbers of ten-thousandths. */
INLINE char *put_value(char *out, double value, int *plain, struct later later) {
    uint64_t pattern;
    memcpy(&pattern, &value, 8);
    *out = '-';
    out += pattern >> 63;
    value = fabs(value);
    struct binary binary = binary_of(pattern);
    if (value < 10000.0) {
        int64_t number = scaled(value, 4);
        if (*plain >= TRUSTED && (double)number / SCALES[4] == value)
            return put_decimal(out, (uint32_t)number, later);
    }
    if (value >= 0.001 && value < 1e8)
        return put_mixed(out, value, binary, plain, later);
    put_later(later, eight_digits(fours_of(later.number)));
    if (value < INFINITY)
        return put_any(out, value, binary);
    out -= pattern >> 63; /* no number: nothing that is stored has one */
    memcpy(out, "null", 4);
    return out + 4;
}

/* The first five of a time's 13 digits, which neighbours share: they stand for a day and more. */
struct era {
    uint32_t number;
    uint64_t digits;
};

/* A time; its last eight digits may be left for later. */
INLINE char *put_time(char *out, int64_t at, struct era *era, struct later *later) {
    later->place = NULL;
    if (at >= 1000000000000 && at < 10000000000000) { /* the years 2001 to 2286 */
        uint32_t number = (uint32_t)(at / 100000000);
        if (number != era->number) {
            era->number = number;
            era->digits = eight_digits(fours_of(number)) >> 24;
        }
        memcpy(out, &era->digits, 8);
        later->place = out + 5;
        later->number = (uint32_t)(at - 100000000ll * number);
        return out + 13;
    }
    if (at < 0)
        *out++ = '-';
    return put_whole(out, at < 0 ? 0 - (uint64_t)at : (uint64_t)at);
}

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
    int plain = TRUSTED;
    struct era era = {0, 0};
    for (int64_t i = 0; i < curves->count; i++) {
        struct later later = {0, NULL};
        if (curves->openings) {
            memcpy(out, curves->openings + i, sizeof *curves->openings);
            out += curves->openings[i].length;
        } else {
            *out = '[';
            out = put_time(out + 1, curves->at[i], &era, &later);
            *out++ = ',';
        }
        out = put_value(out, value[i], &plain, later);
        memcpy(out, "],", 2);
        out += 2;
    }
    out -= curves->count > 0; /* no comma behind the last */
    curves->ends[curve] = out - curves->out;
}

static void write_openings(struct opening *openings, const int64_t *at, int64_t count) {
    struct era era = {0, 0};
    for (int64_t i = 0; i < count; i++) {
        struct later later = {0, NULL};
        char *text = openings[i].text;
        *text = '[';
        char *end = put_time(text + 1, at[i], &era, &later);
        put_later(later, eight_digits(fours_of(later.number)));
        *end++ = ',';
        openings[i].length = (uint8_t)(end - text);
    }
}

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
