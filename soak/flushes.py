"""What a power cut would leave: a state is flushed, renamed, and its folder flushed, then told of.

A process that is killed leaves what it has written to the system; a machine does not. So here the
calls of a whole run are written down by strace, and their order is looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePath

from soak import calls, kills, zygote
from soak.world import World

LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)$")
STATE = re.compile(r"\d[\w-]*\.safetensors")
ESCAPED = re.compile(r"\\[0-7]{1,3}|\\.")
"""A byte that strace does not show as it is."""
UNFINISHED, RESUMED = " <unfinished ...>", re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")


def wrong_order(world: World, ground: kills.Ground) -> list[str]:
    """Run this world, and return every state that was told of before it was safe."""
    server = ground.server.pid
    with calls.traced(server, "-y", "-s", "4096", "-e", "trace=write,fsync,rename") as log:
        kills.waited(zygote.supervisor(world), kills.RESTING_SECONDS)
        ground.orphans()
    said = log.read_text()
    log.unlink()
    return _judged(_whole(said.splitlines()))


def _whole(lines: list[str]) -> list[tuple[str, str, str]]:
    """Return (process, call, the rest) of every call, where it ended."""
    begun: dict[tuple[str, str], str] = {}
    found: list[tuple[str, str, str]] = []
    for line in lines:
        if resumed := RESUMED.match(line):
            pid, call, rest = resumed.groups()
            found.append((pid, call, begun.pop((pid, call), "") + rest))
        elif match := LINE.match(line):
            pid, call, rest = match["pid"], match["call"], match["rest"]
            if rest.endswith(UNFINISHED):
                begun[pid, call] = rest.removesuffix(UNFINISHED)
            else:
                found.append((pid, call, rest))
    return found


def _judged(made: list[tuple[str, str, str]]) -> list[str]:
    """Return what is wrong with the order of these calls."""
    flushed: dict[str, set[str]] = defaultdict(set)
    renamed: dict[str, set[PurePath]] = defaultdict(set)
    safe, told, wrong = set[str](), set[str](), []
    for pid, call, rest in made:
        path = _path(rest)
        if call == "fsync":
            flushed[pid].add(path)
            safe |= {one.name for one in renamed[pid] if str(one.parent) == path}
        elif call == "rename":
            old, new = map(PurePath, re.findall(r'"([^"]*)"', rest)[:2])
            if STATE.search(new.name):
                renamed[pid].add(new)
            if STATE.search(new.name) and str(old) not in flushed[pid]:
                wrong.append(f"{new.name} was renamed before it was flushed")
        elif PurePath(path).is_absolute():
            flushed[pid].discard(path)
        else:
            names = set(STATE.findall(ESCAPED.sub(" ", rest)))
            told |= names
            wrong += [f"{name} was told of before it was safe" for name in sorted(names - safe)]
    if not told:
        raise RuntimeError("no state was told of: there is nothing to judge")
    return wrong


def _path(rest: str) -> str:
    match = re.match(r"\d+<([^>]*)>", rest)
    return match[1] if match else ""
