/* CSV: what is recognised, what is refused and how it is said, and that written numbers read back unchanged. */
#include "files.h"

#include <float.h>
#include <locale.h>
#include <math.h>

#include "core/number.h"
#include "core/suggest.h"

static enot_status open_text(fixture *at, const char *text, const char *columns, enot_samples **samples) {
    char path[PATH_CAPACITY];
    enot_read_options options = ENOT_READ_OPTIONS_INIT;
    options.columns = columns;
    path_in(at, "table.csv", path);
    write_text(path, text);
    return enot_samples_open(at->context, path, &options, samples);
}

static void assert_table(fixture *at, const char *text, const char *columns, int64_t count, int64_t dim,
                         const double *rows) {
    enot_samples *samples = NULL;
    enot_status status = open_text(at, text, columns, &samples);
    if (status != ENOT_OK) fail_msg("%s: %s", text, enot_context_message(at->context));
    assert_int_equal(enot_samples_count(samples), count);
    assert_int_equal(enot_samples_dim(samples), dim);
    double *read = calloc((size_t)(count * dim), sizeof *read);
    assert_int_equal(enot_samples_rows(at->context, samples, 0, count, read), ENOT_OK);
    for (int64_t i = 0; i < count * dim; i++) assert_true(read[i] == rows[i]);
    free(read);
    enot_samples_destroy(samples);
}

static void assert_refused(fixture *at, const char *text, const char *columns, const char *where, const char *what) {
    enot_samples *samples = NULL;
    assert_int_not_equal(open_text(at, text, columns, &samples), ENOT_OK);
    assert_null(samples);
    assert_message(at, "table.csv", where, what, NULL);
}

static const double TWO_BY_TWO[] = {1, 2.5, -3, 400};

static void every_delimiter_is_recognised(void **state) {
    assert_table(*state, "1,2.5\n-3,4e2\n", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "1;2.5\n-3;4e2\n", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "1\t2.5\n-3\t4e2\n", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "1 2.5\n-3 4e2\n", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "  1    2.5\n -3  4e2  \n", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "1, 2.5\n-3, 4e2\n", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "1;2\n2;3\n", "2", 2, 1, (double[]){2, 3});
    assert_table(*state, "1\n2\n", NULL, 2, 1, (double[]){1, 2});
    assert_table(*state, "fixed acidity\n1\n2\n", NULL, 2, 1, (double[]){1, 2});
}

static void line_ends_comments_blank_lines_and_marks_are_no_data(void **state) {
    assert_table(*state, "1,2.5\r\n-3,4e2\r\n", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "1,2.5\n-3,4e2", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "# a; comment; here\n\n1,2.5\n   \n# another\n-3,4e2\n\n", NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state,
                 "\xEF\xBB\xBF"
                 "1,2.5\n-3,4e2\n",
                 NULL, 2, 2, TWO_BY_TWO);
    assert_table(*state, "\"1\",\"2.5\"\n\" -3\",4e2\n", NULL, 2, 2, TWO_BY_TWO);
}

static void header_is_recognised_and_names_columns(void **state) {
    fixture *at = *state;
    enot_samples *samples;
    assert_int_equal(open_text(at, "pH;\"a \"\"b\"\"\";fixed acidity\n1;2;3\n4;5;6\n", NULL, &samples), ENOT_OK);
    assert_string_equal(enot_samples_column(samples, 0), "pH");
    assert_string_equal(enot_samples_column(samples, 1), "a \"b\"");
    assert_string_equal(enot_samples_column(samples, 2), "fixed acidity");
    assert_null(enot_samples_column(samples, 3));
    enot_samples_destroy(samples);
    assert_int_equal(open_text(at, "1;2\n4;5\n", NULL, &samples), ENOT_OK);
    assert_null(enot_samples_column(samples, 0));
    enot_samples_destroy(samples);
}

static void columns_are_chosen_by_number_range_and_name(void **state) {
    const char *text = "kind,a,b,c\nred,1,2,3\nwhite,4,5,6\n";
    assert_table(*state, text, "2-4", 2, 3, (double[]){1, 2, 3, 4, 5, 6});
    assert_table(*state, text, "c, a", 2, 2, (double[]){3, 1, 6, 4});
    assert_table(*state, text, "4,b", 2, 2, (double[]){3, 2, 6, 5});
    assert_refused(*state, text, "a,B2", "no column \"B2\"", "did you mean \"b\"?");
    assert_refused(*state, text, "a,zebra", "no column \"zebra\"", "1 to 4");
    assert_refused(*state, text, "2-5", "2-5", "1 to 4");
    assert_refused(*state, text, "0", "no column 0", "1 to 4");
    assert_refused(*state, text, "99999999999999999999", "no column", "1 to 4");
    assert_refused(*state, text, NULL, "line 2, column 1 (\"kind\")", "\"red\" is not a number");
    assert_refused(*state, "1,2\n3,4\n", "alcohol", "no header", "1 to 2");
}

