/*
 * enot: optimal-transport maps from samples, by expectile-regularised neural optimal transport
 * (Buzun, Bobrin, Dylov, NeurIPS 2024).
 *
 * The whole public interface, in four tiers:
 *   1. simple    open two sets of samples, fit, apply, save        (what examples/fit_apply.c uses)
 *   2. trust     evaluate a map on samples, describe it
 *   3. streams   read and write tables of any length a block at a time
 *   4. speed     measure what a training step costs on this machine
 *
 * Conventions
 *   - Every call that can fail returns an enot_status; the context then holds one line that says what happened, where and what
 *     to do (enot_context_message). The library never prints, exits or aborts and has no global mutable state.
 *   - Objects are opaque. Whoever creates one destroys it; every destroy accepts NULL. Outputs come last and are set only on
 *     ENOT_OK unless said otherwise.
 *   - A context serves one thread at a time; several contexts may work in several threads at once. Maps and samples are
 *     read-only after creation and may be shared between threads.
 *   - Points are rows: double, row-major, [count, dim], in the user's units.
 *   - Options structs begin with their size and have an INIT macro. A field left at ENOT_AUTO is chosen by the library.
 */
#ifndef ENOT_H
#define ENOT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ENOT_VERSION_MAJOR 0
#define ENOT_VERSION_MINOR 1
#define ENOT_VERSION_PATCH 0

#if defined(_WIN32) || !defined(__GNUC__)
#define ENOT_API
#else
#define ENOT_API __attribute__((visibility("default")))
#endif

/* ---------------------------------------------------------------------------------------------------------------- status */

typedef enum enot_status {
    ENOT_OK = 0,
    ENOT_ERR_ARGUMENT,    /* an option or argument outside its range, or a combination that makes no sense */
    ENOT_ERR_IO,          /* the operating system refused to open, read or write */
    ENOT_ERR_FORMAT,      /* a file is not what its name or header says */
    ENOT_ERR_DATA,        /* the file is well-formed but its numbers cannot be used (NaN, one row, wrong dimension) */
    ENOT_ERR_VERSION,     /* written by a newer version of the library */
    ENOT_ERR_MEMORY,      /* out of memory */
    ENOT_ERR_NONFINITE,   /* training met a value that is not finite */
    ENOT_ERR_CANCELLED    /* the progress callback asked to stop */
} enot_status;

/* Short English name of a status, never NULL. Static storage. */
ENOT_API const char *enot_status_name(enot_status status);

/* "0.1.0". Static storage. */
ENOT_API const char *enot_version(void);

/* Frees text returned by the library. Accepts NULL. */
ENOT_API void enot_text_free(char *text);

/* --------------------------------------------------------------------------------------------------------------- context */

typedef struct enot_context enot_context;

/* Threads: as many as there are processors to run on, until enot_context_set_threads says otherwise. */
ENOT_API enot_status enot_context_create(enot_context **context);
ENOT_API void enot_context_destroy(enot_context *context);

/* threads >= 1, or 0 for every processor. The number never changes a result. */
ENOT_API enot_status enot_context_set_threads(enot_context *context, int threads);

/* The message of the last call that failed on this context, "" if none did. Valid until the next call on it. */
ENOT_API const char *enot_context_message(const enot_context *context);

/* Receives warnings, one line each without a line end. NULL: none are given. */
typedef void (*enot_warning_fn)(void *user, const char *line);
ENOT_API void enot_context_set_warning(enot_context *context, enot_warning_fn warning, void *user);

/* One line that names the kernels in use and why they were chosen. Static storage of the context. */
ENOT_API const char *enot_context_kernels(const enot_context *context);

/* --------------------------------------------------------------------------------------------------------------- samples */

/* Samples of a measure: the rows of a table, or a built-in measure that never runs out of rows. */
typedef struct enot_samples enot_samples;

typedef struct enot_read_options {
    size_t size;
    const char *columns; /* "1-11", "alcohol,pH" (1-based numbers, names, ranges of numbers), NULL for all */
    const char *key;     /* tensor of a .safetensors file, NULL if it holds only one matrix */
    uint64_t seed;       /* of a built-in measure */
} enot_read_options;
#define ENOT_READ_OPTIONS_INIT {sizeof(enot_read_options), NULL, NULL, 0}

