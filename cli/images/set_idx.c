/* Images in an idx file: two zero bytes, the type of the values, the number of axes, their lengths (32 bits, big-endian), values. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "images/image.h"
#include "images/set_builder.h"

enum { UNSIGNED_BYTES = 8, AXES_MOST = 4 };

typedef struct idx_file {
    const char *path;
    gzFile stream; /* reads a file that is not compressed as it is */
    int64_t count, height, width, channels;
} idx_file;

/* Whether there are as many bytes. */
static int take(idx_file *file, void *bytes, size_t size) {
    int read = gzread(file->stream, bytes, (unsigned)size);
    return read >= 0 && (size_t)read == size;
}

/* What stopped the reading: damage of the compressed file, or its end. */
static int fail_to_read(idx_file *file, const char *at_end, char error[IMAGE_SET_ERROR_CAPACITY]) {
    int code;
    const char *reason = gzerror(file->stream, &code);
    if (code == Z_OK) return set_error(error, "%s: %s", file->path, at_end);
    if (code == Z_ERRNO) return set_error(error, "%s: cannot read it: %s", file->path, strerror(errno));
    return set_error(error, "%s: damaged gzip file: %s", file->path, reason);
}

static int64_t big_endian(const uint8_t bytes[4]) {
    return (int64_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

static int check_shape(const idx_file *file, char error[IMAGE_SET_ERROR_CAPACITY]) {
    if (file->channels != 1 && file->channels != 3)
        return set_error(error, "%s: images with %lld channels: they must have 1 or 3", file->path, (long long)file->channels);
    if (file->height > 0 && file->width > 0 && file->height <= IMAGE_PIXELS_MOST / file->width) return 0;
    return set_error(error, "%s: images of %lld x %lld pixels cannot be read: at most %d million pixels can", file->path,
                     (long long)file->width, (long long)file->height, IMAGE_PIXELS_MOST / 1000000);
}

static int read_header(idx_file *file, char error[IMAGE_SET_ERROR_CAPACITY]) {
    uint8_t magic[4], extents[4 * AXES_MOST];
    static const char not_idx[] = "neither a folder of JPEG and PNG files nor an .npy or idx file";
    if (!take(file, magic, sizeof magic)) return fail_to_read(file, not_idx, error);
    if (magic[0] != 0 || magic[1] != 0) return set_error(error, "%s: %s", file->path, not_idx);
    int axes = magic[3];
    if (magic[2] != UNSIGNED_BYTES || axes < 3 || axes > AXES_MOST)
        return set_error(error, "%s: an idx file of type %d with %d axes; images are unsigned bytes (type 8) with 3 or 4",
                         file->path, magic[2], axes);
    if (!take(file, extents, 4 * (size_t)axes)) return fail_to_read(file, "the idx header is cut short", error);
    file->count = big_endian(extents);
    file->height = big_endian(extents + 4);
    file->width = big_endian(extents + 8);
    file->channels = axes == 4 ? big_endian(extents + 12) : 1;
    return check_shape(file, error);
}

/* Nothing may follow the images; only at its end a gzip file's checksum is compared. */
static int check_end(idx_file *file, char error[IMAGE_SET_ERROR_CAPACITY]) {
    uint8_t byte;
    int read = gzread(file->stream, &byte, 1);
    if (read == 0) return 0;
    if (read < 0) return fail_to_read(file, "", error);
    return set_error(error, "%s: the file goes on behind the %lld images that its header promises", file->path,
                     (long long)file->count);
}

static int add_images(set_builder *builder, idx_file *file, uint8_t *bytes, char error[IMAGE_SET_ERROR_CAPACITY]) {
    size_t size = (size_t)(file->height * file->width * file->channels);
    raster picture = {file->height, file->width, file->channels, bytes, NULL};
    for (int64_t i = 0; i < file->count; i++) {
        if (!take(file, bytes, size))
            return fail_to_read(file, "the file ends before the last image that its header promises", error);
        if (set_builder_add(builder, NULL, &picture, error) != 0) return -1;
    }
    return check_end(file, error);
}

static int read_images(set_builder *builder, idx_file *file, char error[IMAGE_SET_ERROR_CAPACITY]) {
    if (read_header(file, error) != 0) return -1;
    uint8_t *bytes = malloc((size_t)(file->height * file->width * file->channels));
    if (bytes == NULL) return set_error(error, "%s: out of memory", file->path);
    int result = add_images(builder, file, bytes, error);
    free(bytes);
    return result;
}

int set_add_idx(set_builder *builder, char error[IMAGE_SET_ERROR_CAPACITY]) {
    idx_file file = {.path = builder->path, .stream = gzopen(builder->path, "rb")};
    if (file.stream == NULL) return set_error(error, "%s: cannot open it: %s", file.path, strerror(errno));
    int result = read_images(builder, &file, error);
    int closed = gzclose(file.stream); /* Z_BUF_ERROR: the compressed file ends too early */
    if (result == 0 && closed != Z_OK) return set_error(error, "%s: damaged gzip file: it is cut short", file.path);
    return result;
}
