/* Where the minutes of some series are: in blocks, in memory (sealed lately), in the tail. They are put down as pieces,
   whose numbers pcodec has yet to unpack; history/minutes.py says what is what. */

#include <stdint.h>
#include <string.h>

#include "steps.h"

enum { MINUTE = 60000, HEAD = 20, APART = 12, USUAL = 16, NARROW = 7 };

/* Which of a block's columns (count, last, low, high, total) a kind is. */
static const int STORED[] = {2, 3, 4, 0, 1};

/* A block of minutes: how many bytes, the start (ms) of the first, how many, and all starts where some are missing. */
struct block {
    int64_t size, first, count;
    const int64_t *at;
};

/* A series: its id, up to where its blocks are right (ms), since when samples are kept; what memory has of it
   (of samples from `since` to `until`; where it has nothing, `since` is as late as can be); and the steps of its tail, from `begin` on. */
struct series {
    int64_t id, seam, floor;
    int64_t since, until, first, last, count;
    const int64_t *at;
    struct operand columns[2];
    int64_t tail, tail_first, tail_last, oldest, begin;
};

/* A series with one of its blocks, if it has any (else of no bytes): as many rows as blocks, one after the other. */
struct row {
    struct series series;
    struct block block;
};

/* What is asked: minutes with start <= at < end, one or two columns of them. Where whole numbers will be unpacked to,
   the tail's steps, room for counts and times, and the bytes of all blocks. */
struct question {
    int64_t start, end, columns, kinds[2];
    const int32_t *numbers;
    double *tail[2];
    const int64_t *starts;
    double *counts;
    int64_t *times;
    const uint8_t *const *data;
};

/* What is to be unpacked: where in which block; `form` tells the kind of whole numbers, negative where it is to be
   unpacked by itself, for an operand (0 or 1) of that piece, from its number `low` on. */
struct chunk {
    int64_t block, offset, length, form, piece, operand, low;
};

/* A series: how many minutes it has (-1 where it isn't plain), the first of them, and whether none is missing after. */
struct curve {
    int64_t id, minutes, first, whole;
};

/* What was found: pieces, chunks, a curve by series; and how many of which there are. */
struct found {
    struct piece *pieces;
    struct chunk *chunks;
    struct curve *curves;
    int64_t piece, chunk, number, count, time, curve;
};

/* CRC-32 as zlib has it, four bytes at a time; the tables are made when first needed. */
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

static uint32_t word(const uint8_t *data) {
    uint32_t found;
    memcpy(&found, data, 4);
    return found;
}

/* Whether a block's bytes fit the checksum behind them. */
static int sound(const uint8_t *data, int64_t size) {
    if (size < 5)
        return 0;
    if (!tables[0][1])
        make_tables();
    uint32_t crc = 0xffffffffu;
    int64_t i = 0;
    for (; i + 4 <= size - 4; i += 4) {
        crc ^= word(data + i);
        crc = tables[3][crc & 255] ^ tables[2][crc >> 8 & 255] ^ tables[1][crc >> 16 & 255] ^ tables[0][crc >> 24];
    }
    for (; i < size - 4; i++)
        crc = crc >> 8 ^ tables[0][(crc ^ data[i]) & 255];
    return (crc ^ 0xffffffffu) == word(data + size - 4);
}

/* Where the stored column begins, or -1 where the block is cut short. */
static int64_t column_of(const uint8_t *data, int64_t size, int stored) {
    if (size < HEAD + 1)
        return -1;
    int64_t at = HEAD + (int64_t)word(data + 16) * APART;
    int uneven = at < size && data[at];
    at++;
    for (int left = stored + uneven; left > 0; left--) {
        if (at + 4 > size)
            return -1;
        at += 4 + (word(data + at) & 0xffffff);
    }
    return at + 4 <= size && at + 4 + (word(data + at) & 0xffffff) <= size ? at : -1;
}

