"""The plan says who trains with whom, in which order, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from tiny import work

from hikaku.execution import plan as plans
from hikaku.execution.plan import Group, Plan, plan
from hikaku.study.trial import Trial

PLAIN = Group("plain cpu")
DENSE = Group("dense cpu", "dense", "a", (64, 8, 10))


def trials(arms: str, seeds: int) -> dict[str, Trial]:
    """Every arm at every seed, in the order of a study: seed by seed, base first."""
    return {f"{arm}{seed}": Trial(work(), arm, seed) for seed in range(seeds) for arm in arms}


def planned(
    wanted: Mapping[str, Trial],
    groups: Mapping[str, Group],
    workers: int = 2,
    done: Collection[str] = (),
    flops: Mapping[str, float] | None = None,
) -> Plan:
    costs = flops or {}
    return plan(wanted, done, lambda key: (groups[key[0]], costs.get(key[0], 1.0)), workers)


def joined(found: Plan) -> list[str]:
    return [" ".join(keys) for keys in found.stacks]


def test_plain_trials_go_out_one_by_one_in_the_studys_order() -> None:
    found = planned(trials("ab", 2), dict.fromkeys("ab", PLAIN))
    assert joined(found) == ["a0", "b0", "a1", "b1"]
    assert [batch.width for batch in found.batches] == [1]


def test_a_stack_is_as_wide_as_every_worker_having_one_allows() -> None:
    found = planned(trials("abc", 3), dict.fromkeys("abc", DENSE), workers=2)
    assert joined(found) == ["a0 b0 c0 a1 b1", "c1 a2 b2 c2"]
    assert len(planned(trials("abc", 3), dict.fromkeys("abc", DENSE), workers=1).stacks) == 1
    assert len(planned(trials("abc", 3), dict.fromkeys("abc", DENSE), workers=20).stacks) == 9


def test_no_stack_is_wider_than_the_widest() -> None:
    found = planned(trials("a", 100), {"a": DENSE}, workers=1)
    assert max(len(keys) for keys in found.stacks) == plans.WIDEST
    assert sum(len(keys) for keys in found.stacks) == 100


def test_every_trial_is_in_one_stack_and_base_leads_each_seed() -> None:
    wanted = trials("abc", 5)
    found = planned(wanted, dict.fromkeys("abc", DENSE), workers=3)
    assert [key for keys in found.stacks for key in keys] == list(wanted)
    assert found.of.keys() == wanted.keys()


def test_trials_of_other_groups_stand_in_other_stacks() -> None:
    other = Group("dense cpu", "dense", "b", (64, 9, 10))
    wanted = trials("abc", 2)
    found = planned(wanted, {"a": DENSE, "b": other, "c": PLAIN}, workers=1)
    assert sorted(joined(found)) == ["a0 a1", "b0 b1", "c0", "c1"]
    assert {batch.group for batch in found.batches} == {DENSE, other, PLAIN}


def test_of_those_that_begin_with_one_seed_the_longest_come_first() -> None:
    other = Group("dense cpu", "dense", "b", (64, 9, 10))
    groups = {"a": PLAIN, "b": other, "c": PLAIN}
    found = planned(trials("abc", 2), groups, workers=2, flops={"a": 1.0, "b": 50.0, "c": 9.0})
    assert joined(found) == ["b0", "c0", "a0", "b1", "c1", "a1"]


def test_what_is_done_is_left_out_and_counted() -> None:
    found = planned(trials("ab", 2), dict.fromkeys("ab", DENSE), done={"a0", "b1"}, workers=1)
    assert joined(found) == ["b0 a1"]
    assert found.reused == 2
    nothing = planned(trials("ab", 2), dict.fromkeys("ab", DENSE), done=trials("ab", 2))
    assert (nothing.batches, nothing.stacks, nothing.reused) == ((), (), 4)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (PLAIN, ("one trial per process", "2 at a time")),
        (DENSE, ("2 x 3 (arms x seeds)", "64-8-10", "stack: 3 at most", "at a time: 2")),
        (Group("s", "stacked", "p"), ("2 x 3 (arms x seeds)", "vmap", "stack: 3 at most")),
        (Group("o", "outside"), ("one trial per process", "[resources]")),
    ],
)
def test_a_batch_says_why_it_is_trained_so(group: Group, words: tuple[str, ...]) -> None:
    (batch,) = planned(trials("ab", 3), dict.fromkeys("ab", group)).batches
    for said in words:
        assert said in str(batch.why)


def test_the_words_do_not_promise_more_workers_than_there_are_stacks() -> None:
    (batch,) = planned(trials("ab", 1), dict.fromkeys("ab", DENSE), workers=8).batches
    assert "stack: 1 at most" in str(batch.why) and "at a time: 2" in str(batch.why)
