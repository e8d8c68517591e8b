"""A claim is read with its arms, figure and margin; what is wrong with it is told with its line."""

from __future__ import annotations

from collections.abc import Callable

from small_house import STUDY

from hikaku.study.sources import evaluation_fingerprint, extras
from hikaku.study.study import Metric, Study

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]

CLAIM = """
[[claim]]
text = "it helps"
kind = "difference"
variant = "sgd"
metric = "train accuracy"
"""


def test_what_is_not_written_is_filled_in(decoded: Decode) -> None:
    (claim,) = decoded(STUDY + CLAIM).claims
    assert (claim.arms, claim.against, claim.expect, claim.reading) == (
        ("sgd",), ("base",), "helps", "last"
    )  # fmt: skip  # four values
    assert claim.figure == Metric("accuracy", "train")
    assert claim.worth == 0.01  # the study's, for accuracy is what it judges


def test_another_metric_does_not_take_the_studys_margin(decoded: Decode) -> None:
    (claim,) = decoded(STUDY + CLAIM.replace("accuracy", "loss")).claims
    assert claim.worth == 0


def test_a_kind_makes_its_own_figure_of_a_plain_metric(decoded: Decode) -> None:
    of = {
        kind: decoded(
            STUDY + CLAIM.replace("difference", kind).replace("train", "validation")
        ).claims[0].figure.of
        for kind in ("gap", "speed", "peak", "difference")
    }  # fmt: skip  # one chain
    assert of == {"gap": "gap", "speed": "area", "peak": "peak-epoch", "difference": "last"}


def test_published_figures_are_one_or_one_an_epoch(decoded: Decode) -> None:
    (claim,) = decoded(STUDY + CLAIM + "published = { base = [0.1, 0.2], sgd = 0.5 }").claims
    assert claim.published == (("base", (0.1, 0.2)), ("sgd", (0.5,)))


def test_only_a_claim_about_a_last_batch_changes_what_trials_read(decoded: Decode) -> None:
    assert evaluation_fingerprint(decoded(STUDY + CLAIM)) == ""
    batch = decoded(STUDY + CLAIM + 'reading = "batch"')
    assert extras(batch) == ("last batch",)
    assert evaluation_fingerprint(batch) == "last batch"


def test_a_command_that_changes_what_is_trained_leaves_no_level_to_compare(decoded: Decode) -> None:
    assert not decoded(STUDY + CLAIM, overrides=["worth=0.5"]).claims[0].moved
    assert decoded(STUDY + CLAIM, overrides=["recipe.batch_size=8"]).claims[0].moved


def test_all_mistakes_in_claims_are_told_at_once(mistakes: Mistakes) -> None:
    found = mistakes(
        STUDY
        + """
[[claim]]
text = "a"
kind = "threshold"
variant = "sdg"
metric = "test accuracy"
against = "base"
[[claim]]
text = "b"
kind = "difference"
variant = "base"
metric = "train loss"
expect = "no practical difference"
[[claim]]
text = "c"
kind = "speed"
variant = ["sgd"]
expect = "fastr"
metric = "test accuracy"
reading = "batch"
[[claim]]
kind = "order"
metric = "accuracy"
variant = "base"
value = 3
[[claim]]
text = "e"
kind = "level"
metric = "accuracy"
"""
    )
    sentences = [line.partition(" ")[2] for line in found]
    assert [line.split(": ", 1)[1] for line in sentences] == [
        "must be written.",
        "there is no arm 'sdg'. Did you mean 'sgd'?",
        "a claim of kind 'threshold' compares with nothing.",
        "what counts as no difference must be written.",
        "an arm is compared with itself.",
        "a claim of kind 'speed' cannot expect 'fastr'. Did you mean 'faster'?",
        "a claim of kind 'speed' says nothing of test.",
        "'batch' is a reading of train alone.",
        "must be written.",
        "an order needs at least two arms.",
        "a claim of kind 'order' has no value.",
        "must be written.",
    ]


def test_a_share_in_percent_is_a_mistake(mistakes: Mistakes) -> None:
    level = (
        '\n[[claim]]\ntext = "a"\nkind = "level"\nmetric = "accuracy"\n'
        "published = { base = 86.0 }\n"
    )
    below = (
        '\n[[claim]]\ntext = "b"\nkind = "threshold"\nvariant = "sgd"\nmetric = "test accuracy"\n'
        'expect = "below"\nvalue = 50\n'
    )
    found = [line for line in mistakes(STUDY + level + below) if "is a share" in line]
    assert len(found) == 2 and "claim[0].published" in found[0] and "claim[1].value" in found[1]