/*
 * spec: a file (.csv, .tsv, .txt, .npy, .safetensors), "-" for CSV on standard input, or a built-in measure
 * "measure:NAME[:key=value,...]" (enot_measures_describe lists them). A file is read whole into memory.
 * options may be NULL.
 */
ENOT_API enot_status enot_samples_open(enot_context *context, const char *spec, const enot_read_options *options,
                                       enot_samples **samples);

/* rows: [count, dim], copied. ENOT_ERR_DATA if a value is not finite. */
ENOT_API enot_status enot_samples_from_rows(enot_context *context, const double *rows, int64_t count, int64_t dim,
                                            enot_samples **samples);

/*
 * Images as rows: pixels [count, height, width, channels], copied, values in [-1, 1] (a byte b is b / 127.5 - 1), 1 or 3 channels.
 * Maps between such samples have networks of convolutions. A row of theirs has height * width * channels columns in that order.
 */
ENOT_API enot_status enot_samples_from_images(enot_context *context, const float *pixels, int64_t count, int64_t height,
                                              int64_t width, int64_t channels, enot_samples **samples);
ENOT_API void enot_samples_destroy(enot_samples *samples);

ENOT_API int64_t enot_samples_dim(const enot_samples *samples);
/* Number of rows, -1 for a built-in measure. */
ENOT_API int64_t enot_samples_count(const enot_samples *samples);
/* The file name or spec it was opened with, "" for rows from memory. Owned by samples. */
ENOT_API const char *enot_samples_name(const enot_samples *samples);
/* Name of a column if the file has a header, else NULL. Owned by samples. */
ENOT_API const char *enot_samples_column(const enot_samples *samples, int64_t column);

/* Copies rows first .. first + count - 1 to rows [count, dim]. Row i of a measure depends on its seed and i only. */
ENOT_API enot_status enot_samples_rows(enot_context *context, const enot_samples *samples, int64_t first, int64_t count,
                                       double *rows);

/* Text with one line a measure: name, parameters with defaults, meaning. Free with enot_text_free. */
ENOT_API enot_status enot_measures_describe(enot_context *context, char **text);

/* ------------------------------------------------------------------------------------------------------------------- fit */

/* A trained transport map with its potentials, cost and scaling. */
typedef struct enot_map enot_map;

#define ENOT_AUTO (-1)

typedef enum enot_form {
    ENOT_FORM_AUTO = ENOT_AUTO,
    ENOT_FORM_POTENTIAL,    /* T(x) = x - grad h*(grad f(x)); costs c(x, y) = h(x - y) */
    ENOT_FORM_DOT_PRODUCT,  /* T = grad phi_f, phi = |x|^2 / 2 + network; quadratic costs */
    ENOT_FORM_VECTOR_FIELD  /* T(x) = x + network(x); any differentiable cost; one direction */
} enot_form;

typedef enum enot_scale {
    ENOT_SCALE_GLOBAL, /* centre, and divide every column by one number: the transport problem stays as given */
    ENOT_SCALE_COLUMN, /* divide each column by its own spread: the cost is that of the standardised columns */
    ENOT_SCALE_NONE
} enot_scale;

typedef enum enot_optimizer {
    ENOT_OPTIMIZER_AUTO = ENOT_AUTO, /* what was measured best for the kind of problem (docs/method.md) */
    ENOT_OPTIMIZER_ADAM = 0,
    ENOT_OPTIMIZER_ADAMW, /* with weight_decay */
    ENOT_OPTIMIZER_SOAP,  /* Adam in the eigenbases of each weight matrix's gradients, renewed every refresh steps */
    ENOT_OPTIMIZER_MUON   /* along the momentum's orthogonal factor, by Newton and Schulz */
} enot_optimizer;

typedef enum enot_schedule { ENOT_SCHEDULE_COSINE, ENOT_SCHEDULE_LINEAR, ENOT_SCHEDULE_CONSTANT } enot_schedule;

typedef enum enot_direction { ENOT_FORWARD, ENOT_INVERSE } enot_direction;

/*
 * Of the factors in a training step's matrix products, of layers with at least 16 inputs and outputs; sums, weights, updates and
 * what a map computes later are f32 always.
 */
typedef enum enot_precision {
    ENOT_PRECISION_AUTO = ENOT_AUTO, /* bf16 where the processor is fast at it, below 16 columns only of potentials by Adam; f32 for images */
    ENOT_PRECISION_F32,
    ENOT_PRECISION_BF16 /* on bf16 matrix units (AMX) or dot products (avx512_bf16); else emulated, slow, with a warning */
} enot_precision;

