#include "eval/squared_change.h"

double squared_change(int64_t count, int64_t dim, const double *x, const double *moved) {
    double sum = 0;
    for (int64_t i = 0; i < count * dim; i++) {
        double change = (double)moved[i] - (double)x[i];
        sum += change * change;
    }
    return sum / ((double)count * (double)dim);
}
