/* Fits repeat to the byte: on any number of threads, side by side, and whatever interrupts them. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "fits.h"
#include "map/map.h"

enum { ROWS = 600, STEPS = 230 };

static const enot_form FORMS[] = {ENOT_FORM_DOT_PRODUCT, ENOT_FORM_POTENTIAL, ENOT_FORM_VECTOR_FIELD};

static const enot_optimizer OPTIMIZERS[] = {[ENOT_FORM_DOT_PRODUCT] = ENOT_OPTIMIZER_SOAP,
                                            [ENOT_FORM_POTENTIAL] = ENOT_OPTIMIZER_MUON,
                                            [ENOT_FORM_VECTOR_FIELD] = ENOT_OPTIMIZER_ADAMW};

/* A fit that changes its best weights more than once: the target is not Gaussian. */
static enot_fit_options options_of(enot_form form) {
    enot_fit_options options = quick_options(STEPS);
    options.form = form;
    if (form == ENOT_FORM_VECTOR_FIELD) { /* with a search, a ridge and a pair for the way back */
        options.cost = "euclidean";
        options.reverse = 1;
    }
    options.smoothing = .1;
    options.learning_rate = form == ENOT_FORM_POTENTIAL ? 2e-2 : 1e-2;
    options.validation = .3;
    options.optimizer = form == ENOT_FORM_AUTO ? ENOT_OPTIMIZER_ADAM : OPTIMIZERS[form];
    return options;
}

typedef struct pair {
    enot_samples *source, *target;
} pair;

static pair pair_create(const fixture *at, double twist) {
    pair p = {gaussian_samples(at, 0, ROWS, 1, 0), NULL};
    double *rows = gaussian_rows(1, 2, ROWS, 1, 0);
    for (int i = 0; i < ROWS; i++) rows[i * GAUSSIAN_DIM] += twist * tanh(3 * rows[i * GAUSSIAN_DIM]);
    p.target = samples_of(at, rows, ROWS, GAUSSIAN_DIM);
    free(rows);
    return p;
}

static void pair_destroy(pair *p) {
    enot_samples_destroy(p->source);
    enot_samples_destroy(p->target);
}

static enot_map *fit(const fixture *at, const pair *p, const enot_fit_options *options) {
    enot_map *map;
    require(at, enot_fit(at->context, p->source, p->target, options, &map, NULL));
    return map;
}

static void any_number_of_threads_gives_the_same_file(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 2);
    for (int k = 0; k < 3; k++) {
        enot_fit_options options = options_of(FORMS[k]);
        options.batch = 300; /* several blocks of rows */
        enot_map *first = NULL;
        for (int threads = 1; threads <= 3; threads++) {
            require(at, enot_context_set_threads(at->context, threads));
            enot_map *map = fit(at, &p, &options);
            if (first) assert_same_map(at, first, map);
            if (first) enot_map_destroy(map);
            if (!first) first = map;
        }
        enot_map_destroy(first);
    }
    pair_destroy(&p);
}

static void another_seed_gives_another_map(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 2);
    enot_fit_options options = options_of(ENOT_FORM_DOT_PRODUCT);
    enot_map *one = fit(at, &p, &options);
    options.seed++;
    enot_map *other = fit(at, &p, &options);
    double point[GAUSSIAN_DIM] = {1, 1, 1}, moved[2][GAUSSIAN_DIM];
    require(at, enot_map_apply(at->context, one, ENOT_FORWARD, point, 1, moved[0]));
    require(at, enot_map_apply(at->context, other, ENOT_FORWARD, point, 1, moved[1]));
    assert_memory_not_equal(moved[0], moved[1], sizeof moved[0]);
    enot_map_destroy(one);
    enot_map_destroy(other);
    pair_destroy(&p);
}

typedef struct job {
    const pair *pair;
    enot_form form;
    enot_map *map;
    enot_status status;
} job;

