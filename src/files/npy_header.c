#include "files/npy_header.h"

#include <stdio.h>
#include <string.h>

enum { PREFIX_SIZE = 8, RANK_MAX = ENOT_AXES_MOST + 1, WORD_CAPACITY = 16 };
static const char MAGIC[] = "\x93NUMPY";
enum { MAGIC_SIZE = 6 };

/* Scanner of the header's Python dictionary, and what it says. */
typedef struct scanner {
    const char *next, *end;
    bool has_descr, has_order, has_shape;
    char descr[WORD_CAPACITY];
    bool fortran_order;
    int rank; /* RANK_MAX + 1: more */
    int64_t shape[RANK_MAX];
} scanner;

static void skip_blanks(scanner *scan) {
    while (scan->next < scan->end && memchr(" \t\r\n", *scan->next, 4)) scan->next++;
}

static bool accept(scanner *scan, char letter) {
    skip_blanks(scan);
    if (scan->next == scan->end || *scan->next != letter) return false;
    scan->next++;
    return true;
}

static bool accept_word(scanner *scan, const char *word) {
    size_t size = strlen(word);
    skip_blanks(scan);
    if ((size_t)(scan->end - scan->next) < size || memcmp(scan->next, word, size) != 0) return false;
    scan->next += size;
    return true;
}

/* Text in single or double quotes, without escapes. */
static bool scan_text(scanner *scan, char text[WORD_CAPACITY]) {
    skip_blanks(scan);
    if (scan->next == scan->end || (*scan->next != '\'' && *scan->next != '"')) return false;
    char quote = *scan->next++;
    const char *close = memchr(scan->next, quote, (size_t)(scan->end - scan->next));
    if (!close || close - scan->next >= WORD_CAPACITY) return false;
    memcpy(text, scan->next, (size_t)(close - scan->next));
    text[close - scan->next] = '\0';
    scan->next = close + 1;
    return true;
}

/* A whole number from 0; Python 2 wrote an L behind it. */
static bool scan_extent(scanner *scan, int64_t *extent) {
    skip_blanks(scan);
    const char *start = scan->next;
    for (*extent = 0; scan->next < scan->end && *scan->next >= '0' && *scan->next <= '9'; scan->next++)
        if (__builtin_mul_overflow(*extent, 10, extent) || __builtin_add_overflow(*extent, *scan->next - '0', extent))
            return false;
    bool digits = scan->next > start;
    if (digits && scan->next < scan->end && *scan->next == 'L') scan->next++;
    return digits;
}

/* (), (3,), (3, 2) or (3, 2,). */
static bool scan_shape(scanner *scan) {
    if (!accept(scan, '(')) return false;
    for (scan->rank = 0; !accept(scan, ')');) {
        int64_t extent;
        if (!scan_extent(scan, &extent)) return false;
        if (scan->rank < RANK_MAX) scan->shape[scan->rank] = extent;
        if (scan->rank <= RANK_MAX) scan->rank++;
        if (accept(scan, ',')) continue;
        return scan->rank > 1 && accept(scan, ')');
    }
    return true;
}

static bool scan_order(scanner *scan) {
    scan->fortran_order = accept_word(scan, "True");
    return scan->fortran_order || accept_word(scan, "False");
}

/* A key that comes twice is an error. */
static bool scan_entry(scanner *scan) {
    char key[WORD_CAPACITY];
    if (!scan_text(scan, key) || !accept(scan, ':')) return false;
    bool *seen = strcmp(key, "descr") == 0           ? &scan->has_descr
                 : strcmp(key, "fortran_order") == 0 ? &scan->has_order
                 : strcmp(key, "shape") == 0         ? &scan->has_shape
                                                     : NULL;
    if (!seen || *seen) return false;
    *seen = true;
    return seen == &scan->has_descr   ? scan_text(scan, scan->descr)
           : seen == &scan->has_order ? scan_order(scan)
                                      : scan_shape(scan);
}

static bool scan_header(scanner *scan) {
    if (!accept(scan, '{')) return false;
    while (!accept(scan, '}')) {
        if (!scan_entry(scan)) return false;
        if (accept(scan, ',')) continue;
        if (!accept(scan, '}')) return false;
        break;
    }
    skip_blanks(scan);
    return scan->next == scan->end && scan->has_descr && scan->has_order && scan->has_shape;
}

/* "<f8": byte order, kind, bytes. */
static bool parse_descr(const char *descr, element_type *type, bool *big_endian) {
    static const struct {
        const char *code;
        element_type type;
    } known[] = {{"f8", ELEMENT_F64}, {"f4", ELEMENT_F32}, {"f2", ELEMENT_F16}, {"i8", ELEMENT_I64},
                 {"i4", ELEMENT_I32}, {"i2", ELEMENT_I16}, {"i1", ELEMENT_I8},  {"u8", ELEMENT_U64},
                 {"u4", ELEMENT_U32}, {"u2", ELEMENT_U16}, {"u1", ELEMENT_U8},  {"b1", ELEMENT_BOOL}};
    if (!*descr || !strchr("<>|=", *descr)) return false;
    *big_endian = *descr == '>' || (*descr != '<' && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(descr + 1, known[i].code) != 0) continue;
        *type = known[i].type;
        return *descr != '|' || element_size(*type) == 1;
    }
    return false;
}

