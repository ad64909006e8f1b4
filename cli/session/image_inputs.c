#include "session/image_inputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments/text.h"

option_group image_inputs_options(image_inputs *inputs, option_spec specs[IMAGE_INPUT_OPTION_COUNT]) {
    inputs->offered = 1;
    const option_spec images[] = {
        {"image-size", OPTION_COUNT, &inputs->size, "N", "samples are images: their middle square, resized to N x N pixels", "as they are", 0,
         NULL, NULL},
        {"skip-bad", OPTION_FLAG, &inputs->skip_bad, NULL, "leave out files of a folder that cannot be read", NULL, 0, NULL, NULL},
    };
    memcpy(specs, images, sizeof images);
    return (option_group){"Images", specs, IMAGE_INPUT_OPTION_COUNT};
}

static int has_idx_name(const char *spec) {
    static const char *const ends[] = {".idx", ".idx.gz", "-ubyte", "-ubyte.gz"};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (text_ends_with(spec, ends[i])) return 1;
    return 0;
}

int image_inputs_wanted(const image_inputs *inputs, const char *spec) {
    struct stat found;
    if (!inputs->offered) return 0;
    return inputs->size != ENOT_AUTO || has_idx_name(spec) || (stat(spec, &found) == 0 && S_ISDIR(found.st_mode));
}

void image_inputs_follow_map(image_inputs *inputs, const enot_map *map) {
    int64_t shape[3];
    if (!enot_map_image(map, shape)) return;
    if (inputs->size == ENOT_AUTO && shape[0] == shape[1]) inputs->size = shape[0];
    inputs->rgb = shape[2] == 3;
}

static void warn_of_skipped(const session *session, text_list *skipped) {
    for (size_t i = 0; i < skipped->count; i++) session_warn(session, "skipped %s", skipped->texts[i]);
    text_list_free(skipped);
}

static int make_rgb(const session *session, image_set *grey) {
    return image_set_make_rgb(grey) == 0 ? EXIT_SUCCESS : session_error(session, "out of memory");
}

int image_inputs_read(const session *session, const image_inputs *inputs, const char *path, image_set *set) {
    char error[IMAGE_SET_ERROR_CAPACITY];
    text_list skipped = TEXT_LIST_INIT;
    int64_t size = inputs->size == ENOT_AUTO ? 0 : inputs->size;
    int failed = image_set_read(session->context, path, size, inputs->skip_bad ? &skipped : NULL, set, error);
    warn_of_skipped(session, &skipped);
    if (failed) return session_error(session, "%s", error);
    return inputs->rgb && set->channels == 1 ? make_rgb(session, set) : EXIT_SUCCESS;
}

int image_inputs_open(const session *session, image_inputs *inputs, const char *source, const char *target) {
    int exit_code = image_inputs_read(session, inputs, source, &inputs->source);
    if (exit_code == EXIT_SUCCESS) exit_code = image_inputs_read(session, inputs, target, &inputs->target);
    if (exit_code != EXIT_SUCCESS || inputs->source.channels == inputs->target.channels) return exit_code;
    return make_rgb(session, inputs->source.channels == 1 ? &inputs->source : &inputs->target);
}

enot_status image_inputs_samples(const session *session, const image_set *set, enot_samples **samples) {
    return enot_samples_from_images(session->context, set->pixels, set->count, set->height, set->width, set->channels, samples);
}

void image_inputs_forget(image_inputs *inputs) {
    image_set_free(&inputs->source);
    image_set_free(&inputs->target);
}