/*
 * Whether the rows of a batch are weighed so that their means of some functions are those of all rows drawn so far, which takes
 * noise out of the gradient (docs/mathematics.md, "Calibrated batches").
 */
typedef enum enot_calibration {
    ENOT_CALIBRATION_AUTO = ENOT_AUTO, /* on where it helps: both sides are built-in measures and no noise is added to them */
    ENOT_CALIBRATION_OFF = 0,
    ENOT_CALIBRATION_ON
} enot_calibration;

/* Which directions a step trains; form vector_field has the forward one alone. */
typedef enum enot_directions {
    ENOT_DIRECTIONS_BOTH,     /* both at once on one batch: each network descends the sum of its two losses */
    ENOT_DIRECTIONS_ALTERNATE /* by turns, as published */
} enot_directions;

/* How far a fit has come. Pointers are valid during the call only. */
typedef struct enot_progress {
    size_t size;
    const char *stage;         /* "start" (of images alone), "train", "report" */
    int64_t step, steps;       /* done, and at most to do */
    double seconds;            /* since the fit began, earlier runs of a resumed fit included */
    double cost_dual;          /* running dual estimate, user's units */
    double mismatch;           /* of the latest snapshot on the choosing rows; NaN before the first */
    double mismatch_best;      /* of the best snapshot so far */
    double smoothing;          /* noise now added to the samples, in standard deviations of the equalised coordinates */
    double bytes;              /* of images: memory that the fit will hold, about; 0: not estimated */
} enot_progress;

/* Return nonzero to stop: the step is finished, a checkpoint written if one was asked for, and ENOT_ERR_CANCELLED returned. */
typedef int (*enot_progress_fn)(void *user, const enot_progress *progress);

/* Is shown the map that the latest weights make, after each of the fit's evaluations. The map is valid during the call only. */
typedef void (*enot_snapshot_fn)(void *user, const enot_map *map);

/*
 * What a training step does. The others are there to be compared with, on the same networks, kernels and data; they learn the
 * map from source to target, and where they have a critic its gradient is the way back (docs/mathematics.md, "Other methods").
 */
typedef enum enot_method {
    ENOT_METHOD_ENOT,      /* expectile-regularised dual */
    ENOT_METHOD_MAXMIN,    /* dual without a penalty: inner updates of the map for one of the critic (Korotin et al. 2021) */
    ENOT_METHOD_W2GN,      /* dual with a cycle penalty, form dot_product (Korotin et al. 2019) */
    ENOT_METHOD_MONGE_GAP, /* Sinkhorn divergence and Monge gap, form vector_field, no critic (Uscidda and Cuturi 2023) */
    ENOT_METHOD_W2OT       /* dual with conjugates refined by L-BFGS and amortised by the map (Amos 2023) */
} enot_method;

/*
 * A ground cost c(x, y) of the caller's own, for batches: x, y [rows, dim] in the user's units. It is called from several threads at
 * once, during the fit and by whatever computes costs of its map; user is handed back. Maps get form vector_field. A map file has no
 * place for it: a loaded map moves points, but its costs and the potential of the source are NaN.
 */
typedef struct enot_cost {
    size_t size;
    void *user;
    void (*value)(void *user, int64_t rows, int64_t dim, const double *x, const double *y, double *values);      /* [rows] */
    void (*gradient)(void *user, int64_t rows, int64_t dim, const double *x, const double *y, double *gradient); /* in y, [rows, dim] */
} enot_cost;
#define ENOT_COST_INIT {sizeof(enot_cost), NULL, NULL, NULL}

