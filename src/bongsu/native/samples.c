/* Blocks of samples (history/block.py says how they are laid out), made ready to be unpacked in one stroke. */

#include "checksum.h"
#include "packed.h"

enum { NARROW = 7, HEAD = 5, SUM = 4 };

/* Join the columns of blocks whose times are even and whose values are whole numbers of one form (which is put down).
   `out` has room for all of the blocks. Returns how many bytes it came to; -1 where the blocks aren't such, -2 - i where
   block i is damaged. */
int64_t bongsu_samples(const uint8_t *const *blocks, const int64_t *sizes, int64_t count, uint8_t *out, int64_t *form) {
    int64_t length = 0;
    for (int64_t i = 0; i < count; i++) {
        const uint8_t *block = blocks[i];
        if (!sound(block, sizes[i]))
            return -2 - i;
        if (sizes[i] < HEAD + SUM || block[0])
            return -1;
        int64_t size = word(block + 1) & 0xffffff, own = word(block + 1) >> 24;
        if (own < 1 || own > NARROW || (i && own != *form) || HEAD + size > sizes[i] - SUM)
            return -1;
        *form = own;
        length = join_packed(out, length, block + HEAD, size);
        if (length < 0)
            return -1;
    }
    return length;
}
