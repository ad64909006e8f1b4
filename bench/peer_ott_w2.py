#!/usr/bin/env python3
"""Trains OTT-JAX's ENOT on pairs of the Wasserstein-2 benchmark, on the same cores and with the scores of `enot bench w2`.

    bench/peer_ott_w2.py mix3to10_016.safetensors --minutes 5 --json >ott.json
    build/cli/enot bench w2 mix3to10_016.safetensors --minutes 5 --plot both.png --compare ott.json

The authors' settings, those of `enot bench w2 --recipe paper`: batch 1024, ELU, four layers of 128 (three of 512 from 64
dimensions on), Adam (.9, .99), learning rate 5e-4 falling along a cosine to 1 %, tau .99, lambda .3, both directions in
turn. The form is that of OTT-JAX 0.6.0: potentials, squared-Euclidean cost. As many steps as fit into the minutes, what
JAX compiles for them included, as a short timing before finds; scoring is not counted.
"""
import argparse
import json

from commands import ROOT, add_threads_argument, fail, limit_threads, run
from peer_venv import add_venv_argument, prepare_environment


def print_result(result):
    print(f"{result['file']}, {result['dim']} dimensions\n")
    print(f"{'steps':>9}  {'samples':>11}  {'seconds':>8}  {'UVP there':>10}  {'UVP back':>10}")
    for score in result["history"]:
        print(f"{score['steps']:9}  {score['samples']:11}  {score['seconds']:8.1f}  {score['uvp_forward']:10.4g}  "
              f"{score['uvp_inverse']:10.4g}")
    print(f"\ncompiling took {result['compile_seconds']:.1f} s, counted above; scoring {result['scoring_seconds']:.1f} s, "
          "not counted\n")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", nargs="+", help="pair of the benchmark")
    parser.add_argument("--minutes", type=float, required=True, help="to train each pair for")
    parser.add_argument("--seed", type=int, default=0, help="of weights and samples [0]")
    parser.add_argument("--json", action="store_true", help="print a JSON array, as enot bench w2 --json does")
    add_threads_argument(parser)
    add_venv_argument(parser)
    return parser.parse_args()


def main():
    options = parse_arguments()
    if not options.minutes > 0:
        fail("--minutes: give more than 0")
    python = prepare_environment(options.venv)
    limit_threads(options.threads)
    results = []
    for path in options.files:
        ended = run([python, ROOT / "bench" / "ott_w2.py", path, "--minutes", options.minutes, "--seed", options.seed],
                    "OTT-JAX")
        results.append(json.loads(ended.output))
        if not options.json:
            print_result(results[-1])
    if options.json:
        print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
