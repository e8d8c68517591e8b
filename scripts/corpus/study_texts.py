"""Study files that are no TOML, or no text, or by far too much of it; and names in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from corpus.case import STUDY, Case, Make, written
from corpus.studies import study
from hikaku.study.decode import load

TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "must be written"),
    "not closed": (b'model = "mlp\n', "not valid TOML"),
    "no value": (b"model =\n", ":1:8"),
    "no key": (b"= 1\n", "not valid TOML"),
    "a bare word": (b"model = mlp\n", "not valid TOML"),
    "two on a line": (b"format = 1 seeds = 3\n", ":1:12"),
    "an open list": (b"seeds = [1,\n", "not valid TOML"),
    "an open table": (b"[recipe\n", "not valid TOML"),
    "an open inline table": (b"data = { use = 1\n", "not valid TOML"),
    "an escape that is none": (b'model = "\\q"\n', "not valid TOML"),
    "a control character": (b'model = "\x1b[31m"\n', "not valid TOML"),
    "a key twice": (b"format = 1\nformat = 1\n", "written twice"),
    "a table twice": (b"[recipe]\n[recipe]\n", "written twice"),
    "a table for a value": (b"data = 1\n[data]\n", "written twice"),
    "a byte order mark in the middle": (b"format = 1\n\xef\xbb\xbfx = 1\n", "not valid TOML"),
    "UTF-16, little end first": ("format = 1\n".encode("utf-16"), "UTF-8"),
    "UTF-16, big end first": ("format = 1\n".encode("utf-16-be"), "UTF-8"),
    "UTF-32": ("format = 1\n".encode("utf-32"), "UTF-8"),
    "Latin-1": ('question = "Qualit\xe4t"\n'.encode("latin-1"), "UTF-8"),
    "Shift-JIS": ('question = "比較"\n'.encode("shift-jis"), "UTF-8"),
    "a zero byte": (b"format = 1\nx = '\0'\n", ":2:6"),
    "5,000 digits": (b"seeds = " + b"9" * 5000, "too many digits"),
    "400 digits": (b"seeds = " + b"9" * 400, "too many digits"),
    "100,000 lists in one another": (b"x = " + b"[" * 100_000 + b"]" * 100_000, "deeply"),
    "100,000 lists left open": (b"x = " + b"[" * 100_000, "deeply"),
    "10,000 tables in one another": (b"x = " + b"{a=" * 10_000 + b"1" + b"}" * 10_000, "deeply"),
    "a key of 100,000 dots": (b"a." * 100_000 + b"a = 1", "deeply"),
    "a header of 100,000 dots": (b"[" + b"a." * 100_000 + b"a]", "deeply"),
    "33 levels": (b"x = " + b"[" * 33 + b"]" * 33, "deeply"),
    "2 MB of comment": (b"#" * 2_000_000, "1 MB"),
    "200,000 keys": (b"".join(b"k%d=1\n" % n for n in range(200_000)), "1 MB"),
    "20,000 keys": (b"".join(b"k%d=1\n" % n for n in range(20_000)), "no key 'k0'"),
    "20,000 variants": (b"[[variant]]\n" * 20_000, "variant[0].name"),
    "a pickle": (b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.", "UTF-8"),
    "HTML": (b"<!DOCTYPE html><html>", "not valid TOML"),
    "JSON": (b'{"format": 1}', "not valid TOML"),
    "YAML": (b"format: 1\nmodel: !!python/object/apply:os.system ['x']\n", "not valid TOML"),
}

NAMES: dict[str, tuple[str, str]] = {
    "an escape sequence": ("\\u001b[31mred", "control characters"),
    "a bell": ("\\u0007", "control characters"),
    "a line break": ("a\\nb", "control characters"),
    "a tab": ("a\\tb", "control characters"),
    "a zero": ("a\\u0000", "control characters"),
    "right to left": ("\\u202egnp", "control characters"),
    "an isolate": ("a\\u2066b", "control characters"),
    "a zero width space": ("a\\u200bb", "control characters"),
    "a byte order mark": ("\\ufeffa", "control characters"),
    "a soft hyphen": ("a\\u00adb", "control characters"),
    "a line separator": ("a\\u2028b", "control characters"),
    "a C1 control": ("a\\u009b31m", "control characters"),
    "a tag": ("a\\U000E0041", "control characters"),
    "spaces alone": (" \\u3000 ", "must not be empty"),
    "10 kB": ("a" * 10_000, "at most"),
    "10 kB of accents": ("e" + "\\u0301" * 2_000, "at most"),
    "81 letters": ("a" * 81, "at most"),
    "base and a space": ("base ", "name of the base"),
}
"""Names of variants that are refused; `HARMLESS` are those that are kept as text."""

HARMLESS = (
    *("<script>alert(1)</script>", "../../etc/passwd", "=cmd|' /C calc'!A0", "+1+1", "@SUM(1)"),
    *("-1", "{{ 7 * 7 }}", "${x}", "$(id)", "`id`", "; rm -rf /", "%s%n", "{0}", "{name}", "\\"),
    *("'", '"', "CON", "nul", ".", "..", "~", "*", "?", "a/b", "C:\\x", "比較", "🐈", "é", "ﬁ"),
    *("[bold]x[/]", ":smile:", "&amp;", "]]>", "-->", "javascript:x", "x" * 80),
)

OVERRIDES = (
    *("", "=", "=1", "x", "recipe", "recipe.epochs", "recipe.epochs=", "recipe.epochs=0"),
    *("recipe..epochs=1", ".=1", "a b=1", "recipe.epochs=1\nworth=1", "'=1", "[recipe]=1"),
    *("recipe.epochs=nan", "recipe.layers=[1", "worth=" + "9" * 5000, "x=" + "[" * 100_000),
    *("a." * 200 + "a=1", "data.use=none", "\x1b[31m=1", "recipe.optimizer.lr.x=1", "seeds=true"),
    *("variant.name=1", "model=/etc/passwd", "worth=-1", "format=2", "metric.name=1"),
)
SEEDS = ("-1", "0", "4294967296,0", "1e20", "1.5", "true", "1,1", "x", "0x10", "٣", "10001", "1;2")


def cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    for name, (content, word) in TEXTS.items():
        yield _case("study: a text", name, written("study.toml", content), word, "E3")
    for name, (escaped, word) in NAMES.items():
        text = study({"variant.name": f'"{escaped}"'})
        yield _case("names", name, written("study.toml", text), word, "E7")
    yield _case("study: a text", "a folder", lambda folder: folder, "folder", "E3")
    yield _case("study: a text", "a pipe", pipe, "no such file", "E3")
    yield _case("study: a text", "nowhere", lambda folder: folder / "s.toml", "no such file", "E3")
    yield _case("study: a text", "a link in a circle", circle, "no such file", "E3")
    yield _case("study: a text", "a device", lambda _: Path("/dev/zero"), "no such file", "E3")
    yield _case(
        "study: a text", "a name of 5,000 letters", lambda f: f / ("x" * 5000), ":1:1", "E3"
    )
    for override in OVERRIDES:
        yield _option("--set", override, partial(_with, (override,), None))
    for seeds in SEEDS:
        yield _option("--seeds", seeds, partial(_with, (), seeds))


def _case(group: str, name: str, make: Make, word: str, fault: str) -> Case:
    return Case(group, name, make, load, STUDY, word, (fault,))


def _with(overrides: tuple[str, ...], seeds: str | None, path: Path) -> object:
    return load(path, overrides=overrides, seeds=seeds)


def _option(option: str, text: str, read: Callable[[Path], object]) -> Case:
    make = written("study.toml", study({}))
    name = f"{option} {text[:30]!r}"
    return Case("study: an option", name, make, read, STUDY, "", ("E2",))


def pipe(folder: Path) -> Path:
    """Make a pipe that nobody writes to: opening it would wait for ever."""
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def circle(folder: Path) -> Path:
    """Make a link to itself."""
    (folder / "circle").symlink_to(folder / "circle")
    return folder / "circle"
