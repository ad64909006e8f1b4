#include "files/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"

enum { BUFFER_CAPACITY = 1 << 18, NAME_ATTEMPTS = 100, NAME_LETTERS_MAX = 200 };

struct atomic_file {
    char *name;      /* as the caller gave it, for messages */
    char *target;    /* with links resolved; NULL: written directly */
    char *temporary; /* NULL: no temporary file exists */
    int descriptor;
    bool borrowed; /* the descriptor is the caller's */
    size_t used;
    uint8_t *buffer; /* [BUFFER_CAPACITY] */
};

static enot_status fail_write(enot_context *context, const char *name) {
    return context_fail(context, ENOT_ERR_IO, "%s: cannot write: %s", name, strerror(errno));
}

static enot_status copy_text(enot_context *context, const char *text, char **copy) {
    size_t size = strlen(text) + 1;
    TRY(MEMORY_NEW(context, (int64_t)size, "a file name", copy));
    memcpy(*copy, text, size);
    return ENOT_OK;
}

static enot_status file_create(enot_context *context, const char *name, atomic_file **file) {
    atomic_file *created;
    TRY(MEMORY_NEW(context, 1, "a file", &created));
    created->descriptor = -1;
    enot_status status = copy_text(context, name, &created->name);
    if (status == ENOT_OK) status = MEMORY_NEW(context, BUFFER_CAPACITY, "a file buffer", &created->buffer);
    if (status != ENOT_OK) {
        atomic_file_discard(created);
        return status;
    }
    *file = created;
    return ENOT_OK;
}

/* Closes, reporting what the system still had to say about earlier writes. */
static int close_descriptor(atomic_file *file) {
    int result = file->descriptor >= 0 && !file->borrowed ? close(file->descriptor) : 0;
    file->descriptor = -1;
    return result;
}

void atomic_file_discard(atomic_file *file) {
    if (!file) return;
    close_descriptor(file);
    if (file->temporary) unlink(file->temporary);
    memory_destroy(file->name);
    free(file->target);
    memory_destroy(file->temporary);
    memory_destroy(file->buffer);
    memory_destroy(file);
}

/* Length of the directory part of path, its last slash included. */
static size_t directory_size(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static enot_status fail_create(enot_context *context, const char *name, const char *target) {
    int size = (int)directory_size(target);
    const char *directory = size ? target : ".";
    if (size == 0) size = 1;
    if (errno == ENOENT)
        return context_fail(context, ENOT_ERR_IO, "%s: cannot write: there is no directory %.*s: create it first", name,
                            size, directory);
    return context_fail(context, ENOT_ERR_IO, "%s: cannot create a file in %.*s: %s: choose another place", name, size,
                        directory, strerror(errno));
}

/* The temporary file beside the target, with the permissions of the file it will replace or of any new one. */
static enot_status open_temporary(enot_context *context, atomic_file *file, const struct stat *existing) {
    const char *base = file->target + directory_size(file->target);
    size_t capacity = strlen(file->target) + 16;
    char *path;
    TRY(MEMORY_NEW(context, (int64_t)capacity, "a file name", &path));
    for (int attempt = 0; attempt < NAME_ATTEMPTS && file->descriptor < 0; attempt++) {
        uint32_t mark = 0;
        if (getrandom(&mark, sizeof mark, GRND_NONBLOCK) < 0) mark = (uint32_t)getpid() + (uint32_t)attempt;
        snprintf(path, capacity, "%.*s.%.*s.%06x", (int)(base - file->target), file->target, NAME_LETTERS_MAX, base,
                 mark & 0xffffff);
        file->descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file->descriptor < 0 && errno != EEXIST) break;
    }
    if (file->descriptor < 0) {
        enot_status status = fail_create(context, file->name, file->target);
        memory_destroy(path);
        return status;
    }
    file->temporary = path;
    if (existing && fchmod(file->descriptor, existing->st_mode & 0777) != 0) return fail_write(context, file->name);
    return ENOT_OK;
}