/* Integers and reals left at ENOT_AUTO (-1) are chosen from the data by the rule in docs/method.md and stored in the map. */
typedef struct enot_fit_options {
    size_t size;

    /* the problem */
    const char *cost;              /* "NAME[:p=1.5,...]", NULL: sqeuclidean; enot_costs_describe lists them */
    enot_form form;
    enot_scale scale;

    /* the networks */
    const int64_t *hidden;         /* widths of the hidden layers, NULL: automatic */
    size_t hidden_count;
    const char *activation;        /* elu celu silu gelu softplus tanh relu leaky_relu; NULL: automatic */

    /* the loss */
    double expectile;              /* tau in (.5, 1] */
    double expectile_coefficient;  /* lambda >= 0; of w2gn the cycle penalty's weight, of monge_gap the gap's */
    enot_directions directions;

    /* the optimisation */
    int64_t steps;                 /* at most this many updates; 0: the Gaussian (or identity) map itself */
    int64_t batch;                 /* rows of each side a step, >= 1 */
    enot_optimizer optimizer;
    double learning_rate, beta1, beta2, epsilon, weight_decay;
    enot_schedule schedule;
    double schedule_final;         /* learning rate at the end, as a fraction of learning_rate */
    int64_t warmup_steps;          /* of linear increase from 0 */
    double averaging;              /* decay of the weights' moving average in [0, 1); 0: none */

    /* finite data */
    double smoothing;              /* >= 0, see enot_progress.smoothing; ENOT_AUTO: found while training. 0 between two measures that
                                      never run out: the map is taken to be smooth (docs/method.md) */
    double validation;             /* fraction of rows set aside for the report, in [0, .5]; up to twice as many choose the weights */
    int64_t patience;              /* evaluations without improvement before the fit stops; 0: never stop early */

    uint64_t seed;

    /* interruption */
    const char *checkpoint;        /* file for the state of the fit, NULL: none */
    double checkpoint_seconds;     /* between two checkpoints; 0: only when cancelled */
    int resume;                    /* nonzero: continue from checkpoint, which must exist and match data and options */

    enot_progress_fn progress;
    void *progress_user;

    enot_precision precision;      /* of the products in a step */
    enot_calibration calibration;

    /* how long to train, instead of steps: at most one of the three is given */
    double minutes;                /* > 0: as many steps as fit into so long, found by timing some first and kept when resumed */
    int64_t budget;                /* rows of each side to train on, >= batch: as many steps as they last */

    int64_t refresh;               /* of ENOT_OPTIMIZER_SOAP, >= 1 */

    enot_method method;
    int64_t inner;                 /* >= 1. maxmin: updates of the map for one of the critic; w2ot: L-BFGS iterations at most;
                                      monge_gap: Sinkhorn iterations at most; the other methods have none */

    int64_t candidates;            /* rows of the other side searched for each row's c-transform; 0: none (docs/mathematics.md,
                                      "Searched c-transforms") */
    double ridge;                  /* >= 0: so large a part of the cost is |x - y|^2 at the end of the training, a larger one before,
                                      where c alone leaves the map open (docs/mathematics.md, "Degenerate costs") */
    int reverse;                   /* nonzero: form vector_field learns the way back too, with another pair of networks; the other
                                      forms always do */
    const enot_cost *cost_callback; /* instead of cost; used during the call and by the map made */

    /* images: the UNet T(x) = x + UNet(x), whose width doubles with each of depth halvings, and the ResNet critic */
    int64_t unet_width, unet_depth, critic_filters, critic_halvings;
    int flip;                      /* nonzero: half of the images drawn are mirrored left to right */

    enot_snapshot_fn snapshot;     /* NULL: none */
    void *snapshot_user;
} enot_fit_options;

#define ENOT_FIT_OPTIONS_INIT                                                                                                \
    {sizeof(enot_fit_options), NULL, ENOT_FORM_AUTO, ENOT_SCALE_GLOBAL, NULL, 0, NULL, ENOT_AUTO, ENOT_AUTO,                 \
     ENOT_DIRECTIONS_BOTH, ENOT_AUTO, ENOT_AUTO, ENOT_OPTIMIZER_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_SCHEDULE_COSINE,            \
     ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, 0, NULL, 0, 0, NULL, NULL,               \
     ENOT_PRECISION_AUTO, ENOT_CALIBRATION_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_METHOD_ENOT, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, 0, NULL,   \
     ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, ENOT_AUTO, 0, NULL, NULL}

/*
 * What a fit or an evaluation found, on rows used neither for training nor for choosing. Costs are in the user's units
 * (squared for a squared cost); with ENOT_SCALE_COLUMN in those of the standardised columns. NaN: does not apply.
 */
