"""Say whether the versions that hikaku is built with are safe to install, as far as is known.

The lock must be whole: every pin of constraints.txt with digests, none of another version. Where
pip-audit is installed and reaches its data (`make audit`), every version is looked up among the
known weaknesses too; where not, that is said.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
LOCK = ROOT / "requirements.lock"
LINUX = 'sys_platform == "linux"'
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Locked:
    """One package of the lock: its version, where it is needed ("" everywhere), its digests."""

    name: str
    version: str
    marker: str
    digests: tuple[str, ...]

    def __str__(self) -> str:
        """Return its lines as pip reads them."""
        head = f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")
        return " \\\n    ".join((head, *(f"--hash=sha256:{one}" for one in self.digests))) + "\n"


def name_of(written: str) -> str:
    """Return a package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", written).lower()


def pins(text: str | None = None) -> dict[str, str]:
    """Return the versions of constraints.txt (or of this text of its form) by name."""
    lines = (CONSTRAINTS.read_text("utf-8") if text is None else text).splitlines()
    return dict(line.split("==", 1) for line in lines if line and not line.startswith("#"))


def lock(text: str | None = None) -> list[Locked]:
    """Return what stands in requirements.lock, or in this text of its form."""
    whole = (LOCK.read_text("utf-8") if text is None else text).replace("\\\n", " ")
    return [_locked(line) for line in whole.splitlines() if line and not line.startswith("#")]


def _locked(line: str) -> Locked:
    head, *digests = re.split(r"\s+--hash=sha256:", line.strip())
    pin, _, marker = head.partition(" ; ")
    name, _, version = pin.partition("==")
    return Locked(name, version, marker, tuple(digests))


def wrong(wanted: dict[str, str], found: list[Locked]) -> Iterator[str]:
    """Yield what the lock lacks, and what in it is not as constraints.txt says."""
    there = {one.name: one for one in found}
    for name, version in wanted.items():
        if name not in there:
            yield f"{name} is not in the lock"
        elif there[name].version != version:
            yield f"{name} is {there[name].version} in the lock, and {version} in constraints.txt"
    for one in found:
        if not one.digests or not all(re.fullmatch("[0-9a-f]{64}", it) for it in one.digests):
            yield f"{one.name} has no digest"
        if one.name not in wanted and not one.marker:
            yield f"{one.name} is in the lock alone, and for every platform"


def audited() -> tuple[list[str], str]:
    """Return the known weaknesses of what is locked, and in a sentence how many were looked up."""
    if find_spec("pip_audit") is None:
        return [], "not looked up among known weaknesses: `make audit` does, with a network"
    words = ("--disable-pip", "--progress-spinner", "off", "--format", "json")
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), *words],
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip  # how it is run, in a line
    return read(done.stdout) if done.stdout else ([], f"pip-audit failed: {done.stderr[-300:]}")


def read(text: str) -> tuple[list[str], str]:
    """Return the same of what pip-audit wrote as JSON; it ends well even where it knew nothing."""
    rows = json.loads(text)["dependencies"]
    known = [row for row in rows if "skip_reason" not in row]
    if not known:
        return [], "nothing was looked up: pip-audit does not reach its data from here"
    weak = [f"{row['name']} {row['version']}: {one['id']}" for row in known for one in row["vulns"]]
    return weak, f"{len(known)} of {len(rows)} looked up by pip-audit: {len(weak)} known weaknesses"


if __name__ == "__main__":
    problems = list(wrong(pins(), lock()))
    if problems:
        sys.exit("\n".join((*problems, "mend: make lock")))
    print(f"requirements.lock: {len(lock())} packages, each with its digests, as constraints.txt")
    weak, said = audited()
    print("\n".join((*weak, said)))
    sys.exit(bool(weak))
