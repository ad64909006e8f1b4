/* Standard normals for the rows of an endless table. */
#ifndef ENOT_MEASURES_NORMALS_H
#define ENOT_MEASURES_NORMALS_H

#include "ops/ops.h"

/*
 * out[count, dim]: rows first .. first + count - 1. A row depends on (seed, stream), dim and its number only, however the rows
 * are cut into calls.
 */
void normals_rows(const ops *ops, uint64_t seed, uint32_t stream, uint64_t first, int64_t count, int64_t dim, real *out);

#endif
