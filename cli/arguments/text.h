/* Text put together in memory. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

/* a followed by b, to be freed; NULL without memory. */
char *text_join(const char *a, const char *b);

/* Whether text ends with suffix, letters in either case. */
int text_ends_with(const char *text, const char *suffix);

#endif
