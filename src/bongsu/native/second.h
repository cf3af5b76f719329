/* A second thread for what keeps one busy for a tenth of a millisecond and more. */

#ifndef BONGSU_SECOND_H
#define BONGSU_SECOND_H

#include <stdint.h>

/* Do `work(argument, item)` for each of so many items, in any order, some of them in the second thread where it comes
   in time; all are done on return. */
void share(void (*work)(void *argument, int64_t item), void *argument, int64_t items);

#endif
