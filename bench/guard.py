#!/usr/bin/env python3
"""Warns if training steps have become slower, against the matrix products of the same processor.

    bench/guard.py            compares with bench/fractions.json; exit code 1 if one is below 0.9 of what is stored
    bench/guard.py --store    stores what it finds

`enot bench step` measures the fraction of the products' speed that a step reaches, which says more than its time does. Fractions
are stored by vectors and processor; one that is not among them is compared with the lowest of its vectors.
"""
import argparse
import json
import sys
from pathlib import Path

from commands import add_command_arguments, enot_command, limit_threads, processor_facts, run
from settings import add_setting_argument, chosen

STORE = Path(__file__).resolve().parent / "fractions.json"
TOLERATED = 0.9


def measure(enot, setting, options):
    return json.loads(run([enot, "bench", "step", "--json", "--dim", setting.dim, *setting.arguments(), "--precision", "f32",
                           "--seconds", options.seconds, "--threads", options.threads], "enot bench step").output)


def processor():
    """What tells one processor design from another: "AuthenticAMD 25-17"."""
    facts = processor_facts()
    return f"{facts.get('vendor_id', 'unknown')} {facts.get('cpu family', '?')}-{facts.get('model', '?')}"


def expected(stored, name):
    """The fraction to compare with, and whose it is; None if there is none. stored: of the vectors, by processor."""
    own = stored.get(processor(), {}).get(name)
    if own is not None:
        return own, processor()
    return min(((known[name], whose) for whose, known in stored.items() if name in known), default=None)


def judge(name, found, stored):
    """Says how the fraction compares; whether it will do."""
    comparison = expected(stored, name)
    if comparison is None:
        print(f"{name}: {found['fraction']:.3f}; nothing is stored for {found['isa']}, --store does")
        return True
    fraction, whose = comparison
    good = found["fraction"] >= TOLERATED * fraction
    print(f"{name}: {found['fraction']:.3f}, stored for {found['isa']} of {whose}: {fraction:.3f}")
    if not good:
        print(f"warning: {name} has fallen to {found['fraction'] / fraction:.2f} of its stored speed", file=sys.stderr)
    return good


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_command_arguments(parser)
    add_setting_argument(parser)
    parser.add_argument("--seconds", type=float, default=5, help="to measure each setting for [5]")
    parser.add_argument("--store", action="store_true", help="store the fractions for this processor")
    return parser.parse_args()


def main():
    options = parse_arguments()
    enot = enot_command(options)
    limit_threads(options.threads)
    stored = json.loads(STORE.read_text()) if STORE.exists() else {}
    good = True
    for name, setting in chosen(options.setting).items():
        found = measure(enot, setting, options)
        known = stored.setdefault(found["isa"], {})
        if options.store:
            known.setdefault(processor(), {})[name] = round(found["fraction"], 3)
            print(f"{name}: {found['fraction']:.3f} stored for {found['isa']} of {processor()}")
        else:
            good = judge(name, found, known) and good
    if options.store:
        STORE.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
