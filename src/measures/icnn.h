/*
 * The DenseICNN of the Wasserstein-2 benchmark, a convex function of x in R^dim:
 *
 *     quad_i(x) = sum_r (x Q_i[:, r, :])^2 + W_i x + b_i
 *     z = quad_0(x);  z = celu(C_i z + quad_(i+1)(x)) for each convex layer;  v(x) = final z + curvature / 2 |x|^2
 */
#ifndef ENOT_MEASURES_ICNN_H
#define ENOT_MEASURES_ICNN_H

#include "core/context.h"
#include "files/safetensors.h"
#include "ops/ops.h"

#define ICNN_LAYERS_MAX 8
#define ICNN_WIDTH_MAX 1024
#define ICNN_UNITS_MAX 4096 /* sum over the layers of (rank + 1) width */
#define ICNN_DIM_MAX 512
#define ICNN_ROWS 64 /* points that go through the network side by side, at most */

/* ---- the tensors of a file ---- */

typedef struct icnn_tensor_layer {
    int64_t width, rank;
    double *quadratic; /* [rank * width, dim], row (r, o) = Q[:, r, o] */
    double *linear;    /* [width, dim] */
    double *bias;      /* [width] */
    double *convex;    /* [width, width before], NULL in the first layer */
} icnn_tensor_layer;

typedef struct icnn_tensors {
    int64_t dim, layer_count; /* layer_count >= 2 */
    icnn_tensor_layer layers[ICNN_LAYERS_MAX];
    double *final; /* [width of the last layer] */
    double curvature;
} icnn_tensors;

/* Reads the tensors whose names begin with prefix ("v1.") from a file called path. Release *tensors also on failure. */
enot_status icnn_read(enot_context *context, const safetensors_file *file, const char *path, const char *prefix,
                      int64_t dim, icnn_tensors *tensors);
void icnn_tensors_release(icnn_tensors *tensors);

/*
 * *values: the numbers of tensor prefix + name, to be released with memory_destroy. shape [rank]: what its shape must
 * be; a -1 takes any length and is replaced by it. *values stays NULL on failure.
 */
enot_status icnn_tensor(enot_context *context, const safetensors_file *file, const char *path, const char *prefix,
                        const char *name, int rank, int64_t *shape, double **values);

/* ---- the network, in panels for the kernels ---- */

/*
 * What meets x directly in one layer are its units, rank + 1 pieces of `width` columns, each a whole number of panels: x Q_r for
 * every r, then W x. The first layer has no activation, so its W and b count with the second's: C_0 (W_0 x + b_0) there.
 */
typedef struct icnn_layer {
    int64_t width, rank, first_unit; /* first_unit: a panel of icnn.up */
    panels up, down;                 /* C^T [width before, width] and C [width, width before] */
    real *bias;                      /* [width, filled up to whole panels] */
} icnn_layer;

typedef struct icnn {
    const ops *ops;
    int64_t dim, layer_count, unit_panels;
    panels up, down; /* [dim, units], and its transpose with each x Q_r twice, as squares' derivatives want it */
    icnn_layer layers[ICNN_LAYERS_MAX];
    real *final; /* as a bias */
    real curvature;
} icnn;

/* Release *net also on failure. */
enot_status icnn_pack(enot_context *context, const icnn_tensors *tensors, icnn *net);
void icnn_release(icnn *net);

/* gradient = grad v(x) of count <= ICNN_ROWS points; both [count, dim]. The result of a row depends on that row only. */
void icnn_gradient(const icnn *net, int64_t count, panels x, panels gradient);

#endif
