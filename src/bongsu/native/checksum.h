/* CRC-32 as zlib has it. */

#ifndef BONGSU_CHECKSUM_H
#define BONGSU_CHECKSUM_H

#include <stdint.h>
#include <string.h>

uint32_t checksum(const uint8_t *data, int64_t size);

static inline uint32_t word(const uint8_t *data) {
    uint32_t found;
    memcpy(&found, data, 4);
    return found;
}

/* Whether a block's bytes fit the checksum behind them. */
static inline int sound(const uint8_t *data, int64_t size) {
    return size >= 5 && checksum(data, size - 4) == word(data + size - 4);
}

#endif
