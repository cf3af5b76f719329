/* Curves by step out of blocks of samples whose times are even and whose values are whole numbers of 32 bits of some
   decimal (history/block.py says how they are laid out): unpacked and counted by two threads, while rows come. */

#include <string.h>

#include "checksum.h"
#include "pcodec.h"
#include "python.h"
#include "second.h"
#include "steps.h"

enum { NARROW = 7, HEAD = 5, SUM = 4, NOT_PLAIN = -1 };

/* A block: its bytes; which of the series it belongs to; times (ms) of the first and last sample; how many there are.
   Of these from `low` to before `high` are in the range; `head` of them are in the first step, which starts at `first`,
   `stride` in each other but the last. So many steps are told from `place` on. `form` is the decimal of its numbers and
   one more; less than nought where the block isn't plain. */
struct block {
    const uint8_t *data;
    int64_t size, series, start, last, count;
    int64_t low, high, head, stride, first, steps, place, form;
};

/* One question: times from `start` to before `end`, both whole steps; one or two kinds of columns. */
struct curves {
    int64_t start, end, step, kinds[2];
    int64_t columns; /* 1 or 2 */
    struct block *blocks;
    int64_t room, filled; /* blocks */
    double *steps[2];     /* what each step comes to, not yet divided by the decimal */
    int64_t steps_room, steps_filled;
    struct sharing sharing;
};

/* What is known of a step so far. */
struct step {
    int64_t total, count;
    int32_t low, high, last;
};

static double told(const struct step *step, int64_t kind) {
    switch (kind) {
    case LOW: return step->low;
    case HIGH: return step->high;
    case TOTAL: return (double)step->total;
    case COUNT: return (double)step->count;
    default: return step->last;
    }
}

static inline void count_in(struct step *step, const int32_t *number, int64_t count, int64_t kind) {
    if (kind == TOTAL) {
        int64_t total = 0;
        for (int64_t i = 0; i < count; i++)
            total += number[i];
        step->total += total;
    } else if (kind == LOW) {
        int32_t low = step->count ? step->low : number[0];
        for (int64_t i = 0; i < count; i++)
            low = number[i] < low ? number[i] : low;
        step->low = low;
    } else if (kind == HIGH) {
        int32_t high = step->count ? step->high : number[0];
        for (int64_t i = 0; i < count; i++)
            high = number[i] > high ? number[i] : high;
        step->high = high;
    }
}

/* The steps of one block, as its numbers are unpacked. */
static void unpack(void *argument, int64_t item) {
    static __thread struct column column;
    struct curves *curves = argument;
    struct block *block = curves->blocks + item;
    if (block->form < 0 || !block->steps)
        return;
    const uint8_t *data = block->data;
    int64_t size = word(data + 1) & 0xffffff, done = 0, place = block->place, left = block->head;
    block->form = word(data + 1) >> 24;
    if (!sound(data, block->size) || HEAD + size > block->size - SUM || block->form < 1 || block->form > NARROW ||
        open_column(&column, data + HEAD, size) != block->count) {
        block->form = NOT_PLAIN;
        return;
    }
    struct step step = {0, 0, 0, 0, 0};
    int32_t numbers[BATCH];
    while (done < block->high) {
        int64_t read = read_column(&column, numbers), at = block->low - done;
        if (read < 0) {
            block->form = NOT_PLAIN;
            return;
        }
        int64_t past = block->high - done < read ? block->high - done : read;
        for (at = at < 0 ? 0 : at; at < past;) {
            int64_t some = past - at < left ? past - at : left;
            count_in(&step, numbers + at, some, curves->kinds[0]);
            step.count += some;
            at += some;
            left -= some;
            step.last = numbers[at - 1];
            if (!left || done + at == block->high) {
                for (int i = 0; i < curves->columns; i++)
                    curves->steps[i][place] = told(&step, curves->kinds[i]);
                place++;
                step = (struct step){0, 0, 0, 0, 0};
                left = block->stride;
            }
        }
        done += read;
    }
}

/* Which samples of a block are in the range, and how they fall into steps. */
static void lay_out(struct curves *curves, struct block *block) {
    int64_t count = block->count, pace = count > 1 ? (block->last - block->start) / (count - 1) : curves->step;
    block->form = block->steps = 0;
    if (count < 1 || block->size < HEAD + SUM || block->data[0] || pace < 1 || curves->step % pace ||
        block->last != block->start + pace * (count - 1)) {
        block->form = NOT_PLAIN;
        return;
    }
    int64_t before = curves->start - block->start, until = curves->end - block->start;
    block->low = before > 0 ? (before + pace - 1) / pace : 0;
    block->high = until > 0 ? (until + pace - 1) / pace : 0;
    block->high = block->high < count ? block->high : count;
    if (block->low >= block->high)
        return;
    int64_t begin = block->start + block->low * pace, last = block->start + (block->high - 1) * pace;
    block->first = start_of(begin, curves->step);
    block->steps = (start_of(last, curves->step) - block->first) / curves->step + 1;
    block->head = (block->first + curves->step - begin + pace - 1) / pace;
    block->stride = curves->step / pace;
    block->place = curves->steps_filled;
    if (block->steps > curves->steps_room - curves->steps_filled)
        block->form = NOT_PLAIN;
    else
        curves->steps_filled += block->steps;
}

