/* The minutes of some series, out of blocks, memory (sealed lately) and the tail. They are put down as pieces, and joined;
   history/minutes.py says what is what. */

#include <stdint.h>
#include <string.h>

#include "checksum.h"
#include "pcodec.h"
#include "steps.h"

enum { MINUTE = 60000, HEAD = 20, APART = 12, USUAL = 16, NARROW = 7 };

/* Which of a block's columns (count, last, low, high, total) a kind is. */
static const int STORED[] = {2, 3, 4, 0, 1};

/* A block of minutes: how many bytes, the start (ms) of the first, how many, and all starts where some are missing. */
struct block {
    int64_t size, first, count;
    const int64_t *at;
};

/* What memory has of a series: all samples from `since` to `until` (ms) as so many minutes from the `first` to the
   `last`, all starts where some are missing, and the columns by kind. */
struct recent {
    int64_t since, until, first, last, count;
    const int64_t *at;
    struct operand columns[KINDS];
};

/* A series with one of its blocks, if it has any (else of no bytes): as many rows as blocks, one after the other. Its
   blocks are right up to the `seam` (ms); `recent` is NULL where memory has nothing. */
struct row {
    int64_t id, seam;
    const struct recent *recent;
    struct block block;
};

/* What is asked: minutes with start <= at < end, one or two columns of them, of how many series; samples are kept since
   `floor`. The steps of their tails, one after the other; room for whole numbers that are unpacked, counts and times. */
struct question {
    int64_t start, end, floor, columns, kinds[2], series;
    double *tail[2];
    const int64_t *starts;
    int32_t *numbers;
    double *counts;
    int64_t *times;
};

/* A column that pcodec itself is to unpack: where in which block, for an operand (0 or 1) of which piece, from its number
   `low` on. */
struct other {
    int64_t block, offset, length, piece, operand, low;
};

/* A series: how many minutes it has (-1 where it isn't plain), the first of them, and whether none is missing after. */
struct curve {
    int64_t id, minutes, first, whole;
};

/* What was found: pieces, columns, a curve by series; how many of which there are. */
struct found {
    struct piece *pieces;
    struct other *others;
    struct curve *curves;
    int64_t piece, other, number, count, time, curve;
};

/* The tail of a series: how many steps, and from which on. */
struct tail_of {
    struct stretch steps;
    int64_t begin;
};

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

/* Unpack a block's numbers, at least those before `high`; 0 where they aren't such as are read here. */
static int unpack(const struct block *block, const uint8_t *data, int64_t size, int64_t high, int32_t *out) {
    static __thread struct column column;
    if (open_column(&column, data, size) != block->count)
        return 0;
    while (column.read < high)
        if (read_column(&column, out + column.read) < 0)
            return 0;
    return 1;
}

