#include "ops/panels.h"

void panels_from_rows(const real *rows, int64_t count, int64_t width, const real *scale, panels m) {
    for (int64_t p = 0; p < panels_count(width); p++)
        for (int64_t i = 0; i < count; i++) {
            const real *from = rows + i * width + p * PANEL;
            real *to = panels_at(m, p) + i * PANEL;
            for (int64_t j = 0; j < panels_columns(width, p); j++) to[j] = scale ? from[j] * scale[p * PANEL + j] : from[j];
        }
}

void panels_to_rows(panels m, int64_t count, int64_t width, real *rows) {
    for (int64_t p = 0; p < panels_count(width); p++)
        for (int64_t i = 0; i < count; i++) {
            const real *from = panels_at(m, p) + i * PANEL;
            real *to = rows + i * width + p * PANEL;
            for (int64_t j = 0; j < panels_columns(width, p); j++) to[j] = from[j];
        }
}