static void *fit_in_thread(void *user) {
    job *j = user;
    enot_context *context;
    enot_fit_options options = options_of(j->form);
    j->status = enot_context_create(&context);
    if (j->status) return NULL;
    j->status = enot_context_set_threads(context, 2);
    if (!j->status) j->status = enot_fit(context, j->pair->source, j->pair->target, &options, &j->map, NULL);
    enot_context_destroy(context);
    return NULL;
}

static void fits_side_by_side_do_not_disturb_each_other(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 2);
    pthread_t threads[3];
    job jobs[3];
    for (int k = 0; k < 3; k++) {
        jobs[k] = (job){&p, FORMS[k], NULL, ENOT_OK};
        assert_int_equal(pthread_create(&threads[k], NULL, fit_in_thread, &jobs[k]), 0);
    }
    for (int k = 0; k < 3; k++) {
        pthread_join(threads[k], NULL);
        assert_int_equal(jobs[k].status, ENOT_OK);
        enot_fit_options options = options_of(FORMS[k]);
        enot_map *alone = fit(at, &p, &options);
        assert_same_map(at, alone, jobs[k].map);
        enot_map_destroy(alone);
        enot_map_destroy(jobs[k].map);
    }
    pair_destroy(&p);
}

/* Fits until the step, cancels, and leaves the checkpoint. */
static void interrupt_at(const fixture *at, const pair *p, enot_fit_options options, int64_t step) {
    enot_map *map;
    options.progress = stop_at;
    options.progress_user = &step;
    assert_int_equal(enot_fit(at->context, p->source, p->target, &options, &map, NULL), ENOT_ERR_CANCELLED);
    assert_null(map);
    char number[24];
    snprintf(number, sizeof number, "%d", (int)step);
    assert_message(at, "step", number, NULL);
}

static void cancelled_fits_go_on_to_the_same_file(void **state) {
    const fixture *at = *state;
    static const int64_t stops[] = {1, 49, 50, 51, 101, 228};
    pair p = pair_create(at, 2);
    char checkpoint[PATH_CAPACITY];
    path_in(at, "checkpoint", checkpoint);
    for (int k = 0; k < 3; k++) {
        enot_fit_options options = options_of(FORMS[k]);
        enot_map *whole = fit(at, &p, &options);
        if (k < 2) assert_true(whole->origin.steps > 101); /* or the file would not tell what came after a stop */
        options.checkpoint = checkpoint;
        for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
            require(at, enot_context_set_threads(at->context, 1 + (int)i % 2));
            options.resume = 0;
            interrupt_at(at, &p, options, stops[i]);
            assert_int_equal(count_files(at), 1);
            options.resume = 1;
            if (stops[i] < 60) interrupt_at(at, &p, options, 60); /* a second time */
            enot_map *map = fit(at, &p, &options);
            assert_same_map(at, whole, map);
            enot_map_destroy(map);
        }
        enot_map_destroy(whole);
    }
    pair_destroy(&p);
}

