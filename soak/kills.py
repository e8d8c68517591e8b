"""Random kills: a plan of lives is carried out on runs in one world after the other."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from soak import guest, zygote
from soak.oracle import GIVEN_UP, Expect, Oracle, Pointer
from soak.plan import Blow, Life
from soak.world import World

ORPHAN_SECONDS = 2.0
"""After so long nothing that a killed supervisor had started may be left."""
STOPPING_SECONDS = 12.0
"""A run that is asked to end does within 10 seconds, and a machine may be slow."""
PAUSE_SECONDS = 0.02
RESTING_SECONDS = 60.0
"""A run that nothing disturbs takes no longer."""
GUESTS = 0.1
"""In so many of all lives somebody looks on."""
GAVE_UP = (2, 6)
"""How a run ends whose workers are all killed before they have started, or were tried."""


@dataclass
class Tally:
    """What was done and what came of it; `wrong` is what must never be."""

    supervisors: int = 0
    workers: int = 0
    stopped: int = 0
    """Workers that were stopped and let go on, many of them after their supervisor's death."""
    asked_to_end: int = 0
    guests: int = 0
    """Readers that looked on as the dashboard does, and died or hung there."""
    in_company: int = 0
    """Runs beside which a second one was started on the same store."""
    states_damaged: int = 0
    taken_up: int = 0
    """Trials that went on from a state after their supervisor's death."""
    paused: int = 0
    """Runs that stopped themselves, for their disk was full or read only."""
    studies: int = 0
    trials: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """All processes that were killed."""
        return self.supervisors + self.workers


class Ground:
    """Where supervisors live and die, with the fork server of all workers."""

    def __init__(self, server: zygote.Shared) -> None:
        self.server = server
        self.zombies: list[int] = []
        """Workers that were stopped and whose supervisors are gone, or will be."""

    def workers(self) -> list[int]:
        """Return the workers that are not stopped."""
        return [pid for pid in zygote.children(self.server.pid) if pid not in self.zombies]

    def wake(self) -> None:
        """Let stopped workers go on."""
        for pid in self.zombies:
            send(pid, signal.SIGCONT)
        self.zombies.clear()

    def orphans(self) -> list[str]:
        """Wait for what a killed supervisor has left to end; return what does not."""
        end = time.monotonic() + ORPHAN_SECONDS
        while left := self.workers():
            if time.monotonic() > end:
                for pid in left:
                    send(pid, signal.SIGKILL)
                return [f"process {pid} outlived its supervisor" for pid in left]
            time.sleep(0.001)
        return []


