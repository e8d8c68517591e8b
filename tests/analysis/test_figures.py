"""The judged figure of each seed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from result_builder import compared, trial

from hikaku.analysis.figures import judged, step
from hikaku.analysis.verdict import compare
from hikaku.record import Results
from hikaku.study.study import Metric

CURVE = {("validation", "accuracy"): [(10, 0.5), (20, 0.9), (30, 0.7)]}


def one(metric, **made):
    return judged(Results((0,), {("a", 0): trial(**made)}), "a", metric)[0]


@pytest.mark.parametrize("of", ["last", "best"])
def test_the_end_is_read_with_the_weights_asked_for(of):
    figures = {("last", "test", "accuracy"): 0.8, ("best", "test", "accuracy"): 0.9}
    expected = {"last": 0.8, "best": 0.9}[of]
    assert one(Metric("accuracy", of=of), figures=figures) == expected


def test_the_split_asked_for_is_read():
    figures = {("last", "test", "accuracy"): 0.8, ("last", "validation", "accuracy"): 0.7}
    assert one(Metric("accuracy", split="validation"), figures=figures) == 0.7


def test_area_weighs_each_piece_of_the_curve_by_its_updates():
    metric = Metric("accuracy", split="validation", of="area")
    assert one(metric, curves=CURVE) == pytest.approx((0.7 + 0.8) / 2)
    uneven = {("validation", "accuracy"): [(0, 0.0), (30, 0.6), (40, 0.6)]}
    assert one(metric, curves=uneven) == pytest.approx((0.3 * 30 + 0.6 * 10) / 40)


def test_area_of_a_single_evaluation_is_its_value():
    metric = Metric("accuracy", split="validation", of="area")
    assert one(metric, curves={("validation", "accuracy"): [(30, 0.6)]}) == 0.6


def test_area_of_a_flat_curve_is_its_height_even_if_it_stopped_early():
    metric = Metric("accuracy", split="train", of="area")
    assert one(metric, curves={("train", "accuracy"): [(10, 0.6), (20, 0.6)]}) == pytest.approx(0.6)


@pytest.mark.parametrize(("target", "step"), [(0.5, 10), (0.6, 20), (0.9, 20), (0.91, math.nan)])
def test_steps_to_is_the_first_evaluation_at_the_target_or_beyond(target, step):
    metric = Metric("accuracy", "validation", "steps-to", better="lower", target=target)
    np.testing.assert_equal(one(metric, curves=CURVE), step)


def test_steps_to_goes_downwards_for_a_loss():
    metric = Metric("loss", "validation", "steps-to", "lower", of_better="lower", target=0.4)
    curves = {("validation", "loss"): [(10, 0.8), (20, 0.4), (30, 0.9)]}
    assert one(metric, curves=curves) == 20


def test_gap_is_positive_when_train_is_better_than_the_split():
    accuracies = {("last", "train", "accuracy"): 1.0, ("last", "test", "accuracy"): 0.9}
    losses = {("last", "train", "loss"): 0.1, ("last", "test", "loss"): 0.4}
    accuracy = Metric("accuracy", of="gap", better="lower")
    loss = Metric("loss", of="gap", better="lower", of_better="lower")
    assert one(accuracy, figures=accuracies) == pytest.approx(0.1)
    assert one(loss, figures=losses) == pytest.approx(0.3)


def test_peak_epoch_is_the_first_of_equally_good_epochs():
    metric = Metric("accuracy", "validation", "peak-epoch", better="lower")
    assert one(metric, curves=CURVE) == 2
    twice = {("validation", "accuracy"): [(10, 0.9), (20, 0.9)]}
    assert one(metric, curves=twice) == 1
    loss = Metric("loss", "validation", "peak-epoch", "lower", of_better="lower")
    assert one(loss, curves={("validation", "loss"): [(5, 0.3), (10, 0.2), (15, 0.4)]}) == 1.0


@pytest.mark.parametrize("of", ["last", "best", "area", "steps-to", "gap", "peak-epoch"])
def test_a_trial_without_a_finished_end_has_no_figure(of):
    metric = Metric("accuracy", "validation", of, target=0.1)
    figures = {(r, s, "accuracy"): 0.5 for r in ("last", "best") for s in ("train", "validation")}
    ended = {
        ("a", seed): trial(figures, CURVE, status=status)
        for seed, status in enumerate(["done", "diverged", "failed"])
    }
    found = judged(Results((0, 1, 2, 3, 4), {**ended, ("a", 4): trial()}), "a", metric)
    assert np.isnan(found).tolist() == [False, True, True, True, True]


@pytest.mark.parametrize("of", ["last", "area", "gap", "peak-epoch"])
def test_a_figure_that_is_not_finite_is_no_figure(of):
    metric = Metric("accuracy", "validation", of)
    inf = float("inf")
    figures = {("last", "train", "accuracy"): inf, ("last", "validation", "accuracy"): inf}
    curves = {("validation", "accuracy"): [(10, math.nan), (20, math.nan)]}
    assert math.isnan(one(metric, figures=figures, curves=curves))


def sampled(*samples, of="last", name="accuracy", split="test"):
    """The step of a metric over trials with so many train, validation and test samples each."""
    trials = {("a", seed): trial(samples=one) for seed, one in enumerate(samples)}
    return step(Results(tuple(range(len(samples))), trials), Metric(name, split, of))


@pytest.mark.parametrize("name", ["accuracy", "top-5"])
@pytest.mark.parametrize("of", ["last", "best"])
def test_a_share_of_n_samples_moves_by_one_of_them(name, of):
    for split, n in (("train", 100), ("validation", 20), ("test", 36)):
        assert sampled((100, 20, 36), of=of, name=name, split=split) == 1 / n


def test_the_largest_split_of_any_trial_has_the_smallest_step():
    assert sampled((0, 0, 0), (9, 9, 36), (9, 9, 30)) == 1 / 36


def test_what_counts_no_samples_or_does_not_say_how_many_has_no_known_step():
    assert sampled((9, 9, 9), name="loss") == sampled((9, 9, 9), of="area", split="validation") == 0
    assert sampled((0, 0, 0)) == sampled((9, 9, 0)) == sampled() == 0


@pytest.mark.parametrize("most", [None, 20])
def test_five_zeros_of_a_small_test_set_do_not_hide_an_effect_worth_having(most):
    """One more right answer of 36 at a third of the seeds is 0.009, and five zeros are no news."""
    for n, said in ((5, "undecided"), (6, "no-practical-difference")):
        study, results = compared([35 / 36] * n, worth=0.01, most=most, a=[35 / 36] * n)
        counted = {
            place: replace(one, outcome=replace(one.outcome, samples=(100, 36, 36)))
            for place, one in results.trials.items()
        }
        (finding,) = compare(study, replace(results, trials=counted))
        assert finding.verdict == said
        half = (1 - 0.05 ** (1 / n)) / 36
        assert (finding.ci_low, finding.ci_high) == pytest.approx((-half, half))
        if n == 5:
            assert (finding.forecast.more if most else finding.enough) == (1 if most else 6)
