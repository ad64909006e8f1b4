/* The help of a command, printed from its option tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "arguments/options.h"

void help_print(const command_syntax *syntax);

#endif
