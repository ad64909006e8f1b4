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

#define ICNN_LAYERS_MAX 8
#define ICNN_WIDTH_MAX 1024
#define ICNN_UNITS_MAX 4096 /* sum over the layers of (rank + 1) width */
#define ICNN_DIM_MAX 512
#define ICNN_LANES 8 /* points that go through the network side by side */

typedef struct icnn_layer {
    int64_t width, rank;
    double *quadratic; /* [rank * width, dim], row (r, o) = Q[:, r, o] */
    double *linear;    /* [width, dim] */
    double *bias;      /* [width] */
    double *convex;    /* [width, width before], NULL in the first layer */
} icnn_layer;

typedef struct icnn {
    int64_t dim, layer_count;
    icnn_layer layers[ICNN_LAYERS_MAX];
    double *final; /* [width of the last layer] */
    double curvature;
} icnn;

/* Reads the tensors whose names begin with prefix ("v1.") from a file called path. Release *net also on failure. */
enot_status icnn_read(enot_context *context, const safetensors_file *file, const char *path, const char *prefix,
                      int64_t dim, icnn *net);
void icnn_release(icnn *net);

/* gradient += grad v(x); both [dim, ICNN_LANES]. Each lane's result depends on that lane only. */
void icnn_add_gradient(const icnn *net, const double *x, double *gradient);

/*
 * *values: the numbers of tensor prefix + name, to be released with memory_destroy. shape [rank]: what its shape must
 * be; a -1 takes any length and is replaced by it. *values stays NULL on failure.
 */
enot_status icnn_tensor(enot_context *context, const safetensors_file *file, const char *path, const char *prefix,
                        const char *name, int rank, int64_t *shape, double **values);

#endif
