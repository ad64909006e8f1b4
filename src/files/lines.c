#include "files/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"

enum { BLOCK = 1 << 18, LINE_MAX_SIZE = 1 << 28 };

struct lines {
    char *name;
    int descriptor;
    bool borrowed; /* standard input stays open */
    bool ended;
    int64_t number;
    char *buffer;
    size_t capacity, begin, end; /* unread bytes are buffer[begin .. end) */
};

static enot_status open_descriptor(enot_context *context, const char *path, lines *reader) {
    if (strcmp(path, "-") == 0) {
        reader->descriptor = STDIN_FILENO;
        reader->borrowed = true;
        return ENOT_OK;
    }
    reader->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (reader->descriptor < 0)
        return context_fail(context, ENOT_ERR_IO, "%s: cannot open: %s: check the name", path, strerror(errno));
    struct stat found;
    if (fstat(reader->descriptor, &found) == 0 && S_ISDIR(found.st_mode))
        return context_fail(context, ENOT_ERR_IO, "%s: is a directory: name a file in it", path);
    return ENOT_OK;
}

/* Room for another block behind the unread bytes. */
static enot_status make_room(enot_context *context, lines *reader) {
    size_t used = reader->end - reader->begin;
    if (reader->capacity - used >= BLOCK) {
        memmove(reader->buffer, reader->buffer + reader->begin, used);
    } else {
        if (reader->capacity >= LINE_MAX_SIZE)
            return context_fail(context, ENOT_ERR_FORMAT,
                                "%s, line %lld: longer than 256 MiB: this is no table of numbers", reader->name,
                                (long long)reader->number + 1);
        char *larger;
        size_t capacity = reader->capacity ? reader->capacity * 2 : 2 * BLOCK;
        TRY(MEMORY_NEW(context, (int64_t)capacity, "a line of text", &larger));
        if (used > 0) memcpy(larger, reader->buffer + reader->begin, used);
        memory_destroy(reader->buffer);
        reader->buffer = larger;
        reader->capacity = capacity;
    }
    reader->begin = 0;
    reader->end = used;
    return ENOT_OK;
}

static enot_status read_block(enot_context *context, lines *reader) {
    TRY(make_room(context, reader));
    ssize_t size;
    do size = read(reader->descriptor, reader->buffer + reader->end, BLOCK);
    while (size < 0 && errno == EINTR);
    if (size < 0) return context_fail(context, ENOT_ERR_IO, "%s: cannot read: %s", reader->name, strerror(errno));
    if (memchr(reader->buffer + reader->end, '\0', (size_t)size))
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: holds binary data, not CSV text in UTF-8: check its kind and the end of its name",
                            reader->name);
    reader->end += (size_t)size;
    reader->ended = size == 0;
    return ENOT_OK;
}

static enot_status skip_byte_order_mark(enot_context *context, lines *reader) {
    while (reader->end - reader->begin < 3 && !reader->ended) TRY(read_block(context, reader));
    if (reader->end - reader->begin >= 3 && memcmp(reader->buffer + reader->begin, "\xEF\xBB\xBF", 3) == 0)
        reader->begin += 3;
    return ENOT_OK;
}

enot_status lines_open(enot_context *context, const char *path, lines **reader) {
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    lines *created;
    TRY(MEMORY_NEW(context, 1, "a text file", &created));
    created->descriptor = -1;
    enot_status status = MEMORY_NEW(context, (int64_t)strlen(name) + 1, "a file name", &created->name);
    if (status == ENOT_OK) strcpy(created->name, name);
    if (status == ENOT_OK) status = open_descriptor(context, path, created);
    if (status == ENOT_OK) status = skip_byte_order_mark(context, created);
    if (status != ENOT_OK) {
        lines_close(created);
        return status;
    }
    *reader = created;
    return ENOT_OK;
}

void lines_close(lines *reader) {
    if (!reader) return;
    if (reader->descriptor >= 0 && !reader->borrowed) close(reader->descriptor);
    memory_destroy(reader->name);
    memory_destroy(reader->buffer);
    memory_destroy(reader);
}

const char *lines_name(const lines *reader) { return reader->name; }

int64_t lines_number(const lines *reader) { return reader->number; }

/* Reads until a whole line is there; *size is its length with the line end, 0 at the end of the file. */
static enot_status complete_line(enot_context *context, lines *reader, size_t *size) {
    size_t searched = 0;
    for (;;) {
        size_t unread = reader->end - reader->begin;
        const char *text = reader->buffer + reader->begin;
        const char *line_end = unread > searched ? memchr(text + searched, '\n', unread - searched) : NULL;
        *size = line_end ? (size_t)(line_end - text) + 1 : unread;
        if (line_end || reader->ended) return ENOT_OK;
        searched = unread;
        TRY(read_block(context, reader));
    }
}

enot_status lines_peek(enot_context *context, lines *reader, const char **text, size_t *size) {
    size_t line_size;
    TRY(complete_line(context, reader, &line_size));
    *text = reader->buffer + reader->begin;
    *size = reader->end - reader->begin;
    return ENOT_OK;
}

enot_status lines_next(enot_context *context, lines *reader, const char **text, size_t *size) {
    TRY(complete_line(context, reader, size));
    *text = *size ? reader->buffer + reader->begin : NULL;
    reader->begin += *size;
    if (*size) reader->number++;
    return ENOT_OK;
}
