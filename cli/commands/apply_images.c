#include "commands/apply_images.h"

#include <stdlib.h>
#include <string.h>

#include "images/move.h"

static int read_points(const apply_images *apply, const char *points, image_set *set) {
    char error[IMAGE_SET_ERROR_CAPACITY];
    image_inputs_follow_map(apply->inputs, apply->map);
    int exit_code = image_inputs_read(apply->session, apply->inputs, points, set);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    if (images_fit_map(apply->map, points, set, error) != 0) return session_error(apply->session, "%s", error);
    if (apply->limit != ENOT_AUTO && apply->limit < set->count) set->count = apply->limit;
    return EXIT_SUCCESS;
}

int apply_images_run(const apply_images *apply, const char *points, int64_t *moved) {
    const session *session = apply->session;
    char error[IMAGE_SET_ERROR_CAPACITY];
    image_set set = IMAGE_SET_INIT;
    if (strcmp(apply->output, "-") == 0) return usage_error("apply", "-o OUT is missing: a folder or a .npy file for the moved images");
    if (image_set_writable(session->context, apply->output, error) != 0) return session_error(session, "%s", error);
    int exit_code = read_points(apply, points, &set);
    if (exit_code == EXIT_SUCCESS) {
        enot_status status = images_move(session->context, apply->map, apply->direction, &set);
        if (status != ENOT_OK) exit_code = session_fail(session, status);
    }
    if (exit_code == EXIT_SUCCESS && image_set_write(&set, apply->output, error) != 0) exit_code = session_error(session, "%s", error);
    *moved = set.count;
    image_set_free(&set);
    return exit_code;
}
