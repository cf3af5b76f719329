/* See pcodec.h. The names there are: bin, weight (how many states a bin has), offset (a number's place in its bin). */

#include <string.h>

#include "packed.h"
#include "pcodec.h"

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
static inline __attribute__((always_inline)) int64_t take_states(const uint8_t *data, int64_t at, struct stream *stream,
                                                                 uint64_t *found, int64_t count) {
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

/* The numbers of these states; `group` of them have their offsets in one word. */
static inline __attribute__((always_inline)) int64_t add_offsets(const uint8_t *data, int64_t at, const uint64_t *found,
                                                                 uint32_t *out, int64_t count, const int group) {
    int64_t i = 0;
    for (; i + group <= count; i += group) {
        uint64_t word = word_at(data, at);
        for (int j = 0; j < group; j++) {
            uint64_t state = found[i + j], width = offset_of(state);
            out[i + j] = (uint32_t)(lower_of(state) + (word & ((1ull << width) - 1)));
            word >>= width;
            at += (int64_t)width;
        }
    }
    for (; i < count; i++) {
        uint64_t width = offset_of(found[i]);
        out[i] = (uint32_t)(lower_of(found[i]) + (word_at(data, at) & ((1ull << width) - 1)));
        at += (int64_t)width;
    }
    return at;
}

static inline __attribute__((always_inline)) void read_stream(struct column *column, struct stream *stream,
                                                              uint32_t *out, int64_t count) {
    uint64_t found[BATCH];
    int64_t at = column->at;
    if (stream->bins > 1)
        at = take_states(column->data, at, stream, found, count);
    else
        for (int64_t i = 0; i < count; i++)
            found[i] = stream->states[0];
    if (stream->widest <= 7) /* eight of them are 56 bits, seven more may be those of the byte before */
        at = add_offsets(column->data, at, found, out, count, 8);
    else if (stream->widest <= 14)
        at = add_offsets(column->data, at, found, out, count, 4);
    else
        at = add_offsets(column->data, at, found, out, count, 1);
    column->at = at;
}

/* Sums of the differences; what there is of them now is the next number. */
static inline __attribute__((always_inline)) void add_up(struct column *column, uint32_t *out, int64_t count) {
    uint32_t sum = column->sums[0], rise = column->sums[1];
    if (column->order == 1)
        for (int64_t i = 0; i < count; i++) {
            uint32_t difference = out[i];
            out[i] = sum;
            sum += difference;
        }
    else
        for (int64_t i = 0; i < count; i++) {
            uint32_t difference = out[i];
            out[i] = sum;
            sum += rise;
            rise += difference;
        }
    column->sums[0] = sum;
    column->sums[1] = rise;
}

static inline __attribute__((always_inline)) int64_t read_numbers(struct column *column, int32_t *numbers) {
    uint32_t out[BATCH], rest[BATCH];
    int64_t left = column->count - column->read, count = left < BATCH ? left : BATCH;
    int64_t told = left - column->order < count ? left - column->order : count; /* the last are known without */
    told = told < 0 ? 0 : told;
    memset(out + told, 0, (size_t)(count - told) * sizeof *out);
    read_stream(column, &column->first, out, told);
    if (column->at > column->end)
        return -1;
    if (column->order)
        add_up(column, out, count);
    if (column->factor) {
        read_stream(column, &column->second, rest, count);
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

#if defined(__x86_64__) && defined(__GNUC__)
/* Shifting and masking by what another register says takes half as many instructions with these. */
__attribute__((target("bmi,bmi2,avx2"))) static int64_t read_fast(struct column *column, int32_t *numbers) {
    return read_numbers(column, numbers);
}
#define HAS_FAST (__builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx2"))
#else
#define read_fast read_numbers
#define HAS_FAST 0
#endif

int64_t read_column(struct column *column, int32_t *numbers) {
    return HAS_FAST ? read_fast(column, numbers) : read_numbers(column, numbers);
}
