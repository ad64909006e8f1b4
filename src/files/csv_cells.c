#include "files/csv_cells.h"

#include <string.h>

#include "core/memory.h"

static enot_status reserve(csv_cells *cells) {
    if (cells->count < cells->capacity) return ENOT_OK;
    int64_t capacity = cells->capacity ? cells->capacity * 2 : 16;
    char **texts;
    TRY(MEMORY_NEW(cells->context, capacity, "a row of text", &texts));
    if (cells->count > 0) memcpy(texts, cells->texts, (size_t)cells->count * sizeof *texts);
    memory_destroy(cells->texts);
    cells->texts = texts;
    cells->capacity = capacity;
    return ENOT_OK;
}

void csv_cells_add(void *user, const char *text, size_t size) {
    csv_cells *cells = user;
    char *copy;
    if (cells->status == ENOT_OK) cells->status = reserve(cells);
    if (cells->status == ENOT_OK) cells->status = MEMORY_NEW(cells->context, (int64_t)size + 1, "a row of text", &copy);
    if (cells->status != ENOT_OK) return;
    memcpy(copy, text, size);
    cells->texts[cells->count++] = copy;
}

void csv_cells_clear(csv_cells *cells) {
    for (int64_t i = 0; i < cells->count; i++) memory_destroy(cells->texts[i]);
    memory_destroy(cells->texts);
    *cells = (csv_cells){.context = cells->context};
}
