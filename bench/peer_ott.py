#!/usr/bin/env python3
"""Compares training steps with those of OTT-JAX on the same work, alternating the two.

    bench/peer_ott.py       installs OTT-JAX into build/peer-venv (once), prints the tables of docs/performance.md

Both sides, in three sizes (bench/settings.py): hidden layers with ELU, squared-Euclidean cost, Adam, both directions in
turn, both networks updated in each step, no noise and no averaged weights. Beside the time by the clock stands the
processors' time, which other work on the machine disturbs less, then the time from the start of the process to the end of the
second step (of enot: to the line of progress after the first, and one step) and the most memory held at a time.
"""
import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from commands import ROOT, add_command_arguments, enot_command, limit_threads, processor_facts, run
from peer_venv import add_venv_argument, prepare_environment
from settings import COEFFICIENT, TAU, add_setting_argument, chosen

ROWS = 20000
ADAM = ["--lr", 5e-4, "--beta1", 0.9, "--beta2", 0.99]
PLAIN = ["--smoothing", 0, "--ema", 0]  # no noise and no averaged weights: OTT-JAX's steps have neither
PEER_WARMUP = 20

# What is measured, and how the tables call it.
MEASURES = {
    "step_ms": "ms a step",
    "processors_ms": "processors' ms a step",
    "second_step_seconds": "s from start to second step",
    "megabytes": "MB",
}


class Enot:
    name = "enot"

    def __init__(self, command, options, work):
        self.command, self.threads, self.precision, self.work = command, options.threads, options.precision, work

    def sample(self, measure, name):
        path = self.work / name
        run([self.command, "sample", measure, "-n", ROWS, "-o", path, "--quiet"], "sampling")
        return path

    def fit(self, setting, tables, steps):
        """The command that ended, and seconds of the fit by its report."""
        ended = run([self.command, "fit", *tables, "-o", self.work / "map.safetensors", "--json", "--steps", steps,
                     *setting.arguments(), *ADAM, *PLAIN, "--patience", 0, "--validation", 0.01,
                     "--threads", self.threads, "--precision", self.precision], "enot fit")
        return ended, json.loads(ended.output)["seconds"]

    def measure(self, setting, tables):
        short, short_seconds = self.fit(setting, tables, setting.short_fit)
        long, long_seconds = self.fit(setting, tables, setting.long_fit)
        each = 1 / (setting.long_fit - setting.short_fit)
        step = each * (long_seconds - short_seconds)
        return {"step_ms": 1e3 * step, "processors_ms": 1e3 * each * (long.processors - short.processors),
                "second_step_seconds": long.seconds_to("train") + step, "megabytes": long.megabytes}


class Peer:
    name = "OTT-JAX"

    def __init__(self, python):
        self.python, self.versions = python, None

    def measure(self, setting, tables):
        ended = run([self.python, ROOT / "bench" / "ott_steps.py", *tables, "--hidden", *setting.hidden,
                     "--batch", setting.batch, "--tau", TAU, "--coefficient", COEFFICIENT, *ADAM,
                     "--warmup", PEER_WARMUP, "--steps", setting.peer_steps], "OTT-JAX")
        found = json.loads(ended.output)
        self.versions = found["versions"]
        return {"step_ms": 1e3 * found["step"], "processors_ms": 1e3 * found["processors"],
                "second_step_seconds": found["second_step"], "megabytes": ended.megabytes}


def processor():
    """Model and the widest vectors of the processor."""
    facts = processor_facts()
    flags = facts.get("flags", "").split()
    known = (("avx2", "AVX2"), ("avx512f", "AVX-512"), ("amx_tile", "AMX"))
    vectors = [label for flag, label in known if flag in flags]
    return " ".join([facts.get("model name", "unknown processor") + ",", *vectors[-1:]])


def shown(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def compare(ours, peer, name, setting, repetitions):
    """What each side found, repetition by repetition; which side goes first alternates."""
    tables = [ours.sample(f"gaussian:dim={setting.dim}", "source.npy"),
              ours.sample(f"gaussian_mixture:dim={setting.dim},components=3,scale=1", "target.npy")]
    found = {ours.name: [], peer.name: []}
    for repetition in range(repetitions):
        for side in (ours, peer) if repetition % 2 == 0 else (peer, ours):
            found[side.name].append(side.measure(setting, tables))
        steps = ", ".join(f"{side} {shown(rows[-1]['step_ms'])} ms" for side, rows in found.items())
        print(f"{name} {repetition + 1}/{repetitions}: {steps}", file=sys.stderr)
    return found


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values), "all": values}


def summarise(found, ours, peer):
    """The sides' numbers, and how many times ours goes into the peer's."""
    sides = {name: {key: spread([row[key] for row in rows]) for key in MEASURES} for name, rows in found.items()}
    pairs = list(zip(found[ours.name], found[peer.name]))
    return {"sides": sides, "ratio": {key: spread([b[key] / a[key] for a, b in pairs]) for key in MEASURES}}


def print_row(name, values):
    cells = [f"{shown(v['median'])} ({shown(v['least'])} to {shown(v['most'])})" for v in values]
    print(f"| {name} | {' | '.join(cells)} |")


def print_table(name, setting, result):
    hidden = ", ".join(map(str, setting.hidden))
    print(f"\n{name}: {setting.dim} columns, hidden layers {hidden}, batch {setting.batch}\n")
    print(f"| | {' | '.join(MEASURES.values())} |\n|{'---|' * (1 + len(MEASURES))}")
    for side, values in result["sides"].items():
        print_row(side, values.values())
    print_row("OTT-JAX / enot", result["ratio"].values())
    step = result["ratio"]["step_ms"]
    print(f"\nenot is {step['median']:.2f} times as fast ({step['least']:.2f} to {step['most']:.2f})")


def print_report(report, settings):
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    print(f"{report['processor']}, {report['threads']} threads, {versions}. Median (least to most).")
    for name, result in report["settings"].items():
        print_table(name, settings[name], result)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_command_arguments(parser)
    add_setting_argument(parser)
    add_venv_argument(parser)
    parser.add_argument("--precision", choices=["auto", "f32", "bf16"], default="auto",
                        help="of enot's products; OTT-JAX computes in f32 [auto]")
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output")
    parser.add_argument("--quick", action="store_const", dest="repetitions", const=2, default=5, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse_arguments()
    settings = chosen(options.setting)
    enot, peer = enot_command(options), Peer(prepare_environment(options.venv))
    limit_threads(options.threads)
    report = {"processor": processor(), "threads": options.threads, "settings": {}}
    with tempfile.TemporaryDirectory() as folder:
        ours = Enot(enot, options, Path(folder))
        for name, setting in settings.items():
            report["settings"][name] = summarise(compare(ours, peer, name, setting, options.repetitions), ours, peer)
    report["versions"] = peer.versions
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print_report(report, settings)


if __name__ == "__main__":
    main()
