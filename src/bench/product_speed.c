#include "bench/product_speed.h"

#include "core/clock.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "ops/ops.h"

/* c[rows, columns] = a[rows, inner] b[inner, columns] */
typedef struct product_size {
    int64_t rows, inner, columns;
} product_size;

/* 84 rows are whole tiles of every kernel; with b the largest fills half of a second-level cache of 2 MB. */
static const product_size SIZES[] = {{84, 512, 512}, {84, 256, 256}, {84, 128, 128}};

enum { SIZE_COUNT = sizeof SIZES / sizeof *SIZES, TASKS_PER_THREAD = 16 };

/* Of one task, some tenths of a millisecond. */
#define TASK_OPERATIONS 3e7

struct product_speed {
    enot_context *context;
    const ops *ops;
    real *operands; /* [threads, numbers]: a, b, c of each thread */
    int64_t numbers;
    product_size size; /* now measured */
    int64_t repeats;   /* in a task */
};

static double operations(product_size s) { return 2.0 * (double)s.rows * (double)s.inner * (double)s.columns; }

static int64_t operand_numbers(product_size s) {
    return panels_size(s.rows, s.inner) + panels_size(s.inner, s.columns) + panels_size(s.rows, s.columns);
}

static void multiply(const ops *ops, product_size s, real *operands) {
    panels a = {operands, s.rows}, b = {a.at + panels_size(s.rows, s.inner), s.inner};
    panels c = {b.at + panels_size(s.inner, s.columns), s.rows};
    for (int64_t i = 0; i < panels_count(s.columns); i++)
        ops->product(s.rows, panels_columns(s.columns, i), s.inner, a.at, panels_stride(a), panels_at(b, i),
                     panels_at(c, i), NULL, 0);
}

static void run_task(void *user, int64_t index, int worker) {
    const product_speed *p = user;
    for (int64_t i = 0; i < p->repeats; i++) multiply(p->ops, p->size, p->operands + worker * p->numbers);
}

static double measure_size(product_speed *p, product_size size, double seconds) {
    int64_t tasks = (int64_t)p->context->threads * TASKS_PER_THREAD;
    double started = clock_seconds(), passed, done = 0;
    p->size = size;
    p->repeats = (int64_t)(TASK_OPERATIONS / operations(size)) + 1;
    do {
        parallel_for(p->context, tasks, run_task, p);
        done += (double)tasks * (double)p->repeats * operations(size);
        passed = clock_seconds() - started;
    } while (passed < seconds);
    return done / passed;
}

double product_speed_measure(product_speed *p, double seconds) {
    double best = 0;
    for (int i = 0; i < SIZE_COUNT; i++) {
        double speed = measure_size(p, SIZES[i], seconds / SIZE_COUNT);
        if (speed > best) best = speed;
    }
    return best;
}

/* Numbers of ordinary size: processors multiply zeros at less power, some of them faster. */
static enot_status create_operands(product_speed *p) {
    for (int i = 0; i < SIZE_COUNT; i++)
        if (operand_numbers(SIZES[i]) > p->numbers) p->numbers = operand_numbers(SIZES[i]);
    TRY(MEMORY_NEW(p->context, p->context->threads * p->numbers, "the matrices to multiply", &p->operands));
    for (int worker = 0; worker < p->context->threads; worker++)
        p->ops->normals(0, 0, (uint64_t)worker, p->numbers, p->operands + worker * p->numbers);
    return ENOT_OK;
}

enot_status product_speed_create(enot_context *context, product_speed **out) {
    product_speed *p;
    TRY(MEMORY_NEW(context, 1, "the matrices to multiply", &p));
    p->context = context;
    p->ops = ops_select();
    enot_status status = create_operands(p);
    if (status) {
        product_speed_destroy(p);
        return status;
    }
    *out = p;
    return ENOT_OK;
}

void product_speed_destroy(product_speed *p) {
    if (!p) return;
    memory_destroy(p->operands);
    memory_destroy(p);
}