/* Begin with a question: the range, steps and one or two kinds of columns, and where steps go: both columns, one behind
   the other, have room for so many. `bongsu_curves_end` must follow. */
void bongsu_curves_begin(struct curves *curves, int64_t start, int64_t end, int64_t step, int64_t columns, int64_t kind,
                         int64_t other, double *steps, int64_t room, int64_t helped) {
    curves->start = start;
    curves->end = end;
    curves->step = step;
    curves->kinds[0] = kind;
    curves->kinds[1] = other;
    curves->columns = columns;
    curves->filled = curves->steps_filled = 0;
    curves->steps[0] = steps;
    curves->steps[1] = steps + room;
    curves->steps_room = room;
    curves->sharing = (struct sharing){unpack, curves, 0, 0, 0, 0};
    if (helped)
        begin_sharing(&curves->sharing);
}

/* What a row of the statement for blocks begins with (history/loading.py). */
enum { SERIES, ID, START, LAST_AT, SAMPLES, DATA };

/* The block of a row; 0, with an exception of Python's, where it is none. */
static int block_of(PyObject *row, struct block *block) {
    int64_t *numbers[] = {&block->series, NULL, &block->start, &block->last, &block->count};
    for (ptrdiff_t place = SERIES; place < DATA; place++) {
        PyObject *number = numbers[place] ? PyTuple_GetItem(row, place) : row;
        if (!number)
            return 0;
        if (numbers[place] && (*numbers[place] = PyLong_AsLongLong(number)) == -1 && PyErr_Occurred())
            return 0;
    }
    char *text;
    ptrdiff_t size;
    PyObject *data = PyTuple_GetItem(row, DATA);
    if (!data || PyBytes_AsStringAndSize(data, &text, &size))
        return 0;
    block->data = (const uint8_t *)text;
    block->size = size;
    return 1;
}

/* Some more blocks: the place of a question that was begun, and a list of rows, which must stay as they are until the
   end. True, or False where there are more than there is room for. */
static PyObject *add_rows(PyObject *self, PyObject *const *arguments, ptrdiff_t count) {
    (void)self;
    struct curves *curves = count == 2 ? PyLong_AsVoidPtr(arguments[0]) : NULL;
    ptrdiff_t rows = curves ? PyList_Size(arguments[1]) : -1;
    if (!curves && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "rows are added to a question");
    if (rows < 0)
        return NULL;
    if (rows > curves->room - curves->filled)
        return PyBool_FromLong(0);
    for (ptrdiff_t i = 0; i < rows; i++) {
        struct block *block = curves->blocks + curves->filled + i;
        if (!block_of(PyList_GetItem(arguments[1], i), block))
            return NULL;
        lay_out(curves, block);
    }
    curves->filled += rows;
    offer(&curves->sharing, curves->filled);
    return PyBool_FromLong(1);
}

/* That as a function of Python's. */
PyObject *bongsu_curves_add(PyObject *nothing) {
    static PyMethodDef adding = {"add_rows", add_rows, FASTCALL, NULL};
    return PyCFunction_NewEx(&adding, nothing, NULL);
}

/* All blocks are unpacked on return. Returns how many steps they have. */
int64_t bongsu_curves_end(struct curves *curves) {
    end_sharing(&curves->sharing);
    return curves->steps_filled;
}

/* A series' steps: how many (-1 where they aren't plain), the start of the first, and whether none is missing. */
struct curve {
    int64_t count, first, whole;
};

/* Points one after the other. The last step may yet grow by what follows: it is held back, undivided. */
struct growing {
    const struct curves *curves;
    int64_t *at;
    double *value;
    int64_t count, held; /* points; the start of the step that is held back, or NOTHING */
    double last[2], scales[2];
};

#define NOTHING INT64_MIN

static void let_go(struct growing *grown) {
    if (grown->held == NOTHING)
        return;
    grown->at[grown->count] = grown->held;
    grown->value[grown->count++] = grown->last[0] / grown->scales[0] / (grown->last[1] / grown->scales[1]);
    grown->held = NOTHING;
}

static void hold(struct growing *grown, int64_t at, double first, double second) {
    double values[2] = {first, second};
    if (grown->held != at)
        let_go(grown);
    for (int i = 0; i < 2; i++) {
        int64_t kind = i < grown->curves->columns ? grown->curves->kinds[i] : LAST;
        double before = grown->last[i], after = values[i];
        if (grown->held != at || kind == LAST)
            grown->last[i] = after;
        else if (kind == LOW)
            grown->last[i] = after < before ? after : before;
        else if (kind == HIGH)
            grown->last[i] = after > before ? after : before;
        else
            grown->last[i] = before + after;
    }
    grown->held = at;
}

