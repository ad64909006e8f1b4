/* L2-UVP as published, per cent. */
#ifndef CLI_W2_PUBLISHED_H
#define CLI_W2_PUBLISHED_H

#include <stdint.h>

/* ENOT (Buzun et al. 2024), linear map and MM:R (Korotin et al. 2021), W2OT with L-BFGS (Amos 2023). NaN: it diverged. */
typedef struct w2_published {
    int64_t dim;
    double linear, enot, maxmin, w2ot;
} w2_published;

/* NULL if nothing was published for so many dimensions. */
const w2_published *w2_published_for(int64_t dim);

#endif
