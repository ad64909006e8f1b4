#include "session/outfile.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments/text.h"

int outfile_open(outfile *file, const char *path) {
    file->path = path;
    file->stream = NULL;
    file->temporary = text_join(path, ".XXXXXX");
    if (file->temporary == NULL) return -1;
    int descriptor = mkstemp(file->temporary);
    if (descriptor >= 0) {
        mode_t mask = umask(0);
        umask(mask);
        if (fchmod(descriptor, 0666 & ~mask) == 0) file->stream = fdopen(descriptor, "wb");
        if (file->stream != NULL) return 0;
        close(descriptor);
        unlink(file->temporary);
    }
    free(file->temporary);
    return -1;
}

static int close_synced(FILE *stream) {
    int failed = fflush(stream) != 0 || ferror(stream) || fsync(fileno(stream)) != 0;
    int saved = errno;
    if (fclose(stream) != 0) return -1;
    errno = saved;
    return failed ? -1 : 0;
}

int outfile_commit(outfile *file) {
    int result = close_synced(file->stream);
    if (result == 0) result = rename(file->temporary, file->path);
    if (result != 0) {
        int saved = errno;
        unlink(file->temporary);
        errno = saved;
    }
    free(file->temporary);
    return result;
}

void outfile_discard(outfile *file) {
    fclose(file->stream);
    unlink(file->temporary);
    free(file->temporary);
}