/* Counts of which most are one number: that one, or all of them written out. */
static struct operand counts_of(const struct block *block, const uint8_t *data, int64_t size,
                                const struct question *asked, struct found *found, int64_t low) {
    int64_t others = (size / 4 - 1) / 2;
    if (!others)
        return (struct operand){NULL, DOUBLES, word(data)};
    double *counts = asked->counts + found->count;
    found->count += block->count;
    for (int64_t i = 0; i < block->count; i++)
        counts[i] = word(data);
    for (int64_t i = 0; i < others; i++) {
        uint32_t place = word(data + 4 + 4 * i);
        if (place < block->count)
            counts[place] = word(data + 4 + 4 * (others + i));
    }
    return (struct operand){counts + low, DOUBLES, 0};
}

/* A column's numbers, from `low` on; 0 where the block is cut short. */
static int operand_of(const struct question *asked, const struct block *block, int64_t number, int64_t low, int which,
                      struct found *found, struct operand *out) {
    const uint8_t *data = asked->data[number];
    int64_t kind = asked->kinds[which], at = column_of(data, block->size, STORED[kind]);
    if (at < 0)
        return 0;
    int64_t size = word(data + at) & 0xffffff, form = word(data + at) >> 24;
    if (kind == COUNT && form == USUAL) {
        if (size < 4)
            return 0;
        *out = counts_of(block, data + at + 4, size, asked, found, low);
        return 1;
    }
    struct chunk *chunk = found->chunks + found->chunk++;
    *chunk = (struct chunk){number, at + 4, size, -1, found->piece, which, low};
    *out = (struct operand){NULL, DOUBLES, 0};
    if (form >= 1 && form <= NARROW && kind != COUNT) {
        chunk->form = form;
        *out = (struct operand){asked->numbers + found->number + low, SCALED + form - 1, 0};
        found->number += block->count;
    }
    return 1;
}

/* Of minutes that begin with `first`, or at the times `at`, those with start <= at < end: from which on, how many. */
static int64_t cut(int64_t first, int64_t count, const int64_t *at, int64_t start, int64_t end, int64_t *low) {
    int64_t high = count;
    *low = 0;
    if (at) {
        while (*low < count && at[*low] < start)
            (*low)++;
        while (high > *low && at[high - 1] >= end)
            high--;
        return high - *low;
    }
    if (start > first)
        *low = (start - first) / MINUTE;
    if (end < first + count * MINUTE)
        high = end > first ? (end - first) / MINUTE : 0;
    return high > *low ? high - *low : 0;
}

/* Put down times; 0 where they don't come after those before. */
static int put_times(const struct question *asked, struct found *found, int64_t begin, int64_t first, int64_t low,
                     int64_t count, const int64_t *at) {
    int64_t *times = asked->times + found->time;
    for (int64_t i = 0; i < count; i++)
        times[i] = at ? at[low + i] : first + (low + i) * MINUTE;
    if (found->time > begin && times[0] <= times[-1])
        return 0;
    found->time += count;
    return 1;
}

/* The minutes of a series' blocks before the border. */
static int put_blocks(const struct question *asked, const struct row *rows, int64_t number, int64_t past,
                      int64_t border, int64_t begin, struct found *found) {
    for (; number < past; number++) {
        const struct block *block = &rows[number].block;
        int64_t low, count = cut(block->first, block->count, block->at, asked->start, border, &low);
        if (!block->size || !count)
            continue;
        struct piece piece = {count, {NULL, DOUBLES, 0}, {NULL, DOUBLES, 1}};
        if (!sound(asked->data[number], block->size) ||
            !operand_of(asked, block, number, low, 0, found, &piece.over) ||
            (asked->columns > 1 && !operand_of(asked, block, number, low, 1, found, &piece.under)) ||
            !put_times(asked, found, begin, block->first, low, count, block->at))
            return 0;
        found->pieces[found->piece++] = piece;
    }
    return 1;
}

