/* The subcommands: each takes its own name as argv[0] and returns the exit code. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

int cmd_fit(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cmd_eval(int argc, char **argv);
int cmd_grid(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_sample(int argc, char **argv);
int cmd_recolor(int argc, char **argv);
int cmd_costs(int argc, char **argv);
int cmd_measures(int argc, char **argv);
int cmd_tutorial(int argc, char **argv);
int cmd_bench(int argc, char **argv);

#endif
