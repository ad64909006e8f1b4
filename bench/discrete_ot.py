"""Run by any_cost.py in an environment that has POT: exact optimal transport between drawn samples, by network simplex.

Reads a JSON list of {"cost": NUMPY_EXPRESSION of x [n, 1, d] and y [1, m, d], "source": NPY, "target": NPY} on standard input and
writes the list of optimal values, in the same order.
"""
import json
import sys

import numpy
import ot


def optimal_value(problem):
    x, y = (numpy.load(problem[side])[:, None, :] for side in ("source", "target"))
    costs = eval(problem["cost"], {"np": numpy, "x": x, "y": y.transpose(1, 0, 2)})
    weights = [numpy.full(len(points), 1 / len(points)) for points in (x, y)]
    value, log = ot.emd2(*weights, numpy.ascontiguousarray(costs), numItermax=10**8, log=True, center_dual=False)
    if log["warning"]:
        sys.exit(f"POT did not converge: {log['warning']}")
    return float(value)


if __name__ == "__main__":
    json.dump([optimal_value(problem) for problem in json.load(sys.stdin)], sys.stdout)
