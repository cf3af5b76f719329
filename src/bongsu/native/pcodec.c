/* See pcodec.h. The names there are: bin, weight (how many states a bin has), offset (a number's place in its bin). */

#include <string.h>

#include "packed.h"
#include "pcodec.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE __attribute__((target("bmi,bmi2,avx2")))
#include <immintrin.h>
#endif
#define INLINE static inline __attribute__((always_inline))

enum { INT32 = 3, CLASSIC = 0, MULTIPLES = 1, NO_DIFFERENCES = 0, NEIGHBOURS = 1, STREAMS = 4 };
static const uint8_t VERSION[] = {4, 1};
#define MIDDLE 0x80000000u

static inline uint64_t word_at(const uint8_t *data, int64_t bit) {
    uint64_t word;
    memcpy(&word, data + (bit >> 3), sizeof word); /* little end first, as everywhere where this is built */
    return word >> (bit & 7);
}

static inline uint32_t bits(struct column *column, int64_t count) {
    uint64_t word = word_at(column->data, column->at);
    column->at += count;
    return (uint32_t)(word & ((1ull << count) - 1));
}

static inline int64_t whole_byte(int64_t bit) { return (bit + 7) & ~(int64_t)7; }

static inline uint64_t lower_of(uint64_t state) { return (uint32_t)state; }
static inline uint64_t base_of(uint64_t state) { return state >> 32 & 0xffff; }
static inline uint64_t width_of(uint64_t state) { return state >> 48 & 0xff; }
static inline uint64_t offset_of(uint64_t state) { return state >> 56; }

/* States of each bin stand apart as evenly as a stride of three fifths has them; numbered in order, each leads on to
   those that a bin's share of all states can be reached by (tANS, Duda 2009). */
static int make_states(struct column *column, struct stream *stream, uint32_t centre) {
    uint16_t bin_of[MOST_STATES];
    uint64_t bins[MOST_BINS];
    uint32_t turn[MOST_BINS];
    stream->log = bits(column, 4);
    stream->bins = bits(column, 15);
    stream->widest = 0;
    int64_t size = 1ll << stream->log, stride = (3 * size / 5) | 1, placed = 0, place = 0;
    if (size > MOST_STATES || stream->bins < 1 || stream->bins > MOST_BINS)
        return -1;
    for (int64_t bin = 0; bin < stream->bins; bin++) {
        int64_t weight = (int64_t)bits(column, stream->log) + 1;
        uint32_t lower = bits(column, 32);
        uint64_t offset = bits(column, 6);
        if (column->at > column->end || offset > 32 || weight > size - placed)
            return -1;
        stream->widest = (int64_t)offset > stream->widest ? (int64_t)offset : stream->widest;
        bins[bin] = (lower ^ centre) | offset << 56;
        turn[bin] = (uint32_t)weight;
        for (placed += weight; weight; weight--, place = (place + stride) & (size - 1))
            bin_of[place] = (uint16_t)bin;
    }
    if (placed != size)
        return -1;
    for (int64_t i = 0; i < size; i++) {
        uint32_t next = turn[bin_of[i]]++;
        int64_t width = stream->log - (31 - __builtin_clz(next));
        stream->states[i] = bins[bin_of[i]] | (uint64_t)width << 48 | (uint64_t)((next << width) - size) << 32;
    }
    return 0;
}

static void begin(struct column *column, struct stream *stream, int64_t order) {
    for (int64_t i = 0; i < order; i++)
        column->sums[i] = bits(column, 32);
    for (int i = 0; i < STREAMS; i++)
        stream->now[i] = bits(column, stream->log);
}

