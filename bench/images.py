#!/usr/bin/env python3
"""Learns maps between sets of real images and scores them on images that took no part: the tables and grids of docs/images.md.

    bench/images.py digits                          handwritten digits 0 to 4 -> 5 to 9, 8 x 8 grey, from data/optdigits.csv
    bench/images.py cifar --minutes 60              deer -> horse, 32 x 32, trained on FOLDER/train/deer and horse, scored on
    bench/images.py cifar --data FOLDER                 FOLDER/test/deer and horse [../shared/data/cifar10]
    bench/images.py cifar --source cat --target dog     another pair of the same folder

Prints one row: minutes and steps, the Frechet distances to the target before and after, their ratio, the floor, and how far the map
moves an image. -o FOLDER keeps the map and the grid. What follows -- goes to the fit, where --steps or
--budget replace --minutes.
"""
import argparse
import json
import struct
import sys
import tempfile
from pathlib import Path

from commands import ROOT, add_command_arguments, enot_command, parse_with_fit_options, run

HEADER = ["images", "minutes", "steps", "before", "after", "after / before", "floor", "energy after / floor", "squared change"]


def write_idx(path, rows):
    """rows: of 64 numbers 0 to 16, as an idx file of 8 x 8 bytes."""
    header = struct.pack(">4B3I", 0, 0, 8, 3, len(rows), 8, 8)
    path.write_bytes(header + bytes(min(255, 16 * value) for row in rows for value in row))
    return path


def digits(work):
    """Training and test files of both sides: every fifth digit is for the test."""
    lines = (ROOT / "data" / "optdigits.csv").read_text().splitlines()
    rows = [[int(cell) for cell in line.split(",")] for line in lines if line[0] != "#"]
    sides = {"low": [row[:64] for row in rows if row[64] < 5], "high": [row[:64] for row in rows if row[64] >= 5]}
    files = {}
    for name, side in sides.items():
        files["train", name] = write_idx(work / f"train-{name}.idx", [row for i, row in enumerate(side) if i % 5])
        files["test", name] = write_idx(work / f"test-{name}.idx", side[::5])
    return [[files[part, name] for name in sides] for part in ("train", "test")], ["--image-size", 8]


def cifar(options):
    if not options.data.exists():
        print(f"skipped: {options.data} is absent")
        sys.exit()
    names = options.source, options.target
    return [[options.data / part / name for name in names] for part in ("train", "test")], ["--image-size", 32, "--flip"]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_command_arguments(parser)
    parser.add_argument("images", choices=["digits", "cifar"])
    parser.add_argument("--minutes", type=float, default=10, help="of training [10]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "cifar10")
    parser.add_argument("--source", default="deer")
    parser.add_argument("--target", default="horse")
    parser.add_argument("-o", "--output", type=Path, help="folder for the map and the grid")
    return parse_with_fit_options(parser)


def compare(options, work):
    command, output = enot_command(options), options.output or work
    (train, test), size = digits(work) if options.images == "digits" else cifar(options)
    name = options.images if options.images == "digits" else f"{options.source}_{options.target}"
    output.mkdir(parents=True, exist_ok=True)
    common = ["--threads", options.threads, "--seed", options.seed, "--quiet"]
    path = output / f"{name}.safetensors"
    length = [] if {"--steps", "--budget"} & set(options.fit) else ["--minutes", options.minutes]
    fit = json.loads(run([command, "fit", *train, *size, *length, "-o", path, "--json", *common, *options.fit], "enot fit").output)
    found = json.loads(run([command, "eval", path, *test, "--json", *common], "enot eval").output)
    run([command, "grid", path, *test, "-o", output / f"{name}.png", *common], "enot grid")
    before, after = found["frechet_before"], found["frechet_after"]
    return [name, f"{fit['seconds'] / 60:.1f}", f"{fit['steps']}", f"{before:.3f}", f"{after:.3f}", f"{after / before:.3f}",
            f"{found['frechet_floor']:.3f}", f"{found['mismatch_after'] / found['mismatch_floor']:.1f}", f"{found['squared_change']:.3f}"]


def main():
    options = parse_arguments()
    with tempfile.TemporaryDirectory() as folder:
        row = compare(options, Path(folder))
    print(f"| {' | '.join(HEADER)} |\n|{'---|' * len(HEADER)}\n| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
