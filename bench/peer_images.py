#!/usr/bin/env python3
"""Compares training steps of images with the same steps in JAX, alternating the two.

    bench/peer_images.py    installs JAX into build/peer-venv (once), prints the table of docs/performance.md

Both sides: a UNet and a ResNet critic of the same shapes, squared-Euclidean cost, both networks' gradients and Adam
updates, random images in memory. enot's seconds are those of "enot bench conv", JAX's of bench/image_steps.py, where one
compiled function is a step.
"""
import argparse
import json
import sys

from commands import ROOT, add_command_arguments, enot_command, limit_threads, run
from peer_ott import processor, shown, spread
from peer_venv import add_venv_argument, prepare_environment

# Options of both sides and their usual values.
SIZES = {"image-size": 32, "channels": 3, "width": 32, "depth": 3, "filters": 32, "halvings": 3, "batch": 64}


def size_arguments(options):
    return [word for name in SIZES for word in ("--" + name, getattr(options, name.replace("-", "_")))]


def measure_enot(command, options):
    ended = run([command, "bench", "conv", "--json", "--threads", options.threads, "--seconds", options.seconds,
                 *size_arguments(options)], "enot bench conv")
    return json.loads(ended.output)


def measure_peer(python, options):
    ended = run([python, ROOT / "bench" / "image_steps.py", "--steps", options.peer_steps, *size_arguments(options)],
                "JAX")
    return json.loads(ended.output)


def require_same_networks(enot, peer):
    for network in ("mapper_weights", "critic_weights"):
        if enot[network] != peer[network]:
            sys.exit(f"the networks differ: {network} are {enot[network]:.0f} and {peer[network]}")


def compare(enot, python, options):
    """What each side found, repetition by repetition; which side goes first alternates."""
    sides = {"enot": lambda: measure_enot(enot, options), "JAX": lambda: measure_peer(python, options)}
    found = {name: [] for name in sides}
    for repetition in range(options.repetitions):
        for name in sorted(sides, reverse=repetition % 2 == 0):
            found[name].append(sides[name]())
        require_same_networks(found["enot"][-1], found["JAX"][-1])
        ours, peers = found["enot"][-1]["step_ms"], 1e3 * found["JAX"][-1]["step"]
        print(f"{repetition + 1}/{options.repetitions}: enot {shown(ours)} ms, JAX {shown(peers)} ms", file=sys.stderr)
    return found


def summarise(found):
    ours = [row["step_ms"] for row in found["enot"]]
    peers = [1e3 * row["step"] for row in found["JAX"]]
    return {"enot_ms": spread(ours), "peer_ms": spread(peers), "ratio": spread([b / a for a, b in zip(ours, peers)]),
            "fraction": spread([row["fraction"] for row in found["enot"]]), "versions": found["JAX"][-1]["versions"]}


def print_report(report):
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    print(f"{report['processor']}, {report['threads']} threads, {versions}. Median (least to most).\n")
    print("| enot, ms a step | JAX, ms a step | JAX / enot | enot's fraction |\n|---|---|---|---|")
    cells = [f"{shown(v['median'])} ({shown(v['least'])} to {shown(v['most'])})"
             for v in (report[key] for key in ("enot_ms", "peer_ms", "ratio", "fraction"))]
    print(f"| {' | '.join(cells)} |")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_command_arguments(parser)
    add_venv_argument(parser, peer="JAX")
    for name, usual in SIZES.items():
        parser.add_argument("--" + name, type=int, default=usual, help=f"[{usual}]")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement of enot [10]")
    parser.add_argument("--peer-steps", type=int, default=4, help="that JAX is timed for [4]")
    parser.add_argument("--repetitions", type=int, default=5, help="[5]")
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output")
    return parser.parse_args()


def main():
    options = parse_arguments()
    enot, python = enot_command(options), prepare_environment(options.venv)
    limit_threads(options.threads)
    report = {"processor": processor(), "threads": options.threads, **summarise(compare(enot, python, options))}
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print_report(report)


if __name__ == "__main__":
    main()
