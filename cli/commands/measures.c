/* enot measures: the built-in measures. */
#include "commands/command.h"
#include "commands/listing.h"

int cmd_measures(int argc, char **argv) {
    return listing_run("measures", "Lists the built-in measures: name, parameters with defaults, meaning.\n",
                       "  enot measures\n  enot sample moons:noise=0.1 -n 1000 -o moons.csv\n", enot_measures_describe,
                       argc, argv);
}