typedef struct enot_report {
    size_t size;
    int64_t steps;              /* updates made for the weights that the map holds */
    double seconds;             /* of the fit; of the evaluation in enot_evaluate */
    double cost_dual;           /* dual estimate of the transport cost: E f(x) + E g(y); f(x) is the c-transform of g by T, under a cost
                                   other than sqeuclidean the least over T(x) and the target's rows: then a lower bound */
    double cost_map;            /* mean c(x, T(x)) */
    double mismatch_before;     /* energy distance between source and target; of images, between their features */
    double mismatch_after;      /* between T(source) and target */
    double mismatch_after_error;/* its standard error */
    double mismatch_gaussian;   /* of the closed-form Gaussian map (squared-Euclidean cost only) */
    double mismatch_floor;      /* 95 % quantile of the distance between two random halves of the target */
    double mismatch_floor_mean; /* mean of the same */
    double cycle_error;         /* mean |T_inverse(T(x)) - x| */
    double smoothing;           /* of the samples when the weights that were kept were trained */
    int64_t source_rows, target_rows; /* rows the numbers above were computed from */
    int held_out;               /* 1: rows the fit never saw or only set aside; 0: the fit may have seen them */

    /* images alone, else NaN: Frechet distances in features of this project's own, no Inception distances (docs/images.md) */
    double frechet_before, frechet_after; /* of the source, and of T(source), to the target */
    double frechet_floor;       /* of two random halves of the target, by the numbers of rows what the above would be at best */
    double squared_change;      /* mean (T(x) - x)^2 over values in [-1, 1] */
} enot_report;
#define ENOT_REPORT_INIT {sizeof(enot_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Learns T with T(source) ~ target at the least mean cost, and the reverse map unless the form is vector_field. options and
 * report may be NULL. On ENOT_ERR_NONFINITE *map holds the last good map (NULL if there was none) and the message says at
 * which step and what to change. The same seed gives the same map for any number of threads.
 */
ENOT_API enot_status enot_fit(enot_context *context, const enot_samples *source, const enot_samples *target,
                              const enot_fit_options *options, enot_map **map, enot_report *report);

ENOT_API void enot_map_destroy(enot_map *map);

/* Text with one line a cost: name, parameters with their ranges, formula. Free with enot_text_free. */
ENOT_API enot_status enot_costs_describe(enot_context *context, char **text);

/* ------------------------------------------------------------------------------------------------------------------- map */

ENOT_API int64_t enot_map_dim(const enot_map *map);

/* Height, width and channels of the images that the map moves. Returns 0, and sets nothing, if its points are no images. */
ENOT_API int enot_map_image(const enot_map *map, int64_t shape[3]);

/* moved[i] = T(points[i]), or the reverse map's; both [count, dim], may be the same array. */
ENOT_API enot_status enot_map_apply(enot_context *context, const enot_map *map, enot_direction direction,
                                    const double *points, int64_t count, double *moved);

/* Kantorovich potentials, user's units: f at points of the source (ENOT_FORWARD), g at points of the target (ENOT_INVERSE). */
ENOT_API enot_status enot_map_potential(enot_context *context, const enot_map *map, enot_direction direction,
                                        const double *points, int64_t count, double *values);

/* Map files are safetensors, see docs/format.md. A save is atomic: the old file or the whole new one is there. */
ENOT_API enot_status enot_map_save(enot_context *context, const enot_map *map, const char *path);
ENOT_API enot_status enot_map_load(enot_context *context, const char *path, enot_map **map);

/* A JSON object: form, cost, scaling, networks, training options, the report of the fit. Free with enot_text_free. */
ENOT_API enot_status enot_map_describe(enot_context *context, const enot_map *map, char **json);

/* ----------------------------------------------------------------------------------------------------------------- trust */

typedef struct enot_evaluate_options {
    size_t size;
    int64_t rows;  /* at most this many of each side; ENOT_AUTO: 4096, of images 2048 */
    uint64_t seed; /* of the halves of the target and of built-in measures */
} enot_evaluate_options;
#define ENOT_EVALUATE_OPTIONS_INIT {sizeof(enot_evaluate_options), ENOT_AUTO, 0}

/*
 * Judges a map on samples. If they are the tables it was fitted on, only the rows that the fit set aside for its report are
 * used; otherwise all. options may be NULL.
 */
ENOT_API enot_status enot_evaluate(enot_context *context, const enot_map *map, const enot_samples *source,
                                   const enot_samples *target, const enot_evaluate_options *options, enot_report *report);

/* --------------------------------------------------------------------------------------------------------------- streams */

