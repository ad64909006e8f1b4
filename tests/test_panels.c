/* Matrices to panels and back, the packed copy of the weights, and the tiles that weights fall into. */
#include "isa.h"
#include "net/mlp.h"
#include "one_context.h"

enum { WIDEST = 70, COUNT = 5, ROWS = 7 };

static void assert_panels(int64_t width, const real *rows, const real *scale) {
    real at[3 * ROWS * PANEL], back[(COUNT + 1) * WIDEST];
    const panels m = {at, ROWS};
    for (int64_t i = 0; i < panels_size(ROWS, width); i++) at[i] = 42;
    for (int64_t i = 0; i < (COUNT + 1) * WIDEST; i++) back[i] = 43;
    panels_from_rows(rows, COUNT, width, scale, m);
    for (int64_t i = 0; i < ROWS; i++)
        for (int64_t j = 0; j < panels_count(width) * PANEL; j++) {
            int inside = i < COUNT && j < width;
            real want = inside ? rows[i * width + j] : 42;
            if (inside && scale) want *= scale[j];
            assert_true(panels_at(m, j / PANEL)[i * PANEL + j % PANEL] == want);
        }
    panels_to_rows(m, COUNT, width, back);
    for (int64_t i = 0; i < COUNT * width; i++) assert_true(back[i] == rows[i] * (scale ? scale[i % width] : 1));
    for (int64_t i = COUNT * width; i < (COUNT + 1) * WIDEST; i++) assert_true(back[i] == 43);
}

static void rows_come_back_from_panels_and_nothing_else_changes(void **state) {
    real *rows = random_reals(1, COUNT * WIDEST, 1), *scale = random_reals(2, WIDEST, 1);
    for (int64_t width = 1; width <= WIDEST; width++) {
        assert_panels(width, rows, NULL);
        assert_panels(width, rows, scale);
    }
    free(rows);
    free(scale);
}

static void panels_count_their_columns(void **state) {
    for (int64_t width = 1; width <= WIDEST; width++) {
        int64_t columns = 0;
        for (int64_t p = 0; p < panels_count(width); p++) {
            assert_in_range(panels_columns(width, p), 1, PANEL);
            columns += panels_columns(width, p);
        }
        assert_int_equal(columns, width);
    }
}

/* Widths around one and four panels, the latter being what a tile has. */
static const int64_t HIDDEN[][3] = {{31, 32, 33}, {127, 128, 129}, {1, 160, 64}, {255, 256, 257}, {95, 5, 300}};
enum { SHAPES = sizeof HIDDEN / sizeof *HIDDEN };

static mlp network_of(int shape) {
    mlp net;
    require(context, mlp_create(context, ACTIVATION_ELU, 1 + 20 * shape, HIDDEN[shape], 3, shape % 2 ? 35 : 1, &net));
    return net;
}

/* Each is its own number, so that no two can be confused. */
static real *numbered(int64_t count, real first) {
    real *numbers = malloc((size_t)count * sizeof *numbers);
    assert_non_null(numbers);
    for (int64_t i = 0; i < count; i++) numbers[i] = first + (real)i;
    return numbers;
}

/* m [rows, width], zero in what fills up its last panel, is number of (row, column). */
static void assert_matrix(panels m, int64_t rows, int64_t width, const real *w, int64_t row_step, int64_t column_step) {
    assert_int_equal(m.rows, rows);
    assert_int_equal((uintptr_t)m.at % 64, 0);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < panels_count(width) * PANEL; j++) {
            real got = panels_at(m, j / PANEL)[i * PANEL + j % PANEL], want = j < width ? w[i * row_step + j * column_step] : 0;
            if (got != want)
                fail_msg("[%d, %d] of [%d, %d]: %g, not %g", (int)i, (int)j, (int)rows, (int)width, (double)got,
                         (double)want);
        }
}

static void assert_weights(const mlp *net, const mlp_weights *weights, const real *parameters) {
    for (int64_t l = 1; l <= net->layers; l++) {
        int64_t in = net->width[l - 1], out = net->width[l];
        assert_matrix(weights->up[l], in, out, parameters + net->weight_at[l], 1, in);
        assert_matrix(weights->down[l], out, in, parameters + net->weight_at[l], in, 1);
        assert_matrix(weights->bias[l], 1, out, parameters + net->bias_at[l], 0, 1);
    }
}

static void packed_weights_are_the_matrices_their_transposes_and_the_biases(void **state) {
    for (int shape = 0; shape < SHAPES; shape++) {
        mlp net = network_of(shape);
        mlp_weights weights;
        real *parameters = numbered(net.parameter_count, 1), *later = numbered(net.parameter_count, -5);
        require(context, mlp_weights_create(context, &net, NULL, &weights));
        FOR_EACH_TABLE(t) {
            mlp_weights_load(context, t->ops, &weights, parameters);
            assert_weights(&net, &weights, parameters);
            for (int64_t tile = mlp_tile_count(&net); tile-- > 0;) mlp_weights_load_tile(t->ops, &weights, later, tile);
            assert_weights(&net, &weights, later);
        }
        free(parameters);
        free(later);
        mlp_weights_destroy(&weights);
        mlp_destroy(&net);
    }
}

static void tiles_have_every_unit_of_every_layer_once(void **state) {
    for (int shape = 0; shape < SHAPES; shape++) {
        mlp net = network_of(shape);
        int seen[5][320] = {{0}};
        for (int64_t index = 0; index < mlp_tile_count(&net); index++) {
            mlp_tile tile = mlp_tile_at(&net, index);
            assert_in_range(tile.layer, 1, net.layers);
            assert_in_range(tile.panel, 0, tile.end - 1);
            for (int64_t p = tile.panel; p < tile.end; p++)
                for (int64_t j = 0; j < panels_columns(net.width[tile.layer], p); j++) seen[tile.layer][p * PANEL + j]++;
        }
        for (int64_t l = 1; l <= net.layers; l++)
            for (int64_t unit = 0; unit < 320; unit++) assert_int_equal(seen[l][unit], unit < net.width[l]);
        mlp_destroy(&net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_from_panels_and_nothing_else_changes),
        cmocka_unit_test(panels_count_their_columns),
        cmocka_unit_test(packed_weights_are_the_matrices_their_transposes_and_the_biases),
        cmocka_unit_test(tiles_have_every_unit_of_every_layer_once),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
