"""Times training steps of OTT-JAX's expectile neural dual; bench/peer_ott.py runs it where OTT-JAX is installed.

Prints one JSON object: seconds from the start of the process to the end of the second step; seconds a step after that,
by the clock and of all processors together.
"""
import time

STARTED = time.perf_counter()

import argparse
import importlib.metadata
import json

import jax
import numpy as np
import optax
from ott.geometry import costs
from ott.neural.methods.expectile_neural_dual import ExpectileNeuralDual
from ott.neural.networks.potentials import MLP


def batches(rows, batch, seed):
    """Endless batches of rows drawn with replacement."""
    generator = np.random.default_rng(seed)
    while True:
        yield rows[generator.integers(0, len(rows), batch)]


def create_solver(dim, options):
    def network():
        return MLP(dim_hidden=[*options.hidden, 1], act_fn=jax.nn.elu)

    def optimizer():
        return optax.adam(options.lr, b1=options.beta1, b2=options.beta2)

    return ExpectileNeuralDual(
        dim,
        neural_f=network(),
        neural_g=network(),
        optimizer_f=optimizer(),
        optimizer_g=optimizer(),
        cost_fn=costs.SqEuclidean(),
        expectile=options.tau,
        expectile_loss_coef=options.coefficient,
        rng=jax.random.key(options.seed),
    )


class Training:
    """The alternation of OTT-JAX's own loop on two endless iterators of batches, without its progress bar and validation."""

    def __init__(self, solver, source, target):
        self.solver, self.source, self.target = solver, source, target
        self.done = 0

    def step(self):
        solver = self.solver
        x, y = jax.numpy.asarray(next(self.source)), jax.numpy.asarray(next(self.target))
        if self.done % 2 == 0:
            solver.state_f, solver.state_g, *losses = solver.train_step(
                solver.state_f, solver.state_g, {"source": x, "target": y})
        else:
            solver.state_g, solver.state_f, *losses = solver.train_step(
                solver.state_g, solver.state_f, {"source": y, "target": x})
        self.done += 1

    def run(self, steps):
        """Seconds a step takes, to the last weight: by the clock, of the processors."""
        begun, used = time.perf_counter(), time.process_time()
        for _ in range(steps):
            self.step()
        jax.block_until_ready((self.solver.state_f.params, self.solver.state_g.params))
        return (time.perf_counter() - begun) / steps, (time.process_time() - used) / steps


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="npy file, [rows, dim]")
    parser.add_argument("target", help="npy file, [rows, dim]")
    parser.add_argument("--steps", type=int, required=True, help="steps to time, after as many as --warmup")
    parser.add_argument("--warmup", type=int, required=True, help="steps before them, the first two included")
    parser.add_argument("--hidden", type=int, nargs="+", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--tau", type=float, required=True)
    parser.add_argument("--coefficient", type=float, required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--beta1", type=float, required=True)
    parser.add_argument("--beta2", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0, help="of the weights")
    return parser.parse_args()


def main():
    options = parse_arguments()
    source = np.load(options.source).astype(np.float32)
    target = np.load(options.target).astype(np.float32)
    training = Training(create_solver(source.shape[1], options), batches(source, options.batch, 1),
                        batches(target, options.batch, 2))
    training.run(2)
    ready = time.perf_counter() - STARTED
    training.run(options.warmup - 2)
    step, processors = training.run(options.steps)
    versions = {name: importlib.metadata.version(name) for name in ("ott-jax", "jax")}
    print(json.dumps({"second_step": ready, "step": step, "processors": processors, "versions": versions}))


if __name__ == "__main__":
    main()
