/* The second thread is started when it is first wanted and then waits. Each item is done by whoever takes it first: if
   the other core is busy and the thread comes late, whoever asked has done all by then and waits for nobody. */

#define _POSIX_C_SOURCE 200809L /* C99 alone knows no signals of threads */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "second.h"

enum { STACK = 256 << 10, SPINS = 2000, PATIENCE = 200000 /* nanoseconds that the thread looks out for items */ };
enum { UNTRIED, THERE, IMPOSSIBLE };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards `open`; `helping` only becomes true with it */
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static struct sharing *open; /* what waits for the second thread */
static int state, taken, helping;

static void take_items(struct sharing *sharing) {
    int64_t item = __atomic_load_n(&sharing->next, __ATOMIC_RELAXED);
    while (item < __atomic_load_n(&sharing->items, __ATOMIC_ACQUIRE))
        if (__atomic_compare_exchange_n(&sharing->next, &item, item + 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            sharing->work(sharing->argument, item++);
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Do what comes until it is ended, unless nothing comes for long. */
static void help(struct sharing *sharing) {
    int64_t since = nanoseconds(), done = -1;
    while (!__atomic_load_n(&sharing->ended, __ATOMIC_ACQUIRE)) {
        take_items(sharing);
        int64_t items = __atomic_load_n(&sharing->items, __ATOMIC_RELAXED), now = nanoseconds();
        if (items != done)
            since = now;
        else if (now - since > PATIENCE)
            return;
        done = items;
    }
}

static void *wait_for_items(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!open)
            pthread_cond_wait(&wanted, &lock);
        struct sharing *sharing = open;
        open = NULL;
        __atomic_store_n(&helping, 1, __ATOMIC_RELAXED);
        pthread_mutex_unlock(&lock);
        help(sharing);
        __atomic_store_n(&helping, 0, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* A fork's child has no such thread, and whatever state the lock was in. */
static void forget(void) {
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&wanted, NULL);
    state = UNTRIED;
    open = NULL;
    taken = helping = 0;
}

static int start(void) {
    static int told;
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, before;
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || (!told && pthread_atfork(NULL, NULL, forget)) ||
        pthread_attr_init(&attributes))
        return IMPOSSIBLE;
    told = 1;
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all); /* signals are for Python's threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, &attributes, wait_for_items, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failed ? IMPOSSIBLE : THERE;
}

static void tell(struct sharing *sharing) {
    pthread_mutex_lock(&lock);
    if (!open && !__atomic_load_n(&helping, __ATOMIC_RELAXED)) {
        open = sharing;
        pthread_cond_signal(&wanted);
    }
    pthread_mutex_unlock(&lock);
}

void begin_sharing(struct sharing *sharing) {
    sharing->items = sharing->next = sharing->ended = 0;
    sharing->shared = !__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE);
    if (sharing->shared && state == UNTRIED)
        state = start();
    if (sharing->shared && state == THERE)
        tell(sharing);
}

void offer(struct sharing *sharing, int64_t items) {
    __atomic_store_n(&sharing->items, items, __ATOMIC_RELEASE);
    if (sharing->shared && state == THERE)
        tell(sharing); /* it may have lost its patience */
}

void end_sharing(struct sharing *sharing) {
    take_items(sharing);
    if (!sharing->shared)
        return;
    sharing->shared = 0; /* ending it again does nothing */
    __atomic_store_n(&sharing->ended, 1, __ATOMIC_RELEASE);
    if (state == THERE) {
        pthread_mutex_lock(&lock);
        open = NULL; /* comes too late, if it comes now */
        pthread_mutex_unlock(&lock);
        for (int spins = 0; __atomic_load_n(&helping, __ATOMIC_ACQUIRE); spins++)
            if (spins > SPINS)
                sched_yield();
    }
    __atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
}

void share(void (*work)(void *, int64_t), void *argument, int64_t items) {
    struct sharing sharing = {work, argument, 0, 0, 0, 0};
    begin_sharing(&sharing);
    offer(&sharing, items);
    end_sharing(&sharing);
}
