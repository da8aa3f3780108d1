"""Writes json_schema.json: which instances the reference takes, by schemas of both drafts.

    pip install jsonschema==4.26.0
    python tests/reference/json_schema.py
"""

import json
import pathlib
from importlib.metadata import version

import jsonschema

TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"value": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["value"],
            "additionalProperties": False,
        }
    },
}
SHAPE = {
    "oneOf": [
        {"properties": {"kind": {"const": "circle"}, "radius": {"exclusiveMinimum": 0}}, "required": ["kind", "radius"]},
        {"properties": {"kind": {"const": "box"}, "width": {"type": "number"}}, "required": ["kind", "width"]},
    ]
}
NUMBERS = [0, -0.0, 1, 1.0, 1.5, -3, 3, 10, 1e3, 12345678901234567890, 0.1, "1", None, True]
TEXTS = ["", "a", "ab", "abc", "ü", "日本語", "🦀🦀", "a\nb", "ABC-123", 5, None]
LISTS = [[], [1], [1, 1.0], [1, "1"], [1, True], [0, False], [[1], [1]], [{"a": 1, "b": 2}, {"b": 2, "a": 1}], [1, 2, 3], ["a", 1], "ab", {"0": 1}]
MAPS = [{}, {"a": 1}, {"a": "x"}, {"a": 1, "b": 2}, {"b": 1}, {"a": None}, {"x_1": 1, "x_2": "b"}, {"foo": 1, "bar": 2}, [1], "a"]

# Schemas that mean the same in both drafts, each with its instances.
BOTH = [
    (True, [1, None]),
    (False, [1, None]),
    ({}, [1, {}]),
    ({"type": "integer"}, NUMBERS),
    ({"type": "number"}, NUMBERS),
    ({"type": ["string", "null"]}, TEXTS),
    ({"type": "boolean"}, [True, False, 0, 1, "true"]),
    ({"minimum": 1.5}, NUMBERS),
    ({"exclusiveMinimum": 1, "maximum": 10}, NUMBERS),
    ({"exclusiveMaximum": 3}, NUMBERS),
    ({"multipleOf": 0.5}, [0, 1, 1.5, 1.25, -2, "1", 1e3]),
    ({"multipleOf": 3}, [0, 3, 4, 9.0, -6, 1e15]),
    ({"minLength": 2, "maxLength": 3}, TEXTS),
    ({"pattern": "^a"}, TEXTS),
    ({"pattern": "b$"}, TEXTS),
    ({"pattern": r"^[A-Z]+-\d{3}$"}, TEXTS),
    ({"pattern": "[^a]b?"}, TEXTS),
    ({"enum": [1, "a", None, [1, 2], {"a": 1}]}, [1, 1.0, True, "a", "b", None, [1, 2], [2, 1], {"a": 1}, {"a": 1.0}]),
    ({"const": {"a": [1, None]}}, [{"a": [1, None]}, {"a": [1.0, None]}, {"a": [None, 1]}, {}]),
    ({"const": False}, [False, 0, 0.0, None]),
    ({"const": 1}, [1, 1.0, True, "1"]),
    ({"minItems": 1, "maxItems": 2}, LISTS),
    ({"uniqueItems": True}, LISTS),
    ({"items": {"type": "integer"}}, LISTS),
    ({"contains": {"const": 1}}, LISTS),
    ({"required": ["a"]}, MAPS),
    ({"minProperties": 1, "maxProperties": 1}, MAPS),
    ({"properties": {"a": {"type": "integer"}}}, MAPS),
    ({"properties": {"a": True}, "additionalProperties": False}, MAPS),
    ({"patternProperties": {"^x_": {"type": "integer"}}, "additionalProperties": False}, MAPS),
    ({"additionalProperties": {"type": "integer"}}, MAPS),
    ({"propertyNames": {"maxLength": 1}}, MAPS),
    ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, MAPS),
    ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, MAPS),
    ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, MAPS),
    ({"not": {"required": ["a"]}}, MAPS),
    ({"not": {"not": {"type": "object"}}}, MAPS),
    ({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"minProperties": 1}}, MAPS),
    ({"if": {"type": "object"}, "then": False}, MAPS),
    (TREE, [{"value": 1}, {"value": 1.5}, {"value": 1, "children": [{"value": 2, "children": []}]},
            {"value": 1, "children": [{"value": 2, "children": [{"valu": 3}]}]}, {"children": []}, []]),
    (SHAPE, [{"kind": "circle", "radius": 1}, {"kind": "circle", "radius": 0}, {"kind": "box", "width": 2}, {"kind": "box"},
             {"kind": "star"}, {"radius": 1, "width": 1}, 5]),
    ({"$ref": "#/definitions/a~1b%25", "definitions": {"a/b%": {"type": "string"}}}, ["x", 1]),
    ({"properties": {"$ref": {"type": "string"}}}, [{"$ref": "a"}, {"$ref": 1}]),
    ({"properties": {"a": {"$ref": "#"}}, "additionalProperties": False}, [{"a": {"a": {}}}, {"a": {"b": {}}}, {"b": 1}]),
    ({"default": 5, "title": "t", "description": "d", "examples": [1], "x-own": {"type": "string"}}, [1, "a"]),
    ({"format": "date"}, ["soon", "2024-01-01"]),
]

