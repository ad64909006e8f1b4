/* Sets of images on the command line: what tells them from tables, and their options. */
#ifndef CLI_IMAGE_INPUTS_H
#define CLI_IMAGE_INPUTS_H

#include "images/image_set.h"
#include "session/session.h"

#define IMAGE_INPUT_OPTION_COUNT 2

typedef struct image_inputs {
    int offered;  /* the command takes images */
    int64_t size; /* ENOT_AUTO: as they are */
    int skip_bad;
    int rgb;      /* grey ones become RGB */
    image_set source, target; /* until image_inputs_forget */
} image_inputs;
#define IMAGE_INPUTS_INIT \
    { 0, ENOT_AUTO, 0, 0, IMAGE_SET_INIT, IMAGE_SET_INIT }

/* The group --image-size, --skip-bad, kept in specs. */
option_group image_inputs_options(image_inputs *inputs, option_spec specs[IMAGE_INPUT_OPTION_COUNT]);

/* Whether spec is a set of images: a folder, an idx file by its name, or whatever it is if a size was given. */
int image_inputs_wanted(const image_inputs *inputs, const char *spec);

/* The colours of the images that the map moves and, unless the command line gave a size, theirs, if they are square. */
void image_inputs_follow_map(image_inputs *inputs, const enot_map *map);

/* Reads one set, with a warning for each bad file that is skipped. Returns the exit code, having said what is wrong. */
int image_inputs_read(const session *session, const image_inputs *inputs, const char *path, image_set *set);

/* Reads both sides, grey ones as RGB if the other side has colours. Returns the exit code. */
int image_inputs_open(const session *session, image_inputs *inputs, const char *source, const char *target);
enot_status image_inputs_samples(const session *session, const image_set *set, enot_samples **samples);
void image_inputs_forget(image_inputs *inputs);

#endif