/* Reads a table a block at a time; memory is for a block, not for the file. Same specs as enot_samples_open. */
typedef struct enot_reader enot_reader;
ENOT_API enot_status enot_reader_open(enot_context *context, const char *spec, const enot_read_options *options,
                                      enot_reader **reader);
ENOT_API void enot_reader_close(enot_reader *reader);
ENOT_API int64_t enot_reader_dim(const enot_reader *reader);
ENOT_API const char *enot_reader_column(const enot_reader *reader, int64_t column);
/*
 * What a .npy file says of itself. The type of its numbers as numpy calls it, "uint8" or "float32"; "" for the other formats.
 * Static storage. And the shape of a row: an array [n, a, b] is read as n rows of a * b columns, with the extents {a, b};
 * returns the number of axes, 1 for the other formats. A choice of columns changes neither.
 */
#define ENOT_AXES_MOST 4
ENOT_API const char *enot_reader_type(const enot_reader *reader);
ENOT_API int enot_reader_shape(const enot_reader *reader, int64_t extents[ENOT_AXES_MOST]);
/* Up to capacity rows to rows [capacity, dim]; *count = 0 at the end. */
ENOT_API enot_status enot_reader_next(enot_context *context, enot_reader *reader, int64_t capacity, double *rows,
                                      int64_t *count);

/* Writes a table a block at a time: .csv, .tsv, .npy (f8) or .safetensors by the name's end, "-" for CSV on standard output. */
typedef struct enot_writer enot_writer;
/* columns: dim names for the header of a CSV, or NULL for no header. Fails here if path cannot be written. */
ENOT_API enot_status enot_writer_open(enot_context *context, const char *path, int64_t dim, const char *const *columns,
                                      enot_writer **writer);
ENOT_API enot_status enot_writer_append(enot_context *context, enot_writer *writer, const double *rows, int64_t count);
/* Puts the finished file in its place and destroys the writer, also on failure. */
ENOT_API enot_status enot_writer_finish(enot_context *context, enot_writer *writer);
/* Destroys the writer and leaves no file. Accepts NULL. */
ENOT_API void enot_writer_discard(enot_writer *writer);

/* Whether path could be written as a file, without changing it. */
ENOT_API enot_status enot_path_writable(enot_context *context, const char *path);

/* ----------------------------------------------------------------------------------------------------------------- speed */

/* How fast training goes on this machine, beside the matrix products that it mostly consists of. */
typedef struct enot_step_speed {
    size_t size;
    double steps_per_second;   /* median over the rounds; a step updates both networks once */
    double step_seconds, step_seconds_least, step_seconds_most; /* of one step: median, least and most over the rounds */
    double product_gflops;     /* 1e9 operations a second of this library's f32 products in cache, all threads: median */
    double weights;            /* of one network, biases not counted; the mean if the two differ */
    double fraction;           /* 12 * 2 * batch * weights * steps_per_second / (1e9 * product_gflops) */
    int threads;
    char isa[16];              /* the kernels: "portable", "avx2", "avx512" */
    const char *precision;     /* of the step's products: "f32", "bf16-amx", "bf16-dot", "bf16-emulated". Static storage. */
} enot_step_speed;
#define ENOT_STEP_SPEED_INIT {sizeof(enot_step_speed), 0, 0, 0, 0, 0, 0, 0, 0, "", ""}

/*
 * Trains on rows of two built-in measures of dim columns, held in memory, for about the given seconds, turn by turn with
 * products of matrices that stay in each thread's cache; then the rest of a fit's steps (drawing rows, noise, activations,
 * updates) shows as what is missing from fraction = 1. A step of the forms potential and dot_product makes 12 passes over the
 * weights of one network, 2 * batch * weights operations each, if the directions alternate; 18 if both are trained at once,
 * which share 6; vector_field makes 9. The fraction counts 12 for each: steps are counted by updates. Of the options (may be NULL) the steps, minutes, budget, patience,
 * checkpoint, resume and progress are not used, and the learning rate and validation have defaults of their own.
 */
ENOT_API enot_status enot_measure_step(enot_context *context, const enot_fit_options *options, int64_t dim, double seconds,
                                       enot_step_speed *speed);