static struct operand further(struct operand operand, int64_t low) {
    operand.numbers = (const char *)operand.numbers + 8 * low;
    return operand;
}

/* Into the tail's first minute what of it was sealed. */
static void merge(const struct question *asked, const struct series *one) {
    for (int i = 0; i < asked->columns; i++) {
        double *into = asked->tail[i] + one->begin, sealed = number_of(&one->columns[i], one->count - 1);
        switch (asked->kinds[i]) {
        case LOW: *into = sealed < *into ? sealed : *into; break;
        case HIGH: *into = sealed > *into ? sealed : *into; break;
        case TOTAL:
        case COUNT: *into += sealed; break;
        default: break;
        }
    }
}

/* The minutes that aren't rolled up: sealed lately, and not yet. */
static int put_recent(const struct question *asked, const struct series *one, int64_t border, int64_t begin,
                      struct found *found) {
    int64_t low, end = asked->end;
    if (one->count) {
        if (one->tail && one->last == one->tail_first) {
            merge(asked, one);
            end = end < one->last ? end : one->last;
        }
        int64_t count = cut(one->first, one->count, one->at, border, end, &low);
        if (count) {
            struct operand under = asked->columns > 1 ? further(one->columns[1], low) : (struct operand){NULL, DOUBLES, 1};
            if (!put_times(asked, found, begin, one->first, low, count, one->at))
                return 0;
            found->pieces[found->piece++] = (struct piece){count, further(one->columns[0], low), under};
        }
    }
    if (one->tail) {
        const int64_t *at = asked->starts + one->begin;
        int64_t count = cut(0, one->tail, at, border, asked->end, &low);
        if (count) {
            struct operand over = {asked->tail[0] + one->begin + low, DOUBLES, 0}, under = {NULL, DOUBLES, 1};
            if (asked->columns > 1)
                under = (struct operand){asked->tail[1] + one->begin + low, DOUBLES, 0};
            if (!put_times(asked, found, begin, 0, low, count, at))
                return 0;
            found->pieces[found->piece++] = (struct piece){count, over, under};
        }
    }
    return 1;
}

static int put_series(const struct question *asked, const struct row *rows, int64_t number, int64_t past,
                      struct found *found) {
    const struct series *one = &rows[number].series;
    int64_t begin = found->time;
    int64_t seam = one->seam;
    if (one->tail) {
        if (one->tail < 0 || one->oldest < one->floor)
            return 0; /* late samples, or some whose neighbours are gone */
        int64_t start = start_of(one->oldest, MINUTE);
        seam = start < seam ? start : seam;
    }
    int64_t border = start_of(seam > one->floor ? seam : one->floor, MINUTE);
    border = border > asked->start ? border : asked->start;
    border = border < asked->end ? border : asked->end;
    if (!put_blocks(asked, rows, number, past, border, begin, found))
        return 0;
    if (border >= asked->end)
        return 1;
    if (one->since > border || (one->tail && one->oldest <= one->until))
        return 0; /* memory hasn't all of it, or the tail goes back before it */
    return put_recent(asked, one, border, begin, found);
}

/* Put down the minutes of the series of these rows. */
void bongsu_minutes(const struct question *asked, const struct row *rows, int64_t count, struct found *found) {
    struct curve *curve = found->curves;
    for (int64_t number = 0, past; number < count; number = past, curve++) {
        for (past = number + 1; past < count && rows[past].series.id == rows[number].series.id;)
            past++;
        struct found before = *found;
        if (!put_series(asked, rows, number, past, found)) {
            *found = before;
            *curve = (struct curve){rows[number].series.id, -1, 0, 0};
            continue;
        }
        int64_t minutes = found->time - before.time;
        const int64_t *times = asked->times + before.time;
        int whole = !minutes || times[minutes - 1] - times[0] == (minutes - 1) * MINUTE;
        *curve = (struct curve){rows[number].series.id, minutes, minutes ? times[0] : 0, whole};
    }
    found->curve = curve - found->curves;
}
