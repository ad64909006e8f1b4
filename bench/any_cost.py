#!/usr/bin/env python3
"""Compares fits under every ground cost with exact discrete optimal transport (POT) between samples of the same measures.

    bench/any_cost.py                               every cost on every pair it applies to
    bench/any_cost.py --cost huber --pair moons     only these
    bench/any_cost.py --store discrete.json         keeps the discrete values there, and takes those that it has

A row: the discrete optimal value, mean over --draws draws of --rows rows of each side, and its standard error; then of the fit the
dual value and the mean cost of the map, both as relative differences from the discrete value, on fresh rows, and the mismatch over
the noise floor (95 %). What follows -- goes to each fit.
"""
import argparse
import hashlib
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

from commands import ROOT, add_command_arguments, enot_command, fail, limit_threads, parse_with_fit_options, run
from peer_venv import add_venv_argument, prepare_environment

PACKAGES = ["POT==0.9.7.post1", "numpy==2.4.6", "scipy==1.17.1"]

PLANE = {
    "moons": ("measure:moons", "measure:s_curve"),
    "squares": ("measure:square_five", "measure:square_four"),
    "mixtures": ("measure:gaussian_mixture:layout=1", "measure:gaussian_mixture:layout=2"),
}
SPHERE = {"sphere": ("measure:sphere_mixture:layout=1", "measure:sphere_mixture:layout=2")}
PAIRS = PLANE | SPHERE

UNIT = "np.sum(x * y, -1) / np.linalg.norm(x, axis=-1) / np.linalg.norm(y, axis=-1)"

ANGLE = "np.arcsinh(np.abs(x - y) / 2)"
STVS = f"np.sum((x - y)**2 / 2 + {ANGLE} + (1 - np.exp(-2 * {ANGLE})) / 2, -1)"

# The cost as enot names it, and its formula in numpy's terms.
COSTS = {
    "sqeuclidean": "np.sum((x - y)**2, -1)",
    "euclidean": "np.sqrt(np.sum((x - y)**2, -1))",
    "pnorm:p=1.5": "np.sum(np.abs(x - y)**1.5, -1) / 1.5",
    "pnorm:p=3": "np.sum(np.abs(x - y)**3, -1) / 3",
    "sq_pnorm:p=1.5": "np.sum(np.abs(x - y)**1.5, -1)**(2 / 1.5) / 2",
    "huber": "np.sum(np.where(np.abs(x - y) < 1, (x - y)**2 / 2, np.abs(x - y) - .5), -1)",
    "concave": "np.sqrt(np.sqrt(np.sum((x - y)**2, -1)))",
    "elastic_l1": "np.sum((x - y)**2 / 2 + np.abs(x - y), -1)",
    "elastic_stvs": STVS,
    "elastic_overlap": "np.sum((x - y)**2, -1) / 2 + np.sum(np.abs(x - y), -1)**2 / 2",
    "elastic_subspace:lam=3": "np.sum((x - y)**2, -1) / 2 + 3 / 2 * ((x - y)[..., 0] - (x - y)[..., 1])**2 / 2",
    "mahalanobis": "2 * (x - y)[..., 0]**2 + 2 * .5 * (x - y)[..., 0] * (x - y)[..., 1] + (x - y)[..., 1]**2",
    "periodic:period=10": "np.sum((x - y - 10 * np.round((x - y) / 10))**2, -1)",
    "cosine": f"1 - {UNIT}",
    "arccos": f"np.arccos(np.clip({UNIT}, -1, 1))",
    "geodesic": f"np.arccos(np.clip({UNIT}, -1, 1))**2 / 2",
}

# The files that costs are given by: the parameter and its rows.
FILES = {"elastic_subspace": ("basis", "1,1\n"), "mahalanobis": ("matrix", "2,.5\n.5,1\n")}


def applies(cost, pair):
    return (pair in SPHERE) == cost.startswith(("cosine", "arccos", "geodesic"))