static void a_choice_that_makes_no_sense_is_refused(void **state) {
    fixture *at = *state;
    enot_samples *samples;
    assert_int_equal(open_text(at, "1,2\n3,4\n", "1,,2", &samples), ENOT_ERR_ARGUMENT);
    assert_message(at, "empty", NULL);
    assert_int_equal(open_text(at, "1,2\n3,4\n", "1,1-2", &samples), ENOT_ERR_ARGUMENT);
    assert_message(at, "column 1", "twice", NULL);
    assert_int_equal(open_text(at, "1,2\n3,4\n", "", &samples), ENOT_ERR_ARGUMENT);
}

static void errors_name_line_and_column(void **state) {
    assert_refused(*state, "a,b\n1,2\n# c\n3,x y z\n", NULL, "line 4, column 2 (\"b\")", "\"x y z\" is not a number");
    assert_refused(*state, "1,2\n3,a long text that nobody wants to see whole\n", NULL, "line 2, column 2",
                   "\"a long text that nobody ...\"");
    assert_refused(*state, "1,2\n3\n", NULL, "line 2: 1 columns", "line 1 has 2");
    assert_refused(*state, "1,2\n3,4,5\n", NULL, "line 2: 3 columns", "line 1 has 2");
    assert_refused(*state, "a,b\n1,2,3\n3,4,5\n", NULL, "line 2: 3 columns", "line 1 has 2");
    assert_refused(*state, "1,2\n3,\n", NULL, "line 2, column 2", "missing value");
    assert_refused(*state, ",2\n3,4\n", NULL, "line 1, column 1", "missing value");
    assert_refused(*state, "1,2\n3,NA\n", NULL, "line 2, column 2", "missing value");
    assert_refused(*state, "1,2\n3,nan\n", NULL, "line 2, column 2", "not a finite number");
    assert_refused(*state, "1,-inf\n3,4\n", NULL, "line 1, column 2", "not a finite number");
    assert_refused(*state, "1,2\n3,1e999\n", NULL, "line 2, column 2", "not a finite number");
    assert_refused(*state, "1;2\n3;4,5\n", NULL, "line 2, column 2", "decimal point");
    assert_refused(*state, "1,2\n\"3,4\n5,6\n", NULL, "line 2", "quote");
    assert_refused(*state, "\"a\nb\",c\n1,2\n3,x\n", NULL, "line 4, column 2 (\"c\")", "\"x\"");
    assert_refused(*state, "1,2\r3,4\r", NULL, "line 1", "carriage return");
}

static void tables_that_are_no_measure_are_refused(void **state) {
    fixture *at = *state;
    enot_samples *samples;
    assert_refused(at, "", NULL, "empty", "rows");
    assert_refused(at, "# only\n\n", NULL, "empty", "rows");
    assert_refused(at, "a,b\n", NULL, "header", "no row");
    assert_refused(at, "1,2\n", NULL, "only 1 row", "at least two rows");
    assert_refused(at, "1,2\n1,2\n1,2\n", NULL, "all 3 rows are equal", "differ");
    assert_table(at, "1,2\n1,3\n", NULL, 2, 2, (double[]){1, 2, 1, 3});
    assert_int_equal(enot_samples_open(at->context, "/nowhere/a.csv", NULL, &samples), ENOT_ERR_IO);
    assert_message(at, "/nowhere/a.csv", "No such file", NULL);
    assert_int_equal(enot_samples_open(at->context, at->directory, NULL, &samples), ENOT_ERR_IO);
    assert_message(at, "is a directory", NULL);
    char path[PATH_CAPACITY];
    path_in(at, "binary.csv", path);
    write_bytes(path, "1,2\n\0\0", 6);
    assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_ERR_FORMAT);
    assert_message(at, "binary", NULL);
}

static void count_warning(void *user, const char *line) {
    assert_non_null(strstr(line, "taken as a header"));
    ++*(int *)user;
}