DRAFT7 = [
    ({"$ref": "#/definitions/any", "type": "string", "definitions": {"any": {}}}, [1, "a"]),
    ({"items": [{"type": "integer"}, {"type": "string"}]}, LISTS),
    ({"items": [{"type": "integer"}], "additionalItems": False}, LISTS),
    ({"items": [{}], "additionalItems": {"type": "string"}}, LISTS),
    ({"dependencies": {"a": ["b"]}}, MAPS),
    ({"dependencies": {"a": {"properties": {"a": {"type": "string"}}}}}, MAPS),
    ({"$ref": "#named", "definitions": {"x": {"$id": "#named", "type": "integer"}}}, [1, "a"]),
    ({"unevaluatedProperties": False, "dependentRequired": {"a": ["b"]}}, MAPS),
    ({"prefixItems": [{"type": "string"}], "minContains": 5}, LISTS),
]

DRAFT2020 = [
    ({"$ref": "#/$defs/any", "type": "string", "$defs": {"any": {}}}, [1, "a"]),
    ({"prefixItems": [{"type": "integer"}, {"type": "string"}]}, LISTS),
    ({"prefixItems": [{"type": "integer"}], "items": False}, LISTS),
    ({"prefixItems": [{}], "items": {"type": "string"}}, LISTS),
    ({"contains": {"type": "integer"}, "minContains": 2, "maxContains": 2}, LISTS),
    ({"contains": {"type": "string"}, "minContains": 0}, LISTS),
    ({"dependentRequired": {"a": ["b"]}}, MAPS),
    ({"dependentSchemas": {"a": {"properties": {"a": {"type": "string"}}}}}, MAPS),
    ({"properties": {"a": {}}, "unevaluatedProperties": False}, MAPS),
    ({"anyOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {}}, "required": ["b"]}],
      "unevaluatedProperties": False}, MAPS),
    ({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"properties": {"b": {}}},
      "unevaluatedProperties": {"type": "string"}}, MAPS),
    ({"prefixItems": [{}], "unevaluatedItems": {"type": "integer"}}, LISTS),
    ({"contains": {"type": "string"}, "unevaluatedItems": False}, LISTS),
    ({"$ref": "#here", "$defs": {"x": {"$anchor": "here", "type": "integer"}}}, [1, "a"]),
    ({"$id": "https://example.com/root", "$ref": "item", "$defs": {"x": {"$id": "item", "type": "integer"}}}, [1, "a"]),
    ({"$dynamicAnchor": "node", "properties": {"a": {"$dynamicRef": "#node"}}, "additionalProperties": False},
     [{"a": {"a": {}}}, {"a": {"b": 1}}]),
    ({"contentEncoding": "base64", "contentMediaType": "application/json"}, ["%%%", "e30="]),
    ({"dependencies": {"a": ["b"]}}, MAPS),
]

# Schemas that are none, by their meta-schema.
WRONG = [
    {"type": "strng"}, {"type": []}, {"type": ["string", "string"]}, {"minimum": "1"}, {"minLength": -1}, {"maxItems": 1.5},
    {"required": "a"}, {"required": [1]}, {"properties": []}, {"properties": {"a": 1}}, {"items": 5}, {"enum": 1},
    {"multipleOf": 0}, {"pattern": 1}, {"allOf": []}, {"anyOf": {}}, {"not": 1}, {"additionalProperties": "no"},
    {"uniqueItems": 1}, {"$ref": 1}, {"if": 1}, {"const": 1, "oneOf": [1]}, {"patternProperties": {"a": 1}},
]


def main():
    groups = []
    for draft, validator, schemas in [
        ("7", jsonschema.Draft7Validator, BOTH + DRAFT7),
        ("2020-12", jsonschema.Draft202012Validator, BOTH + DRAFT2020),
    ]:
        for schema, instances in schemas:
            validator.check_schema(schema)
            verdicts = [[instance, validator(schema).is_valid(instance)] for instance in instances]
            groups.append({"draft": draft, "schema": schema, "instances": verdicts})
        for schema in WRONG:
            try:
                validator.check_schema(schema)
            except jsonschema.SchemaError:
                continue
            raise SystemExit(f"draft {draft} takes {schema}")
    out = {"package": "jsonschema", "version": version("jsonschema"), "groups": groups, "wrong": WRONG}
    target = pathlib.Path(__file__).with_suffix(".json")
    target.write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(sum(len(group["instances"]) for group in groups), "pairs,", target.stat().st_size, "bytes")


main()
