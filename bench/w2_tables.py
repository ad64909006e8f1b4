#!/usr/bin/env python3
"""How near fits of tables come to the optimal map where it is known: rows drawn from pairs of the Wasserstein-2 benchmark.

    bench/w2_tables.py mix3to10_064.safetensors --rows 9000 --seeds 3
    bench/w2_tables.py mix_128.safetensors -- --optimizer adam     (what follows -- goes to each fit)

A row: L2-UVP on 4,096 fresh rows of the Gaussian map and of the fit, mismatch on held-out rows of both and its noise floor, and the
fit's seconds. bench/w2_join.py makes pairs of more columns.
"""
import argparse
import json
import statistics
import tempfile
from pathlib import Path

from commands import add_command_arguments, enot_command, parse_with_fit_options, run
from tensor_file import read_tensors

TRUTH_ROWS = 4096


class Tables:
    """Of one pair and seed: what is fitted, and fresh rows with their true images."""

    def __init__(self, enot, work, pair, rows, seed):
        self.enot, self.work = enot, work
        self.source, self.target = self.draw("w2bench", pair, rows, 3 * seed + 1), self.draw("w2bench_target", pair, rows, 3 * seed + 2)
        self.fresh, truth = (self.draw(side, pair, TRUTH_ROWS, 3 * seed + 3) for side in ("w2bench", "w2bench_target"))
        self.dim, self.truth = read_rows(truth)
        self.variance = sum(statistics.pvariance(self.truth[j::self.dim]) for j in range(self.dim))

    def draw(self, measure, pair, rows, seed):
        path = self.work / f"{measure}_{rows}_{seed}.safetensors"
        run([self.enot, "sample", f"{measure}:{pair.absolute()}", "-n", rows, "--seed", seed, "-o", path, "--quiet"], "enot sample")
        return path

    def fit(self, options):
        """The report, with the L2-UVP of the map."""
        network, moved = self.work / "map.safetensors", self.work / "moved.safetensors"
        report = json.loads(run([self.enot, "fit", self.source, self.target, "-o", network, "--json", "--quiet", *options],
                                "enot fit").output)
        run([self.enot, "apply", network, self.fresh, "-o", moved, "--quiet"], "enot apply")
        return {**report, "uvp": self.uvp(read_rows(moved)[1])}

    def uvp(self, moved):
        distance = sum((a - b) ** 2 for a, b in zip(moved, self.truth))
        return 100 * distance / TRUTH_ROWS / self.variance


def read_rows(path):
    """Columns, and all numbers row by row, of the only matrix of a file."""
    [(shape, numbers)] = read_tensors(path)[1].values()
    return shape[1], numbers


def print_row(tables, pair, seed, options):
    start, fit = tables.fit([*options, "--steps", 0]), tables.fit(options)
    print(f"| {pair.stem} | {tables.dim} | {seed} | {start['uvp']:.1f} | {fit['uvp']:.2f} | {fit['mismatch_gaussian']:.4f} | "
          f"{fit['mismatch_after']:.4f} ± {fit['mismatch_after_error']:.4f} | {fit['mismatch_floor']:.4f} | {fit['seconds']:.0f} |",
          flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", metavar="FILE", nargs="+", type=Path, help="pair of the benchmark")
    parser.add_argument("--rows", type=int, default=9000, help="of each table [9000]")
    parser.add_argument("--seeds", type=int, default=1, help="of rows and fits, from 0 [1]")
    add_command_arguments(parser)
    return parse_with_fit_options(parser)


def main():
    options = parse_arguments()
    enot = enot_command(options)
    print("| pair | columns | seed | UVP, Gaussian map | UVP | mismatch, Gaussian map | mismatch | floor (95 %) | seconds |\n"
          "|---|---|---|---|---|---|---|---|---|")
    for pair in options.pairs:
        for seed in range(options.seeds):
            with tempfile.TemporaryDirectory() as folder:
                tables = Tables(enot, Path(folder), pair, options.rows, seed)
                print_row(tables, pair, seed, [*options.fit, "--seed", seed, "--threads", options.threads])


if __name__ == "__main__":
    main()