static void a_header_that_may_be_a_mistake_is_warned_of(void **state) {
    fixture *at = *state;
    enot_samples *samples;
    int warnings = 0;
    enot_context_set_warning(at->context, count_warning, &warnings);
    assert_int_equal(open_text(at, "1,x\n2,3\n4,5\n", NULL, &samples), ENOT_OK);
    enot_samples_destroy(samples);
    assert_int_equal(open_text(at, "a,x\n2,3\n4,5\n", NULL, &samples), ENOT_OK);
    enot_samples_destroy(samples);
    enot_context_set_warning(at->context, NULL, NULL);
    assert_int_equal(warnings, 1);
}

static void a_file_longer_than_any_block_is_read_in_blocks(void **state) {
    fixture *at = *state;
    enum { ROWS = 60000 };
    char path[PATH_CAPACITY];
    path_in(at, "long.csv", path);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < ROWS; i++) fprintf(file, "%d,%d.25,\"%d\"\r\n", i, -i, 2 * i);
    fclose(file);
    enot_reader *reader;
    assert_int_equal(enot_reader_open(at->context, path, NULL, &reader), ENOT_OK);
    double rows[7 * 3];
    int64_t count, row = 0;
    do {
        assert_int_equal(enot_reader_next(at->context, reader, 7, rows, &count), ENOT_OK);
        for (int64_t i = 0; i < count; i++, row++) {
            assert_true(rows[3 * i] == (double)row && rows[3 * i + 2] == 2.0 * (double)row);
            assert_true(rows[3 * i + 1] == (row ? -(double)row - .25 : .25) || row == 0);
        }
    } while (count > 0);
    assert_int_equal(row, ROWS);
    enot_reader_close(reader);
}

static void numbers_do_not_depend_on_the_locale(void **state) {
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) setlocale(LC_ALL, names[i]);
    assert_table(*state, "1.5,1e-300\n2.25,3\n", NULL, 2, 2, (double[]){1.5, 1e-300, 2.25, 3});
    char text[NUMBER_TEXT_CAPACITY];
    size_t size = number_format(1.5e-300, text);
    assert_null(memchr(text, ',', size));
    setlocale(LC_ALL, "C");
}

static void parsing_rounds_like_strtod(void **state) {
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 300000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        char text[64];
        int digits = 1 + (int)(seed % 20), exponent = (int)(seed >> 32) % 60 - 30;
        snprintf(text, sizeof text, "%.*s.%llue%d", (int)(seed >> 20) % 3, "-12",
                 (unsigned long long)(seed % 1000003 * (seed >> 40)), exponent);
        if (digits > 10) snprintf(text, sizeof text, "%.*g", digits - 2, ldexp((double)seed, exponent));
        double value = 0;
        number_kind kind = number_parse(text, strlen(text), &value);
        if (kind != NUMBER_FINITE) continue; /* "-." of the first form */
        if (value != strtod(text, NULL)) fail_msg("%s read as %.17g", text, value);
    }
    static const char *const hard[] = {
        "9007199254740993", "9007199254740992.5", "1.00000000000000011102230246251565404", "2.2250738585072011e-308",
        "4.9e-324", "1.7976931348623157e308", "123456789012345678901234567890",
        "0.000000000000000000000000000000000000001", "-0", "00000000000000000000000001.5", "9007199254740993e10",
        "90071992547409930e-1", "18014398509481986e-3", "+.5", "5.",
        /* rounded twice, first to 64 bits, these come out wrong */
        "3581163489949436300e19", "5340724460554475274e3", "4478988593755678096e-16"};
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
        double value;
        assert_int_equal(number_parse(hard[i], strlen(hard[i]), &value), NUMBER_FINITE);
        if (value != strtod(hard[i], NULL)) fail_msg("%s read as %.17g", hard[i], value);
    }
    static const char *const no_numbers[] = {"1e",   "e5",  ".",   "+",   "1.2.3", "0x10",
                                             "1e5x", "--1", "1 2", "1,5", "infx"};
    for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++) {
        double value;
        assert_int_equal(number_parse(no_numbers[i], strlen(no_numbers[i]), &value), NUMBER_TEXT);
    }
}

static void assert_round_trip(double value) {
    char text[NUMBER_TEXT_CAPACITY + 1];
    size_t size = number_format(value, text);
    text[size] = '\0';
    assert_true(size < NUMBER_TEXT_CAPACITY);
    if (strtod(text, NULL) != value) fail_msg("%.17g was written as %s", value, text);
}

