#!/usr/bin/env python3
"""Writes the Parquet files and workbooks in tests/reference/tables with the writers that people use.

    pip install pyarrow openpyxl && python3 tests/reference/tables.py

What is in them is made up here. The tests say what has to be read from each.
"""

import datetime as dt
import decimal
import uuid
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

OUT = Path(__file__).parent / "tables"
UTC = dt.timezone.utc


def write(name, table, **options):
    pq.write_table(table, OUT / name, **({"compression": "snappy"} | options))


def types():
    day, clock = dt.date(2024, 3, 5), dt.time(14, 30, 15, 250000)
    moment = dt.datetime(2024, 3, 5, 14, 30, 15, 250000)
    columns = {
        "text": pa.array(["grün \"quoted\"\n", "", None]),
        "large": pa.array(["a", "b", None], pa.large_string()),
        "category": pa.array(["de", "en", "de"]).dictionary_encode(),
        "yes": pa.array([True, False, None]),
        "i8": pa.array([-128, 127, None], pa.int8()),
        "i64": pa.array([-(2**63), 2**63 - 1, None], pa.int64()),
        "u8": pa.array([0, 255, None], pa.uint8()),
        "u32": pa.array([0, 2**32 - 1, None], pa.uint32()),
        "u64": pa.array([0, 2**64 - 1, None], pa.uint64()),
        "f16": pa.array([1.5, -0.25, None], pa.float16()),
        "f32": pa.array([0.1, 1e30, None], pa.float32()),
        "f64": pa.array([0.1, 1.0, None], pa.float64()),
        "price": pa.array([decimal.Decimal("12.50"), decimal.Decimal("-0.05"), None], pa.decimal128(10, 2)),
        "huge": pa.array([decimal.Decimal(10**50), decimal.Decimal(-1), None], pa.decimal256(60, 0)),
        "day": pa.array([day, dt.date(1969, 12, 31), None]),
        "clock": pa.array([clock, dt.time(0), None]),
        "moment_ms": pa.array([moment, dt.datetime(1969, 12, 31, 23, 59, 59), None], pa.timestamp("ms")),
        "moment_us_utc": pa.array([moment.replace(tzinfo=UTC), None, None], pa.timestamp("us", "UTC")),
        "moment_ns": pa.array([1709649015250000001, 0, None], pa.timestamp("ns")),
        "bytes": pa.array([b"plain", "é".encode(), None], pa.binary()),
        "fixed": pa.array([b"abc", b"def", None], pa.binary(3)),
        "nothing": pa.array([None, None, None], pa.null()),
        "list": pa.array([["a", None], [], None]),
        "nested": pa.array([[[1, 2], []], [None], None], pa.list_(pa.list_(pa.int32()))),
        "struct": pa.array([{"a": 1, "b": ["x"]}, {"a": None, "b": None}, None]),
        "structs": pa.array([[{"k": 1}, {"k": None}], [], None]),
        "map": pa.array([[("de", 1), ("en", 2)], [], None], pa.map_(pa.string(), pa.int32())),
        "numbered": pa.array([[(1, "x")], [], None], pa.map_(pa.int32(), pa.string())),
    }
    write("types.parquet", pa.table(columns))
    ids = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=1).bytes], pa.binary(16)))
    write("uuid.parquet", pa.table({"id": ids}))


def tickets(rows):
    return pa.table({
        "id": [f"r{n:03}" for n in range(rows)],
        "body": [f"say w{n}" for n in range(rows)],
        "team": [f"w{n}" for n in range(rows)],
        "n": pa.array(range(rows), pa.int64()),
        "tags": [[f"t{n % 3}"] * (n % 3) for n in range(rows)],
    })


def codecs():
    for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
        for version in ["1.0", "2.0"]:
            write(f"{codec}-v{version[0]}.parquet", tickets(40), compression=codec, data_page_version=version,
                  row_group_size=15)
    encodings = {"id": "DELTA_BYTE_ARRAY", "body": "DELTA_LENGTH_BYTE_ARRAY", "n": "DELTA_BINARY_PACKED"}
    for version in ["1.0", "2.0"]:
        write(f"delta-v{version[0]}.parquet", tickets(300).select(["id", "body", "n", "team"]), use_dictionary=False,
              column_encoding=encodings | {"team": "PLAIN"}, data_page_version=version)


def odd():
    write("nan.parquet", pa.table({"id": ["a", "b", "c"], "score": [1.0, float("nan"), float("inf")]}))
    image = {"bytes": b"\x89PNG\r\n\x1a\n\0\xff", "path": "cat.png"}
    write("image.parquet", pa.table({"id": ["a", "b"], "image": [image, {"bytes": None, "path": "dog.png"}]}))
    write("bytes.parquet", pa.table({"id": ["a", "b"], "raw": pa.array([b"ok", b"\xff\xfe"], pa.binary())}))
    write("empty.parquet", pa.table({"id": pa.array([], pa.string())}))
    # As the hub has MMLU.
    write("mmlu.parquet", pa.table({
        "question": ["Which number is even?", "Which is a colour?"],
        "subject": ["elementary_mathematics", "miscellaneous"],
        "choices": [["3", "4", "5", "7"], ["Seven", "Monday", "Up", "Green"]],
        "answer": pa.array([1, 3], pa.int64()),
    }))


def workbooks():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Tickets"
    sheet.append(["id", " body ", "n", "yes", "day", "at", "clock", None, "price"])
    sheet.append(["a", "grün \"x\"\ny", 3, True, dt.date(2024, 3, 5), dt.datetime(2024, 3, 5, 14, 30), dt.time(9, 5),
                  "unnamed", 12.5])
    sheet.append([])
    sheet.append(["b", None, -0.125, False])
    sheet.append(["c", "merged", 10**15])
    sheet.merge_cells("B5:B6")
    sheet.append(["d"])
    sheet["L3"].font = openpyxl.styles.Font(bold=True)
    other = book.create_sheet("Bad cells")
    other.append(["id", "value"])
    other.append(["ok", 1])
    other.append(["wrong", "#N/A"])
    other["B3"].data_type = "e"
    other.append(["formula", "=1+1"])
    other.append(["also ok", 2])
    bare = book.create_sheet("Bare")
    bare.append(["x", 1])
    bare.append(["y", 2])
    book.create_sheet("Empty")
    hidden = book.create_sheet("Secret", 0)
    hidden.sheet_state = "hidden"
    hidden.append(["id"])
    book.save(OUT / "book.xlsx")
    # openpyxl and the archive stamp the time of writing: it is set, so that the file is the same every time.
    again(OUT / "book.xlsx")


def again(path):
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist() if not name.startswith("docProps/core")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in parts:
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    types()
    codecs()
    odd()
    workbooks()
    print(sum(path.stat().st_size for path in OUT.iterdir()), "bytes")