/* maxmin stops where its critic has an update due and where not. */
static void other_methods_go_on_to_the_same_file(void **state) {
    const fixture *at = *state;
    static const enot_method methods[] = {ENOT_METHOD_MAXMIN, ENOT_METHOD_W2GN, ENOT_METHOD_MONGE_GAP, ENOT_METHOD_W2OT};
    static const char *const recorded[] = {"\"method\":\"maxmin\",\"inner\":15", "\"method\":\"w2gn\"", "\"method\":\"monge-gap\"",
                                           "\"method\":\"w2ot\",\"inner\":20"};
    pair p = pair_create(at, 2);
    char checkpoint[PATH_CAPACITY];
    path_in(at, "checkpoint", checkpoint);
    for (int k = 0; k < 4; k++) {
        enot_fit_options options = options_of(ENOT_FORM_AUTO);
        options.method = methods[k];
        options.expectile = ENOT_AUTO;
        options.steps = 80;
        enot_map *whole = fit(at, &p, &options);
        assert_non_null(strstr(whole->options, recorded[k]));
        assert_null(strstr(whole->options, "expectile\""));
        assert_true((methods[k] == ENOT_METHOD_MAXMIN || methods[k] == ENOT_METHOD_W2OT) ==
                    (strstr(whole->options, "expectile_coefficient") == NULL));
        options.checkpoint = checkpoint;
        for (int64_t stop = 14; stop <= 16; stop++) {
            require(at, enot_context_set_threads(at->context, 1 + (int)stop % 2));
            options.resume = 0;
            interrupt_at(at, &p, options, stop);
            options.resume = 1;
            enot_map *map = fit(at, &p, &options);
            assert_same_map(at, whole, map);
            enot_map_destroy(map);
        }
        options.method = methods[(k + 1) % 4];
        enot_map *other;
        assert_int_equal(enot_fit(at->context, p.source, p.target, &options, &other, NULL), ENOT_ERR_DATA);
        enot_map_destroy(whole);
    }
    pair_destroy(&p);
}

static int note_step(void *user, const enot_progress *progress) {
    *(int64_t *)user = progress->step;
    return 0;
}

/* How long nothing has improved is part of the state. */
static void patience_ends_at_the_same_step_after_an_interruption(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 0); /* Gaussian: the start is hard to better */
    char checkpoint[PATH_CAPACITY];
    int64_t last = 0, again = 0;
    path_in(at, "checkpoint", checkpoint);
    enot_fit_options options = options_of(ENOT_FORM_DOT_PRODUCT);
    options.steps = 100000;
    options.patience = 3;
    options.progress = note_step;
    options.progress_user = &last;
    enot_map_destroy(fit(at, &p, &options));
    assert_true(last > 3 && last < options.steps);
    options.checkpoint = checkpoint;
    interrupt_at(at, &p, options, last - 1);
    options.resume = 1;
    options.progress_user = &again;
    enot_map_destroy(fit(at, &p, &options));
    assert_int_equal(again, last);
    pair_destroy(&p);
}

static int note_steps(void *user, const enot_progress *progress) {
    *(int64_t *)user = progress->steps;
    return 0;
}

/* Both maps move points alike, whatever else their files say. */
static void assert_same_moves(const fixture *at, const enot_map *one, const enot_map *other) {
    enum { POINTS = 50 };
    double *x = gaussian_rows(0, 9, POINTS, 1, 0), moved[2][POINTS * GAUSSIAN_DIM];
    require(at, enot_map_apply(at->context, one, ENOT_FORWARD, x, POINTS, moved[0]));
    require(at, enot_map_apply(at->context, other, ENOT_FORWARD, x, POINTS, moved[1]));
    assert_memory_equal(moved[0], moved[1], sizeof moved[0]);
    free(x);
}

static void fits_in_a_given_time_go_on_with_the_steps_that_were_planned(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 2);
    char checkpoint[PATH_CAPACITY];
    int64_t steps = 0;
    int planned = 0;
    path_in(at, "checkpoint", checkpoint);
    enot_fit_options options = options_of(ENOT_FORM_DOT_PRODUCT);
    options.steps = ENOT_AUTO;
    options.minutes = .003;
    options.checkpoint = checkpoint;
    interrupt_at(at, &p, options, 1);
    assert_int_equal(sscanf(enot_context_message(at->context), "stopped at step 1 of %d", &planned), 1);
    options.resume = 1;
    options.progress = note_steps;
    options.progress_user = &steps;
    enot_map *first = fit(at, &p, &options);
    assert_int_equal(steps, planned);
    require(at, enot_context_set_threads(at->context, 2));
    enot_map *second = fit(at, &p, &options);
    assert_same_map(at, first, second);
    options.minutes = .004;
    enot_map *other;
    assert_int_equal(enot_fit(at->context, p.source, p.target, &options, &other, NULL), ENOT_ERR_DATA);
    assert_message(at, "minutes (0.003", NULL);
    options.minutes = ENOT_AUTO;
    options.resume = 0;
    options.steps = planned;
    enot_map *whole = fit(at, &p, &options);
    assert_same_moves(at, whole, first);
    enot_map_destroy(first);
    enot_map_destroy(second);
    enot_map_destroy(whole);
    pair_destroy(&p);
}

