"""`python -m soak`: kill trainings in every way, and say what came of it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from soak import bugs, calls, disk, real, report, stubs


def main() -> int:
    """Return 0 where nothing was lost, doubled or changed, and no defect was missed."""
    asked = _parser().parse_args()
    if asked.kind == "disk" and not os.environ.get(APART):
        _apart()
    campaigns = list(_campaigns(asked))
    defects = list(_defects(asked))
    for one in (*campaigns, *defects):
        print(json.dumps(one) if asked.json else said(one), flush=True)
    if asked.kind == "all" and asked.write:
        report.write(campaigns, defects)
    elif asked.again:
        report.replace(campaigns)
    return any(one["wrong"] for one in campaigns) or not all(one["found"] for one in defects)


def said(one: dict[str, Any]) -> str:
    """Return a row as lines."""
    if "defect" in one:
        return f"{one['defect']}: {one['found'] or 'NOT FOUND'}"
    names = [name for name in one if name not in ("campaign", "wrong")]
    words = ", ".join(f"{name.replace('_', ' ')} {one[name]}" for name in names if one[name])
    faults = "".join(f"\n  {fault}" for fault in one["wrong"])
    return f"{one['campaign']}: {words}; {len(one['wrong'])} wrong{faults}"


def _campaigns(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    seed = asked.seed
    if asked.kind == "stub":
        yield report.row("stub trainings", seed, stubs.stubs().kill(asked.number, seed))
    elif asked.kind == "real":
        for engine, tally in real.kill(asked.number, seed):
            yield report.row(f"real trainings, {engine} engine", seed, tally)
    elif asked.kind == "calls" and calls.there():
        yield report.row("system calls", seed, stubs.stubs().sweep(asked.number, seed))
    elif asked.kind == "disk":
        yield report.row("full and read-only disks", seed, stubs.stubs().fill(asked.number, seed))
    elif asked.kind == "all":
        yield from report.carried_out(report.SIZES[asked.size], seed)


def _defects(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if asked.kind == "hunt":
        yield {"defect": bugs.BUGS[asked.bug], "found": stubs.hunt(asked.bug, asked.seed)}
    elif asked.kind in ("bugs", "all"):
        yield from report.hunted(bugs.BUGS, asked.seed)


def _apart() -> None:
    """Become a process that may mount what it likes."""
    os.environ[APART] = "1"
    command = [*disk.COMMAND, sys.executable, "-m", "soak", *sys.argv[1:]]
    os.execvp(command[0], command)


APART = "SOAK_APART"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what the plan is drawn from")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "--again", action="store_true", help="what this finds takes its place in docs/soak.json"
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind, help in KINDS.items():
        kinds.add_parser(kind, help=help).add_argument("number", type=int)
    kinds.add_parser("hunt", help="hunt one defect").add_argument("bug", choices=bugs.BUGS)
    kinds.add_parser("bugs", help="hunt every defect")
    whole = kinds.add_parser("all", help="all of it")
    whole.add_argument("size", choices=report.SIZES)
    whole.add_argument("--write", action="store_true", help="write docs/soak.json")
    return parser


KINDS = {
    "stub": "kill so many processes of stub trainings",
    "real": "kill so many processes of real trainings",
    "calls": "strike at one of so many system calls, 1 for every one",
    "disk": "run on so many full and read-only disks",
}

if __name__ == "__main__":
    sys.exit(main())
