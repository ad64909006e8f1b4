#include "train/optimizers/parts.h"

int64_t tasks_count(const mlp *net, tasks_of_matrix *tasks) {
    int64_t count = 0;
    for (int64_t l = 1; l <= net->layers; l++)
        if (optimizer_takes_matrix(net, l)) count += tasks(net->width[l], net->width[l - 1]);
    return count;
}

int64_t tasks_layer(const mlp *net, tasks_of_matrix *tasks, int64_t *index) {
    for (int64_t l = 1;; l++) {
        int64_t count = optimizer_takes_matrix(net, l) ? tasks(net->width[l], net->width[l - 1]) : 0;
        if (*index < count) return l;
        *index -= count;
    }
}

void tasks_run(update *u, tasks_of_matrix *tasks, parallel_task task) {
    parallel_for(u->context, tasks_count(&u->n->net.mlp, tasks), task, u);
}

int64_t tasks_row_panels(int64_t rows, int64_t columns) { return panels_count(rows); }

int64_t tasks_column_panels(int64_t rows, int64_t columns) { return panels_count(columns); }
