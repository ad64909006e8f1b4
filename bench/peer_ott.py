#!/usr/bin/env python3
"""Compares the time of a training step with that of OTT-JAX on the same work, alternating the two.

    bench/peer_ott.py       installs OTT-JAX into build/peer-venv (once), prints the table of docs/performance.md

Both sides: dimension 64, hidden layers 512, 512, 512 with ELU, batches of 1024, squared-Euclidean cost, Adam, both
directions in turn, both networks updated in each step. Beside the time by the clock stands the processors' time, which
other work on the machine disturbs less.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["ott-jax==0.6.0", "jax[cpu]==0.10.2", "flax==0.12.8", "optax==0.2.8"]

DIM, ROWS, BATCH, HIDDEN = 64, 20000, 1024, [512, 512, 512]
LOSS_AND_ADAM = {"tau": 0.98, "lr": 5e-4, "beta1": 0.9, "beta2": 0.99}
COEFFICIENT = 0.3

# A fit judges the map 80 times if 80 divides its steps, so the difference of two such fits is training alone.
SHORT_FIT, LONG_FIT = 80, 240
PEER_WARMUP, PEER_STEPS = 20, 100


def fail(message):
    sys.exit(f"peer_ott.py: {message}")


def run(command, purpose):
    """Standard output of the command."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{purpose} failed: {' '.join(map(str, command))}\n{done.stderr.strip()}")
    return done.stdout


def prepare_environment(folder):
    """The interpreter of a virtual environment that has PACKAGES."""
    python, stamp = folder / "bin" / "python", folder / "packages.txt"
    wanted = "\n".join(PACKAGES)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing {', '.join(PACKAGES)} into {folder}", file=sys.stderr)
    run([sys.executable, "-m", "venv", folder], "making the virtual environment (Debian: python3-venv)")
    run([python, "-m", "pip", "install", "--quiet", *PACKAGES], "installing OTT-JAX")
    stamp.write_text(wanted)
    return python


def limit_threads(count):
    """Lets this process and all it starts use so many processors."""
    allowed = sorted(os.sched_getaffinity(0))
    if count > len(allowed):
        fail(f"--threads {count}, but this machine offers {len(allowed)} processors")
    os.sched_setaffinity(0, allowed[:count])
    os.environ["OMP_NUM_THREADS"] = str(count)


def children_seconds():
    """Processors' time of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Enot:
    name = "enot"

    def __init__(self, command, threads, work):
        self.command, self.threads, self.work = command, threads, work

    def sample(self, measure, name):
        path = self.work / name
        run([self.command, "sample", measure, "-n", ROWS, "-o", path, "--quiet"], "sampling")
        return path

    def fit(self, source, target, steps):
        """Seconds of the fit by its report, then of the whole process: by the clock and of the processors."""
        options = [f"--{name}={value}" for name, value in LOSS_AND_ADAM.items()]
        begun, used = time.perf_counter(), children_seconds()
        report = run([self.command, "fit", source, target, "-o", self.work / "map.safetensors", "--json", "--quiet",
                      "--steps", steps, "--hidden", ",".join(map(str, HIDDEN)), "--batch", BATCH, "--activation", "elu",
                      "--form", "potential", "--lambda", COEFFICIENT, *options, "--patience", 0, "--validation", 0.01,
                      "--threads", self.threads], "enot fit")
        return json.loads(report)["seconds"], time.perf_counter() - begun, children_seconds() - used

    def measure(self, source, target):
        ready = self.fit(source, target, 2)[1]
        short, long = (self.fit(source, target, steps) for steps in (SHORT_FIT, LONG_FIT))
        steps = LONG_FIT - SHORT_FIT
        return {"second_step": ready, "step": (long[0] - short[0]) / steps, "processors": (long[2] - short[2]) / steps}


class Peer:
    name = "OTT-JAX"

    def __init__(self, python):
        self.python, self.versions = python, None

    def measure(self, source, target):
        options = [f"--{name}={value}" for name, value in LOSS_AND_ADAM.items()]
        found = json.loads(run([self.python, ROOT / "bench" / "ott_steps.py", source, target, "--hidden", *HIDDEN,
                                "--batch", BATCH, "--coefficient", COEFFICIENT, *options, "--warmup", PEER_WARMUP,
                                "--steps", PEER_STEPS], "OTT-JAX"))
        self.versions = found.pop("versions")
        return found


def processor():
    """Model and the widest vectors of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    value = {key.strip(): text.strip() for key, _, text in (line.partition(":") for line in lines)}
    flags = value.get("flags", "").split()
    known = (("avx2", "AVX2"), ("avx512f", "AVX-512"), ("amx_tile", "AMX"))
    vectors = [label for flag, label in known if flag in flags]
    return " ".join([value.get("model name", "unknown processor") + ",", *vectors[-1:]])