/* What is there now: *found tells whether existing is set. Refuses what can never become a file. */
static enot_status inspect_target(enot_context *context, const char *path, struct stat *existing, bool *found) {
    if (!*path) return context_fail(context, ENOT_ERR_ARGUMENT, "the name of the file to write is empty");
    *found = stat(path, existing) == 0;
    if (*found && S_ISDIR(existing->st_mode))
        return context_fail(context, ENOT_ERR_IO, "%s: cannot write: it is a directory: name a file in it", path);
    if (*found && access(path, W_OK) != 0)
        return context_fail(context, ENOT_ERR_IO, "%s: cannot write: %s: choose another name", path, strerror(errno));
    if (*found) return ENOT_OK;
    if (errno != ENOENT) return context_fail(context, ENOT_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
    struct stat link;
    if (lstat(path, &link) == 0)
        return context_fail(context, ENOT_ERR_IO,
                            "%s: cannot write: it is a link to a file that does not exist: remove it", path);
    if (path[strlen(path) - 1] == '/')
        return context_fail(context, ENOT_ERR_IO, "%s: cannot write: it names a directory: name a file", path);
    return ENOT_OK;
}

static enot_status open_direct(enot_context *context, atomic_file *file) {
    file->descriptor = open(file->name, O_WRONLY | O_CLOEXEC);
    return file->descriptor < 0 ? fail_write(context, file->name) : ENOT_OK;
}

enot_status atomic_file_open(enot_context *context, const char *path, atomic_file **file) {
    struct stat existing;
    bool found;
    TRY(inspect_target(context, path, &existing, &found));
    atomic_file *created;
    TRY(file_create(context, path, &created));
    enot_status status;
    if (found && !S_ISREG(existing.st_mode)) {
        status = open_direct(context, created);
    } else {
        created->target = found ? realpath(path, NULL) : strdup(path);
        status =
            created->target ? open_temporary(context, created, found ? &existing : NULL) : fail_write(context, path);
    }
    if (status != ENOT_OK) {
        atomic_file_discard(created);
        return status;
    }
    *file = created;
    return ENOT_OK;
}

enot_status atomic_file_wrap(enot_context *context, int descriptor, const char *name, atomic_file **file) {
    TRY(file_create(context, name, file));
    (*file)->descriptor = descriptor;
    (*file)->borrowed = true;
    return ENOT_OK;
}

static enot_status write_all(enot_context *context, const atomic_file *file, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(file->descriptor, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_write(context, file->name);
        bytes += written;
        size -= (size_t)written;
    }
    return ENOT_OK;
}

static enot_status flush(enot_context *context, atomic_file *file) {
    size_t used = file->used;
    file->used = 0;
    return write_all(context, file, file->buffer, used);
}

enot_status atomic_file_write(enot_context *context, atomic_file *file, const void *bytes, size_t size) {
    if (size > BUFFER_CAPACITY - file->used) TRY(flush(context, file));
    if (size >= BUFFER_CAPACITY) return write_all(context, file, bytes, size);
    if (size > 0) memcpy(file->buffer + file->used, bytes, size);
    file->used += size;
    return ENOT_OK;
}

enot_status atomic_file_rewrite_at(enot_context *context, atomic_file *file, uint64_t offset, const void *bytes,
                                   size_t size) {
    TRY(flush(context, file));
    const uint8_t *next = bytes;
    while (size > 0) {
        ssize_t written = pwrite(file->descriptor, next, size, (off_t)offset);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == ESPIPE)
            return context_fail(context, ENOT_ERR_IO,
                                "%s: this format cannot be written to a pipe: write .csv, or a file", file->name);
        if (written < 0) return fail_write(context, file->name);
        next += written;
        offset += (uint64_t)written;
        size -= (size_t)written;
    }
    return ENOT_OK;
}

/* Makes the new name last through a power failure. File systems that know no such thing answer EINVAL. */
static int sync_directory(const char *target) {
    size_t size = directory_size(target);
    char *directory = size ? strndup(target, size) : strdup(".");
    if (!directory) return -1;
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(directory);
    if (descriptor < 0) return errno == EACCES ? 0 : -1;
    int result = fsync(descriptor) == 0 || errno == EINVAL ? 0 : -1;
    close(descriptor);
    return result;
}

enot_status atomic_file_commit(enot_context *context, atomic_file *file) {
    enot_status status = flush(context, file);
    if (status != ENOT_OK) goto done;
    if (!file->target) {
        if (close_descriptor(file) != 0) status = fail_write(context, file->name);
        goto done;
    }
    if (fsync(file->descriptor) != 0 || close_descriptor(file) != 0 || rename(file->temporary, file->target) != 0) {
        status = fail_write(context, file->name);
        goto done;
    }
    memory_destroy(file->temporary);
    file->temporary = NULL;
    if (sync_directory(file->target) != 0) status = fail_write(context, file->name);
done:
    atomic_file_discard(file);
    return status;
}

enot_status enot_path_writable(enot_context *context, const char *path) {
    if (!context) return ENOT_ERR_ARGUMENT;
    if (!path) return context_fail(context, ENOT_ERR_ARGUMENT, "the name of the file to write is NULL");
    struct stat existing;
    bool found;
    TRY(inspect_target(context, path, &existing, &found));
    if (found && !S_ISREG(existing.st_mode)) return ENOT_OK; /* opening a pipe would wait for its reader */
    atomic_file *file;
    TRY(atomic_file_open(context, path, &file));
    atomic_file_discard(file);
    return ENOT_OK;
}
