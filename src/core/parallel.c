#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#define DENORMALS_ARE_ZERO 0x0040u
#endif

/* Looks at a variable before a thread goes to sleep: some tens of microseconds, the gap between two calls of a training step. */
#define SPINS 4000

typedef struct job {
    parallel_task task;
    void *user;
    int64_t count;
} job;

/*
 * A helper joins a job, and the caller closes it, without a lock: the helper counts itself in and then looks whether the job is
 * still open, the caller closes it and then looks who is in. The lock is for those who sleep, who are counted in the same manner.
 */
struct parallel_pool {
    atomic_uint_fast64_t generation; /* of jobs; odd while one is open to join */
    atomic_int_fast64_t next;        /* index to take */
    atomic_int active;               /* helpers in the job, or finding that they are late */
    atomic_int sleepers;             /* helpers that wait for wake */
    atomic_int awaited;              /* whether the caller waits for done */
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    int stop;
    job job;
    int helper_count;
    struct helper {
        struct parallel_pool *pool;
        pthread_t thread;
        int worker;
    } helpers[];
};

typedef struct parallel_pool pool;

static void relax(void) {
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

static void work(pool *p, int worker) {
    const job *j = &p->job;
    for (int64_t i; (i = (int64_t)atomic_fetch_add(&p->next, 1)) < j->count;) j->task(j->user, i, worker);
}

static void leave_job(pool *p) {
    if (atomic_fetch_sub(&p->active, 1) > 1 || !atomic_load(&p->awaited)) return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_signal(&p->done);
    pthread_mutex_unlock(&p->lock);
}

/* Whether that generation is of an open job which this helper has not seen. */
static int is_news(uint_fast64_t generation, uint_fast64_t seen) { return generation % 2 == 1 && generation != seen; }

static int try_to_join(pool *p, uint_fast64_t *seen) {
    uint_fast64_t open = atomic_load(&p->generation);
    if (!is_news(open, *seen)) return 0;
    atomic_fetch_add(&p->active, 1);
    if (atomic_load(&p->generation) == open) {
        *seen = open;
        return 1;
    }
    leave_job(p);
    return 0;
}

/* Returns 0 when the pool ends. */
static int sleep_until_news(pool *p, uint_fast64_t seen) {
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->sleepers, 1);
    while (!p->stop && !is_news(atomic_load(&p->generation), seen)) pthread_cond_wait(&p->wake, &p->lock);
    atomic_fetch_sub(&p->sleepers, 1);
    int running = !p->stop;
    pthread_mutex_unlock(&p->lock);
    return running;
}

/* Waits for a job that this helper has not seen; 0 when the pool ends. */
static int join_job(pool *p, uint_fast64_t *seen) {
    do {
        for (int i = 0; i < SPINS; i++) {
            if (try_to_join(p, seen)) return 1;
            relax();
        }
    } while (sleep_until_news(p, *seen));
    return 0;
}

/*
 * Inside tasks numbers too small for full precision count as zero, since processors take a hundred times longer over them.
 * Returns the thread's own setting.
 */
static unsigned flush_tiny_numbers(void) {
    unsigned before = 0;
#ifdef __SSE2__
    before = _mm_getcsr();
    _mm_setcsr(before | _MM_FLUSH_ZERO_ON | DENORMALS_ARE_ZERO);
#endif
    return before;
}

static void restore_tiny_numbers(unsigned before) {
#ifdef __SSE2__
    _mm_setcsr(before);
#endif
}

/* Helpers never run the program's signal handlers. */
static void leave_signals_to_others(void) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

static void *helper_main(void *argument) {
    struct helper *h = argument;
    uint_fast64_t seen = 0;
    flush_tiny_numbers();
    leave_signals_to_others();
    while (join_job(h->pool, &seen)) {
        work(h->pool, h->worker);
        leave_job(h->pool);
    }
    return NULL;
}

/* Fewer helpers than asked for, or none, if the system refuses them: the work is done all the same. */
static pool *pool_create(int helper_count) {
    pool *p = calloc(1, sizeof *p + (size_t)helper_count * sizeof *p->helpers);
    if (!p) return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->done, NULL);
    for (int i = 0; i < helper_count; i++) {
        struct helper *h = &p->helpers[i];
        *h = (struct helper){.pool = p, .worker = i + 1};
        if (pthread_create(&h->thread, NULL, helper_main, h) != 0) break;
        p->helper_count++;
    }
    return p;
}

void parallel_stop(enot_context *context) {
    pool *p = context->pool;
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->stop = 1;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->helper_count; i++) pthread_join(p->helpers[i].thread, NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
    context->pool = NULL;
}

static void open_job(pool *p, const job *j) {
    p->job = *j;
    atomic_store(&p->next, 0);
    atomic_fetch_add(&p->generation, 1);
    if (atomic_load(&p->sleepers) == 0) return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

/* No helper can join any more; those that did are waited for. */
static void close_job(pool *p) {
    atomic_fetch_add(&p->generation, 1);
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&p->active) == 0) return;
        relax();
    }
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->awaited, 1);
    while (atomic_load(&p->active) > 0) pthread_cond_wait(&p->done, &p->lock);
    atomic_store(&p->awaited, 0);
    pthread_mutex_unlock(&p->lock);
}

static void run_alone(const job *j) {
    for (int64_t i = 0; i < j->count; i++) j->task(j->user, i, 0);
}

void parallel_for(enot_context *context, int64_t count, parallel_task task, void *user) {
    const job j = {task, user, count};
    unsigned before = flush_tiny_numbers();
    if (!context->pool && context->threads > 1 && count > 1) context->pool = pool_create(context->threads - 1);
    if (context->pool && count > 1) {
        open_job(context->pool, &j);
        work(context->pool, 0);
        close_job(context->pool);
    } else {
        run_alone(&j);
    }
    restore_tiny_numbers(before);
}

int parallel_processors(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
    int count = CPU_COUNT(&allowed);
    return count > 0 ? count : 1;
}
