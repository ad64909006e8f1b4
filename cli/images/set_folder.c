/* The pictures of a folder. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "images/image.h"
#include "images/set_builder.h"

/* The names in it that are not hidden, sorted. */
static int list_names(const char *path, text_list *names, char error[IMAGE_SET_ERROR_CAPACITY]) {
    DIR *directory = opendir(path);
    if (directory == NULL) return set_error(error, "%s: cannot open it: %s", path, strerror(errno));
    int result = 0;
    struct dirent *entry;
    while (errno = 0, result == 0 && (entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.') result = text_list_add(names, entry->d_name);
    if (result != 0)
        set_error(error, "%s: out of memory", path);
    else if (errno != 0)
        result = set_error(error, "%s: cannot read it: %s", path, strerror(errno));
    closedir(directory);
    text_list_sort(names);
    return result;
}

/* What is no regular file is not opened: a pipe would make us wait. */
static int read_picture(const char *path, image *picture, char reason[IMAGE_ERROR_CAPACITY]) {
    struct stat found;
    picture->pixels = NULL;
    if (stat(path, &found) != 0) {
        snprintf(reason, IMAGE_ERROR_CAPACITY, "cannot open it: %s", strerror(errno));
        return -1;
    }
    if (S_ISREG(found.st_mode)) return image_read(path, picture, reason);
    snprintf(reason, IMAGE_ERROR_CAPACITY, "not a picture but a %s; move it out of the folder of images",
             S_ISDIR(found.st_mode) ? "folder" : "device or pipe");
    return -1;
}

static char *path_of(const char *folder, const char *name) {
    char *path = malloc(strlen(folder) + strlen(name) + 2);
    if (path != NULL) sprintf(path, "%s/%s", folder, name);
    return path;
}

/* A bad file becomes a line of skipped if there is such a list. */
static int refuse(const char *path, const char *reason, text_list *skipped, char error[IMAGE_SET_ERROR_CAPACITY]) {
    set_error(error, "%s: %s", path, reason);
    if (skipped == NULL) return -1;
    return text_list_add(skipped, error);
}

static int add_file(set_builder *builder, const char *name, text_list *skipped, char error[IMAGE_SET_ERROR_CAPACITY]) {
    image picture;
    char reason[IMAGE_ERROR_CAPACITY], *path = path_of(builder->path, name);
    if (path == NULL) return set_error(error, "%s: out of memory", builder->path);
    int result;
    if (read_picture(path, &picture, reason) == 0) {
        raster pixels = {picture.height, picture.width, picture.channels, picture.pixels, NULL};
        result = set_builder_add(builder, name, &pixels, error);
        image_free(&picture);
    } else {
        result = refuse(path, reason, skipped, error);
    }
    free(path);
    return result;
}

int set_add_folder(set_builder *builder, text_list *skipped, char error[IMAGE_SET_ERROR_CAPACITY]) {
    text_list names = TEXT_LIST_INIT;
    int result = list_names(builder->path, &names, error);
    for (size_t i = 0; result == 0 && i < names.count; i++) result = add_file(builder, names.texts[i], skipped, error);
    text_list_free(&names);
    return result;
}
