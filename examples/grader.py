"""Passes an answer that makes the target of its case from the numbers, each used once: 8, 8, 3, 3 and 24 -> 8 / (3 - 8 / 3)."""
import ast
import json
import sys

ALLOWED = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.USub, ast.Constant, ast.Add, ast.Sub, ast.Mult, ast.Div)


def judge(asked):
    numbers, target = asked["vars"]["numbers"], float(asked["vars"]["target"])
    expression = asked["output"].strip().splitlines()[-1].split("=")[0].strip(" `$.")
    tree = ast.parse(expression, mode="eval")
    if not all(isinstance(node, ALLOWED) for node in ast.walk(tree)):
        return {"pass": False, "reason": "only + - * / and brackets are allowed"}
    used = sorted(node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    if used != sorted(numbers):
        return {"pass": False, "reason": f"uses {used}, not {sorted(numbers)}", "extracted": expression}
    value = eval(compile(tree, "answer", "eval"), {"__builtins__": {}})
    return {"pass": abs(value - target) < 1e-9, "reason": f"comes to {value}", "extracted": expression}


for line in sys.stdin:
    asked = json.loads(line)
    try:
        verdict = judge(asked)
    except (SyntaxError, IndexError, TypeError, ZeroDivisionError) as error:
        verdict = {"pass": False, "reason": f"not an expression: {error}"}
    print(json.dumps({"id": asked["id"], **verdict}), flush=True)