static double scale_of(int64_t kind, int64_t form) { return kind == COUNT ? 1 : SCALES[form - 1]; }

static void add_block(struct growing *grown, const struct block *block) {
    const struct curves *curves = grown->curves;
    const double *first = curves->steps[0] + block->place, *second = curves->steps[1] + block->place;
    int64_t last = block->steps - 1, step = curves->step;
    int two = curves->columns > 1;
    grown->scales[0] = scale_of(curves->kinds[0], block->form);
    grown->scales[1] = two ? scale_of(curves->kinds[1], block->form) : 1;
    hold(grown, block->first, first[0], two ? second[0] : 1);
    if (!last)
        return;
    let_go(grown);
    int64_t *at = grown->at + grown->count - 1;
    double *value = grown->value + grown->count - 1;
    double over = grown->scales[0], under = grown->scales[1];
    for (int64_t i = 1; i < last; i++)
        at[i] = block->first + i * step;
    if (two)
        for (int64_t i = 1; i < last; i++)
            value[i] = first[i] / over / (second[i] / under);
    else
        for (int64_t i = 1; i < last; i++)
            value[i] = first[i] / over;
    grown->count += last - 1;
    hold(grown, block->first + last * step, first[last], two ? second[last] : 1);
}

/* Tail steps lie in columns of their own, divided already. */
static void add_tail(struct growing *grown, const int64_t *at, const double *first, const double *second, int64_t count) {
    const struct curves *curves = grown->curves;
    for (int i = 0; i < 2; i++) {
        grown->last[i] /= grown->scales[i];
        grown->scales[i] = 1;
    }
    for (int64_t i = 0; i < count; i++)
        if (at[i] >= curves->start && at[i] < curves->end)
            hold(grown, at[i], first[i], curves->columns > 1 ? second[i] : 1);
}

/* The blocks of a series by time, into `order`; returns how many, -1 where they overlap, aren't plain, or have more
   steps than `left`, which theirs are taken from. */
static int64_t blocks_of(const struct curves *curves, int64_t series, int64_t *order, int64_t *left) {
    const struct block *blocks = curves->blocks;
    int64_t count = 0;
    for (int64_t i = 0; i < curves->filled; i++) {
        if (blocks[i].series != series)
            continue;
        int64_t place = count++;
        for (; place && blocks[order[place - 1]].start > blocks[i].start; place--)
            order[place] = order[place - 1];
        order[place] = i;
    }
    int64_t form = 0, steps = 0;
    for (int64_t i = 0; i < count; i++) {
        const struct block *block = blocks + order[i];
        if (block->form < 0 || (i && blocks[order[i - 1]].last >= block->start))
            return -1;
        if (!block->steps)
            continue;
        if (form && form != block->form) /* a step may be in two blocks */
            return -1;
        form = block->form;
        steps += block->steps;
    }
    if (steps > *left)
        return -1;
    *left -= steps;
    return count;
}

/* The curves of some series, with what is in the tail (`stretches`, of which the steps stand one after the other), put
   behind each other; a series that is named again isn't plain unless there is room. `order` has room for as many numbers as
   there is for blocks. Returns how many points there are. */
int64_t bongsu_curves_told(const struct curves *curves, const int64_t *series, int64_t count,
                           const struct stretch *stretches, const int64_t *starts, const double *first,
                           const double *second, int64_t *order, struct curve *found, int64_t *at, double *value) {
    struct growing grown = {curves, at, value, 0, NOTHING, {0, 1}, {1, 1}};
    int64_t behind = 0, left = curves->steps_filled;
    for (int64_t i = 0; i < count; i++) {
        const struct stretch *stretch = stretches + i;
        int64_t begin = grown.count, tail = stretch->count > 0 ? stretch->count : 0;
        int64_t blocks = stretch->count < 0 ? -1 : blocks_of(curves, series[i], order, &left);
        found[i] = (struct curve){-1, 0, 0};
        if (blocks > 0 && !(tail && stretch->oldest <= curves->blocks[order[blocks - 1]].last)) {
            for (int64_t j = 0; j < blocks; j++)
                if (curves->blocks[order[j]].steps)
                    add_block(&grown, curves->blocks + order[j]);
            add_tail(&grown, starts + behind, first + behind, second + behind, tail);
            let_go(&grown);
            int64_t points = grown.count - begin, last = points ? at[grown.count - 1] : 0;
            found[i] = (struct curve){points, points ? at[begin] : 0,
                                      !points || last - at[begin] == (points - 1) * curves->step};
        }
        behind += tail;
    }
    return grown.count;
}
