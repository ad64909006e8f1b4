#include "map/map.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enot_status map_create(enot_context *context, coordinates *c, enot_map **map) {
    enot_map *m;
    enot_status status = MEMORY_NEW(context, 1, "a map", &m);
    if (status) {
        coordinates_destroy(c);
        return status;
    }
    m->coordinates = c;
    m->t.dim = c->dim;
    *map = m;
    return ENOT_OK;
}

enot_status map_set_networks(enot_context *context, enot_map *map, enot_form form, const cost *c, const network_sizes *sizes) {
    TRY(cost_copy(context, c, &map->cost));
    map->t.form = form;
    map->t.cost = cost_rescaled(&map->cost, map->coordinates->unit, &map->cost_factor);
    if (form == ENOT_FORM_DOT_PRODUCT) map->t.cost.kind = &cost_dot_product;
    TRY(transport_create_scale(context, &map->t.cost, map->coordinates->spread, &map->input_scale));
    map->t.scale = map->input_scale;
    map->images = sizes->images;
    TRY(architecture_create_pair(context, &map->t, sizes, &map->f, &map->g));
    TRY(MEMORY_NEW(context, architecture_weights(&map->f), "a map", &map->f_weights));
    return MEMORY_NEW(context, architecture_weights(&map->g), "a map", &map->g_weights);
}

enot_status map_add_reverse(enot_context *context, enot_map *map) {
    TRY(MEMORY_NEW(context, architecture_weights(&map->f), "a map", &map->reverse_f));
    return MEMORY_NEW(context, architecture_weights(&map->g), "a map", &map->reverse_g);
}

int map_has_inverse(const enot_map *map) { return map->t.form != ENOT_FORM_VECTOR_FIELD || map->reverse_f; }

int map_networks(const enot_map *map, map_network networks[MAP_NETWORKS]) {
    const map_network all[MAP_NETWORKS] = {{"f", &map->f, map->f_weights}, {"g", &map->g, map->g_weights},
                                           {"reverse.f", &map->f, map->reverse_f}, {"reverse.g", &map->g, map->reverse_g}};
    int count = map->reverse_f ? 4 : 2;
    memcpy(networks, all, (size_t)count * sizeof *all);
    return count;
}

void enot_map_destroy(enot_map *map) {
    if (!map) return;
    coordinates_destroy(map->coordinates);
    memory_destroy(map->input_scale);
    cost_destroy(&map->cost);
    architecture_destroy(&map->f);
    architecture_destroy(&map->g);
    memory_destroy(map->f_weights);
    memory_destroy(map->g_weights);
    memory_destroy(map->reverse_f);
    memory_destroy(map->reverse_g);
    free(map->options);
    free(map->report);
    memory_destroy(map);
}

int64_t enot_map_dim(const enot_map *map) { return map->t.dim; }

int enot_map_image(const enot_map *map, int64_t shape[3]) {
    image_shape image = map->coordinates->image;
    if (!image_shape_is_set(image)) return 0;
    shape[0] = image.height;
    shape[1] = image.width;
    shape[2] = image.channels;
    return 1;
}
