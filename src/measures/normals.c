#include "measures/normals.h"

#include <string.h>

/* Numbers that the kernel makes at once: short rows share them. */
#define RUN 64

void normals_rows(const ops *ops, uint64_t seed, uint32_t stream, uint64_t first, int64_t count, int64_t dim, real *out) {
    int64_t together = dim < RUN ? RUN / dim : 1;
    real run[RUN];
    for (int64_t taken; count > 0; first += (uint64_t)taken, out += taken * dim, count -= taken) {
        uint64_t number = first / (uint64_t)together;
        int64_t skipped = (int64_t)(first % (uint64_t)together), left = together - skipped;
        taken = count < left ? count : left;
        if (skipped == 0) {
            ops->normals(seed, stream, number, taken * dim, out);
        } else {
            ops->normals(seed, stream, number, (skipped + taken) * dim, run);
            memcpy(out, run + skipped * dim, (size_t)(taken * dim) * sizeof *out);
        }
    }
}
