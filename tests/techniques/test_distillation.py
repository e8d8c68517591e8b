"""Distillation: the formula of the paper, and a teacher that is a file or an error in words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from stage import FACTS, moment, same_three_ways
from torch.nn import functional as F

from hikaku.checks import bench
from hikaku.checks.bench import Subject, images
from hikaku.data.prepare import Preparation
from hikaku.data.task import Column
from hikaku.errors import HikakuError, StudyError
from hikaku.study.catalogue import techniques
from hikaku.study.decode import from_mapping
from hikaku.study.sources import fingerprints
from hikaku.study.study import Study
from hikaku.techniques.cross_entropy import CrossEntropy
from hikaku.techniques.distillation import Distillation
from hikaku.training.named_files import teacher
from hikaku.training.sample import Sample

SAMPLE = Sample(bench.SHAPE, 3, (1, 1, 1), images(0, 0), names=("0", "1", "2"))
PLAIN = Preparation()


def numbers(seed: int) -> torch.Tensor:
    drawn = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(7, 4, generator=drawn, dtype=torch.float64)


LOGITS, ANSWERS, TARGET = numbers(0), numbers(1), numbers(2).softmax(1)
MOMENT = moment(facts=replace(FACTS, files={"t": lambda x: ANSWERS}))


def test_the_loss_and_its_gradient_are_those_of_the_paper() -> None:
    leaf = LOGITS.clone().requires_grad_()
    found = Distillation("t", 4.0, 0.3).loss(leaf, TARGET, MOMENT)
    soft = F.kl_div((LOGITS / 4).log_softmax(1), (ANSWERS / 4).softmax(1), reduction="batchmean")
    wanted = 0.7 * F.cross_entropy(LOGITS, TARGET) + 0.3 * 16 * soft
    torch.testing.assert_close(found, wanted)
    (slope,) = torch.autograd.grad(found, leaf)
    by_hand = 0.7 * (LOGITS.softmax(1) - TARGET) + 0.3 * 4 * (
        (LOGITS / 4).softmax(1) - (ANSWERS / 4).softmax(1)
    )
    torch.testing.assert_close(slope, by_hand / 7)


def test_who_answers_as_the_teacher_does_has_nothing_left_to_learn_from_it() -> None:
    leaf = ANSWERS.clone().requires_grad_()
    found = Distillation("t", 3.0, 1.0).loss(leaf, TARGET, MOMENT)
    assert abs(found.item()) < 1e-12
    assert float(torch.autograd.grad(found, leaf)[0].abs().max()) < 1e-12


def test_without_a_share_it_is_cross_entropy_bit_for_bit() -> None:
    found = Distillation("t", share=0.0).loss(LOGITS, TARGET, MOMENT)
    assert torch.equal(found, CrossEntropy().loss(LOGITS, TARGET, MOMENT))


def test_settings_may_be_tensors_of_a_stack() -> None:
    logits, target = LOGITS.float(), TARGET.float()
    assert same_three_ways(lambda t: Distillation("t", t).loss(logits, target, MOMENT), 1.0, 5.0)
    assert same_three_ways(lambda s: Distillation("t", 2.0, s).loss(logits, target, MOMENT), 0, 0.7)


def test_the_teacher_is_asked_about_the_batch_and_nothing_of_it_is_trained_or_saved() -> None:
    subject = Subject(techniques()["distillation"])
    program, state = subject.program(subject.recipe(subject.use()), 0)
    (asked,) = program.facts.files.values()
    before = asked(images(0, 0))
    assert torch.equal(before, asked(images(0, 0))) and not before.requires_grad
    assert not torch.equal(before, asked(images(0, 1)))
    state, _ = subject.further(program, state, 0, range(2))
    assert torch.equal(before, asked(images(0, 0)))
    plain = subject.program(subject.recipe(), 0)[1]
    assert state.params.keys() == plain.params.keys() and not state.buffers and not state.optimizer


def told(path: Path, sample: Sample = SAMPLE, prepare: Preparation = PLAIN) -> str:
    """Return the error of this teacher, which must have all four parts."""
    with pytest.raises(HikakuError) as caught:
        teacher(path, "teacher", sample, prepare, ".")
    for fault in caught.value.faults:
        assert fault.where and fault.why and fault.mend
    return caught.value.text()


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "teacher.safetensors"
    path.write_bytes(Path(bench.teacher()).read_bytes())
    return path


def changed(path: Path, **other: Any) -> Path:
    """Write other words beside the weights."""
    with safe_open(path, "pt") as file:
        head = json.loads(file.metadata()["hikaku"])
    save_file(load_file(path), path, {"hikaku": json.dumps(head | other)})
    return path


def test_a_damaged_teacher_is_told_in_words(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-1])
    assert "teacher: this file cannot be read" in told(weights)
    weights.write_bytes(b"no weights at all")
    assert "teacher: this file cannot be read" in told(weights)


def test_weights_that_do_not_say_of_what_are_no_teacher(weights: Path) -> None:
    save_file(load_file(weights), weights)
    assert "does not say which model it holds" in told(weights)


def test_weights_that_are_another_models_are_no_teacher(weights: Path) -> None:
    with safe_open(weights, "pt") as file:
        head = file.metadata()
    save_file({"head.weight": torch.ones(2)}, weights, head)
    assert "do not fit the model" in told(weights)


def test_a_teacher_of_other_classes_is_refused_and_both_are_named(weights: Path) -> None:
    assert "the file has 3 (0, 1, 2), the data have 10" in told(
        weights, replace(SAMPLE, classes=10, names=())
    )
    found = told(weights, replace(SAMPLE, names=("0", "2", "1")))
    assert "the file has 3 (0, 1, 2), the data have 3 (0, 2, 1)" in found


def test_a_teacher_of_other_samples_is_refused_and_both_are_named(weights: Path) -> None:
    found = told(weights, replace(SAMPLE, shape=(3, 9, 9)))
    assert "the file has (2, 8, 8), the data have (3, 9, 9)" in found


def test_a_teacher_of_other_columns_is_refused(weights: Path) -> None:
    found = told(weights, prepare=Preparation(columns=(Column("age"),)))
    assert "other columns" in found


def test_a_teacher_sees_samples_standardized_as_its_own_were(weights: Path) -> None:
    x, ours = images(0, 0), Preparation(mean=(0.5, -1.0), deviation=(2.0, 4.0))
    plain = teacher(weights, "teacher", SAMPLE, Preparation(), ".")
    mean, deviation = (torch.tensor(v).reshape(2, 1, 1) for v in (ours.mean, ours.deviation))
    found = teacher(weights, "teacher", SAMPLE, ours, ".")((x - mean) / deviation)
    torch.testing.assert_close(found, plain(x))


def test_a_teacher_of_another_version_is_told_in_words(weights: Path) -> None:
    assert "not a file of weights that this hikaku can read" in told(changed(weights, format=0))


def study(folder: Path, **settings: Any) -> Study:
    mapping = {
        "format": 1,
        "metric": "accuracy",
        "worth": 0.01,
        "seeds": 2,
        "model": "mlp",
        "data": "digits",
        "recipe": {"epochs": 1, "optimizer": "sgd"},
        "variant": [{"name": "taught", "loss": {"use": "distillation"} | settings}],
    }
    return from_mapping(mapping, name="tiny", folder=folder)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({}, "loss.teacher: must be written"),
        ({"teacher": "gone.safetensors"}, "there is no file 'gone.safetensors' beside the study"),
        ({"teacher": 3}, "loss.teacher: must be a file of kept weights, not 3"),
    ],
)
def test_a_missing_teacher_is_told_before_anything_trains(
    tmp_path: Path, settings: dict[str, Any], what: str
) -> None:
    with pytest.raises(StudyError) as caught:
        study(tmp_path, **settings)
    assert what in caught.value.text() and len(caught.value.faults) == 1


def test_another_teacher_under_the_same_name_is_another_arm(weights: Path) -> None:
    asked = study(weights.parent, teacher=weights.name)
    before = fingerprints(asked)
    changed(weights, key="another")
    after = fingerprints(asked)
    assert before["base"] == after["base"] and before["taught"] != after["taught"]
