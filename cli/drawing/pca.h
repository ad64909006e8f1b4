/* The two leading principal components of points of any dimension. */
#ifndef CLI_PCA_H
#define CLI_PCA_H

#include <stdint.h>

typedef struct pca {
    int64_t dim;
    double *center;  /* [dim] */
    double *scale;   /* [dim]: a column is divided by it before the projection */
    double *axes;    /* [2, dim], orthonormal */
    double share[2]; /* of the variance */
} pca;

/* rows: [count, dim], dim >= 2. standardize: divide columns by their standard deviation. 0, or -1 without memory. */
int pca_create(const double *rows, int64_t count, int64_t dim, int standardize, pca *pca);
void pca_destroy(pca *pca);

/* xy: [count, 2] */
void pca_project(const pca *pca, const double *rows, int64_t count, double *xy);

#endif
