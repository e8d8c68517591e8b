"""Trials that are wanted one by one go out together where they can, and none is lost."""

from __future__ import annotations

from collections.abc import Sequence

from tiny import work

from hikaku.execution.plan import Group, Plan, plan
from hikaku.run.handing import AsWanted
from hikaku.study.trial import Trial

DENSE, PLAIN = Group("dense", "dense", "a"), Group("plain")


def planned(keys: Sequence[str], workers: int = 1) -> Plan:
    """Keys that begin with "p" are trained plainly, all others in dense stacks."""
    wanted = {key: Trial(work(), key[0], int(key[1:])) for key in keys}
    return plan(wanted, (), lambda key: (PLAIN if key[0] == "p" else DENSE, 1.0), workers)


def handing(keys: Sequence[str], workers: int = 1) -> AsWanted:
    waiting = iter(keys)
    return AsWanted(planned(keys, workers), lambda: next(waiting, None))


def test_those_that_share_a_stack_go_together() -> None:
    out = handing(["a0", "b0", "a1", "b1"])
    assert out.next(8) == ["a0", "b0", "a1", "b1"]
    assert out.next(8) == []
    assert out.count == 4


def test_no_more_go_out_than_are_asked_for() -> None:
    out = handing(["a0", "b0", "a1", "b1", "a2"])
    assert [out.next(2), out.next(2), out.next(2), out.next(2)] == [
        ["a0", "b0"],
        ["a1", "b1"],
        ["a2"],
        [],
    ]


def test_no_stack_is_wider_than_the_plan_says() -> None:
    out = handing(["a0", "b0", "a1", "b1"], workers=2)
    assert out.next(8) == ["a0", "b0"]


def test_what_cannot_go_along_is_held_and_goes_out_next_in_order() -> None:
    out = handing(["a0", "p0", "b0", "a1", "p1", "p2"])
    assert [out.next(8) for _ in range(6)] == [["a0"], ["p0"], ["b0", "a1"], ["p1"], ["p2"], []]
    assert out.count == 6


def test_plain_trials_go_out_one_by_one() -> None:
    out = handing(["p0", "p1"])
    assert [out.next(8), out.next(8), out.next(8)] == [["p0"], ["p1"], []]


def test_none_for_now_is_not_the_end() -> None:
    """Whoever names trials may name none until others have ended."""
    named = iter(["a0", None, "b0", "a1"])
    out = AsWanted(planned(["a0", "b0", "a1"]), lambda: next(named, None))
    assert [out.next(8), out.next(8), out.next(8)] == [["a0"], ["b0", "a1"], []]
