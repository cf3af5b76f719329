/* What steps and minutes share. */

#ifndef BONGSU_STEPS_H
#define BONGSU_STEPS_H

#include <stdint.h>

/* The columns that steps may have. */
enum { LOW, HIGH, TOTAL, COUNT, LAST, KINDS };

/* How numbers lie in memory: as doubles, as 64-bit or, from 2 on, as 32-bit whole numbers of the decimal 10^-(form - 2). */
enum { DOUBLES, WHOLE, SCALED };

static const double SCALES[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

/* Numbers: where they are and how they lie there, or (NULL) the one that all of them are. */
struct operand {
    const void *numbers;
    int64_t form;
    double constant;
};

/* A stretch of a curve: so many numbers, each divided by another. */
struct piece {
    int64_t count;
    struct operand over, under;
};

static inline double number_of(const struct operand *operand, int64_t place) {
    if (!operand->numbers)
        return operand->constant;
    if (operand->form == DOUBLES)
        return ((const double *)operand->numbers)[place];
    if (operand->form == WHOLE)
        return (double)((const int64_t *)operand->numbers)[place];
    return ((const int32_t *)operand->numbers)[place] / SCALES[operand->form - SCALED];
}

/* The steps of one series' unsealed samples: how many, the starts (ms) of the first and last, and when the first sample
   was taken. */
struct stretch {
    int64_t count, first, last, oldest;
};

struct tail;
struct columns;

/* The steps of some series' unsealed samples (steps.c). */
int64_t bongsu_tail_steps(const struct tail *tail, const int64_t *series, int64_t count, int64_t width,
                          struct columns *out, int64_t kind, int64_t other, struct stretch *found);

/* The last multiple of `width` that isn't behind `at`. */
static inline int64_t start_of(int64_t at, int64_t width) {
    int64_t rest = at % width;
    return at - rest - (rest < 0 ? width : 0);
}

/* The pieces one after the other. */
void bongsu_join(const struct piece *pieces, int64_t count, double *out);

#endif