@dataclass
class Campaign:
    """Kills in worlds until there were enough, or something was wrong."""

    ground: Ground
    worlds: Callable[[], World]
    expect: Expect
    seconds: float
    """How long an undisturbed run takes."""
    tally: Tally = field(default_factory=Tally)

    def carry_out(self, plan: Iterator[Life], kills: int) -> Tally:
        """Kill so many processes; a world in which something is wrong stays as it is."""
        began, tally = time.monotonic(), self.tally
        while tally.kills < kills and not tally.wrong:
            world = self.worlds()
            self._world(world, plan, kills)
            if tally.wrong:
                tally.wrong.append(f"left as it is: {world.folder}")
            else:
                world.remove()
        tally.seconds = time.monotonic() - began
        return tally

    def _world(self, world: World, plan: Iterator[Life], kills: int) -> None:
        """Kill in this world until its study is finished or there were so many kills in all."""
        oracle, tally = Oracle(world, self.expect), self.tally
        pointers: tuple[Pointer, ...] = ()
        while tally.kills < kills and not tally.wrong:
            life, before = next(plan), tally.workers
            if life.damage and pointers:
                newest = list({one.key: one for one in pointers}.values())
                one = newest[int(life.choice * len(newest))]
                damage(world.state(one.key, one.file), life)
                oracle.damaged.add(one.file)
                tally.states_damaged += 1
            tally.wrong += self._live(world, life) + self.ground.orphans()
            now, wrong = oracle.judge(tally.workers - before)
            tally.wrong += [f"{fault} [after {life}]" for fault in wrong]
            pointers = now.pointers
            tally.taken_up += len({one.key for one in pointers})
            if len(now.trials) == len(world.keys):
                break
        if not tally.wrong:
            tally.wrong += rest(world, self.ground, oracle)
        tally.studies += 1
        tally.trials += len(world.keys)

    def _live(self, world: World, life: Life) -> list[str]:
        """Start a supervisor, deal the blows, see it end; return what is wrong with its end."""
        guests = [guest.arrives(world, life, self.seconds)] if life.choice < GUESTS else []
        self.tally.guests += len(guests)
        before, pids = self.tally.workers, [zygote.supervisor(world)]
        if life.company:
            pids.append(zygote.supervisor(world))
            self.tally.in_company += 1
            self._wait(pids, self.seconds / 2, world)
        allowed = self._dealt(pids, life.blows, world)
        self._wait(pids, RESTING_SECONDS, world)
        self.ground.wake()
        codes = [waited(pid, RESTING_SECONDS) for pid in pids]
        for pid in guests:
            guest.leaves(pid)
        if self.tally.workers - before >= GIVEN_UP:
            allowed += GAVE_UP
        return [f"a run ended with {code} [{life}]" for code in codes if code not in allowed]

    def _wait(self, pids: list[int], seconds: float, world: World) -> bool:
        """Wait until the first has ended, or so long; with company, never may both write."""
        end = time.monotonic() + seconds
        while len(pids) > 1 and time.monotonic() < end and not ended_within(pids[0], 0.001):
            # Asked twice, for the one may end and the other begin between two questions.
            if all(world.is_written_by(pid) for pid in (*pids, *pids)):
                self.tally.wrong.append("two runs write to one store at the same time")
                return False
        return ended_within(pids[0], max(0.0, end - time.monotonic()))

    def _dealt(self, pids: list[int], blows: tuple[Blow, ...], world: World) -> tuple[int, ...]:
        """Deal the blows; return how the supervisor may end after them."""
        for blow in blows:
            if self._wait(pids, blow.after * self.seconds, world):
                break
            self.ground.wake()
            if blow.target == "supervisor" and blow.how == "term":
                self.tally.asked_to_end += send(pids[0], signal.SIGTERM)
                if not ended_within(pids[0], STOPPING_SECONDS):
                    self.tally.wrong.append("a run did not end when it was asked to")
                return (0, -signal.SIGTERM)
            if blow.target == "supervisor":
                self.tally.supervisors += send(pids[0], signal.SIGKILL)
                return (0, -signal.SIGKILL)
            self._hit(blow)
        return (0,)

    def _hit(self, blow: Blow) -> None:
        found = self.ground.workers()
        if not found:
            return
        pid = found[int(blow.choice * len(found))]
        if blow.how == "kill":
            self.tally.workers += send(pid, signal.SIGKILL)
            return
        self.tally.stopped += send(pid, signal.SIGSTOP)
        if blow.how == "stop":
            self.ground.zombies.append(pid)
            return
        time.sleep(PAUSE_SECONDS)
        send(pid, signal.SIGCONT)


def rest(world: World, ground: Ground, oracle: Oracle) -> list[str]:
    """Let a run go through undisturbed; return what is wrong after that."""
    ground.wake()
    wrong = ground.orphans()
    code = waited(zygote.supervisor(world), RESTING_SECONDS)
    if code != 0:
        wrong.append(f"an undisturbed run ended with {code}")
    return wrong + ground.orphans() + oracle.conclude()


def damage(file: Path, life: Life) -> None:
    """Damage this file as the life says."""
    if life.damage == "removed" or not file.exists():
        file.unlink(missing_ok=True)
        return
    content = bytearray(file.read_bytes())
    if life.damage == "cut":
        file.write_bytes(content[: len(content) // 2])
        return
    # At the end of a file stand its numbers.
    content[-3] ^= 1
    file.write_bytes(content)


def send(pid: int, number: int) -> bool:
    """Send a signal; return whether there was anybody."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def ended_within(pid: int, seconds: float) -> bool:
    """Wait so long, or until this child of ours has ended; say whether it has."""
    end = time.monotonic() + seconds
    while not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        left = end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(left, 0.002))
    return True


def waited(pid: int, seconds: float) -> int:
    """Return how this child of ours has ended, as `subprocess` says it; kill it after so long."""
    if not ended_within(pid, seconds):
        send(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return -999
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
