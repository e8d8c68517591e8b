"""Every published experiment is redone somewhere: no row of the list is without a place."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from hikaku.cli import hikaku
from hikaku.cli.show import show
from hikaku.errors import StudyError
from hikaku.study.claims import OURS
from hikaku.study.decode import load
from hikaku.study.gallery import gallery
from hikaku.study.published import published

ROOT = Path(__file__).parents[2]

ROWS = [
    "A-base", "A-dropout", "A-l2", "A-early-stopping", "A-batch-norm", "A-samples",
    "A-optimizers", "A-learning-rates", "A-optuna", "A-penalties", "A-activations", "B-network",
    "B-batch-norm", "B-vanishing-gradients", "B-first-weights", "B-adam", "B-validation",
    "B-keeping-models", "B-early-stopping", "B-dropout", "B-seeds", "B-plateau",
    "B-warm-up-cosine", "B-summary", "B-exercise", "C-dropout", "C-300-epochs",
    "D-batch-norm-scale", "E1-shallow", "E1-deep", "E1-grid", "E2-optimizers",
    "E2-trajectories", "E3-over-fitting", "E4-dropconnect", "E4-sweeps", "E5-output-size",
    "E5-network", "E5-im2col", "E5-col2im", "E6-alexnet", "E7-regularisation",
    "E8-normalisation", "E9-dropout", "E10-chain-rule", "E10-slope", "E10-zero-weights",
    "E10-batch-norm", "E10-optimizers", "E10-diamond", "E10-exact-zeros",
]  # fmt: skip  # a list of names
"""The published experiments, written down apart from the file that says where each is redone."""

EXPERIMENTS = published()


def test_every_published_experiment_stands_in_the_file_once_and_no_other() -> None:
    assert [one.id for one in EXPERIMENTS] == ROWS


def test_every_study_that_is_named_is_in_the_gallery() -> None:
    assert {name for one in EXPERIMENTS for name in one.studies} <= set(gallery())


CLAIMED = [(study, claim) for study, path in gallery().items() for claim in load(path).claims]
"""Every claim of the gallery, with the name of its study."""


def test_every_claim_of_a_study_is_its_source_s_or_marked_as_ours() -> None:
    """A claim gives the words of the list that it stands for; one of levels gives figures."""
    words = {(study, text) for one in EXPERIMENTS for study in one.studies for text in one.claims}
    strange = [
        (study, claim.text)
        for study, claim in CLAIMED
        if (study, claim.source) not in words and claim.source != OURS
        if not (claim.kind == "level" and claim.published and not claim.source)
    ]
    assert strange == []


def test_everything_that_a_source_claims_of_a_study_is_tested_there() -> None:
    tested = {(study, claim.source) for study, claim in CLAIMED}
    missing = [
        (one.id, text)
        for one in EXPERIMENTS
        for text in one.claims
        if one.studies and not any((study, text) in tested for study in one.studies)
    ]
    assert missing == []


def test_every_command_that_is_named_can_be_typed() -> None:
    for one in EXPERIMENTS:
        for line in one.shows:
            program, group, name, *words = shlex.split(line)
            assert (program, group) == ("hikaku", "show") and group in hikaku.commands
            show.commands[name].make_context(name, words)  # fails where an option is unknown


def test_every_answer_is_on_a_page_that_is_there() -> None:
    missing = [page for one in EXPERIMENTS for page in one.answers if not (ROOT / page).is_file()]
    assert missing == []


def test_nothing_but_tuning_with_optuna_waits() -> None:
    assert [one.id for one in EXPERIMENTS if one.later] == ["A-optuna"]
    assert "Optuna" in next(one.later for one in EXPERIMENTS if one.later)


def test_what_is_wrong_in_such_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "published.toml"
    path.write_text(
        '[[experiment]]\nid = "a"\nsource = "s"\ntext = "t"\n'
        '[[experiment]]\nid = "a"\nsorce = "s"\ntext = "t"\nlater = "why"\n',
        "utf-8",
    )
    with pytest.raises(StudyError) as caught:
        published(path)
    told = [f"{fault.where} {fault.what}" for fault in caught.value.faults]
    assert [line.rpartition(".toml:")[2].split(":")[0] for line in told] == ["2", "5", "6", "7"]
    assert "where it is redone" in told[0] and "there is another 'a'" in told[2]