static void cancelling_without_a_checkpoint_leaves_no_file(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 2);
    interrupt_at(at, &p, options_of(ENOT_FORM_AUTO), 10);
    assert_int_equal(count_files(at), 0);
    pair_destroy(&p);
}

static void refuse(const fixture *at, const pair *p, const enot_fit_options *options, enot_status status, const char *reason) {
    enot_map *map;
    assert_int_equal(enot_fit(at->context, p->source, p->target, options, &map, NULL), status);
    assert_null(map);
    assert_message(at, reason, NULL);
}

static void resuming_something_else_is_refused_with_what_differs(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 2), other = pair_create(at, 3), mixed = {other.target, p.target};
    char checkpoint[PATH_CAPACITY];
    path_in(at, "checkpoint", checkpoint);
    enot_fit_options options = options_of(ENOT_FORM_DOT_PRODUCT);
    options.checkpoint = checkpoint;
    interrupt_at(at, &p, options, 20);
    options.resume = 1;
    refuse(at, &other, &options, ENOT_ERR_DATA, "target data");
    refuse(at, &mixed, &options, ENOT_ERR_DATA, "source data");
    static const int64_t wider[] = {24, 25};
    enot_fit_options changed[9];
    const char *const reasons[9] = {"batch (96 there, 97 here)", "seed", "steps", "hidden", "form", "learning_rate", "smoothing",
                                    "optimizer", "validation"};
    for (int i = 0; i < 9; i++) changed[i] = options;
    changed[0].batch = 97;
    changed[1].seed = 6;
    changed[2].steps = STEPS + 1;
    changed[3].hidden = wider;
    changed[4].form = ENOT_FORM_POTENTIAL;
    changed[5].learning_rate = .0123;
    changed[6].smoothing = .2;
    changed[7].optimizer = ENOT_OPTIMIZER_ADAM;
    changed[8].validation = .2;
    for (int i = 0; i < 9; i++) refuse(at, &p, &changed[i], ENOT_ERR_DATA, reasons[i]);
    enot_map_destroy(fit(at, &p, &options)); /* none of it harmed the checkpoint */
    pair_destroy(&p);
    pair_destroy(&other);
}

static void what_is_no_checkpoint_is_refused(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 2);
    char path[PATH_CAPACITY], other[PATH_CAPACITY];
    path_in(at, "checkpoint", path);
    path_in(at, "map.safetensors", other);
    enot_fit_options options = options_of(ENOT_FORM_DOT_PRODUCT);
    options.resume = 1;
    refuse(at, &p, &options, ENOT_ERR_ARGUMENT, "checkpoint");
    options.checkpoint = path;
    refuse(at, &p, &options, ENOT_ERR_IO, path);
    options.resume = 0;
    interrupt_at(at, &p, options, 5);
    size_t size;
    char *bytes = read_bytes(path, &size);
    options.resume = 1;
    for (size_t length = 0; length < size; length += length < 64 ? 1 : 997) {
        enot_map *map;
        write_bytes(path, bytes, length);
        assert_int_not_equal(enot_fit(at->context, p.source, p.target, &options, &map, NULL), ENOT_OK);
        assert_message(at, path, NULL);
    }
    free(bytes);
    options.resume = 0;
    options.checkpoint = NULL;
    enot_map *map = fit(at, &p, &options);
    require(at, enot_map_save(at->context, map, other));
    options.checkpoint = other;
    options.resume = 1;
    refuse(at, &p, &options, ENOT_ERR_FORMAT, "not a checkpoint");
    enot_map_destroy(map);
    pair_destroy(&p);
}