/* What a training step of images is measured with: a UNet that maps images and a ResNet critic (docs/mathematics.md). */
typedef struct enot_conv_speed_options {
    size_t size;
    int64_t image_size, channels; /* images of image_size x image_size pixels */
    int64_t width, depth;         /* of the UNet: channels of its first level; halvings */
    int64_t filters, halvings;    /* of the critic: channels of its first level; halvings */
    int64_t batch;                /* images of each side a step */
    double seconds;               /* how long to measure, about */
} enot_conv_speed_options;
#define ENOT_CONV_SPEED_OPTIONS_INIT {sizeof(enot_conv_speed_options), 32, 3, 32, 3, 32, 3, 64, 10}

typedef struct enot_conv_speed {
    size_t size;
    double steps_per_second;                   /* median over the rounds; a step updates both networks once */
    double step_seconds, step_seconds_least, step_seconds_most; /* of one step: median, least and most over the rounds */
    double convolution_seconds;                /* of the step's convolutions alone: median */
    double operations;                         /* additions and multiplications of the step's convolutions as they are defined;
                                                  Winograd's algorithm makes fewer */
    double step_gflops, convolution_gflops;    /* 1e9 of them a second, in a step and alone: medians */
    double fraction, fraction_least, fraction_most; /* convolution_seconds / step_seconds: median, least and most over the rounds */
    double in_parts;                           /* share of the operations that are fastest in parts of the batch, one on each
                                                  thread; the rest on threads of oneDNN's own */
    double plain, winograd;                    /* shares that are fastest with channels last, and by Winograd's algorithm */
    double mapper_weights, critic_weights;     /* parameters of the two networks */
    int threads;
    char isa[16];                              /* the kernels of the rest: "portable", "avx2", "avx512" */
} enot_conv_speed;
#define ENOT_CONV_SPEED_INIT {sizeof(enot_conv_speed), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ""}

/*
 * The gradients of training steps on random images and their Adam updates, turn by turn with the convolutions of these steps alone, as
 * bare primitives of oneDNN whose operands are ready: by the algorithm, in the order of images and on the threads that are fastest for each. What is
 * missing from fraction = 1 is everything else: batch normalisation, activations, halving and doubling, sums, updates. options may be
 * NULL.
 */
ENOT_API enot_status enot_measure_conv(enot_context *context, const enot_conv_speed_options *options, enot_conv_speed *speed);

/* ------------------------------------------------------------------------------------------------ benchmark with a known map */

/*
 * How far a training on a pair of the Wasserstein-2 benchmark has come, measured on fresh rows x with their true images T*(x).
 * UVP: 100 E|T(x) - T*(x)|^2 / Var(T*(x)), per cent (Korotin et al. 2021); inverse: the same of the way back from T*(x) to x,
 * NaN in form vector_field, which has none.
 */
typedef struct enot_w2_score {
    size_t size;
    int64_t steps, samples;      /* updates of the map; rows drawn of the source, and at most so many of the target */
    double seconds;              /* of the training, its preparation and own evaluations included, this scoring not */
    double scoring_seconds;
    double operations;           /* additions and multiplications of the steps' matrix products, and of Sinkhorn iterations */
    double uvp_forward, uvp_inverse;
    double cosine;               /* of the displacements: E<T(x) - x, T*(x) - x> over the root of both E|.|^2 */
    double dual;                 /* running dual estimate of the transport cost E|x - T*(x)|^2; NaN before the first step */
    double cost;                 /* that cost */
    double uvp_identity;         /* of T(x) = x */
} enot_w2_score;
#define ENOT_W2_SCORE_INIT {sizeof(enot_w2_score), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Called before the first step (the Gaussian map), at growing distances, and after the last step. Nonzero stops. */
typedef int (*enot_w2_fn)(void *user, const enot_w2_score *score);

typedef struct enot_w2_options {
    size_t size;
    int64_t rows;                /* to score on */
    enot_w2_fn scored;
    void *user;
    int (*stopping)(void *user); /* asked after every step; nonzero: the training ends there, with a last score */
} enot_w2_options;
#define ENOT_W2_OPTIONS_INIT {sizeof(enot_w2_options), 16384, NULL, NULL, NULL}

/*
 * Trains on the pair in the file path (safetensors, format w2bench-mix3to10) by fit options, NULL: the library's choices; their
 * patience, checkpoint, resume and progress are not used. Scores the averaged weights. *last: the last score.
 */
ENOT_API enot_status enot_bench_w2(enot_context *context, const char *path, const enot_fit_options *fit,
                                   const enot_w2_options *options, enot_w2_score *last);

#ifdef __cplusplus
}
#endif
#endif
