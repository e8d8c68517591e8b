"""Tables that are none, or none that can be learnt from: CSV and TSV, packed or not."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from pathlib import Path

from corpus.case import DATA, Case, Content, reading, written

GOOD = "a,b,y\n" + "".join(f"{n},{n * n},{'uv'[n % 2]}\n" for n in range(8))
ROWS = GOOD.partition("\n")[2]

TEXTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "nothing in this file"),
    "blank lines": ("\n\n \n", "nothing in this file"),
    "a header alone": ("a,b,y\n", "no row"),
    "no header": (ROWS.replace("u", "1").replace("v", "2"), "no names of columns"),
    "numbers for a header": ("1,2,3\n1,2,3\n", "holds numbers"),
    "a column twice": (GOOD.replace("a,b,y", "a,a,y"), "two columns are called 'a'"),
    "a column without a name": (GOOD.replace("a,b,y", "a,,y"), "has no name"),
    "no target": (GOOD.replace(",y\n", ",z\n", 1), "no column 'y'"),
    "a cell more": (GOOD.replace("3,9,v", "3,9,v,7"), "csv:5:"),
    "a cell less": (GOOD.replace("3,9,v", "3,9"), "csv:5:"),
    "a quotation mark left open": (GOOD.replace("3,9,v", '3,"9,v'), "csv:"),
    "text behind a quotation": (GOOD.replace("3,9,v", '3,"9"x,v'), "csv:5:"),
    "a line break in a quotation, then a cell more": (
        GOOD.replace("3,9,v", '3,"9\n9",v,1'),
        "csv:5:",
    ),
    "a zero byte": (GOOD.replace("3,9", "3\0,9"), "line 5"),
    "UTF-16": (GOOD.encode("utf-16"), "UTF-16"),
    "Latin-1": (GOOD.replace("u", "\xe4").encode("latin-1"), "0xe4"),
    "Shift-JIS": (GOOD.replace("u", "比").encode("shift-jis"), "UTF-8"),
    "text among numbers": (GOOD.replace("3,9", "3,nine"), "text stands among numbers"),
    "grouped thousands": (GOOD.replace(",9,", ',"1,000",'), "text stands among numbers"),
    "a number beyond 32 bits": (GOOD.replace(",9,", ",1e39,"), "beyond"),
    "a number beyond 64 bits": (GOOD.replace(",9,", ",1e999,"), "beyond"),
    "a missing target": (GOOD.replace("3,9,v", "3,9,"), "no value"),
    "a target of NaN": (GOOD.replace("3,9,v", "3,9,NaN"), "no value"),
    "one class": (GOOD.replace("v", "u"), "one class"),
    "a class for each row": (
        "a,y\n" + "".join(f"{n % 3},k{n}\n" for n in range(30)),
        "stand there once",
    ),
    "no feature": ("y\nu\nv\n", "no column is left"),
    "features without a value": ("a,y\n,u\nNA,v\n", "no column is left"),
    "a text for each row": (
        "a,y\n" + "".join(f"t{n},{'uv'[n % 2]}\n" for n in range(9)),
        "text of its own",
    ),
    "101 categories": (
        "a,y\n" + "".join(f"t{n % 101},{'uv'[n % 2]}\n" for n in range(404)),
        "101 categories",
    ),
    "a field of 10 MB": ("a,y\n" + "x" * 10_000_000 + ",u\n1,v\n", "csv:2:"),
    "a label of 300 letters": (GOOD.replace("v\n", "v" * 300 + "\n"), "no label"),
    "30,000 columns": (",".join(f"c{n}" for n in range(30_000)) + "\n", "30,000 columns"),
    "a thousand wrong rows": ("a,y\n" + "1\n" * 1000, "990 more"),
    "HTML": ("<!DOCTYPE html>\n<html><body>404</body></html>\n", "'y'"),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00", "zero byte"),
    "bytes of chance": (bytes(range(256)), "zero byte"),
}


def cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    for name, (content, word) in TEXTS.items():
        yield _case(name, "data.csv", content, word)
    packed = gzip.compress(GOOD.encode(), mtime=0)
    for cut in (2, 10, len(packed) // 2, -8, -1):
        yield _case(f"gzip cut at {cut}", "data.csv.gz", packed[:cut], "damaged", "D2")
    wrong = packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]
    yield _case("a wrong checksum", "data.csv.gz", wrong, "damaged", "D2")
    yield _case("a bomb", "data.csv.gz", _bomb, "200 times", "D2")
    for name, options, word in _SETTINGS:
        make = written("data.csv", GOOD)
        yield Case("csv", name, make, reading(**options), DATA, word, ("D16",))
    regression = reading("regression", target="y")
    make = written("data.csv", GOOD)
    yield Case("csv", "text for values", make, regression, DATA, "needs numbers", ("D14",))
    for name, special in (("a folder", _folder), ("a pipe", _pipe), ("a device", _device)):
        yield Case("csv", name, special, _reading, DATA, ":", ("D20",))


_SETTINGS: tuple[tuple[str, dict[str, str | tuple[str, ...]], str], ...] = (
    ("no target named", {}, "not named"),
    ("a target with a slip", {"target": "yy"}, "Did you mean 'y'"),
    ("groups that are not there", {"target": "y", "groups": "g"}, "no column 'g'"),
    ("a dropped column that is not there", {"target": "y", "drop": ("c",)}, "no column 'c'"),
    ("all dropped", {"target": "y", "drop": ("a", "b")}, "no column is left"),
    ("classes that are others", {"target": "y", "classes": ("s", "t")}, "out of range"),
    ("a class without a row", {"target": "y", "classes": ("u", "v", "w")}, "without a sample"),
)
_reading = reading(target="y")


def _case(name: str, file: str, content: Content, word: str, fault: str = "D16") -> Case:
    return Case("csv", name, written(file, content), _reading, DATA, word, (fault,))


def _bomb() -> bytes:
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0, compresslevel=1) as file:
        file.write(b"a,y\n")
        for _ in range(200):
            file.write(b"1,u\n" * 2**18)
    return stream.getvalue()


def _folder(folder: Path) -> Path:
    (folder / "data.csv").mkdir()
    return folder / "data.csv"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "data.csv")
    return folder / "data.csv"


def _device(folder: Path) -> Path:
    (folder / "data.csv").symlink_to("/dev/zero")
    return folder / "data.csv"