/* A column's numbers, those from `low` to before `high`; 0 where the block is cut short. */
static int operand_of(const struct question *asked, const struct block *block, const uint8_t *data, int64_t number,
                      int64_t low, int64_t high, int which, struct found *found, struct operand *out) {
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
    int32_t *numbers = asked->numbers + found->number;
    if (form < 1 || form > NARROW || kind == COUNT || !unpack(block, data + at + 4, size, high, numbers)) {
        found->others[found->other++] = (struct other){number, at + 4, size, found->piece, which, low};
        *out = (struct operand){NULL, DOUBLES, 0};
        return 1;
    }
    *out = (struct operand){numbers + low, SCALED + form - 1, 0};
    found->number += block->count;
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

/* Put down times; 0 where they don't come after those before, or are more than the range has minutes: a row's times and
   count have no checksum. */
static int put_times(const struct question *asked, struct found *found, int64_t begin, int64_t first, int64_t low,
                     int64_t count, const int64_t *at) {
    int64_t *times = asked->times + found->time;
    if (found->time - begin + count > (asked->end - asked->start) / MINUTE ||
        (found->time > begin && (at ? at[low] : first + low * MINUTE) <= times[-1]))
        return 0;
    for (int64_t i = 0; i < count; i++)
        times[i] = at ? at[low + i] : first + (low + i) * MINUTE;
    found->time += count;
    return 1;
}

/* The minutes of a series' blocks before the border. */
static int put_blocks(const struct question *asked, const struct row *rows, const uint8_t *const *data, int64_t number,
                      int64_t past, int64_t border, int64_t begin, struct found *found) {
    for (; number < past; number++) {
        const struct block *block = &rows[number].block;
        int64_t low, count = cut(block->first, block->count, block->at, asked->start, border, &low);
        if (!block->size || !count)
            continue;
        const uint8_t *bytes = data[number];
        int64_t high = low + count;
        struct piece piece = {count, {NULL, DOUBLES, 0}, {NULL, DOUBLES, 1}};
        if (!sound(bytes, block->size) ||
            !operand_of(asked, block, bytes, number, low, high, 0, found, &piece.over) ||
            (asked->columns > 1 && !operand_of(asked, block, bytes, number, low, high, 1, found, &piece.under)) ||
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
static void merge(const struct question *asked, const struct recent *recent, int64_t begin) {
    for (int i = 0; i < asked->columns; i++) {
        double *into = asked->tail[i] + begin, sealed = number_of(&recent->columns[asked->kinds[i]], recent->count - 1);
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
static int put_recent(const struct question *asked, const struct recent *recent, const struct tail_of *tail,
                      int64_t border, int64_t begin, struct found *found) {
    int64_t low, end = asked->end;
    if (recent->count) {
        if (tail->steps.count && recent->last == tail->steps.first) {
            merge(asked, recent, tail->begin);
            end = end < recent->last ? end : recent->last;
        }
        int64_t count = cut(recent->first, recent->count, recent->at, border, end, &low);
        if (count) {
            struct operand over = further(recent->columns[asked->kinds[0]], low), under = {NULL, DOUBLES, 1};
            if (asked->columns > 1)
                under = further(recent->columns[asked->kinds[1]], low);
            if (!put_times(asked, found, begin, recent->first, low, count, recent->at))
                return 0;
            found->pieces[found->piece++] = (struct piece){count, over, under};
        }
    }
    if (tail->steps.count) {
        const int64_t *at = asked->starts + tail->begin;
        int64_t count = cut(0, tail->steps.count, at, border, asked->end, &low);
        if (count) {
            struct operand over = {asked->tail[0] + tail->begin + low, DOUBLES, 0}, under = {NULL, DOUBLES, 1};
            if (asked->columns > 1)
                under = (struct operand){asked->tail[1] + tail->begin + low, DOUBLES, 0};
            if (!put_times(asked, found, begin, 0, low, count, at))
                return 0;
            found->pieces[found->piece++] = (struct piece){count, over, under};
        }
    }
    return 1;
}

static struct tail_of tail_of(int64_t count, const int64_t *series, const struct stretch *tails, int64_t id) {
    struct tail_of tail = {{0, 0, 0, 0}, 0};
    for (int64_t i = 0; i < count; i++) {
        if (series[i] == id) {
            tail.steps = tails[i];
            break;
        }
        tail.begin += tails[i].count > 0 ? tails[i].count : 0;
    }
    return tail;
}

static int put_series(const struct question *asked, struct tail_of tail, const struct row *rows,
                      const uint8_t *const *data, int64_t number, int64_t past, struct found *found) {
    const struct recent *recent = rows[number].recent;
    int64_t begin = found->time;
    int64_t seam = rows[number].seam;
    if (tail.steps.count) {
        if (tail.steps.count < 0 || tail.steps.oldest < asked->floor)
            return 0; /* late samples, or some whose neighbours are gone */
        int64_t start = start_of(tail.steps.oldest, MINUTE);
        seam = start < seam ? start : seam;
    }
    int64_t border = start_of(seam > asked->floor ? seam : asked->floor, MINUTE);
    border = border > asked->start ? border : asked->start;
    border = border < asked->end ? border : asked->end;
    if (!put_blocks(asked, rows, data, number, past, border, begin, found))
        return 0;
    if (border >= asked->end)
        return 1;
    if (!recent || recent->since > border || (tail.steps.count && tail.steps.oldest <= recent->until))
        return 0; /* memory hasn't all of it, or the tail goes back before it */
    return put_recent(asked, recent, &tail, border, begin, found);
}

/* Put down the minutes of the series of these rows (`data` are the bytes of their blocks; `tails` those of `series`), and
   join them unless some are still to be unpacked. Returns how many there are. */
int64_t bongsu_minutes(const struct question *asked, const int64_t *series, const struct stretch *tails,
                       const struct row *rows, const uint8_t *const *data, int64_t count, struct found *found,
                       double *out) {
    struct curve *curve = found->curves;
    for (int64_t number = 0, past; number < count; number = past, curve++) {
        for (past = number + 1; past < count && rows[past].id == rows[number].id;)
            past++;
        struct found before = *found;
        struct tail_of tail = tail_of(asked->series, series, tails, rows[number].id);
        if (!put_series(asked, tail, rows, data, number, past, found)) {
            *found = before;
            *curve = (struct curve){rows[number].id, -1, 0, 0};
            continue;
        }
        int64_t minutes = found->time - before.time;
        const int64_t *times = asked->times + before.time;
        int whole = !minutes || times[minutes - 1] - times[0] == (minutes - 1) * MINUTE;
        *curve = (struct curve){rows[number].id, minutes, minutes ? times[0] : 0, whole};
    }
    found->curve = curve - found->curves;
    if (!found->other)
        bongsu_join(found->pieces, found->piece, out);
    return found->time;
}

/* The same where all blocks are held in memory, so that nothing is read between: the tail, which must not change, is
   gathered into `columns` first. Times go to `times`, unless that is NULL; there is room for each minute of the range. */
int64_t bongsu_minutes_held(const struct question *asked, const struct tail *tail, struct columns *columns,
                            const int64_t *series, struct stretch *tails, const struct row *rows,
                            const uint8_t *const *data, int64_t count, struct found *found, int64_t *times, double *out) {
    struct question question = *asked;
    if (times)
        question.times = times;
    found->piece = found->other = found->number = found->count = found->time = found->curve = 0;
    bongsu_tail_steps(tail, series, asked->series, MINUTE, columns, asked->kinds[0], asked->kinds[1], tails);
    return bongsu_minutes(&question, series, tails, rows, data, count, found, out);
}
