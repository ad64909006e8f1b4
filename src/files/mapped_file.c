#include "files/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enot_status map_descriptor(enot_context *context, const char *path, int descriptor, mapped_file *file) {
    struct stat found;
    if (fstat(descriptor, &found) != 0)
        return context_fail(context, ENOT_ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    if (!S_ISREG(found.st_mode))
        return context_fail(context, ENOT_ERR_IO, "%s: cannot read: it is not a regular file", path);
    if (found.st_size == 0)
        return context_fail(context, ENOT_ERR_FORMAT, "%s: the file is empty: write it again", path);
    size_t size = (size_t)found.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED) return context_fail(context, ENOT_ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    *file = (mapped_file){bytes, size};
    return ENOT_OK;
}

enot_status mapped_file_open(enot_context *context, const char *path, mapped_file *file) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not make us wait */
    if (descriptor < 0)
        return context_fail(context, ENOT_ERR_IO, "%s: cannot open: %s: check the name", path, strerror(errno));
    enot_status status = map_descriptor(context, path, descriptor, file);
    close(descriptor);
    return status;
}

void mapped_file_close(mapped_file *file) {
    if (file->bytes) munmap((void *)file->bytes, file->size);
    *file = (mapped_file){NULL, 0};
}
