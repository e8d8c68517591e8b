"""What all campaigns came to: printed, and written into `docs/soak.json` for the page of faults."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from soak.calls import Swept
from soak.kills import Tally

ROOT = Path(__file__).parents[1]
SOAK = ROOT / "docs" / "soak.json"
AT_ONCE = 2
"""So many campaigns run beside each other, each in a process of its own."""


@dataclass(frozen=True)
class Size:
    """How much is done: kills of stub and of real trainings, and full disks.

    One of each `step` system calls is struck; 1 is every one.
    """

    stub: int
    real: int
    disks: int
    step: int
    parts: int


CONTINUOUS = Size(stub=500, real=30, disks=12, step=25, parts=1)
WHOLE = Size(stub=10_000, real=1_000, disks=200, step=1, parts=4)
SIZES = {"ci": CONTINUOUS, "whole": WHOLE}


def row(name: str, seed: int, came: Tally | Swept) -> dict[str, Any]:
    """Return what a campaign came to as a row of a table."""
    found = {"campaign": name, "seed": seed, **asdict(came)}
    if isinstance(came, Tally):
        found = {"campaign": name, "seed": seed, "kills": came.kills, **asdict(came)}
    return {**found, "seconds": round(came.seconds), "wrong": came.wrong}


def commands(size: Size, seed: int) -> list[list[str]]:
    """Return the arguments of every campaign."""
    share = -(-size.stub // size.parts)
    stubs = [["--seed", str(seed + n), "stub", str(share)] for n in range(size.parts)]
    each = -(-size.real // size.parts)
    reals = [["--seed", str(seed + n), "real", str(each)] for n in range(size.parts)]
    others = [["calls", str(size.step)], ["disk", str(size.disks)]]
    return [*reals, *stubs, *(["--seed", str(seed), *words] for words in others)]


def carried_out(size: Size, seed: int) -> list[dict[str, Any]]:
    """Carry all of it out; return the rows."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(_rows, commands(size, seed))
    return [row for rows in answers for row in rows]


def hunted(bugs: Iterable[str], seed: int) -> list[dict[str, Any]]:
    """Hunt each defect in a process of its own, which it spoils; return a row for each."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(_rows, [["--seed", str(seed), "hunt", bug] for bug in bugs])
    return [row for rows in answers for row in rows]


def write(campaigns: Sequence[dict[str, Any]], defects: Sequence[dict[str, Any]]) -> None:
    """Write what a page shows of it."""
    wrong = sum(len(one["wrong"]) for one in campaigns)
    found = {
        "machine": machine(),
        "processes_killed": sum(one.get("kills", 0) for one in campaigns),
        "lost_doubled_or_changed": wrong,
        "seeded_defects_found": f"{sum(bool(one['found']) for one in defects)} of {len(defects)}",
        "campaigns": [_shown(one) for one in campaigns],
        "defects": [{**one, "found": _without_places(one["found"])} for one in defects],
    }
    SOAK.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def replace(campaigns: Iterable[dict[str, Any]]) -> None:
    """Put these rows in the place of those of the same campaigns and seeds, and say so.

    A campaign ends at the first thing that is wrong: once that is mended, it is carried out again.
    """
    found: dict[str, Any] = json.loads(SOAK.read_text("utf-8"))
    places = {(one["campaign"], one["seed"]): n for n, one in enumerate(found["campaigns"])}
    for one in campaigns:
        place = places[one["campaign"], one["seed"]]
        before, new = found["campaigns"][place], _shown(one)
        found["campaigns"][place] = new
        found["processes_killed"] += _kills(new) - _kills(before)
        found["lost_doubled_or_changed"] += new["wrong"] - before["wrong"]
        told = f"{new['campaign']}, seed {new['seed']}: {before['wrong']} wrong the first time"
        found["carried_out_again"] = [*found.get("carried_out_again", []), told]
    SOAK.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _kills(shown: dict[str, Any]) -> int:
    kills = re.match(r"kills ([\d,]+)", shown["done"])
    return int(kills[1].replace(",", "")) if kills else 0


def machine() -> str:
    """Return what it ran on."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, torch {version('torch')}, SQLite {sqlite3.sqlite_version}"
    )


def _rows(arguments: Sequence[str]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "soak", "--json", *arguments]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    found: list[dict[str, Any]] = [json.loads(line) for line in answer.stdout.splitlines()]
    if not found:
        raise SystemExit(f"soak {' '.join(arguments)} ended with {answer.returncode}")
    return found


def _without_places(found: str) -> str:
    """Return how a defect was found, without the plan of that life and where its folder lies."""
    return re.sub(r" [\[(].*", "", found)


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    """Return a campaign's row with one column for what was done."""
    counts = {k: v for k, v in one.items() if isinstance(v, int) and v and k not in UNSHOWN}
    done = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in counts.items())
    struck = ", ".join(f"{what} at {n:,} calls" for what, n in one.get("points", {}).items())
    return {
        "campaign": one["campaign"],
        "seed": one["seed"],
        "done": "; ".join(filter(None, (done, struck))),
        "wrong": len(one["wrong"]),
        "seconds": one["seconds"],
    }


UNSHOWN = ("seed", "seconds")
