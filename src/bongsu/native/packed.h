/* Files of pcodec (https://github.com/pcodec/pcodec, standalone format, version 3) joined to one. */

#ifndef BONGSU_PACKED_H
#define BONGSU_PACKED_H

#include <stdint.h>
#include <string.h>

/* A file is a head, chunks that each tell their own length, and an end (a nought). The head: magic (4 bytes), version,
   type of all chunks; then bit by bit how long the next number is (6 bits, less 1) and how many numbers there may be;
   from the next whole byte on the version of what is inside (2 bytes). */
enum { TYPE = 5, LENGTH_OF_NUMBER = 6 };

static inline int64_t chunk_of(const uint8_t *file) { return 6 + (6 + (file[LENGTH_OF_NUMBER] & 63) + 1 + 7) / 8 + 2; }

/* Put the chunk of another file of the same kind of numbers behind `length` bytes, the head of the first before it.
   Returns how many bytes there are then; -1 where it isn't such a file. */
static inline int64_t join_packed(uint8_t *out, int64_t length, const uint8_t *file, int64_t size) {
    int64_t begin = size < 10 ? size : chunk_of(file);
    if (begin >= size || memcmp(file, "pco!\x03", 5) || (length && out[TYPE] != file[TYPE]))
        return -1;
    if (length)
        length--; /* the end */
    else
        begin = 0;
    memcpy(out + length, file + begin, (size_t)(size - begin));
    return length + size - begin;
}

#endif