int64_t open_column(struct column *column, const uint8_t *file, int64_t size) {
    int64_t chunk = size < 16 || size > MOST_PACKED ? size : chunk_of(file);
    if (chunk + 5 >= size || memcmp(file, "pco!\x03", 5) || memcmp(file + chunk - 2, VERSION, 2) || file[chunk] != INT32)
        return -1;
    memcpy(column->data, file, (size_t)size);
    memset(column->data + size, 0, SLACK);
    column->at = 8 * chunk + 8;
    column->end = 8 * size;
    column->read = column->order = column->factor = 0;
    column->count = (int64_t)bits(column, 24) + 1;
    uint32_t mode = bits(column, 4);
    if (mode == MULTIPLES)
        column->factor = bits(column, 32);
    uint32_t differences = bits(column, 4);
    if (differences == NEIGHBOURS)
        column->order = bits(column, 4); /* three bits, and whether it is so in the second stream too */
    if (mode > MULTIPLES || (mode == MULTIPLES && !column->factor) || differences > NEIGHBOURS || column->order > 2 ||
        (differences == NEIGHBOURS && !column->order))
        return -1;
    /* differences lie around the middle; numbers do without, until they get their sign */
    if (make_states(column, &column->first, column->order ? MIDDLE : 0) ||
        (column->factor && make_states(column, &column->second, 0)))
        return -1;
    column->at = whole_byte(column->at);
    begin(column, &column->first, column->order);
    if (column->factor)
        begin(column, &column->second, 0);
    column->at = whole_byte(column->at);
    return column->at > column->end ? -1 : column->count;
}

/* The next states of a stream, from which numbers follow. */
INLINE int64_t states_of(const uint8_t *data, int64_t at, struct stream *stream, uint64_t *found, int64_t count) {
    const uint64_t *states = stream->states;
    uint64_t now[STREAMS] = {stream->now[0], stream->now[1], stream->now[2], stream->now[3]}, word, state;
    int64_t i = 0;
#define TAKE(turn, place)                                                                                              \
    state = found[place] = states[now[turn]];                                                                          \
    now[turn] = base_of(state) + (word & ((1ull << width_of(state)) - 1));                                             \
    word >>= width_of(state);                                                                                          \
    at += (int64_t)width_of(state);
    for (; i + STREAMS <= count; i += STREAMS) {
        word = word_at(data, at); /* four times twelve bits at most */
        TAKE(0, i)
        TAKE(1, i + 1)
        TAKE(2, i + 2)
        TAKE(3, i + 3)
    }
    for (int turn = 0; i < count; i++, turn++) {
        word = word_at(data, at);
        TAKE(turn, i)
    }
#undef TAKE
    for (int turn = 0; turn < STREAMS; turn++)
        stream->now[turn] = (uint32_t)now[turn];
    return at;
}

static int64_t take_states(const uint8_t *data, int64_t at, struct stream *stream, uint64_t *found, int64_t count) {
    return states_of(data, at, stream, found, count);
}

/* The numbers of these states. */
static int64_t add_offsets(const uint8_t *data, int64_t at, const uint64_t *found, uint32_t *out, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        uint64_t width = offset_of(found[i]);
        out[i] = (uint32_t)(lower_of(found[i]) + (word_at(data, at) & ((1ull << width) - 1)));
        at += (int64_t)width;
    }
    return at;
}

/* The sums of differences: what they come to before each is a number. */
static uint32_t add_up(uint32_t sum, uint32_t *out, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t difference = out[i];
        out[i] = sum;
        sum += difference;
    }
    return sum;
}

#ifdef WIDE
enum { EIGHT = 8, WIDE_OFFSET = 7 };
#define PLACE(numbers) ((__m256i *)(void *)(numbers))

/* Each number with all those before it. */
WIDE INLINE __m256i sums_of(__m256i eight) {
    const __m256i upper = _mm256_setr_epi32(0, 0, 0, 0, -1, -1, -1, -1), fourth = _mm256_set1_epi32(3);
    eight = _mm256_add_epi32(eight, _mm256_slli_si256(eight, 4));
    eight = _mm256_add_epi32(eight, _mm256_slli_si256(eight, 8));
    return _mm256_add_epi32(eight, _mm256_and_si256(_mm256_permutevar8x32_epi32(eight, fourth), upper));
}

enum { LOWER = 0x88, UPPER = 0xdd };
/* The lower or upper halves of four numbers of 64 bits and of four more. */
#define HALVES(four, more, which)                                                                                      \
    _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(four),                          \
                                                                   _mm256_castsi256_ps(more), which)),                 \
                             0xd8)

/* Shifting and masking by what another register says takes half as many instructions here. */
WIDE static int64_t take_states_wide(const uint8_t *data, int64_t at, struct stream *stream, uint64_t *found,
                                     int64_t count) {
    return states_of(data, at, stream, found, count);
}

