#!/usr/bin/env python3
"""How much sooner one training reaches each error than another: from the JSON of enot bench w2 and bench/peer_ott_w2.py.

    bench/w2_speedup.py auto.json paper.json ott.json
    bench/w2_speedup.py auto.json maxmin.json --by operations     (of matrix products: other work on the machine does not change them)

For every pair in the first file and every other file a table: the errors (L2-UVP there, per cent) that the other training
reached after its start, one a halving, and what each of both had taken until then. A training has reached an error at its first score
that is no larger, the first file's at its start too: with 0 steps the program's recipe is the linear map.
"""
import argparse
import json
from pathlib import Path


def histories(path, measure):
    """Of each dimension in the file: name, and [(seconds or another measure, error)] from the start on."""
    found = {}
    for result in json.loads(path.read_text()):
        scores = [(score[measure], score["uvp_forward"]) for score in result["history"]]
        found[result["dim"]] = result.get("method", result.get("recipe", path.stem)), scores
    return found


def taken_to(scores, error):
    return min((taken for taken, uvp in scores if uvp is not None and uvp <= error), default=None)


def levels(scores):
    """The best error and what is one, two, ... times twice it, up to the first score's."""
    error, worst = min(uvp for _, uvp in scores if uvp is not None), scores[0][1]
    while error <= worst:
        yield error
        error *= 2


def print_comparison(dim, measure, mine, other):
    print(f"\n{dim} columns: {mine[0]} against {other[0]}\n\n| UVP | {mine[0]}, {measure} | {other[0]}, {measure} | times fewer |\n"
          "|---|---|---|---|")
    for error in levels(other[1]):
        here, there = taken_to(mine[1], error), taken_to(other[1], error)
        times = "" if here is None else f"{there / here:.3g}" if here else "inf"
        print(f"| {error:.3g} | {'not reached' if here is None else f'{here:.3g}'} | {there:.3g} | {times} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="JSON", nargs="+", type=Path, help="results; the first is compared with the others")
    parser.add_argument("--by", choices=("seconds", "samples", "operations"), default="seconds", help="what is compared [seconds]")
    options = parser.parse_args()
    first, *others = [histories(path, options.by) for path in options.files]
    for other in others:
        for dim in sorted(first.keys() & other.keys()):
            name, scores = other[dim]
            print_comparison(dim, options.by, first[dim], (name, scores[1:]))


if __name__ == "__main__":
    main()
