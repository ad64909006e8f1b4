#include "session/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session/interrupt.h"

#define BAR_WIDTH 24
#define TERMINAL_SECONDS 0.1
#define LINE_SECONDS 10.0

void progress_begin(progress *progress, int silent) {
    progress->silent = silent;
    progress->terminal = isatty(STDERR_FILENO);
    progress->shown_at = -1;
}

static void format_bar(const enot_progress *state, char bar[BAR_WIDTH + 1]) {
    double part = state->steps > 0 ? (double)state->step / (double)state->steps : 1;
    int filled = (int)(part * BAR_WIDTH);
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '=', (size_t)(filled < BAR_WIDTH ? filled : BAR_WIDTH));
    bar[BAR_WIDTH] = '\0';
}

static void format_figures(const enot_progress *state, char *text, size_t capacity) {
    int used = snprintf(text, capacity, "%s %lld/%lld  %.0f s", state->stage, (long long)state->step,
                        (long long)state->steps, state->seconds);
    if (isfinite(state->cost_dual))
        used += snprintf(text + used, capacity - (size_t)used, "  cost %.4g", state->cost_dual);
    if (isfinite(state->mismatch))
        used += snprintf(text + used, capacity - (size_t)used, "  mismatch %.3g (best %.3g)", state->mismatch,
                         state->mismatch_best);
    if (state->smoothing > 0) snprintf(text + used, capacity - (size_t)used, "  smoothing %.2g", state->smoothing);
}

/* Before training: what memory it will take. */
static void show_start(const enot_progress *state) {
    fprintf(stderr, "%s%lld steps, about %.0f MB of memory\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", (long long)state->steps,
            state->bytes / 1e6);
}

static void show(const progress *progress, const enot_progress *state) {
    char figures[256], bar[BAR_WIDTH + 1];
    format_figures(state, figures, sizeof figures);
    if (!progress->terminal) {
        fprintf(stderr, "%s\n", figures);
        return;
    }
    format_bar(state, bar);
    fprintf(stderr, "\r\033[K[%s] %s", bar, figures);
    fflush(stderr);
}

int progress_show(void *user, const enot_progress *state) {
    progress *progress = user;
    if (strcmp(state->stage, "start") == 0) {
        if (!progress->silent) show_start(state);
        return interrupt_signal() != 0;
    }
    double pause = progress->terminal ? TERMINAL_SECONDS : LINE_SECONDS;
    int news = progress->shown_at < 0 || strcmp(progress->stage, state->stage) != 0;
    if (!progress->silent && (news || state->seconds - progress->shown_at >= pause)) {
        show(progress, state);
        progress->shown_at = state->seconds;
        snprintf(progress->stage, sizeof progress->stage, "%s", state->stage);
    }
    return interrupt_signal() != 0;
}

void progress_end(progress *progress) {
    if (!progress->silent && progress->terminal && progress->shown_at >= 0) fputs("\r\033[K", stderr);
}
