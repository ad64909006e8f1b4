/* What the name of a file says about its format. */
#ifndef ENOT_FILES_FILE_NAME_H
#define ENOT_FILES_FILE_NAME_H

#include <stdbool.h>

/* Whether path ends with ending (".csv"), letter case aside. */
bool file_name_ends(const char *path, const char *ending);

#endif
