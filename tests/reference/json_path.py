"""Writes json_path.json: what the reference selects by paths in documents.

    pip install jsonpath-rfc9535==1.0.1
    python tests/reference/json_path.py
"""

import json
import pathlib
from importlib.metadata import version

import jsonpath_rfc9535 as jsonpath

STORE = {
    "store": {
        "book": [
            {"category": "reference", "author": "N. Rees", "title": "Sayings", "price": 8.95},
            {"category": "fiction", "author": "E. Waugh", "title": "Sword", "price": 12.99},
            {"category": "fiction", "author": "H. Melville", "title": "Moby", "isbn": "0-553-21311-3", "price": 8.99},
            {"category": "fiction", "author": "J. Tolkien", "title": "Rings", "isbn": "0-395-19395-8", "price": 22.99},
        ],
        "bicycle": {"color": "red", "price": 399},
    }
}
LISTS = {"a": [3, 5, 1, 2, 4, 6, {"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}], "o": {"p": 1, "q": 2, "r": 3}, "e": "f"}
ODD = {"a b": {"c.d": 1, "'": {"@": 2}}, "ü": [True, False, None], "": 0, "$": {"x": [[1, [2]], [3]]}, "0": "zero", "\n": 5}
NESTED = [[1, 2, [3]], {"a": [{"b": 1}, {"b": 2, "c": [1]}]}, [], {}, "text", None, 7.5]

PATHS = {
    "store": (STORE, [
        "$.store.book[*].author", "$..author", "$.store.*", "$.store..price", "$..book[2]", "$..book[2].author",
        "$..book[2].publisher", "$..book[-1]", "$..book[0,1]", "$..book[:2]", "$..book[?@.isbn]", "$..book[?@.price<10]",
        "$.store.book[?@.price > 8.95 && @.category == 'fiction'].title", "$.store.book[?@.isbn || @.price < 9].title",
        "$.store.book[?!@.isbn].title", "$.store.book[?length(@.title) > 4].title", "$.store.book[?count(@.*) == 5].title",
        "$.store.book[?match(@.author, '[A-Z]. [TW].*')].title", "$.store.book[?search(@.title, 'o')].title",
        "$.store.book[?value(@.price) == 8.99].title", "$.store.book[?@.price == $.store.book[0].price].title",
        "$.store.book[?@.price < $.store.bicycle.price].price", "$.store.book[::2].title", "$.store.book[::-1].title",
        "$.store.book[1:3].title", "$.store.book[-2:].title", "$['store']['bicycle']['color']",
        '$["store"]["book"][0]["title"]', "$.store[?@.color].price", "$.missing", "$.store.book[9]", "$",
        "$.store.book[?@.category != 'fiction'].title", "$.store.book[?@.author >= 'J'].author",
        "$.store.book[?(@.price > 10)].title", "$.store.bicycle[?@ == 'red']", "$.store.book[?@.isbn == @.nothing].title",
    ]),
    "lists": (LISTS, [
        "$.a[?@.b == 'kilo']", "$.a[?(@.b == 'kilo')]", "$.a[?@>3.5]", "$.a[?@.b]", "$[?@.*]", "$[?@[?@.b]]",
        "$.o[?@<3, ?@<3]", "$.a[?@<2 || @.b == 'k']", "$.a[?match(@.b, '[jk]')]", "$.a[?search(@.b, '[jk]')]",
        "$.o[?@>1 && @<4]", "$.o[?@.u || @.x]", "$.a[?@.b == $.x]", "$.a[?@ == @]", "$.a[1:3]", "$.a[5:]", "$.a[1:5:2]",
        "$.a[5:1:-2]", "$.a[::-1]", "$.a[0]", "$.a[-1]", "$.a[-11]", "$.a[0,0]", "$.a[0,2:4]", "$.o['p','q']", "$.o[*]",
        "$.o[*,*]", "$.a[2:1]", "$.a[0:0]", "$.a[:-1:3]", "$.e[0]", "$.e.length", "$.a.b", "$..b", "$..[0]", "$.o..*",
        "$.a[?@.b != 'k']", "$.a[?length(@.b) == 4]", "$.a[?length(@) == 1]", "$.a[?@ == 1 || @ == 2]", "$.a[?@ <= 2]",
    ]),
    "odd": (ODD, [
        "$['a b']['c.d']", "$['a b']['\\'']['@']", '$["a b"]["\'"]["@"]', "$.ü", "$['\\u00fc'][0]", "$['']", "$['$'].x",
        "$['$']..[0]", "$['0']", "$['\\n']", "$.ü[?@ == true]", "$.ü[?@ == null]", "$.ü[?@ == false]", "$..*", "$ ['0']",
        "$[?@ == 0]", "$[?@ == 'zero']", "$['$'].x[*][0]",
    ]),
    "nested": (NESTED, [
        "$[0][2][0]", "$[*][0]", "$..b", "$[1].a[?@.c].b", "$[?@ == 'text']", "$[?@ == null]", "$[?@ == 7.5]", "$[-1]",
        "$[?count(@.*) > 0]", "$[?length(@) == 4]", "$..[?@.b == 2]", "$[1]..c[0]", "$[0:2]", "$[?@[0] == 1]", "$[2][*]",
        "$[?@ > 7]", "$[?@ == -0]", "$..[?@ >= 2]",
    ]),
}

INVALID = [
    "", "a", "$.", "$..", "$[", "$]", "$.a[", "$['a'", "$[a]", "$[1.0]", "$[01]", "$[-0]", "$[1:2:3:4]", "$.a b", "$[?]",
    "$[?@.a =]", "$[?@.a == ]", "$[?@.a === 1]", "$[?(@.a]", "$[?length(@.a)]", "$[?nothing(@.a)]", "$[?@.* == 1]", "$.1a",
    "$[?count(1) == 1]", "$[?match(@.a)]", " $", "$ ", "$['\\x']", "$[?@.a == [1]]", "$.$", "$..['a'", "$[,]", "$[1,]",
]


def main():
    cases = []
    for document, paths in PATHS.values():
        for path in paths:
            nodes = jsonpath.find(path, document)
            cases.append({"path": path, "document": document, "values": [node.value for node in nodes]})
    for path in INVALID:
        try:
            jsonpath.compile(path)
        except jsonpath.JSONPathError:
            continue
        raise SystemExit(f"the reference takes {path!r}")
    out = {
        "package": "jsonpath-rfc9535",
        "version": version("jsonpath-rfc9535"),
        "cases": cases,
        "invalid": INVALID,
    }
    target = pathlib.Path(__file__).with_suffix(".json")
    target.write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(len(cases), "cases,", target.stat().st_size, "bytes")


main()
