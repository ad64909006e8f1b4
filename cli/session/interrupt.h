/* SIGINT and SIGTERM as a flag, so that a fit can finish its step. A second signal ends the process at once. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#define EXIT_SIGNAL 128 /* added to the signal: the exit code of an interrupted run */

void interrupt_watch(void);
void interrupt_release(void);

/* The signal that came, 0 if none did. */
int interrupt_signal(void);

#endif
