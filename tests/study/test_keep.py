"""`[keep]`: what is written of it, what it means, and how its files are called."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_house import SMALLEST

from hikaku.study.keep import counts, evaluation_file, sentence, wanted
from hikaku.study.recipe import Evaluation
from hikaku.study.study import Keep, Study

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]
EPOCHS, STEPS = Evaluation(), Evaluation(10, "step", 1)


def keeping(lines: str) -> str:
    return f"{SMALLEST}\n[keep]\n{lines}\n"


def test_without_a_word_the_best_seeds_best_weights_stay(decoded: Decode) -> None:
    assert decoded(SMALLEST).keep == Keep("best", "best", "validation loss", "min", 1, "weights")


def test_what_is_written_is_asked_for(decoded: Decode) -> None:
    text = keeping(
        'weights = "all"\nseeds = "all"\nmonitor = "train accuracy"\nevery = 5\nwhat = "model"'
    )
    wanted = Keep("all", "all", "train accuracy", "max", 5, "model", asks=True)
    assert decoded(text).keep == wanted
    assert decoded(keeping('weights = "best"')).keep == Keep(asks=True)


def test_it_is_no_part_of_any_arms_fingerprint(decoded: Decode) -> None:
    plain, kept = decoded(SMALLEST), decoded(keeping('weights = "all"'))
    assert plain.keep != kept.keep
    assert plain.base == kept.base


def test_without_a_validation_split_the_train_loss_is_watched(
    decoded: Decode, mistakes: Mistakes
) -> None:
    none = ('"digits"', '{ use = "digits", train = 0.5, validation = 0, test = 0.5 }')
    assert decoded(SMALLEST, none).keep.monitor == "train loss"
    assert decoded(keeping('weights = "last"'), none).keep.monitor == "train loss"
    (found,) = mistakes(keeping('monitor = "validation loss"'), none)
    assert "'keep' watches the validation loss, and there is no validation split." in found


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('weights = "bets"', "keep.weights: must be one of: best, last, all, none, not 'bets'."),
        ('seeds = 3', "keep.seeds: must be one of: best, all, not 3."),
        ("every = 0", "keep.every: must be a whole number >= 1, not 0."),
        ('monitor = "val loss"', "keep.monitor: there is no score 'val loss'."),
        ('monitor = "test loss"', "keep.monitor: the test split is read once, at the end"),
        ('monitor = "validation accuracy"\nmode = "min"', "keep.mode: of accuracy, higher is"),
        ('weight = "all"', "keep.weight: [keep] has no key 'weight'. Did you mean 'weights'?"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(mistakes: Mistakes, lines: str, fault: str) -> None:
    (found,) = mistakes(keeping(lines))
    assert fault in found


def test_every_kth_epoch_counts_and_every_kth_evaluation_by_steps() -> None:
    every = Keep(every=3)
    assert [n for n in range(4, 41, 4) if counts(every, EPOCHS, n, 4)] == [12, 24, 36]
    assert [n for n in range(1, 92, 10) if counts(every, STEPS, n, 4)] == [21, 51, 81]


def test_the_end_always_counts_and_no_two_evaluations_share_a_file() -> None:
    every = Keep("all", every=2)
    assert wanted(every, EPOCHS, [4, 8, 12, 14], 4) == (
        "epoch-0002.safetensors",
        "epoch-0004.safetensors",
    )
    assert wanted(Keep("all"), STEPS, [1, 11, 15], 4)[-1] == "step-000015.safetensors"
    names = [evaluation_file(EPOCHS, update, 4) for update in range(4, 4000, 4)]
    assert sorted(set(names)) == names


def test_the_best_by_another_monitor_is_another_file() -> None:
    files = {
        wanted(keep, EPOCHS, [4], 4)
        for keep in (
            Keep(),
            Keep(every=2),
            Keep(monitor="validation accuracy", mode="max"),
            Keep(monitor="train loss"),
            Keep("last"),
        )
    }
    assert len(files) == 5


def test_what_stays_is_said_in_words() -> None:
    assert str(sentence(Keep("none"))) == "none"
    assert str(sentence(Keep())) == "best validation loss; of each arm's best seed"
    assert (
        str(sentence(Keep("all", "all", every=5, what="model")))
        == "all, every 5; of every seed; with the source files"
    )
