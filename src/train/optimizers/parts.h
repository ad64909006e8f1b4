/* What the files of the optimisers share; train/optimizers/optimizer.h is their interface. */
#ifndef ENOT_TRAIN_OPTIMIZER_PARTS_H
#define ENOT_TRAIN_OPTIMIZER_PARTS_H

#include "core/parallel.h"
#include "train/optimizers/optimizer.h"

/* One update of a network. */
typedef struct update {
    enot_context *context;
    const optimizer *o;
    const ops *ops;
    network *n;
    ops_adam constants;
} update;

struct optimizer_method {
    size_t size; /* of what it keeps, which is zero before create; 0: nothing */
    enot_status (*create)(enot_context *context, const mlp *net, void *own);
    void (*destroy)(void *own); /* what that holds, after a create that failed too */
    void (*update)(update *u);
    real *(*state)(const void *own, int64_t *count); /* see network_own */
};

extern const optimizer_method optimizer_adam, optimizer_soap, optimizer_muon;

/* Adam on parameters first .. first + count - 1. */
void adam_range(const update *u, int64_t first, int64_t count);

/* Whether the weights of layer l are a matrix to SOAP and Muon. Those that are a vector in shape are Adam's. */
static inline int optimizer_takes_matrix(const mlp *net, int64_t l) { return net->width[l - 1] > 1 && net->width[l] > 1; }

/* Adam on what of layer l is no such matrix. */
void adam_vectors(const update *u, int64_t l);

/* Tasks for the weights [rows, columns] of a layer that is such a matrix; they are counted through all layers. */
typedef int64_t tasks_of_matrix(int64_t rows, int64_t columns);
tasks_of_matrix tasks_row_panels, tasks_column_panels;

int64_t tasks_count(const mlp *net, tasks_of_matrix *tasks);

/* All of them, user being u. */
void tasks_run(update *u, tasks_of_matrix *tasks, parallel_task task);

/* The layer of task number *index. Makes index the layer's own. */
int64_t tasks_layer(const mlp *net, tasks_of_matrix *tasks, int64_t *index);

#endif
