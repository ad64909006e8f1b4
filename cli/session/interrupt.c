#include "session/interrupt.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t received;

static void note(int number) {
    received = number;
}

static void set_handler(void (*handler)(int), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_watch(void) {
    received = 0;
    set_handler(note, SA_RESTART | (int)SA_RESETHAND);
}

void interrupt_release(void) {
    set_handler(SIG_DFL, 0);
}

int interrupt_signal(void) {
    return received;
}
