/* Columns of 32-bit whole numbers as pcodec writes them, unpacked some at a time: who counts steps needs no more.

   https://github.com/pcodec/pcodec, docs/format.md: standalone format 3 with format 4.1 inside. What this program's own
   blocks never hold (other types, other differences than those of neighbours) isn't read here; pcodec itself reads it. */

#ifndef BONGSU_PCODEC_H
#define BONGSU_PCODEC_H

#include <stdint.h>

enum { BATCH = 256, MOST_STATES = 1 << 12, MOST_BINS = 512, MOST_PACKED = 1 << 16, SLACK = 2048 };

/* Numbers out of one of the column's streams of bits. A state tells the lower bound of the bin that the next number is
   in (bits 0 to 31), how the state after it is found (a base of 16 bits and how many bits are added to it, 8), and how
   many bits tell where in the bin the number is (8). */
struct stream {
    uint64_t states[MOST_STATES];
    uint32_t now[4]; /* numbers take turns with four states */
    int64_t log, bins, widest;
};

struct column {
    int64_t count, read; /* how many numbers there are, and were read */
    int64_t form, at, end; /* where the next bit is */
    int64_t order;         /* of the differences: 0, 1 or 2 */
    uint32_t sums[2];
    uint32_t factor; /* 0, or what numbers are a multiple of but for what the second stream tells */
    struct stream first, second;
    uint8_t data[MOST_PACKED + SLACK]; /* reading goes a little beyond the end */
};

/* Begin with a column; returns how many numbers it has, -1 where it isn't one that is read here. */
int64_t open_column(struct column *column, const uint8_t *file, int64_t size);

/* The next numbers, 256 or the rest; returns how many, -1 where the column turns out to be damaged. */
int64_t read_column(struct column *column, int32_t *out);

#endif