/* Eight offsets of seven bits are in one word, and so is what was read of its first byte before. */
WIDE static int64_t add_offsets_wide(const uint8_t *data, int64_t at, const uint64_t *found, uint32_t *out,
                                     int64_t count) {
    const __m256i one = _mm256_set1_epi32(1);
    int64_t i = 0;
    for (; i + EIGHT <= count; i += EIGHT) {
        __m256i four = _mm256_loadu_si256(PLACE(found + i)), more = _mm256_loadu_si256(PLACE(found + i + 4));
        __m256i width = _mm256_srli_epi32(HALVES(four, more, UPPER), 24), past = sums_of(width);
        __m256i begin = _mm256_sub_epi32(past, width), word = _mm256_set1_epi64x((int64_t)word_at(data, at));
        __m256i low = _mm256_srlv_epi64(word, _mm256_cvtepu32_epi64(_mm256_castsi256_si128(begin)));
        __m256i high = _mm256_srlv_epi64(word, _mm256_cvtepu32_epi64(_mm256_extracti128_si256(begin, 1)));
        __m256i mask = _mm256_sub_epi32(_mm256_sllv_epi32(one, width), one);
        __m256i offset = _mm256_and_si256(HALVES(low, high, LOWER), mask);
        _mm256_storeu_si256(PLACE(out + i), _mm256_add_epi32(HALVES(four, more, LOWER), offset));
        at += _mm256_extract_epi32(past, EIGHT - 1);
    }
    return add_offsets(data, at, found + i, out + i, count - i);
}

WIDE static uint32_t add_up_wide(uint32_t sum, uint32_t *out, int64_t count) {
    const __m256i eighth = _mm256_set1_epi32(EIGHT - 1);
    __m256i before = _mm256_set1_epi32((int32_t)sum);
    int64_t i = 0;
    for (; i + EIGHT <= count; i += EIGHT) {
        __m256i eight = _mm256_loadu_si256(PLACE(out + i)), sums = sums_of(eight);
        _mm256_storeu_si256(PLACE(out + i), _mm256_add_epi32(before, _mm256_sub_epi32(sums, eight)));
        before = _mm256_add_epi32(before, _mm256_permutevar8x32_epi32(sums, eighth));
    }
    return add_up((uint32_t)_mm256_extract_epi32(before, 0), out + i, count - i);
}

static int is_wide(void) {
    return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx2");
}
#else
#define take_states_wide take_states
#define add_offsets_wide add_offsets
#define add_up_wide add_up
#define is_wide() 0
enum { WIDE_OFFSET = 0 };
#endif

static void read_stream(struct column *column, struct stream *stream, uint32_t *out, int64_t count, int wide) {
    uint64_t found[BATCH];
    int64_t at = column->at;
    if (stream->bins > 1)
        at = (wide ? take_states_wide : take_states)(column->data, at, stream, found, count);
    else
        for (int64_t i = 0; i < count; i++)
            found[i] = stream->states[0];
    wide = wide && stream->widest <= WIDE_OFFSET;
    column->at = (wide ? add_offsets_wide : add_offsets)(column->data, at, found, out, count);
}

int64_t read_column(struct column *column, int32_t *numbers) {
    uint32_t out[BATCH], rest[BATCH];
    int wide = is_wide();
    int64_t left = column->count - column->read, count = left < BATCH ? left : BATCH;
    int64_t told = left - column->order < count ? left - column->order : count; /* the last are known without */
    told = told < 0 ? 0 : told;
    memset(out + told, 0, (size_t)(count - told) * sizeof *out);
    read_stream(column, &column->first, out, told, wide);
    if (column->at > column->end)
        return -1;
    for (int64_t i = column->order; i--;)
        column->sums[i] = (wide ? add_up_wide : add_up)(column->sums[i], out, count);
    if (column->factor) {
        read_stream(column, &column->second, rest, count, wide);
        if (column->at > column->end)
            return -1;
        for (int64_t i = 0; i < count; i++)
            out[i] = out[i] * column->factor + rest[i];
    }
    for (int64_t i = 0; i < count; i++)
        numbers[i] = (int32_t)(out[i] ^ MIDDLE);
    column->read += count;
    return count;
}
