"""Evaluates the Python under `working` of every row of the given .jsonl files and compares it with `expected`.

A working is an expression, or a list of all solutions that a search finds, which have to be the same. Writes nothing;
says what is wrong and ends with 1. Run by tests/it/suite_contents.rs.
"""

import json
import math
import sys
from datetime import date, timedelta
from fractions import Fraction
from functools import reduce
from itertools import accumulate, combinations, combinations_with_replacement, permutations, product

NAMES = {
    name: globals()[name]
    for name in (
        "math date timedelta Fraction reduce accumulate combinations combinations_with_replacement permutations product"
    ).split()
}


def wrong(row):
    found = eval(row["working"], dict(NAMES))
    solutions = found if isinstance(found, list) else [found]
    if len(set(solutions)) != 1:
        return f"has {len(set(solutions))} solutions: {sorted(map(str, set(solutions)))}"
    one, expected = solutions[0], row["expected"]
    if isinstance(expected, str):
        return None if str(one) == expected else f"gives {one}, not {expected}"
    return None if abs(float(one) - expected) < 1e-6 else f"gives {float(one)}, not {expected}"


mistakes = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    mistakes += [f"{path}: {row['id']} {mistake}" for row in rows if (mistake := wrong(row))]
print("\n".join(mistakes))
sys.exit(1 if mistakes else 0)
