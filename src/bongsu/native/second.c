/* The second thread is started when it is first wanted and then waits. Each item is done by whoever takes it first: if
   the other core is busy and the thread comes late, whoever asked has done all by then and waits for nobody. */

#define _POSIX_C_SOURCE 200809L /* C99 alone knows no signals of threads */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "second.h"

enum { STACK = 256 << 10, SPINS = 2000 };
enum { UNTRIED, THERE, IMPOSSIBLE };

static struct {
    void (*work)(void *, int64_t);
    void *argument;
    int64_t items, next;
} job;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards `open`; `helping` only becomes true with it */
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static int state, taken, open, helping;

static void take_items(void) {
    int64_t item;
    while ((item = __atomic_fetch_add(&job.next, 1, __ATOMIC_RELAXED)) < job.items)
        job.work(job.argument, item);
}

static void *wait_for_jobs(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!open)
            pthread_cond_wait(&wanted, &lock);
        open = 0;
        __atomic_store_n(&helping, 1, __ATOMIC_RELAXED);
        pthread_mutex_unlock(&lock);
        take_items();
        __atomic_store_n(&helping, 0, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* A fork's child has no such thread, and whatever state the lock was in. */
static void forget(void) {
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&wanted, NULL);
    state = UNTRIED;
    taken = open = helping = 0;
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
    int failed = pthread_create(&thread, &attributes, wait_for_jobs, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failed ? IMPOSSIBLE : THERE;
}

void share(void (*work)(void *, int64_t), void *argument, int64_t items) {
    if (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE)) { /* by another thread's question */
        for (int64_t item = 0; item < items; item++)
            work(argument, item);
        return;
    }
    if (state == UNTRIED)
        state = start();
    job.work = work;
    job.argument = argument;
    job.items = items;
    job.next = 0;
    if (state == THERE) {
        pthread_mutex_lock(&lock);
        open = 1;
        pthread_cond_signal(&wanted);
        pthread_mutex_unlock(&lock);
    }
    take_items();
    if (state == THERE) {
        pthread_mutex_lock(&lock);
        open = 0; /* comes too late, if it comes now */
        pthread_mutex_unlock(&lock);
        for (int spins = 0; __atomic_load_n(&helping, __ATOMIC_ACQUIRE); spins++)
            if (spins > SPINS)
                sched_yield();
    }
    __atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
}
