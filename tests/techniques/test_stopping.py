from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import torch
from stage import copied, identical, leaves, same_three_ways, weights
from torch import Tensor

from hikaku.errors import StudyError
from hikaku.techniques.early_stopping import EarlyStopping

Scores = list[float]


@dataclass
class Restated:
    """The rules of Keras' callback in plain Python; a NaN is never better, whatever the best."""

    settings: EarlyStopping
    higher: bool
    best: float = field(init=False)
    waited: int = 0
    kept: int = -1

    def __post_init__(self) -> None:
        self.best = -math.inf if self.higher else math.inf

    def beats(self, score: float, reference: float) -> bool:
        if self.higher:
            return score - self.settings.min_delta > reference
        return score + self.settings.min_delta < reference

    def stops_at(self, scores: Scores) -> int | None:
        for epoch, score in enumerate(scores):
            self.kept = epoch if self.kept < 0 else self.kept
            self.waited += 1
            if self.beats(score, self.best):
                self.best, self.kept = score, epoch
                baseline = self.settings.baseline
                if baseline is None or self.beats(score, baseline):
                    self.waited = 0
            elif self.waited >= self.settings.patience and epoch > 0:
                return epoch
        return None


def run(technique: EarlyStopping, scores: Scores, name: str) -> tuple[int | None, Any, int]:
    """Return where it stops (None: nowhere), its state, and the last evaluation it saw."""
    state = technique.init(epoch_weights(-1))
    for epoch, score in enumerate(scores):
        given = {name: torch.tensor(score, dtype=torch.float64)}
        state, stop = technique.fold(state, given, epoch_weights(epoch))
        if stop:
            return epoch, state, epoch
    return None, state, len(scores) - 1


def epoch_weights(epoch: int) -> dict[str, Tensor]:
    return {"w": torch.full((2,), float(epoch)), "count": torch.tensor(epoch)}


def random_scores(chance: random.Random) -> Scores:
    """Return a course with ties and plateaus, and now and then a NaN or an infinity."""
    odd = [math.nan, math.inf, -math.inf]
    return [
        chance.choice(odd) if chance.random() < 0.05 else round(chance.gauss(0.5, 0.1), 1)
        for _ in range(25)
    ]


@pytest.mark.parametrize("mode", ["min", "max", "auto"])
@pytest.mark.parametrize("monitor", ["validation loss", "validation accuracy"])
def test_it_stops_and_restores_where_keras_would(mode: Any, monitor: str) -> None:
    chance = random.Random(f"{mode} {monitor}")
    stopped = 0
    for _ in range(60):
        technique = EarlyStopping(
            monitor,
            min_delta=chance.choice([0.0, 0.1]),
            patience=chance.choice([1, 2, 5]),
            mode=mode,
            baseline=chance.choice([None, 0.5]),
        )
        higher = mode == "max" or (mode == "auto" and monitor.endswith("accuracy"))
        restated = Restated(technique, higher)
        scores = random_scores(chance)
        where, state, last = run(technique, scores, monitor)
        assert where == restated.stops_at(scores)
        kept = technique.finish(state, epoch_weights(last))
        assert int(kept["count"]) == restated.kept
        assert identical(kept, epoch_weights(restated.kept))
        stopped += where is not None
    assert stopped > 10


def test_patience_counts_evaluations_without_a_better_score() -> None:
    technique = EarlyStopping(patience=3)
    where, state, _ = run(technique, [0.5, 0.4, 0.4, 0.45, 0.41, 0.1], "validation loss")
    assert where == 4
    assert identical(technique.finish(state, epoch_weights(4)), epoch_weights(1))


def test_it_never_stops_at_the_first_evaluation() -> None:
    where, _, _ = run(EarlyStopping(patience=1), [math.nan, math.nan], "validation loss")
    assert where == 1


def test_without_restore_the_last_weights_stay() -> None:
    technique = EarlyStopping(patience=1, restore=False)
    where, state, last = run(technique, [0.5, 0.6], "validation loss")
    assert where == 1
    assert state["kept"] == {}
    assert identical(technique.finish(state, epoch_weights(last)), epoch_weights(1))