class Comparison:
    def __init__(self, options, work):
        self.options, self.work, self.command = options, work, enot_command(options)
        self.python = prepare_environment(options.venv, PACKAGES)

    def sample(self, spec, seed):
        path = self.work / f"{hashlib.sha256(spec.encode()).hexdigest()[:16]}.{seed}.npy"
        if not path.exists():
            run([self.command, "sample", spec, "-n", self.options.rows, "--seed", seed, "-o", path, "--quiet"], "enot sample")
        return str(path)

    def discrete(self, cost, pair):
        """Mean and standard error."""
        problems = [{"cost": COSTS[cost], "source": self.sample(PAIRS[pair][0], seed), "target": self.sample(PAIRS[pair][1], seed)}
                    for seed in range(1000, 1000 + self.options.draws)]
        ended = subprocess.run([self.python, ROOT / "bench" / "discrete_ot.py"], input=json.dumps(problems), text=True,
                               capture_output=True)
        if ended.returncode != 0:
            fail(f"POT failed: {ended.stderr.strip()}")
        values = json.loads(ended.stdout)
        return statistics.mean(values), statistics.stdev(values) / len(values)**.5

    def with_file(self, cost):
        """The cost's name with the file that it is given by."""
        name = cost.split(":")[0]
        if name not in FILES:
            return cost
        parameter, rows = FILES[name]
        path = self.work / f"{name}.csv"
        path.write_text(rows)
        return f"{cost}{',' if ':' in cost else ':'}{parameter}={path}"

    def fit(self, cost, pair):
        path = self.work / "map.safetensors"
        fit = json.loads(run([self.command, "fit", *PAIRS[pair], "--cost", self.with_file(cost), "-o", path, "--json", "--quiet",
                              "--threads", self.options.threads, *self.options.fit], "enot fit").output)
        fresh = json.loads(run([self.command, "eval", path, *PAIRS[pair], "--seed", 77, "--rows", 16384, "--json", "--quiet"],
                               "enot eval").output)
        return fit["seconds"], fresh

    def row(self, cost, pair, stored):
        value, error = stored or self.discrete(cost, pair)
        cells = [cost, pair, f"{value:.4g}", f"{100 * error / value:.2f} %"]
        if self.options.fits:
            seconds, fresh = self.fit(cost, pair)
            cells += [f"{100 * (fresh[key] / value - 1):+.1f} %" for key in ("cost_dual", "cost_map")]
            cells += [f"{fresh['mismatch_after'] / fresh['mismatch_floor']:.2f}", f"{seconds:.0f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
        return value, error


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_command_arguments(parser)
    add_venv_argument(parser, "discrete-venv", "POT")
    parser.add_argument("--cost", action="append", help="only this cost; may be repeated [all]")
    parser.add_argument("--pair", action="append", choices=PAIRS, help="only this pair; may be repeated [all]")
    parser.add_argument("--rows", type=int, default=4000, help="of each side in a draw [4000]")
    parser.add_argument("--draws", type=int, default=4, help="[4]")
    parser.add_argument("--store", type=Path, help="write the discrete values into this file, and take what it has from there")
    parser.add_argument("--no-fits", dest="fits", action="store_false", help="the discrete values alone")
    return parse_with_fit_options(parser)


def main():
    options = parse_arguments()
    limit_threads(options.threads)
    stored = json.loads(options.store.read_text()) if options.store and options.store.exists() else {}
    print("| cost | pair | discrete | error | dual | map | mismatch / floor | seconds |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(options, Path(folder))
        for cost in options.cost or COSTS:
            for pair in filter(lambda pair: applies(cost, pair), options.pair or PAIRS):
                key = f"{cost} {pair}"
                stored[key] = comparison.row(cost, pair, stored.get(key))
                if options.store:
                    options.store.write_text(json.dumps(stored, indent=2) + "\n")


if __name__ == "__main__":
    main()
