"""Write requirements.lock: every version of constraints.txt with the SHA-256 of its wheels.

pip asks the package index for what it would install on each of the platforms below, installs
nothing, and reports the digests. What only PyTorch for Linux brings along (CUDA's libraries) is in
the lock and not in constraints.txt, for whoever has PyTorch for the CPU needs none of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit import CONSTRAINTS, LINUX, LOCK, Locked, name_of, pins

PYTHONS = ("3.11", "3.12", "3.13")
GLIBC = ("2014", *(f"_2_{minor}" for minor in range(17, 29)))
MACS = tuple(f"macosx_{number}_0_arm64" for number in range(11, 15))
PLATFORMS = {
    "linux x86_64": tuple(f"manylinux{c}_x86_64" for c in ("1", "2010", "_2_5", "_2_12", *GLIBC)),
    "linux aarch64": tuple(f"manylinux{c}_aarch64" for c in GLIBC),
    "macos arm64": MACS,
}
"""What a wheel's name says of where it runs: from the oldest that is served to today's."""

HEAD = """\
# Written by `make lock` of constraints.txt; not by hand. In a new virtual environment:
#     pip install --no-deps --require-hashes --requirement requirements.lock
# installs exactly these files, or none, on Linux (x86-64, AArch64) and macOS (arm64), Python 3.11
# to 3.13. Lines with a marker are what PyTorch for Linux brings along.
"""


def report(requirements: Path, *options: str) -> list[dict[str, Any]]:
    """Return what pip would install of these requirements, one table for each package."""
    with tempfile.TemporaryDirectory() as folder:
        words = [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed"),
            *("--only-binary", ":all:", "--target", folder, "--report", f"{folder}/report.json"),
            *("--requirement", str(requirements), *options),
        ]
        # A file of settings may name other places than the index, with other builds.
        own = {key: value for key, value in os.environ.items() if key != "PIP_FIND_LINKS"}
        subprocess.run(words, check=True, env=own | {"PIP_CONFIG_FILE": os.devnull})
        found: list[dict[str, Any]] = json.loads(Path(folder, "report.json").read_text("utf-8"))[
            "install"
        ]
    return found


def locked() -> list[Locked]:
    """Return every package with its version and the digests of its wheels, by name."""
    whole = {_name(one): one["metadata"]["version"] for one in report(CONSTRAINTS)}
    known = {name_of(name): name for name in pins()}
    digests: dict[str, set[str]] = defaultdict(set)
    for platform, tags in PLATFORMS.items():
        wanted = whole if "linux" in platform else {name: whole[name] for name in known}
        for python in PYTHONS:
            for one in _on(wanted, python, tags):
                digests[_name(one)].add(one["download_info"]["archive_info"]["hashes"]["sha256"])
    return [
        Locked(
            name=known.get(name, name),
            version=version,
            marker="" if name in known else LINUX,
            digests=tuple(sorted(digests[name])),
        )
        for name, version in sorted(whole.items())
    ]


def _on(wanted: dict[str, str], python: str, tags: Sequence[str]) -> list[dict[str, Any]]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{name}=={version}\n" for name, version in wanted.items())
        file.flush()
        platforms = [word for tag in tags for word in ("--platform", tag)]
        return report(Path(file.name), "--no-deps", "--python-version", python, *platforms)


def _name(one: dict[str, Any]) -> str:
    return name_of(one["metadata"]["name"])


if __name__ == "__main__":
    LOCK.write_text(HEAD + "".join(map(str, locked())), encoding="utf-8")
