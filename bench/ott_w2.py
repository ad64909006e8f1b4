"""Trains OTT-JAX's expectile neural dual on a benchmark pair; bench/peer_ott_w2.py runs it where OTT-JAX is installed.

Prints one JSON object with the keys of `enot bench w2 --json`: seconds count what is compiled, but not the scoring.
"""
import argparse
import importlib.metadata
import itertools
import json
import time
from types import SimpleNamespace

import jax
import optax
from ott.neural.methods.expectile_neural_dual import ENOTPotentials

from ott_steps import Training, create_solver
from w2bench import Pair

# What `enot bench w2 --recipe paper` sets.
BATCH, RATE, RATE_END, BETA1, BETA2, TAU, COEFFICIENT = 1024, 5e-4, 0.01, 0.9, 0.99, 0.99, 0.3
WIDE_FROM, WIDE, NARROW = 64, (512, 512, 512), (128, 128, 128, 128)

SCORE_ROWS = 1 << 14
SCORE_SEED = 0x7732
FIRST_SCORE, SCORE_GROWTH = 0.1, 1.4  # seconds from the start, and how the distance grows
TRIAL_STEPS, TRIAL_PART = 40, 0.02    # at most so many steps, or about so much of the time, tell how long one takes


def endless(draw, seed):
    """Batches of fresh rows."""
    key = jax.random.key(seed)
    for i in itertools.count():
        yield draw(jax.random.fold_in(key, i))


def create_training(pair, seed, steps):
    """With a learning rate that falls over so many steps."""
    options = SimpleNamespace(hidden=WIDE if pair.dim >= WIDE_FROM else NARROW, beta1=BETA1, beta2=BETA2, tau=TAU,
                              coefficient=COEFFICIENT, lr=optax.cosine_decay_schedule(RATE, steps, RATE_END), seed=seed)
    source, target = (jax.jit(lambda key, draw=draw: draw(key, BATCH)) for draw in (pair.source, pair.target))
    return Training(create_solver(pair.dim, options), endless(source, 2 * seed + 1), endless(target, 2 * seed + 2))


class Truth:
    """Fresh rows with their true images."""

    def __init__(self, pair):
        self.x = jax.jit(lambda key: pair.source(key, SCORE_ROWS))(jax.random.key(SCORE_SEED))
        self.y = jax.jit(pair.true_map)(self.x)
        self.mapped = None

    def uvp(self, moved, wanted):
        return float(100 * ((moved - wanted) ** 2).sum(axis=1).mean() / wanted.var(axis=0).sum())

    def compile(self, solver):
        f, g = solver.state_f.potential_gradient_fn, solver.state_g.potential_value_fn

        def move(f_params, g_params, x, y):
            potentials = ENOTPotentials(f(f_params), g(g_params), cost_fn=solver.cost_fn)
            return potentials.transport(x), potentials.transport(y, forward=False)

        self.mapped = jax.jit(move)

    def score(self, solver):
        there, back = self.mapped(solver.state_f.params, solver.state_g.params, self.x, self.y)
        return {"uvp_forward": self.uvp(there, self.y), "uvp_inverse": self.uvp(back, self.x)}


def find_speed(pair, seed, seconds):
    """Seconds until everything is compiled, and seconds of a step after that."""
    training = create_training(pair, seed, 1 << 30)
    first, _ = training.run(2)
    rough, _ = training.run(2)
    step, _ = training.run(max(2, min(TRIAL_STEPS, int(TRIAL_PART * seconds / rough))))
    return 2 * (first - step), step


class Run:
    """A training with its history."""

    def __init__(self, pair, seed, planned, step):
        self.training, self.truth = create_training(pair, seed, planned), Truth(pair)
        self.planned, self.step = planned, step
        self.seconds = self.scoring_seconds = self.compile_seconds = 0.0
        self.history = []
        self.truth.compile(self.training.solver)

    def train(self, steps):
        each, _ = self.training.run(steps)
        self.seconds += steps * each

    def score(self):
        begun = time.perf_counter()
        score = self.truth.score(self.training.solver)
        self.scoring_seconds += time.perf_counter() - begun
        done = self.training.done
        self.history.append({"steps": done, "samples": done * BATCH, "seconds": self.seconds, **score,
                             "scoring_seconds": self.scoring_seconds})

    def steps_until(self, seconds):
        """At least one, at most what is left."""
        wanted = int((seconds - self.seconds) / self.step)
        return max(1, min(wanted, self.planned - self.training.done))

    def run(self):
        self.score()
        self.train(2)  # both directions are compiled
        self.compile_seconds = max(self.seconds - 2 * self.step, 0)
        due = FIRST_SCORE
        while self.training.done < self.planned:
            while due <= self.seconds:
                due *= SCORE_GROWTH
            self.train(self.steps_until(due))
            if self.seconds >= due or self.training.done >= self.planned:
                self.score()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="pair of the benchmark, safetensors")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main():
    options = parse_arguments()
    pair = Pair(options.file)
    compiling, step = find_speed(pair, options.seed, 60 * options.minutes)
    planned = max(2, int((60 * options.minutes - compiling) / step))
    run = Run(pair, options.seed, planned, step)
    run.run()
    versions = {name: importlib.metadata.version(name) for name in ("ott-jax", "jax")}
    print(json.dumps({**run.history[-1], "file": options.file, "dim": pair.dim, "method": "OTT-JAX",
                      "compile_seconds": run.compile_seconds, "versions": versions, "history": run.history}))


if __name__ == "__main__":
    main()
