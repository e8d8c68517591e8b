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
UNFINISHED, RESUMED = " <unfinished ...>", re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")


def wrong_order(world: World, ground: kills.Ground) -> list[str]:
    """Run this world, and return every state that was told of before it was safe."""
    server = ground.server.pid
    with calls.traced(server, "-y", "-s", "0", "-e", "trace=write,fsync,rename") as log:
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
    open_folders: dict[str, set[str]] = defaultdict(set)
    states, wrong = 0, []
    for pid, call, rest in made:
        path = _path(rest)
        if call == "fsync":
            flushed[pid].add(path)
            open_folders[pid].discard(path)
        elif call == "rename":
            old, new = re.findall(r'"([^"]*)"', rest)[:2]
            if new.endswith(".safetensors"):
                states += 1
                if old not in flushed[pid]:
                    wrong.append(f"{PurePath(new).name} was renamed before it was flushed")
                open_folders[pid].add(str(PurePath(new).parent))
        elif path.startswith(("socket:", "pipe:", "UNIX")) and open_folders[pid]:
            wrong.append("a state was told of before its folder was flushed")
        elif PurePath(path).is_absolute():
            flushed[pid].discard(path)
    return wrong if states else ["no state was written beside its place and renamed"]


def _path(rest: str) -> str:
    match = re.match(r"\d+<([^>]*)>", rest)
    return match[1] if match else ""