def compare(ours, peer, source, target, repetitions):
    """What each side found, repetition by repetition; which side goes first alternates."""
    found = {ours.name: [], peer.name: []}
    for repetition in range(repetitions):
        for side in (ours, peer) if repetition % 2 == 0 else (peer, ours):
            found[side.name].append(side.measure(source, target))
        steps = {name: 1e3 * rows[-1]["step"] for name, rows in found.items()}
        shown = ", ".join(f"{name} {value:.1f} ms" for name, value in steps.items())
        print(f"{repetition + 1}/{repetitions}: {shown}", file=sys.stderr)
    return found


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values), "all": values}


def summarise(found, ours, peer, threads):
    report = {"processor": processor(), "threads": threads, "versions": peer.versions, "sides": {}, "ratio": {}}
    for name, rows in found.items():
        report["sides"][name] = {"step_ms": spread([1e3 * row["step"] for row in rows]),
                                 "processors_ms": spread([1e3 * row["processors"] for row in rows]),
                                 "second_step_seconds": spread([row["second_step"] for row in rows])}
    for key in ("step", "processors", "second_step"):
        report["ratio"][key] = spread([a[key] / b[key] for a, b in zip(found[ours.name], found[peer.name])])
    return report


def print_row(name, values, digits):
    cells = [f"{v['median']:.{digits}f} ({v['least']:.{digits}f} to {v['most']:.{digits}f})" for v in values]
    print(f"| {name} | {' | '.join(cells)} |")


def print_table(report):
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    print(f"{report['processor']}, {report['threads']} threads, {versions}. Median (least to most).\n")
    print("| | ms a step | processors' ms a step | s from start to second step |\n|---|---|---|---|")
    for name, side in report["sides"].items():
        print_row(name, side.values(), 1)
    print_row("enot / OTT-JAX", report["ratio"].values(), 2)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enot", type=Path, default=ROOT / "build" / "cli" / "enot",
                        help="the command [build/cli/enot]")
    parser.add_argument("--venv", type=Path, default=ROOT / "build" / "peer-venv",
                        help="virtual environment for OTT-JAX, made if absent [build/peer-venv]")
    parser.add_argument("--threads", type=int, default=2, help="of both sides [2]")
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output")
    parser.add_argument("--quick", action="store_const", dest="repetitions", const=2, default=5, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse_arguments()
    if not options.enot.exists():
        fail(f"{options.enot} is missing: build it with scripts/build or name it with --enot")
    peer = Peer(prepare_environment(options.venv.absolute()))
    limit_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        ours = Enot(options.enot.absolute(), options.threads, Path(folder))
        source = ours.sample(f"gaussian:dim={DIM}", "source.npy")
        target = ours.sample(f"gaussian_mixture:dim={DIM},components=3,scale=1", "target.npy")
        found = compare(ours, peer, source, target, options.repetitions)
    report = summarise(found, ours, peer, options.threads)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print_table(report)


if __name__ == "__main__":
    main()
