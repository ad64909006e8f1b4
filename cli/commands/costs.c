/* enot costs: the ground costs that fit knows. */
#include "commands/command.h"
#include "commands/listing.h"

int cmd_costs(int argc, char **argv) {
    return listing_run("costs", "Lists the ground costs: name, parameters with their ranges, formula.\n",
                       "  enot costs\n  enot fit a.csv b.csv --cost pnorm:p=1.5 -o map.safetensors\n",
                       enot_costs_describe, argc, argv);
}
