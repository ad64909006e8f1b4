#!/usr/bin/env python3
"""How much sooner one training reaches each error than another: from the JSON of enot bench w2 and bench/peer_ott_w2.py.

    bench/w2_speedup.py auto.json paper.json ott.json

For every pair in the first file and every other file a table: the errors (L2-UVP there, per cent) that the other training
reached, one a halving, and the seconds to each of both. A training has reached an error at its first score that is no larger.
"""
import argparse
import json
from pathlib import Path


def histories(path):
    """Of each dimension in the file: name, and [(seconds, error)] after the start."""
    found = {}
    for result in json.loads(path.read_text()):
        scores = [(score["seconds"], score["uvp_forward"]) for score in result["history"] if score["steps"] > 0]
        found[result["dim"]] = result.get("recipe", path.stem), scores
    return found


def seconds_to(scores, error):
    return min((seconds for seconds, uvp in scores if uvp is not None and uvp <= error), default=None)


def levels(scores):
    """The best error and what is one, two, ... times twice it, up to the first score's."""
    error, worst = min(uvp for _, uvp in scores if uvp is not None), scores[0][1]
    while error <= worst:
        yield error
        error *= 2


def print_comparison(dim, mine, other):
    print(f"\n{dim} columns: {mine[0]} against {other[0]}\n\n| UVP | {mine[0]}, s | {other[0]}, s | times sooner |\n|---|---|---|---|")
    for error in levels(other[1]):
        here, there = seconds_to(mine[1], error), seconds_to(other[1], error)
        print(f"| {error:.3g} | " + (f"{here:.1f} | {there:.0f} | {there / here:.0f} |" if here else f"not reached | {there:.0f} | |"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="JSON", nargs="+", type=Path, help="results; the first is compared with the others")
    first, *others = [histories(path) for path in parser.parse_args().files]
    for other in others:
        for dim in sorted(first.keys() & other.keys()):
            print_comparison(dim, first[dim], other[dim])


if __name__ == "__main__":
    main()
