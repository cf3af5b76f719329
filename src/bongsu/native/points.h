/* Points of curves as JSON text. */

#ifndef BONGSU_POINTS_H
#define BONGSU_POINTS_H

#include <stdint.h>

enum { POINT_ROOM = 64 }; /* bytes that a point takes at most, and that are written to beyond the last */

/* A time as points begin with it, "[ms,"; the last byte tells how long that is. */
struct opening {
    char text[23];
    uint8_t length;
};

/* Write so many curves of `count` points each, which share their times. The text of each begins at a multiple of `room`
   (POINT_ROOM a point and once more) in `out`; where it ends goes into `ends`. `openings` has room for one a point where
   there are several curves. */
int64_t bongsu_points(const int64_t *at, const double *const *values, int64_t count, int64_t curves,
                      struct opening *openings, char *out, int64_t room, int64_t *ends);

#endif
