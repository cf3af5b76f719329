/* Samples gathered by step: out of the tail's pages, and out of the whole numbers that blocks hold. */

#include <stdint.h>
#include <string.h>

#include "second.h"
#include "steps.h"

enum { PAGE = 64, WORTH_SHARING = 128 }; /* pages: a tenth of a millisecond from cold caches */

/* The tail's memory (history/tail.py): pages of 64 samples, and by series its first page, how many it has, and one past
   the place of its newest sample, 0 where there is none. */
struct tail {
    const double *value;
    const int64_t *at;
    const int32_t *next;
    const int64_t *cursor;
    const int32_t *head;
    const int32_t *used;
    int64_t size;
};

/* What is known of a step so far; `lost` is what adding up rounded away (Knuth's TwoSum), hundredths would show it. */
struct step {
    double low, high, total, lost, last;
    int64_t count;
};

static inline void add(struct step *step, double value) {
    double total = step->total + value, added = total - step->total;
    step->lost += (step->total - (total - added)) + (value - added);
    step->total = total;
}

/* Four lanes, which the compiler turns into as many additions at once. */
static void add_all(struct step *step, const double *value, int64_t count) {
    double total[4] = {0, 0, 0, 0}, lost[4] = {0, 0, 0, 0};
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int lane = 0; lane < 4; lane++) {
            double sum = total[lane] + value[i + lane], added = sum - total[lane];
            lost[lane] += (total[lane] - (sum - added)) + (value[i + lane] - added);
            total[lane] = sum;
        }
    for (int lane = 0; lane < 4; lane++) {
        add(step, total[lane]);
        step->lost += lost[lane];
    }
    for (; i < count; i++)
        add(step, value[i]);
}

static void take(struct step *step, const double *value, int64_t count, const int64_t kinds[2]) {
    if (!step->count)
        *step = (struct step){value[0], value[0], 0, 0, 0, 0};
    for (int i = 0; i < 2; i++) {
        if (i && kinds[1] == kinds[0])
            break;
        if (kinds[i] == TOTAL)
            add_all(step, value, count);
        else if (kinds[i] == LOW)
            for (int64_t j = 0; j < count; j++)
                step->low = value[j] < step->low ? value[j] : step->low;
        else if (kinds[i] == HIGH)
            for (int64_t j = 0; j < count; j++)
                step->high = value[j] > step->high ? value[j] : step->high;
    }
    step->last = value[count - 1];
    step->count += count;
}

static double told(const struct step *step, int64_t kind) {
    switch (kind) {
    case LOW: return step->low;
    case HIGH: return step->high;
    case TOTAL: return step->total + step->lost;
    case COUNT: return (double)step->count;
    default: return step->last;
    }
}

/* Where steps go: their starts and one or two columns (`second` may be NULL), and how many there is room for. */
struct columns {
    int64_t *starts;
    double *first, *second;
    int64_t room, filled;
    int64_t kinds[2];
};

static void put(struct columns *out, int64_t start, const struct step *step) {
    out->starts[out->filled] = start;
    out->first[out->filled] = told(step, out->kinds[0]);
    if (out->second)
        out->second[out->filled] = told(step, out->kinds[1]);
    out->filled++;
}

/* Pages lie anywhere, and by the time they are asked for in no cache: the next one is fetched while this one is read. */
static inline void fetch(const struct tail *tail, int64_t page) {
    for (int64_t i = page * PAGE; i < (page + 1) * PAGE; i += 8) {
        __builtin_prefetch(tail->at + i);
        __builtin_prefetch(tail->value + i);
    }
}

/* The steps of a series' samples; returns how many, or -1 where a sample came late or there is no more room. */
static int64_t steps_of(const struct tail *tail, int64_t series, int64_t width, struct columns *out,
                        struct stretch *found) {
    int64_t left = ((int64_t)(tail->used[series] - 1)) * PAGE + ((tail->cursor[series] - 1) & (PAGE - 1)) + 1;
    int64_t page = tail->head[series], before = INT64_MIN, start = 0, end = INT64_MIN, begin = out->filled;
    struct step step = {0, 0, 0, 0, 0, 0};
    found->oldest = tail->at[page * PAGE];
    for (; left > 0; left -= PAGE, page = tail->next[page]) {
        const double *value = tail->value + page * PAGE;
        const int64_t *at = tail->at + page * PAGE;
        int64_t filled = left < PAGE ? left : PAGE, i = 0;
        if (left > PAGE)
            fetch(tail, tail->next[page]);
        while (i < filled) {
            int64_t from = i;
            for (; i < filled && at[i] < end; i++) { /* the rest of this step */
                if (at[i] <= before)
                    return -1;
                before = at[i];
            }
            if (i > from)
                take(&step, value + from, i - from, out->kinds);
            if (i == filled)
                break;
            if (at[i] <= before || out->filled >= out->room)
                return -1;
            if (step.count)
                put(out, start, &step);
            start = start_of(at[i], width);
            end = start + width;
            step.count = 0;
        }
    }
    if (out->filled >= out->room)
        return -1;
    put(out, start, &step);
    found->first = out->starts[begin];
    found->last = start;
    return out->filled - begin;
}

