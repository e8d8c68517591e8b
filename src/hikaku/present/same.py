"""Whether a page that was written before still says the same: then it need not be drawn again.

Eats a `Report` and a path. Makes a mark: equal reports, said in one language by the same version of
everything that draws, have equal marks. Loads none of what draws, which alone takes longer than all
else that a finished study asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np

from hikaku import durable
from hikaku.present.report import Report

NAME = "hikaku-mark"
"""The name of the page's element that holds its mark."""

LEADING = 2048
"""Within so many characters from the front of a page stands its mark."""

DRAWS = ("altair", "vl-convert-python", "jinja2")


def mark(report: Report, language: str) -> str:
    """Return the mark of a report's page in this language, 64 hexadecimal digits."""
    found = sha256(f"{_drawn_by()} {language}\n".encode())
    for part in _parts(report):
        found.update(part)
        found.update(b"\0")
    return found.hexdigest()


def says_the_same(path: Path, report: Report, language: str) -> bool:
    """Return whether the page at `path` is whole and bears this report's mark."""
    with suppress(OSError, UnicodeDecodeError), path.open(encoding="utf-8") as page:
        return _mark_of(mark(report, language)) in page.read(LEADING)
    return False


def copied(known: Path, path: Path, report: Report, language: str) -> bool:
    """Return whether the page at `known` says the same, and so was copied to `path`."""
    with suppress(OSError):  # then who draws it meets the same fault, and says so in words
        page = known.read_bytes()
        if _mark_of(mark(report, language)).encode() in page[: 4 * LEADING]:  # letters, as bytes
            path.parent.mkdir(parents=True, exist_ok=True)
            durable.write(path, page)
            return True
    return False


def _mark_of(mark: str) -> str:
    return f'name="{NAME}" content="{mark}"'


@cache
def _drawn_by() -> str:
    """Return a digest of the code and words that make pages, and the versions of what they use."""
    found = sha256(" ".join(version(name) for name in DRAWS).encode())
    house = Path(__file__).parent
    for folder in (house, house / "page", house.parent / "locale"):
        for path in sorted(folder.rglob("*.mo") if folder.name == "locale" else folder.iterdir()):
            if path.is_file():
                found.update(path.read_bytes())
    return found.hexdigest()


def _parts(value: object) -> Iterator[bytes]:
    """Yield everything that a value holds, in its order; equal values yield equal parts."""
    if isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape}".encode()
        yield repr(value.tolist()).encode() if value.dtype.hasobject else value.tobytes()
    elif is_dataclass(value):
        yield type(value).__qualname__.encode()
        for item in fields(value):
            yield from _parts(getattr(value, item.name))
    elif isinstance(value, Mapping):
        yield f"{{{len(value)}".encode()
        for pair in value.items():
            yield from _parts(pair)
    elif isinstance(value, (tuple, list)):
        yield f"[{len(value)}".encode()
        for one in value:
            yield from _parts(one)
    else:
        yield repr(value).encode()
