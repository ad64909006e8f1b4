#!/usr/bin/env python3
"""Joins pairs of the Wasserstein-2 benchmark into one of the sum of their dimensions, whose optimal map is known too.

    bench/w2_join.py mix3to10_004.safetensors mix3to10_016.safetensors -o mix_020.safetensors
    build/cli/enot bench w2 mix_020.safetensors --minutes 1

The source is the product of their sources (with --together, a mixture of the products of their components that stand at the
same place in their files, three as in the benchmark's own pairs), the convex function the sum of theirs, and both are turned
by a random rotation R, so that no column stays as it was: if T is optimal between two measures, R T(R' x) is between the
turned ones. Dimensions that nothing was chosen on can be tried that way. Each pair's scale goes into its last layers, as the
joined one has the scale 1.
"""
import argparse
import itertools
import math
import random

from commands import fail
from tensor_file import read_tensors, write_tensors

METADATA = {"format": "w2bench-mix3to10", "activation": "celu", "note": "T(x) = scale * (grad v1(x) + grad v2(x) + shift)"}
POTENTIALS = ("v1", "v2")


class Tensor:
    """Numbers, those of the last index side by side."""

    def __init__(self, shape, numbers):
        self.shape, self.numbers = list(shape), list(numbers)

    def rows(self):
        """Along the last index."""
        width = self.shape[-1]
        return [self.numbers[i:i + width] for i in range(0, len(self.numbers), width)]


def matrix(rows):
    return Tensor([len(rows), len(rows[0])], itertools.chain(*rows))


def vector(numbers):
    return Tensor([len(numbers)], numbers)


def read_pair(path):
    metadata, tensors = read_tensors(path)
    if metadata.get("format") != METADATA["format"]:
        fail(f"{path}: not a pair of the Wasserstein-2 benchmark")
    return {name: Tensor(*tensor) for name, tensor in tensors.items()}


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def random_rotation(dim, seed):
    """Orthonormal rows from normal ones (Gram and Schmidt)."""
    normal = random.Random(seed).gauss
    rows = []
    for _ in range(dim):
        row = [normal(0, 1) for _ in range(dim)]
        for other in rows:
            part = dot(row, other)
            row = [x - part * y for x, y in zip(row, other)]
        length = math.sqrt(dot(row, row))
        rows.append([x / length for x in row])
    return rows


def transposed(rows):
    return [list(column) for column in zip(*rows)]


def block_diagonal(blocks):
    """Of lists of rows."""
    width, before, rows = sum(len(block[0]) for block in blocks), 0, []
    for block in blocks:
        after = width - before - len(block[0])
        rows += [[0.0] * before + row + [0.0] * after for row in block]
        before += len(block[0])
    return rows


def turn(rotation, points):
    """Each row x becomes R x."""
    return [[dot(axis, point) for axis in rotation] for point in points]


def join_source(pairs, rotation, together):
    """A component for each choice of one from each pair; a component's map comes with the standard deviation."""
    centers, maps = [], []
    components = [range(pair["source.centers"].shape[0]) for pair in pairs]
    for choice in zip(*components) if together else itertools.product(*components):
        centers.append(list(itertools.chain(*(pair["source.centers"].rows()[k] for pair, k in zip(pairs, choice)))))
        blocks = []
        for pair, k in zip(pairs, choice):
            dim, std = pair["source.maps"].shape[1], pair["source.std"].numbers[0]
            blocks.append([[std * x for x in row] for row in pair["source.maps"].rows()[k * dim:(k + 1) * dim]])
        maps += transposed(turn(rotation, transposed(block_diagonal(blocks))))
    dim = len(rotation)
    return {"source.centers": matrix(turn(rotation, centers)), "source.maps": Tensor([len(centers), dim, dim], itertools.chain(*maps)),
            "source.std": vector([1.0])}


def join_layer(pairs, rotation, at):
    """One layer of squares of linear functions and of linear functions: the rows of all pairs, each in its own coordinates."""
    rank = pairs[0][f"{at}.quadratic_decomposed"].shape[1]
    squares = []
    for r in range(rank):
        blocks = [transposed(pair[f"{at}.quadratic_decomposed"].rows()[r::rank]) for pair in pairs]
        squares += turn(rotation, block_diagonal(blocks))
    linear = turn(rotation, block_diagonal([pair[f"{at}.weight"].rows() for pair in pairs]))
    columns = transposed(squares)
    return {f"{at}.quadratic_decomposed": Tensor([len(columns), rank, len(squares) // rank], itertools.chain(*columns)),
            f"{at}.weight": matrix(linear),
            f"{at}.bias": vector(list(itertools.chain(*(pair[f"{at}.bias"].numbers for pair in pairs))))}


def scale_of(pair):
    return pair["target.scale"].numbers[0]


def join_potential(pairs, rotation, name):
    joined, layers = {}, len({key.split(".")[2] for key in pairs[0] if key.startswith(f"{name}.quadratic_layers.")})
    for i in range(layers):
        joined.update(join_layer(pairs, rotation, f"{name}.quadratic_layers.{i}"))
    for i in range(layers - 1):
        at = f"{name}.convex_layers.{i}.weight"
        joined[at] = matrix(block_diagonal([pair[at].rows() for pair in pairs]))
    final = f"{name}.final_layer.weight"
    joined[final] = matrix([[scale_of(pair) * x for pair in pairs for x in pair[final].numbers]])
    return joined


def join(pairs, seed, together):
    dim = sum(pair["source.centers"].shape[1] for pair in pairs)
    rotation = random_rotation(dim, seed)
    shift = [scale_of(pair) * x for pair in pairs for x in pair["target.shift"].numbers]
    joined = join_source(pairs, rotation, together)
    joined.update({"target.shift": vector(turn(rotation, [shift])[0]), "target.scale": vector([1.0])})
    for name in POTENTIALS:
        joined.update(join_potential(pairs, rotation, name))
    return joined


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", nargs="+", help="pairs of the benchmark")
    parser.add_argument("-o", "--output", required=True, help="the joined pair")
    parser.add_argument("--seed", type=int, default=0, help="of the rotation [0]")
    parser.add_argument("--together", action="store_true",
                        help="the pairs' first components are one, and so on: as few components as in each, not their product")
    options = parser.parse_args()
    joined = join([read_pair(path) for path in options.files], options.seed, options.together)
    write_tensors(options.output, METADATA, {name: (tensor.shape, tensor.numbers) for name, tensor in joined.items()})


if __name__ == "__main__":
    main()
