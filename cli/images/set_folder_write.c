#define _GNU_SOURCE /* syncfs */
#include "images/set_folder_write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments/text.h"
#include "images/image_codec.h"
#include "images/set_builder.h"

/* ------------------------------------------------------------------------------------------------ before the writing */

/* 1 or 0, or -1 with errno. */
static int is_empty(const char *path) {
    DIR *directory = opendir(path);
    if (directory == NULL) return -1;
    int entries = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        entries += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return entries == 0;
}

/* path without slashes at its end, to be freed; NULL without memory. */
static char *without_slashes(const char *path) {
    char *copy = text_join(path, "");
    size_t length = copy != NULL ? strlen(copy) : 0;
    while (length > 1 && copy[length - 1] == '/') copy[--length] = '\0';
    return copy;
}

static int check_place(enot_context *context, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    int empty = is_empty(path);
    if (empty == 1) return 0;
    if (empty == 0) return set_error(error, "%s: the folder is not empty: empty it or choose another", path);
    if (errno == ENOTDIR) return set_error(error, "%s: it exists and is not a folder: choose another name", path);
    if (errno != ENOENT) return set_error(error, "%s: cannot write there: %s", path, strerror(errno));
    return enot_path_writable(context, path) == ENOT_OK ? 0 : set_error(error, "%s", enot_context_message(context));
}

int set_folder_writable(enot_context *context, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    char *folder = without_slashes(path);
    int result = folder != NULL ? check_place(context, folder, error) : set_error(error, "%s: out of memory", path);
    free(folder);
    return result;
}

/* ----------------------------------------------------------------------------------------------------- one picture */

/* Length of a name without the ending of a picture. */
static int stem_length(const char *name) {
    static const char *const endings[] = {".png", ".jpg", ".jpeg"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends_with(name, endings[i])) return (int)(length - strlen(endings[i]));
    return (int)length;
}

/* folder/NAME.png, to be freed; NULL without memory. Numbers have as many digits as the last, five at least. */
static char *picture_path(const image_set *set, int64_t i, const char *folder) {
    char number[32], last[32];
    int digits = snprintf(last, sizeof last, "%lld", (long long)set->count - 1);
    snprintf(number, sizeof number, "%0*lld", digits > 5 ? digits : 5, (long long)i);
    const char *name = set->names.count > 0 ? set->names.texts[i] : number;
    size_t capacity = strlen(folder) + strlen(name) + sizeof "/.png";
    char *path = malloc(capacity);
    if (path != NULL) snprintf(path, capacity, "%s/%.*s.png", folder, stem_length(name), name);
    return path;
}

static int write_picture(const image *picture, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    char reason[IMAGE_ERROR_CAPACITY];
    FILE *stream = fopen(path, "wbx");
    if (stream == NULL && errno == EEXIST)
        return set_error(error, "two pictures would be named %s: rename one of them", strrchr(path, '/') + 1);
    if (stream == NULL) return set_error(error, "%s: cannot write it: %s", path, strerror(errno));
    int result = png_encode(stream, picture, reason);
    if (result != 0) set_error(error, "%s: %s", path, reason);
    if (fclose(stream) != 0 && result == 0) result = set_error(error, "%s: cannot write it: %s", path, strerror(errno));
    return result;
}

static int write_image(const image_set *set, int64_t i, const char *folder, uint8_t *bytes,
                       char error[IMAGE_SET_ERROR_CAPACITY]) {
    int64_t dim = image_set_dim(set);
    image picture = {(uint32_t)set->width, (uint32_t)set->height, (uint32_t)set->channels, bytes};
    char *path = picture_path(set, i, folder);
    if (path == NULL) return set_error(error, "%s: out of memory", folder);
    image_set_bytes(set->pixels + i * dim, dim, bytes);
    int result = write_picture(&picture, path, error);
    free(path);
    return result;
}

static int write_images(const image_set *set, const char *folder, char error[IMAGE_SET_ERROR_CAPACITY]) {
    uint8_t *bytes = malloc((size_t)image_set_dim(set));
    int result = bytes != NULL ? 0 : set_error(error, "%s: out of memory", folder);
    for (int64_t i = 0; result == 0 && i < set->count; i++) result = write_image(set, i, folder, bytes, error);
    free(bytes);
    return result;
}

/* ------------------------------------------------------------------------------------------- the folder and its place */

/* Everything written to its file system reaches the disk. 0, or -1 with errno. */
static int sync_folder(const char *folder) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    int result = syncfs(descriptor);
    close(descriptor);
    return result;
}

/* Gives the folder the mode of a new one and its place. */
static int put_in_place(const char *folder, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    mode_t mask = umask(0);
    umask(mask);
    if (chmod(folder, 0777 & ~mask) == 0 && sync_folder(folder) == 0 && rename(folder, path) == 0) return 0;
    if (errno == ENOTEMPTY || errno == EEXIST)
        return set_error(error, "%s: the folder is not empty: empty it or choose another", path);
    return set_error(error, "%s: cannot write it: %s", path, strerror(errno));
}

static void remove_folder(const char *folder) {
    DIR *directory = opendir(folder);
    if (directory == NULL) return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(folder);
}

static int write_beside(const image_set *set, const char *path, char *folder, char error[IMAGE_SET_ERROR_CAPACITY]) {
    if (mkdtemp(folder) == NULL) return set_error(error, "%s: cannot make the folder: %s", path, strerror(errno));
    int result = write_images(set, folder, error);
    if (result == 0) result = put_in_place(folder, path, error);
    if (result != 0) remove_folder(folder);
    return result;
}

int set_folder_write(const image_set *set, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    char *place = without_slashes(path);
    char *folder = place != NULL ? text_join(place, ".XXXXXX") : NULL;
    int result = folder != NULL ? write_beside(set, place, folder, error) : set_error(error, "%s: out of memory", path);
    free(folder);
    free(place);
    return result;
}
