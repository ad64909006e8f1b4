/* The benchmarks of enot bench: each takes its own name as argv[0] and returns the exit code. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

int bench_conv(int argc, char **argv);
int bench_step(int argc, char **argv);
int bench_w2(int argc, char **argv);

#endif
