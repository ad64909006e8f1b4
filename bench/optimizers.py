#!/usr/bin/env python3
"""Compares optimisers on tables and on pairs in the plane: how good a map is after how long.

    bench/optimizers.py                     all problems, three seeds
    bench/optimizers.py --seeds 1 --data wine --optimizer soap --lr 8e-3

For each optimiser fits with a quarter, a half and all of the usual steps. A cell is the mismatch on rows that took no part,
divided by the noise floor, and the seconds of the fit; medians over the seeds.
"""
import argparse
import json
import statistics
import tempfile
from pathlib import Path

from commands import ROOT, add_command_arguments, enot_command, run

SHARES = (0.25, 0.5, 1)


def write_digits(work):
    """Paths of the digits 0 to 4 and 5 to 9, without their labels."""
    rows = [line.rsplit(",", 1) for line in (ROOT / "data" / "optdigits.csv").read_text().splitlines() if line[0] != "#"]
    paths = []
    for name, low, high in ("low", 0, 4), ("high", 5, 9):
        paths.append(work / f"{name}.csv")
        paths[-1].write_text("".join(row + "\n" for row, digit in rows if low <= int(digit) <= high))
    return paths


def problems(work):
    """Arguments of each problem's fit, and its usual steps."""
    wine = [ROOT / "data" / f"winequality-{colour}.csv" for colour in ("white", "red")]
    return {
        "wine": ([*wine, "--columns", "1-11", "--scale", "column"], 2800),
        "digits": (write_digits(work), 2800),
        "moons": (["measure:moons", "measure:s_curve"], 20000),
        "square_five": (["measure:square_five", "measure:square_four"], 20000),
    }


class Comparison:
    def __init__(self, command, work, seeds, extra):
        self.command, self.work, self.seeds, self.extra = command, work, seeds, extra

    def fit(self, arguments, optimizer, steps, seed):
        """Mismatch over the noise floor, and seconds."""
        report = json.loads(run([self.command, "fit", *arguments, "-o", self.work / "map.safetensors", "--json", "--quiet",
                                 "--seed", seed, "--steps", steps, "--patience", 0, "--optimizer", optimizer, *self.extra],
                                "enot fit").output)
        return report["mismatch_after"] / report["mismatch_floor"], report["seconds"]

    def cell(self, arguments, optimizer, steps):
        found = [self.fit(arguments, optimizer, steps, seed) for seed in range(self.seeds)]
        ratio, seconds = (statistics.median(column) for column in zip(*found))
        return f"{ratio:.2f} ({seconds:.1f} s)"

    def row(self, name, problem, optimizer):
        arguments, steps = problem
        cells = [self.cell(arguments, optimizer, round(steps * share)) for share in SHARES]
        return " | ".join([f"| {name} | {optimizer}", *cells]) + " |"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_command_arguments(parser)
    parser.add_argument("--seeds", type=int, default=3, help="of each fit, from 0 [3]")
    parser.add_argument("--data", action="append", help="only this problem; may be repeated [all]")
    parser.add_argument("--optimizer", action="append", help="only this one; may be repeated [adam, soap, muon]")
    return parser.parse_known_args()


def main():
    options, extra = parse_arguments()
    extra += ["--threads", options.threads]
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(enot_command(options), Path(folder), options.seeds, extra)
        known = problems(Path(folder))
        print("| data | optimiser |" + "".join(f" {share:g} of the steps |" for share in SHARES))
        print("|---|---|" + "---|" * len(SHARES))
        for name in options.data or known:
            for optimizer in options.optimizer or ("adam", "soap", "muon"):
                print(comparison.row(name, known[name], optimizer), flush=True)


if __name__ == "__main__":
    main()