static enot_status fail(enot_context *context, const char *path, const char *what) {
    return context_fail(context, ENOT_ERR_FORMAT, "%s: %s: write the file again", path, what);
}

/* Where the text of the header begins and how long it says it is. */
static enot_status find_text(enot_context *context, const char *path, const uint8_t *bytes, size_t size, size_t *begin,
                             size_t *text_size) {
    if (size < PREFIX_SIZE || memcmp(bytes, MAGIC, MAGIC_SIZE) != 0) return fail(context, path, "not a .npy file");
    int version = bytes[MAGIC_SIZE];
    if (version < 1 || version > 3)
        return context_fail(context, ENOT_ERR_FORMAT, "%s: .npy version %d is not known: save it as version 1 to 3",
                            path, version);
    size_t width = version == 1 ? 2 : 4;
    *begin = PREFIX_SIZE + width;
    if (size < *begin) return fail(context, path, "the .npy header is cut short");
    *text_size = 0;
    for (size_t i = 0; i < width; i++) *text_size |= (size_t)bytes[PREFIX_SIZE + i] << (8 * i);
    if (*text_size > size - *begin) return fail(context, path, "the .npy header is longer than the file");
    return ENOT_OK;
}

/* The axes of a row, and how many numbers they hold. */
static enot_status measure_row(enot_context *context, const char *path, const scanner *scan, npy_axes *axes,
                               int64_t *columns) {
    *axes = (npy_axes){.count = 1, .extents = {1}};
    if (scan->rank > 1) axes->count = scan->rank - 1;
    for (int i = 1; i < scan->rank; i++) axes->extents[i - 1] = scan->shape[i];
    *columns = 1;
    for (int i = 0; i < axes->count; i++)
        if (__builtin_mul_overflow(*columns, axes->extents[i], columns))
            return fail(context, path, "the shape in the .npy header is too large");
    return ENOT_OK;
}

static enot_status check_rank(enot_context *context, const char *path, const scanner *scan) {
    if (scan->rank == 0)
        return context_fail(context, ENOT_ERR_FORMAT, "%s: the array has no dimensions: reshape it to rows and columns",
                            path);
    if (scan->rank > RANK_MAX)
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: the array has more than %d dimensions: reshape it to rows and columns", path, RANK_MAX);
    if (scan->rank > 2 && scan->fortran_order)
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: an array of more than 2 dimensions in Fortran order cannot be read: "
                            "convert it with numpy.ascontiguousarray", path);
    return ENOT_OK;
}

static enot_status check_data(enot_context *context, const char *path, const matrix *found, size_t data_size) {
    uint64_t expected;
    if (__builtin_mul_overflow((uint64_t)found->rows, (uint64_t)found->columns, &expected) ||
        __builtin_mul_overflow(expected, element_size(found->type), &expected) || expected > INT64_MAX)
        return fail(context, path, "the shape in the .npy header is too large");
    if (expected != data_size)
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: the .npy header promises %llu bytes of data, the file has %zu: write the file again",
                            path, (unsigned long long)expected, data_size);
    return ENOT_OK;
}

enot_status npy_header_parse(enot_context *context, const char *path, const uint8_t *bytes, size_t size, matrix *found,
                             npy_axes *axes) {
    size_t begin = 0, text_size = 0;
    TRY(find_text(context, path, bytes, size, &begin, &text_size));
    const char *text = (const char *)bytes + begin;
    scanner scan = {.next = text, .end = text + text_size};
    if (!scan_header(&scan)) {
        if (scan.has_descr && !*scan.descr)
            return fail(context, path, "it holds records or an unknown kind of number, not a table of numbers");
        return fail(context, path, "the .npy header is malformed");
    }
    matrix parsed = {.bytes = bytes + begin + text_size};
    if (!parse_descr(scan.descr, &parsed.type, &parsed.big_endian))
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: numbers of type \"%s\" cannot be read: convert them with astype(float)", path,
                            scan.descr);
    TRY(check_rank(context, path, &scan));
    parsed.rows = scan.shape[0];
    TRY(measure_row(context, path, &scan, axes, &parsed.columns));
    TRY(check_data(context, path, &parsed, size - begin - text_size));
    size_t width = element_size(parsed.type);
    parsed.row_stride = scan.fortran_order ? width : width * (size_t)parsed.columns;
    parsed.column_stride = scan.fortran_order ? width * (size_t)parsed.rows : width;
    *found = parsed;
    return ENOT_OK;
}

void npy_header_write(int64_t rows, int64_t columns, char header[NPY_HEADER_SIZE]) {
    enum { BEGIN = PREFIX_SIZE + 2, TEXT_SIZE = NPY_HEADER_SIZE - BEGIN };
    char text[TEXT_SIZE + 1];
    int size = snprintf(text, sizeof text, "{'descr': '%cf8', 'fortran_order': False, 'shape': (%lld, %lld), }",
                        __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? '>' : '<', (long long)rows, (long long)columns);
    memset(header, ' ', NPY_HEADER_SIZE);
    memcpy(header, MAGIC, MAGIC_SIZE);
    memcpy(header + MAGIC_SIZE, "\x01\x00", 2);
    header[PREFIX_SIZE] = TEXT_SIZE;
    header[PREFIX_SIZE + 1] = 0;
    memcpy(header + BEGIN, text, (size_t)size);
    header[NPY_HEADER_SIZE - 1] = '\n';
}