/* No decimal with fewer digits reads back as value. */
static void assert_short_round_trip(double value) {
    char text[NUMBER_TEXT_CAPACITY + 1], printed[40];
    assert_round_trip(value);
    text[number_format(value, text)] = '\0';
    size_t digits = 0;
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(printed, sizeof printed, "%.*e", precision - 1, value);
        digits = (size_t)precision;
        if (strtod(printed, NULL) == value) break;
    }
    size_t written = 0, zeros = 0;
    for (const char *letter = text; *letter && *letter != 'e'; letter++)
        if (*letter >= '0' && *letter <= '9' && (written > 0 || *letter != '0')) {
            written++;
            zeros = *letter == '0' ? zeros + 1 : 0;
        }
    if (written - zeros > digits) fail_msg("%.17g was written as %s, %zu digits are enough", value, text, digits);
}

static void writing_is_short_and_reads_back_unchanged(void **state) {
    (void)state;
    uint64_t seed = 1234567;
    for (int i = 0; i < 30000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        double value;
        memcpy(&value, &seed, sizeof value);
        if (isnormal(value)) assert_short_round_trip(value);
        assert_short_round_trip((double)(int64_t)seed * 0x1p-62);
        assert_short_round_trip((float)((double)(int64_t)seed * 0x1p-58));
        assert_short_round_trip((double)(seed % 100000) / 1000);
        assert_short_round_trip(ldexp(1, (int)(seed % 200) - 100));
    }
    static const double special[] = {0.1,     0.3,     100,    1e22, 1e23,    123456, 1e16, 9007199254740993,
                                     DBL_MIN, DBL_MAX, 5e-324, 1e-5, 99999.5, 1e17};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) assert_round_trip(special[i]);
    char text[NUMBER_TEXT_CAPACITY];
    assert_int_equal(number_format(7.4, text), 3);
    assert_memory_equal(text, "7.4", 3);
    assert_int_equal(number_format(0, text), 1);
    assert_int_equal(number_format(-1200, text), 5);
    assert_memory_equal(text, "-1200", 5);
    assert_int_equal(number_format(0.00012, text), 7);
    assert_memory_equal(text, "0.00012", 7);
}

static void a_written_table_is_read_back(void **state) {
    fixture *at = *state;
    static const char *const endings[] = {"out.csv", "out.tsv", "out.TXT", "out"};
    static const char *const names[] = {"plain", "a,b\t\"c\""};
    double rows[] = {0.1, 1.0 / 3, -1e300, 5};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[PATH_CAPACITY];
        path_in(at, endings[i], path);
        enot_writer *writer;
        enot_samples *samples;
        assert_int_equal(enot_writer_open(at->context, path, 2, names, &writer), ENOT_OK);
        assert_int_equal(enot_writer_append(at->context, writer, rows, 1), ENOT_OK);
        assert_int_equal(enot_writer_append(at->context, writer, rows + 2, 1), ENOT_OK);
        assert_int_equal(enot_writer_finish(at->context, writer), ENOT_OK);
        assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_OK);
        double read[4];
        assert_int_equal(enot_samples_rows(at->context, samples, 0, 2, read), ENOT_OK);
        assert_memory_equal(read, rows, sizeof rows);
        assert_string_equal(enot_samples_column(samples, 1), names[1]);
        enot_samples_destroy(samples);
    }
}

static void the_nearest_name_is_suggested_if_it_is_near(void **state) {
    (void)state;
    static const char *const names[] = {"sqeuclidean", "euclidean", "cosine", "pnorm"};
    assert_string_equal(suggest_nearest("sqeuclidian", names, 4), "sqeuclidean");
    assert_string_equal(suggest_nearest("EUCLIDEAN", names, 4), "euclidean");
    assert_string_equal(suggest_nearest("pnrm", names, 4), "pnorm");
    assert_null(suggest_nearest("banana", names, 4));
    assert_null(suggest_nearest("x", NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_delimiter_is_recognised),
        cmocka_unit_test(line_ends_comments_blank_lines_and_marks_are_no_data),
        cmocka_unit_test(header_is_recognised_and_names_columns),
        cmocka_unit_test(columns_are_chosen_by_number_range_and_name),
        cmocka_unit_test(a_choice_that_makes_no_sense_is_refused),
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(tables_that_are_no_measure_are_refused),
        cmocka_unit_test(a_header_that_may_be_a_mistake_is_warned_of),
        cmocka_unit_test(a_file_longer_than_any_block_is_read_in_blocks),
        cmocka_unit_test(numbers_do_not_depend_on_the_locale),
        cmocka_unit_test(parsing_rounds_like_strtod),
        cmocka_unit_test(writing_is_short_and_reads_back_unchanged),
        cmocka_unit_test(a_written_table_is_read_back),
        cmocka_unit_test(the_nearest_name_is_suggested_if_it_is_near),
    };
    return cmocka_run_group_tests(tests, fixture_create, fixture_destroy);
}