def test_a_score_that_is_not_a_number_is_never_the_best() -> None:
    technique = EarlyStopping(patience=9)
    _, state, _ = run(technique, [math.nan, 0.7, math.nan, 0.6, math.nan], "validation loss")
    assert float(state["best"]) == 0.6
    assert identical(technique.finish(state, epoch_weights(4)), epoch_weights(3))


@pytest.mark.parametrize(
    ("monitor", "higher"),
    [
        ("validation accuracy", True),
        ("validation balanced-accuracy", True),
        ("validation f1-macro", True),
        ("validation top-5", True),
        ("validation auroc", True),
        ("validation r2", True),
        ("validation loss", False),
        ("train accuracy", True),
        ("validation rmse", False),
        ("validation mae", False),
    ],
)
def test_by_itself_it_knows_which_way_is_better(monitor: str, higher: bool) -> None:
    where, _, _ = run(EarlyStopping(monitor, patience=1), [0.1, 0.2, 0.1], monitor)
    assert where == (2 if higher else 1)


@pytest.mark.parametrize("monitor", ["validation own.py:accuracy", "validation cost", "accuracy"])
def test_of_a_metric_that_it_does_not_know_it_guesses_nothing(monitor: str) -> None:
    for mode, stops_at in (("min", 1), ("max", 2)):
        technique = EarlyStopping(monitor, patience=1, mode=mode)
        assert run(technique, [0.1, 0.2, 0.1], monitor)[0] == stops_at
    with pytest.raises(StudyError, match=monitor) as caught:
        run(EarlyStopping(monitor), [0.1], monitor)
    assert 'mode = "min" or mode = "max"' in str(caught.value)


def test_a_score_that_is_not_measured_is_an_error_that_names_the_others() -> None:
    technique = replace(EarlyStopping(), monitor="val_loss")
    with pytest.raises(StudyError, match="val_loss") as caught:
        technique.fold(technique.init(weights()), {"validation loss": torch.tensor(1.0)}, weights())
    assert "validation loss" in str(caught.value)


def test_min_delta_may_be_a_number_a_tensor_or_one_of_a_stack() -> None:
    scores = [0.9, 0.7, 0.65, 0.64, 0.6, 0.59, 0.3]

    def course(min_delta: float) -> object:
        technique = EarlyStopping(min_delta=min_delta, patience=2)
        state = technique.init(epoch_weights(-1))
        stops = []
        for epoch, score in enumerate(scores):
            given = {"validation loss": torch.tensor(score, dtype=torch.float64)}
            state, stop = technique.fold(state, given, epoch_weights(epoch))
            stops.append(stop)
        return stops, state, technique.finish(state, epoch_weights(9))

    assert same_three_ways(course, 0.0, 0.02, 0.1, 0.5)


def test_a_stack_of_scores_is_judged_trial_by_trial() -> None:
    technique = EarlyStopping(patience=2)
    courses = [[0.5, 0.4, 0.6, 0.7], [0.5, 0.6, 0.4, 0.3], [0.2, 0.2, 0.2, 0.1]]

    def last_stop(scores: Tensor) -> Any:
        state = technique.init(epoch_weights(-1))
        for epoch in range(4):
            state, stop = technique.fold(
                state, {"validation loss": scores[epoch]}, epoch_weights(epoch)
            )
        return stop, technique.finish(state, epoch_weights(3))["count"]

    stops, kept = torch.func.vmap(last_stop)(  # noqa: TID251  # judged as a stack, on purpose
        torch.tensor(courses, dtype=torch.float64)
    )
    assert stops.tolist() == [True, False, False]
    assert kept.tolist() == [1, 3, 3]


def test_nothing_that_was_given_is_changed_and_nothing_is_shared() -> None:
    technique = EarlyStopping()
    given = weights()
    state = technique.init(given)
    places = [leaf.data_ptr() for leaf in [*leaves(state), *leaves(given)]]
    assert len(places) == len(set(places))
    before = copied((state, given))
    technique.fold(state, {"validation loss": torch.tensor(0.1)}, given)
    assert identical(before, (state, given))