/* ---- a process of its own, to be killed ---- */

/* Fits to the end; a checkpoint follows every step. resume: from the one there. */
static int run_child(char *directory, int resume) {
    fixture child = {0};
    char checkpoint[PATH_CAPACITY], path[PATH_CAPACITY];
    snprintf(child.directory, sizeof child.directory, "%s", directory);
    if (enot_context_create(&child.context) != ENOT_OK) return 1;
    enot_context_set_threads(child.context, 1 + resume);
    pair p = pair_create(&child, 2);
    path_in(&child, "checkpoint", checkpoint);
    path_in(&child, "result", path);
    enot_fit_options options = options_of(ENOT_FORM_DOT_PRODUCT);
    options.checkpoint = checkpoint;
    options.checkpoint_seconds = 1e-9;
    options.resume = resume;
    enot_map *map = NULL;
    enot_status status = enot_fit(child.context, p.source, p.target, &options, &map, NULL);
    if (!status) status = enot_map_save(child.context, map, path);
    if (status) fprintf(stderr, "%s\n", enot_context_message(child.context));
    enot_map_destroy(map);
    pair_destroy(&p);
    enot_context_destroy(child.context);
    return status != ENOT_OK;
}

static pid_t start_child(const fixture *at, int resume) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "test_resume", at->directory, resume ? "1" : "0", (char *)NULL);
        _exit(127);
    }
    return child;
}

/* Waits until the checkpoint is there, then a little longer, and kills. Returns 1 if the child was done before. */
static int kill_after(const fixture *at, pid_t child, long microseconds) {
    char checkpoint[PATH_CAPACITY];
    int status;
    path_in(at, "checkpoint", checkpoint);
    for (int waits = 0; waits < 200000 && access(checkpoint, F_OK) != 0; waits++)
        nanosleep(&(struct timespec){0, 100000}, NULL);
    nanosleep(&(struct timespec){0, microseconds * 1000}, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
    return WIFEXITED(status);
}

static void killed_fits_go_on_to_the_same_file(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at, 2);
    char path[PATH_CAPACITY];
    enot_fit_options options = options_of(ENOT_FORM_DOT_PRODUCT);
    enot_map *whole = fit(at, &p, &options), *resumed;
    random_row row = random_row_start((uint64_t)getpid(), RANDOM_STREAM_EVALUATE, 0); /* another moment in every run */
    int done = kill_after(at, start_child(at, 0), (long)random_below(&row, 30000));
    for (int kills = 1; kills < 4 && !done; kills++) done = kill_after(at, start_child(at, 1), (long)random_below(&row, 60000));
    if (!done) {
        int status;
        pid_t child = start_child(at, 1);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    path_in(at, "result", path);
    require(at, enot_map_load(at->context, path, &resumed));
    assert_same_map(at, whole, resumed);
    enot_map_destroy(whole);
    enot_map_destroy(resumed);
    pair_destroy(&p);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_create, fixture_destroy)

int main(int count, char **arguments) {
    if (count == 3) return run_child(arguments[1], arguments[2][0] == '1');
    const struct CMUnitTest tests[] = {
        TEST(any_number_of_threads_gives_the_same_file),
        TEST(another_seed_gives_another_map),
        TEST(fits_side_by_side_do_not_disturb_each_other),
        TEST(cancelled_fits_go_on_to_the_same_file),
        TEST(other_methods_go_on_to_the_same_file),
        TEST(patience_ends_at_the_same_step_after_an_interruption),
        TEST(fits_in_a_given_time_go_on_with_the_steps_that_were_planned),
        TEST(cancelling_without_a_checkpoint_leaves_no_file),
        TEST(resuming_something_else_is_refused_with_what_differs),
        TEST(what_is_no_checkpoint_is_refused),
        TEST(killed_fits_go_on_to_the_same_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
