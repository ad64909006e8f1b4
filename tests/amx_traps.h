/*
 * Processors without AMX stop at its instructions. In amx_traps_begin ... amx_traps_end a signal handler carries them out as
 * Intel's Software Developer's Manual defines them, so that the compiled kernel, addresses and all, is tested on any of them.
 * What the manual forbids (a tile that is not configured, shapes that do not fit) ends the process.
 */
#ifndef ENOT_TESTS_AMX_TRAPS_H
#define ENOT_TESTS_AMX_TRAPS_H

#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

typedef struct amx_tile {
    uint8_t row[16][64];
    int rows, bytes; /* 0: not configured */
} amx_tile;

static amx_tile amx_tiles[8];

/* An instruction with a three-byte VEX prefix in the second opcode map. */
typedef struct amx_instruction {
    int prefix, opcode, reg, rm, v; /* prefix: 0, 2 (F3) or 3 (F2); rm: a register, -1 for memory */
    char *base;
    int64_t stride;
    const uint8_t *end;
} amx_instruction;

static inline void amx_require(int condition, const char *what) {
    if (condition) return;
    dprintf(STDERR_FILENO, "not as AMX is defined: %s\n", what);
    _exit(1);
}

static inline int64_t amx_register(const greg_t *registers, int number) {
    static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                  REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    return registers[order[number]];
}

static inline int64_t amx_displacement(const uint8_t **at, int mode) {
    int32_t wide = 0;
    if (mode == 1) return (int8_t) * (*at)++;
    if (mode == 2) {
        memcpy(&wide, *at, sizeof wide);
        *at += sizeof wide;
    }
    return wide;
}

static inline amx_instruction amx_decode(const uint8_t *code, const greg_t *registers) {
    amx_require(code[0] == 0xc4 && (code[1] & 31) == 2 && (code[2] & 0x84) == 0, "another instruction");
    int high_reg = code[1] & 0x80 ? 0 : 8, high_index = code[1] & 0x40 ? 0 : 8, high_base = code[1] & 0x20 ? 0 : 8;
    int mode = code[4] >> 6, rm = code[4] & 7;
    amx_instruction i = {code[2] & 3, code[3], (code[4] >> 3 & 7) | high_reg, -1, ~code[2] >> 3 & 15, NULL, 0, code + 5};
    if (mode == 3) {
        i.rm = rm | high_base;
    } else if (rm == 4) {
        int sib = *i.end++, index = (sib >> 3 & 7) | high_index;
        amx_require(mode > 0 || (sib & 7) != 5, "an address without base");
        if (index != 4) i.stride = amx_register(registers, index) << (sib >> 6);
        i.base = (char *)amx_register(registers, (sib & 7) | high_base) + amx_displacement(&i.end, mode);
    } else if (mode == 0 && rm == 5) {
        int64_t offset = amx_displacement(&i.end, 2);
        i.base = (char *)i.end + offset;
    } else {
        i.base = (char *)amx_register(registers, rm | high_base) + amx_displacement(&i.end, mode);
    }
    return i;
}

static inline void amx_configure(const uint8_t *c) {
    amx_require(c[0] == 1 && c[1] == 0, "palette or first row");
    for (int i = 2; i < 16; i++) amx_require(c[i] == 0, "reserved bytes");
    memset(amx_tiles, 0, sizeof amx_tiles);
    for (int t = 0; t < 16; t++) {
        int bytes = c[16 + 2 * t] | c[17 + 2 * t] << 8, rows = c[48 + t];
        amx_require(bytes <= 64 && rows <= 16 && (t < 8 || bytes + rows == 0), "a tile's size");
        if (t >= 8) continue;
        amx_tiles[t].bytes = bytes;
        amx_tiles[t].rows = rows;
    }
}

static inline amx_tile *amx_tile_at(int number) {
    amx_require(number < 8 && amx_tiles[number].rows > 0, "a tile that is not configured");
    return &amx_tiles[number];
}

static inline float amx_number(const uint8_t *at) {
    uint32_t bits = (uint32_t)(at[0] | at[1] << 8) << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void amx_multiply(amx_tile *c, const amx_tile *a, const amx_tile *b) {
    amx_require(c != a && c != b && a != b, "tiles must differ");
    amx_require(a->bytes == 4 * b->rows && c->rows == a->rows && c->bytes == b->bytes, "shapes");
    for (int m = 0; m < c->rows; m++)
        for (int n = 0; n < c->bytes; n += 4) {
            float sums[2] = {0, 0}, value;
            for (int k = 0; k < a->bytes; k += 4)
                for (int h = 0; h < 2; h++)
                    sums[h] = fmaf(amx_number(&a->row[m][k + 2 * h]), amx_number(&b->row[k / 4][n + 2 * h]), sums[h]);
            memcpy(&value, &c->row[m][n], sizeof value);
            value += sums[0] + sums[1];
            memcpy(&c->row[m][n], &value, sizeof value);
        }
}

static inline void amx_load(amx_tile *t, const char *base, int64_t stride) {
    memset(t->row, 0, sizeof t->row);
    for (int i = 0; i < t->rows; i++) memcpy(t->row[i], base + i * stride, (size_t)t->bytes);
}

static inline void amx_store(const amx_tile *t, char *base, int64_t stride) {
    for (int i = 0; i < t->rows; i++) memcpy(base + i * stride, t->row[i], (size_t)t->bytes);
}

static inline void amx_handle(int number, siginfo_t *info, void *user) {
    greg_t *registers = ((ucontext_t *)user)->uc_mcontext.gregs;
    amx_instruction i = amx_decode((const uint8_t *)registers[REG_RIP], registers);
    if (i.opcode == 0x49 && i.prefix == 0 && i.rm < 0 && i.reg == 0)
        amx_configure((const uint8_t *)i.base); /* LDTILECFG */
    else if (i.opcode == 0x49 && i.prefix == 0 && i.rm == 0 && i.reg == 0)
        memset(amx_tiles, 0, sizeof amx_tiles); /* TILERELEASE */
    else if (i.opcode == 0x49 && i.prefix == 3 && i.rm == 0)
        memset(amx_tile_at(i.reg)->row, 0, sizeof amx_tiles->row); /* TILEZERO */
    else if (i.opcode == 0x4b && i.prefix == 3 && i.rm < 0)
        amx_load(amx_tile_at(i.reg), i.base, i.stride); /* TILELOADD */
    else if (i.opcode == 0x4b && i.prefix == 2 && i.rm < 0)
        amx_store(amx_tile_at(i.reg), i.base, i.stride); /* TILESTORED */
    else if (i.opcode == 0x5c && i.prefix == 2 && i.rm >= 0)
        amx_multiply(amx_tile_at(i.reg), amx_tile_at(i.rm), amx_tile_at(i.v)); /* TDPBF16PS */
    else
        amx_require(0, "an instruction that is not known here");
    registers[REG_RIP] = (greg_t)i.end;
}

static struct sigaction amx_before;

static inline void amx_traps_begin(void) {
    struct sigaction action = {.sa_sigaction = amx_handle, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &action, &amx_before);
}

static inline void amx_traps_end(void) {
    for (int t = 0; t < 8; t++) amx_require(amx_tiles[t].rows == 0, "tiles are left behind");
    sigaction(SIGILL, &amx_before, NULL);
}

#endif
