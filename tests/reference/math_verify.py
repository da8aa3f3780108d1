#!/usr/bin/env python3
r"""Writes math_verify.json: verdicts of the PyPI package math-verify on pairs of an expected and a given result.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install math-verify==0.9.0 latex2sympy2_extended==1.11.0 \
        antlr4-python3-runtime==4.13.2 && /tmp/venv/bin/python tests/reference/math_verify.py

Each pair is put to it as its documentation says: the expected result between dollars, the answer in a box; an interval may
be answered by an inequality (`allow_set_relation_comp`). A pair it cannot read is recorded with the verdict null.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

# This file has the package's name: its folder must not be searched for it.
sys.path.pop(0)

from math_verify import parse, verify  # noqa: E402

# Expected, given. Grouped by what they try.
PAIRS = {
    "numbers": [
        ("42", "42"), ("42", "43"), ("42", "42.0"), ("-5", "-5"), ("-5", "5"), ("0.5", ".5"), ("1,234", "1234"),
        ("1234", "1{,}234"), ("1,234,567", "1234567"), ("1000", "1,000"), ("0", "-0"), ("3.0", "3"), ("1e3", "1000"),
        ("0.333333", "\\frac{1}{3}"), ("\\frac{1}{3}", "0.33"), ("\\frac{1}{3}", "0.333333"), ("\\pi", "3.14"),
        ("3.14", "\\pi"), ("\\pi", "3.141593"), ("12345678901234567890", "12345678901234567891"),
        ("12345678901234567890", "12345678901234567890"), ("10^{20}", "100000000000000000000"),
        ("10^{20}", "100000000000000000001"), ("2^{10}", "1024"), ("2^{10}", "1023"), ("6.02 \\times 10^{23}", "6.02 \\cdot 10^{23}"),
        ("1.5 \\times 10^{-3}", "0.0015"), ("0.1", "0.10"), ("007", "7"), ("5!", "120"), ("5!", "119"),
        ("\\binom{5}{2}", "10"), ("\\binom{5}{2}", "11"), ("\\dbinom{10}{3}", "120"), ("2.5", "\\frac{5}{2}"),
        ("0.25", "\\frac14"), ("0.25", "\\frac{1}{5}"), ("17", "17."), ("0.\\overline{3}", "\\frac{1}{3}"),
    ],
    "fractions": [
        ("\\frac{3}{4}", "3/4"), ("\\frac{3}{4}", "0.75"), ("\\frac{3}{4}", "\\frac{6}{8}"), ("\\frac{3}{4}", "\\frac{4}{3}"),
        ("\\dfrac{3}{4}", "\\tfrac{3}{4}"), ("\\frac34", "\\frac{3}{4}"), ("-\\frac{3}{4}", "\\frac{-3}{4}"),
        ("-\\frac{3}{4}", "\\frac{3}{-4}"), ("\\frac{3}{4}", "-\\frac{3}{4}"), ("1\\frac{1}{2}", "\\frac{3}{2}"),
        ("\\frac{3}{2}", "1.5"), ("\\frac{1}{2}+\\frac{1}{3}", "\\frac{5}{6}"), ("\\frac{10}{5}", "2"), ("\\frac{\\pi}{2}", "\\pi/2"),
        ("\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}"), ("\\frac{1}{1+\\frac{1}{2}}", "\\frac{2}{3}"), ("\\frac{x}{2}", "\\frac{1}{2}x"),
        ("\\frac{x}{2}", "0.5x"), ("\\frac{x}{2}", "2x"), ("\\frac ab", "\\frac{a}{b}"), ("\\frac{7}{12}", "\\frac7{12}"),
        ("\\frac{1}{2}", "\\frac{1}{2}\\text{ cups}"), ("2 \\frac{1}{2}", "2.5"), ("\\frac{120}{7}", "17\\frac{1}{7}"),
    ],
    "roots and powers": [
        ("\\sqrt{2}", "\\sqrt{2}"), ("\\sqrt{2}", "\\sqrt{3}"), ("\\sqrt{8}", "2\\sqrt{2}"), ("\\sqrt{12}", "2\\sqrt3"),
        ("\\sqrt[3]{27}", "3"), ("\\sqrt[3]{54}", "3\\sqrt[3]{2}"), ("\\sqrt{4}", "2"), ("2^{1/2}", "\\sqrt{2}"),
        ("8^{\\frac{2}{3}}", "4"), ("2^{-3}", "\\frac{1}{8}"), ("x^2", "x \\cdot x"), ("\\sqrt{2}+\\sqrt{3}", "\\sqrt{3}+\\sqrt{2}"),
        ("\\sqrt{5+2\\sqrt{6}}", "\\sqrt{2}+\\sqrt{3}"), ("(\\sqrt{2}+1)^2", "3+2\\sqrt{2}"), ("\\frac{1+\\sqrt{5}}{2}", "\\frac{\\sqrt{5}+1}{2}"),
        ("\\frac{1+\\sqrt{5}}{2}", "\\frac{1-\\sqrt{5}}{2}"), ("\\frac{2}{\\sqrt{3}-1}", "\\sqrt{3}+1"), ("3\\sqrt{2}", "\\sqrt{18}"),
        ("3\\sqrt{2}", "2\\sqrt{3}"), ("2^{100}", "1267650600228229401496703205376"), ("2^{100}", "1267650600228229401496703205377"),
        ("x^{2y}", "(x^2)^y"), ("\\sqrt{x^2}", "|x|"), ("\\sqrt{x^2}", "x"), ("4\\sqrt{13}", "4 \\sqrt{13}"), ("5\\sqrt{5}", "\\sqrt{125}"),
        ("2^{3^2}", "512"), ("9^{0.5}", "3"),
    ],
    "constants and functions": [
        ("2\\pi", "\\pi \\cdot 2"), ("2\\pi", "6.283185"), ("\\frac{\\pi}{4}", "0.25\\pi"), ("\\pi", "\\pi^2"), ("e^2", "e \\cdot e"),
        ("\\ln e", "1"), ("\\ln 8", "3\\ln 2"), ("\\log_2 8", "3"), ("\\log_{10} 1000", "3"), ("\\log_2 3", "\\frac{\\ln 3}{\\ln 2}"),
        ("\\sin 30^\\circ", "\\frac{1}{2}"), ("\\sin(\\frac{\\pi}{6})", "\\frac{1}{2}"), ("\\cos \\pi", "-1"), ("\\tan\\frac{\\pi}{4}", "1"),
        ("\\sin^2 x + \\cos^2 x", "1"), ("\\sin 2x", "2\\sin x \\cos x"), ("\\sin x", "\\cos x"), ("\\arctan 1", "\\frac{\\pi}{4}"),
        ("\\sin x", "\\sin(x)"), ("e^{x+1}", "e \\cdot e^x"), ("|{-3}|", "3"), ("|-3|", "3"), ("\\lfloor 3.7 \\rfloor", "3"),
        ("\\lceil 3.2 \\rceil", "4"), ("\\infty", "\\infty"), ("\\infty", "-\\infty"), ("-\\infty", "\\infty"), ("\\ln(xy)", "\\ln x + \\ln y"),
        ("\\frac{\\ln 2}{2}", "\\ln \\sqrt{2}"), ("\\cos(2x)", "1 - 2\\sin^2(x)"), ("\\exp(2)", "e^2"), ("\\tan x", "\\frac{\\sin x}{\\cos x}"),
    ],
    "polynomials": [
        ("2x+1", "1+2x"), ("(x+1)^2", "x^2+2x+1"), ("(x+1)^2", "x^2+2x+2"), ("x^2-1", "(x-1)(x+1)"), ("2x+1", "2y+1"), ("xy", "yx"),
        ("3x^2y", "3yx^2"), ("(a+b)^3", "a^3+3a^2b+3ab^2+b^3"), ("\\frac{x^2-1}{x-1}", "x+1"), ("\\frac{1}{x}+\\frac{1}{y}", "\\frac{x+y}{xy}"),
        ("x(x+1)", "x^2+x"), ("2(x+3)", "2x+6"), ("2(x+3)", "2x+3"), ("-x+5", "5-x"), ("x-5", "5-x"), ("\\frac{n(n+1)}{2}", "\\frac{n^2+n}{2}"),
        ("2^{n+1}", "2 \\cdot 2^n"), ("x_1+x_2", "x_2+x_1"), ("x_1", "x_2"), ("\\alpha+\\beta", "\\beta+\\alpha"), ("4x^3-3x", "x(4x^2-3)"),
        ("(x+2)(x+7)", "(x+7)(x+2)"), ("x^{10}+5x^5+6", "(x^5+2)(x^5+3)"), ("a^2+b^2", "(a+b)^2"), ("3r^2", "3 r^{2}"), ("\\theta", "\\theta"),
    ],
    "percent, money, units": [
        ("50\\%", "50"), ("50", "50\\%"), ("50\\%", "0.5"), ("0.5", "50\\%"), ("\\frac{1}{2}", "50\\%"), ("50\\%", "5000\\%"), ("12.5\\%", "\\frac{1}{8}"),
        ("5", "\\$5"), ("\\$5", "5"), ("\\$1,234.50", "1234.5"), ("5", "5\\text{ cm}"), ("5\\text{ cm}", "5"), ("5\\text{ cm}", "5\\text{ m}"),
        ("10", "10 \\mathrm{cm}^2"), ("30", "30^\\circ"), ("30^\\circ", "30"), ("30^{\\circ}", "30^\\circ"), ("5", "5\\text{ square units}"), ("72", "72\\text{ dollars}"),
        ("18", "18\\text{ inches}"), ("5\\text{ apples}", "6\\text{ apples}"), ("90^\\circ", "91^\\circ"), ("12\\%", "12\\%"), ("15\\text{ mph}", "15"),
    ],
    "equations": [
        ("5", "x = 5"), ("x = 5", "5"), ("x=5", "x=5"), ("x=5", "y=5"), ("x=5", "x=6"), ("x=5", "5=x"), ("y=2x+1", "y=1+2x"), ("y=2x+1", "2x+1"), ("2x+1", "y=2x+1"),
        ("y=2x+1", "2x-y+1=0"), ("y=2x+1", "2x-y-1=0"), ("y = 2x+1", "y - 2x = 1"), ("x^2+y^2=1", "y^2+x^2=1"), ("x^2+y^2=4", "x^2+y^2=1"), ("2x+4y=6", "x+2y=3"),
        ("f(x)=2x", "2x"), ("5", "2+3=5"), ("5", "a = 2+3 = 5"), ("x=\\frac{1}{2}", "0.5"), ("x + y = 3", "3"), ("y=x", "x=y"), ("5", "x \\approx 5"),
        ("k=3", "k=3.0"), ("a+b=c", "c=a+b"),
    ],
    "inequalities and intervals": [
        ("(2,3]", "(2,3]"), ("(2,3]", "[2,3]"), ("(2,3)", "(2, 3)"), ("[0,1)", "[0, 1)"), ("(0,1)", "(0,2)"), ("(-\\infty, 2)", "(-\\infty,2)"), ("(2,\\infty)", "(2,+\\infty)"),
        ("x>2", "x > 2"), ("x>2", "2<x"), ("x>2", "x\\ge 2"), ("x\\le 2", "x \\leq 2"), ("x>2", "x<2"), ("x > 2", "(2,\\infty)"), ("(2,\\infty)", "x>2"), ("1<x<2", "(1,2)"), ("1<x<2", "1 < x < 2"),
        ("1<x<2", "2>x>1"), ("2x>4", "x>2"), ("[-1,1]", "-1 \\le x \\le 1"), ("-1 \\le x \\le 1", "[-1,1]"), ("(-\\infty,0)\\cup(0,\\infty)", "(-\\infty,0) \\cup (0,\\infty)"),
        ("(0,\\infty)\\cup(-\\infty,0)", "(-\\infty,0) \\cup (0,\\infty)"), ("[1,2]\\cup[2,3]", "[1,3]"), ("(1,2)\\cup(3,4)", "(1,2)\\cup(3,5)"), ("x\\in(1,2)", "(1,2)"), ("(1,2)", "x\\in(1,2)"),
        ("\\left(\\frac{1}{2}, 1\\right]", "(0.5,1]"), ("\\left[0, \\infty\\right)", "[0,\\infty)"), ("x\\ge 0", "[0,\\infty)"), ("(-1,1)", "|x|<1"), ("x \\neq 1", "x \\ne 1"),
    ],
    "sets, points, lists": [
        ("\\{1,2\\}", "\\{2,1\\}"), ("\\{1,2\\}", "\\{1,2,3\\}"), ("\\{1,2\\}", "1,2"), ("1,2", "\\{1,2\\}"), ("1,2", "2,1"), ("1,2", "1,3"), ("1, 2", "1 \\text{ and } 2"), ("1,2", "1\\text{ or }2"),
        ("\\{1\\}", "1"), ("1", "\\{1\\}"), ("\\left\\{\\frac12, 3\\right\\}", "\\{3, 0.5\\}"), ("(1,2)", "(1,2)"), ("(1,2)", "(2,1)"), ("(1,2,3)", "(1,2,3)"), ("(1,2,3)", "(1,3,2)"), ("(1,2,3)", "1,2,3"),
        ("(1,2)", "1,2"), ("(\\frac12, 3)", "(0.5,3)"), ("\\emptyset", "\\{\\}"), ("\\emptyset", "\\varnothing"), ("x=1,x=2", "1,2"), ("1,2", "x=1,x=2"), ("x=1, y=2", "y=2, x=1"), ("x=1,y=2", "x=2,y=1"),
        ("\\{-2,2\\}", "\\pm 2"), ("\\pm 2", "2,-2"), ("1\\pm\\sqrt{2}", "1+\\sqrt{2}, 1-\\sqrt{2}"), ("1\\pm\\sqrt{2}", "1 \\pm \\sqrt{2}"), ("\\{1,1,2\\}", "\\{1,2\\}"), ("(3,-4)", "(3,-4)"), ("(3,-4)", "(3,4)"),
        ("\\{(1,2),(3,4)\\}", "\\{(3,4),(1,2)\\}"), ("(1,2),(3,4)", "(3,4),(1,2)"), ("1,2,3,4", "4,3,2,1"), ("\\{a,b\\}", "\\{b,a\\}"), ("(a,b)", "(b,a)"), ("0, \\frac{1}{2}", "\\frac{1}{2}, 0"),
        ("\\{1,2\\}\\cup\\{3\\}", "\\{1,2,3\\}"),
    ],
    "matrices": [
        ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}"), ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}"),
        ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&5\\end{pmatrix}"), ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"),
        ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{pmatrix}1&2\\end{pmatrix}"), ("\\begin{pmatrix}1/2\\\\2\\end{pmatrix}", "\\begin{pmatrix}0.5\\\\2\\end{pmatrix}"),
        ("\\begin{bmatrix}x+1&0\\\\0&1\\end{bmatrix}", "\\begin{bmatrix}1+x&0\\\\0&1\\end{bmatrix}"), ("\\begin{pmatrix}-5\\\\-3\\\\-2\\end{pmatrix}", "\\begin{pmatrix} -5 \\\\ -3 \\\\ -2 \\end{pmatrix}"),
        ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "(1,2)"), ("\\begin{pmatrix}1&0\\\\0&1\\end{pmatrix}", "1"),
    ],
    "complex numbers": [
        ("1+2i", "2i+1"), ("1+2i", "1-2i"), ("i^2", "-1"), ("(1+i)^2", "2i"), ("\\frac{1}{i}", "-i"), ("e^{i\\pi}", "-1"), ("|3+4i|", "5"), ("3i", "i \\cdot 3"), ("\\sqrt{-4}", "2i"), ("2-3i", "2 - 3i"), ("\\frac{1+i}{2}", "\\frac12+\\frac{i}{2}"),
    ],
    "words and letters": [
        ("\\text{Tuesday}", "\\text{Tuesday}"), ("\\text{Tuesday}", "Tuesday"), ("\\text{Tuesday}", "\\text{Monday}"), ("\\text{even}", "\\text{odd}"), ("C", "C"), ("C", "\\text{C}"), ("\\text{C}", "C"), ("(C)", "C"), ("\\text{(C)}", "C"), ("C", "D"), ("\\text{yes}", "\\text{Yes}"),
        ("\\text{yes}", "\\text{no}"), ("\\text{no solution}", "\\text{no solution}"), ("5", "\\text{five}"), ("\\text{east}", "east"), ("B", "\\textbf{B}"), ("\\text{ellipse}", "\\text{Ellipse}"), ("\\text{June 20}", "\\text{June 20}"), ("7", "\\text{Tuesday}"),
    ],
    "bases": [("101_2", "101_2"), ("101_2", "110_2"), ("4210_5", "4210_{5}"), ("2516_8", "2516_8")],
    "wrong in kind": [
        ("5", "(5,6)"), ("5", "[5,6]"), ("(1,2)", "3"), ("\\{1,2\\}", "3"), ("x>2", "2"), ("2", "x>2"), ("(2,3)", "\\{2,3\\}"), ("\\{2,3\\}", "(2,3)"), ("[2,3]", "(2,3)"), ("5", "\\begin{pmatrix}5\\\\6\\end{pmatrix}"), ("x+1", "(x,1)"), ("1", "x"), ("x", "1"), ("\\frac{a}{b}", "\\frac{1}{2}"),
    ],
    "competition answers": [
        ("\\left( 3, \\frac{\\pi}{2} \\right)", "(3, \\pi/2)"), ("p - q", "p-q"), ("\\frac{14}{3}", "\\frac{14}{3}"), ("9", "9"), ("\\text{Evelyn}", "\\text{Evelyn}"),
        ("42", "\\textbf{42}"), ("27", "28"), ("90^\\circ", "90"), ("3\\sqrt{13}", "3 \\sqrt{13}"), ("4", "\\dfrac{8}{2}"), ("2220", "2,220"), ("\\frac{3}{56}", "3/56"),
        ("284", "284.0"), ("5", "\\frac{25}{5}"), ("\\sqrt{51}", "\\sqrt{51}"), ("6 - 5i", "6-5i"), ("-50", "- 50"), ("\\pi", "\\pi"), ("28", "28"), ("3", "+3"), ("6+9i", "6 + 9i"), ("13535", "13,535"),
        ("1,-2", "-2,1"), ("\\frac{243}{625}", "\\frac{243}{626}"), ("\\frac34", "\\frac{3}{5}"), ("x^3+3x-6", "-6+3x+x^3"), ("5.4 \\text{ cents}", "5.4"), ("187.5", "\\frac{375}{2}"), ("3, 5, 7", "7, 5, 3"),
        ("3, 5, 7", "3, 5, 9"), ("(-\\infty,-4)\\cup(-4,\\infty)", "(-\\infty, -4) \\cup (-4, \\infty)"), ("(0,9)\\cup (9,36)", "(0, 9) \\cup (9, 36)"), ("\\left[-\\frac12, \\frac12\\right]", "[-0.5, 0.5]"),
        ("[0,\\infty)", "(0,\\infty)"), ("-2 < x < 3", "-2<x<3"), ("-2 < x < 3", "-2 \\le x < 3"), ("11\\sqrt2", "11\\sqrt{2}"), ("720", "6!"), ("y = -2x + 3", "y=3-2x"), ("\\frac{5}{14}", "5/14"),
        ("1 - \\frac{1}{e}", "\\frac{e-1}{e}"), ("\\frac{\\sqrt{3}}{3}", "\\frac{1}{\\sqrt{3}}"), ("2\\sqrt{5}", "\\sqrt{20}"), ("2\\sqrt{5}", "\\sqrt{10}"), ("\\frac{3\\sqrt{3}}{4}", "\\frac{3}{4}\\sqrt{3}"),
        ("4\\pi", "4 \\pi"), ("16\\pi", "8\\pi"), ("9\\pi\\text{ cm}^2", "9\\pi"), ("\\frac{\\pi}{3}", "\\frac{2\\pi}{6}"), ("(6,31,-1)", "(6, 31, -1)"), ("(6,31,-1)", "(6, 31, 1)"), ("70\\sqrt{2}", "70 \\sqrt 2"),
        ("x^2 + 4x + 4", "(x+2)^2"), ("(x-2)(x+2)", "x^2-4"), ("6x^2 - 9x", "3x(2x-3)"), ("\\frac{2x+3}{4}", "\\frac{x}{2}+\\frac{3}{4}"), ("a^6b^3", "(a^2b)^3"), ("z^7-1", "z^7 - 1"), ("10x - 4", "2(5x-2)"), ("10x - 4", "2(5x-4)"),
        ("\\{1, -1\\}", "\\{-1, 1\\}"), ("\\{0\\}", "\\{1\\}"), ("2k", "2m"), ("n-1", "n - 1"), ("\\frac{n-1}{n}", "1-\\frac{1}{n}"), ("0", "0.0"), ("1", "\\frac{7}{7}"), ("-1", "1"), ("10\\%", "10"), ("25\\%", "\\frac14"),
        ("\\$32,\\!348", "32348"), ("10,\\!080", "10080"), ("1,000,000", "10^6"), ("8.5", "8\\frac12"), ("\\frac{9}{2}", "4.5"), ("12", "12\\text{ hours}"), ("12", "\\text{12 hours}"), ("\\tfrac{1}{6}", "\\frac{1}{6}"),
        ("\\begin{pmatrix} 0 & 1 \\\\ -1 & 0 \\end{pmatrix}", "\\begin{pmatrix}0&1\\\\-1&0\\end{pmatrix}"), ("\\begin{pmatrix} 1/3 \\\\ 2/3 \\end{pmatrix}", "\\begin{pmatrix} \\frac13 \\\\ \\frac23 \\end{pmatrix}"),
        ("17", "17"), ("\\frac{11}{36}", "11/36"), ("\\frac{11}{36}", "\\frac{36}{11}"), ("20\\pi", "10\\pi \\cdot 2"), ("3x^2-12", "3(x-2)(x+2)"),
        ("3x^2-12", "3(x-2)^2"), ("\\sqrt{6}-\\sqrt{2}", "\\sqrt{8-4\\sqrt{3}}"), ("-\\frac{35}{9}", "-35/9"), ("[3,5)", "[3, 5)"), ("(2,12)", "(2, 12)"),
        ("(2,12)", "(12, 2)"), ("t^3", "t \\cdot t^2"), ("\\frac{1}{2}, \\frac{3}{2}", "0.5, 1.5"), ("x = 2", "x = 2.0"), ("m = \\frac{1}{3}", "\\frac13"), ("\\cos\\theta", "\\cos \\theta"), ("3\\cos x", "3 \\cos(x)"), ("\\ln 2", "\\ln(2)"), ("\\log_3 5", "\\log_{3}{5}"),
    ],
}


def verdict(expected, given):
    gold, answer = parse(f"${expected}$"), parse(f"$\\boxed{{{given}}}$")
    if not gold or not answer:
        return None
    return bool(verify(gold, answer, allow_set_relation_comp=True))


def main():
    vectors = [
        {"kind": kind, "expected": expected, "given": given, "verdict": verdict(expected, given)}
        for kind, pairs in PAIRS.items()
        for expected, given in pairs
    ]
    head = {
        "package": "math-verify",
        "version": version("math-verify"),
        "with": {name: version(name) for name in ["latex2sympy2_extended", "sympy", "antlr4-python3-runtime"]},
    }
    lines = ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors)
    text = json.dumps(head)[:-1] + ', "vectors": [\n' + lines + "\n]}\n"
    json.loads(text)
    Path(__file__).with_suffix(".json").write_text(text)
    print(len(vectors), "vectors")


if __name__ == "__main__":
    main()