/* Some series of a question, and where their steps go. */
struct part {
    const struct tail *tail;
    const int64_t *series;
    int64_t count, width;
    struct columns *out;
    struct stretch *found;
};

static void gather(void *parts, int64_t item) {
    const struct part *part = (const struct part *)parts + item;
    const struct tail *tail = part->tail;
    for (int64_t i = 0; i < part->count; i++) {
        int64_t series = part->series[i], begin = part->out->filled;
        struct stretch *found = part->found + i;
        *found = (struct stretch){0, 0, 0, 0};
        if (series >= tail->size || !tail->cursor[series])
            continue;
        found->count = steps_of(tail, series, part->width, part->out, found);
        if (found->count < 0)
            part->out->filled = begin;
    }
}

static void move_behind(struct columns *out, const struct columns *rest) {
    size_t size = (size_t)rest->filled * sizeof *out->first;
    memmove(out->starts + out->filled, rest->starts, size);
    memmove(out->first + out->filled, rest->first, size);
    if (out->second)
        memmove(out->second + out->filled, rest->second, size);
    out->filled += rest->filled;
}

/* The unsealed samples of some series by steps of `width` ms, series after series, in columns of these kinds; of each
   series a stretch, whose count is -1 where that can't be done and 0 where there is no sample. Many samples lie in no
   cache: two threads wait for them. Returns how many steps there are. */
int64_t bongsu_tail_steps(const struct tail *tail, const int64_t *series, int64_t count, int64_t width,
                          struct columns *out, int64_t kind, int64_t other, struct stretch *found) {
    int64_t pages = 0, half = count / 2, room = out->room / 2;
    out->kinds[0] = kind;
    out->kinds[1] = other;
    out->filled = 0;
    for (int64_t i = 0; i < count; i++)
        pages += series[i] < tail->size && tail->cursor[series[i]] ? tail->used[series[i]] : 0;
    struct columns rest = *out;
    struct part parts[] = {{tail, series, count, width, out, found},
                           {tail, series + half, count - half, width, &rest, found + half}};
    if (!half || pages < WORTH_SHARING) {
        gather(parts, 0);
        return out->filled;
    }
    parts[0].count = half;
    out->room = room;
    rest.starts += room;
    rest.first += room;
    rest.second += rest.second ? room : 0;
    rest.room -= room;
    share(gather, parts, 2);
    out->room += rest.room;
    move_behind(out, &rest);
    return out->filled;
}

/* One column of steps out of whole numbers at an even pace: `head` of them are the first step, `stride` each other but
   for the last, which may be shorter. Each is divided by `scale`. Returns how many steps there are. */
int64_t bongsu_strides(const int32_t *number, int64_t count, int64_t head, int64_t stride, int64_t kind, double scale,
                       double *out) {
    int64_t steps = 0;
    for (int64_t begin = 0, end = head; begin < count; begin = end, end += stride) {
        end = end < count ? end : count;
        int64_t total = 0;
        int32_t most = number[begin];
        if (kind == TOTAL) {
            for (int64_t i = begin; i < end; i++)
                total += number[i];
        } else if (kind == COUNT) {
            total = end - begin;
        } else if (kind == LAST) {
            total = number[end - 1];
        } else if (kind == LOW) {
            for (int64_t i = begin; i < end; i++)
                most = number[i] < most ? number[i] : most;
            total = most;
        } else {
            for (int64_t i = begin; i < end; i++)
                most = number[i] > most ? number[i] : most;
            total = most;
        }
        out[steps++] = (double)total / scale;
    }
    return steps;
}

void bongsu_join(const struct piece *pieces, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++) {
        const struct piece *piece = pieces + i;
        if (piece->over.numbers && piece->over.form >= SCALED && !piece->under.numbers) { /* most */
            const int32_t *number = piece->over.numbers;
            double scale = SCALES[piece->over.form - SCALED], by = piece->under.constant;
            for (int64_t j = 0; j < piece->count; j++)
                out[j] = number[j] / scale / by;
        } else {
            for (int64_t j = 0; j < piece->count; j++)
                out[j] = number_of(&piece->over, j) / number_of(&piece->under, j);
        }
        out += piece->count;
    }
}
