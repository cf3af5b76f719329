/* A second thread for what keeps one busy for a tenth of a millisecond and more. */

#ifndef BONGSU_SECOND_H
#define BONGSU_SECOND_H

#include <stdint.h>

/* Items to be done, in any order, each by `work(argument, item)`; some of them in the second thread where it comes in
   time. Another thread's sharing may have it already: then there is nobody to share with. */
struct sharing {
    void (*work)(void *argument, int64_t item);
    void *argument;
    int64_t items, next; /* how many there are by now; which is to be taken next */
    int shared, ended;
};

/* `work` and `argument` are set. The second thread is woken: it may take as long as until there is something to do. Must
   be ended, with all that is offered to others staying where it is until then. */
void begin_sharing(struct sharing *sharing);

/* There are so many items by now, and the second thread may begin with them. */
void offer(struct sharing *sharing, int64_t items);

/* Do what is left; all are done on return. */
void end_sharing(struct sharing *sharing);

/* All of that for so many items. */
void share(void (*work)(void *argument, int64_t item), void *argument, int64_t items);

#endif
