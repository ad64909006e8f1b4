#include "files/file_name.h"

#include <string.h>
#include <strings.h>

bool file_name_ends(const char *path, const char *ending) {
    size_t path_size = strlen(path), size = strlen(ending);
    return path_size >= size && strcasecmp(path + path_size - size, ending) == 0;
}
