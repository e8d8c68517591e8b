"""Images that stay bytes are, when they are taken, the floats that they would have been."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny import job, use

from hikaku.data import builtin, cache
from hikaku.data.prepare import Preparation, fit
from hikaku.data.task import Task
from hikaku.execution import material
from hikaku.execution.material import inputs_of
from hikaku.execution.memory import peak_memory_mib, reset_peak_memory
from hikaku.execution.plain import Prepared, prepare_process, prepared
from hikaku.training.memory_format import Bytes, chunked, formatted, is_formatted, rows
from hikaku.training.placement import placed_trial
from hikaku.training.program import CPU

KINDS = {"gray": (8, 8), "one channel": (1, 8, 8), "colour": (3, 8, 8)}


@pytest.fixture(autouse=True)
def as_in_a_worker() -> Iterator[None]:
    prepare_process()
    yield


def task_of(kind: str, standardize: bool) -> Task:
    raw = np.random.default_rng(0).integers(0, 256, (600, *KINDS[kind])).astype(np.uint8)
    raw[:256].reshape(256, -1)[:, 0] = np.arange(256)  # every byte there is
    targets = np.arange(600) % 10
    names = tuple("abcdefghij")
    task = Task(kind, raw, targets, "classification", names, scale=255.0, standardize=standardize)
    return cache.open_task(cache.keep(task))


def both(task: Task, index: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> tuple[object, Bytes]:
    prepare = fit(task, index)
    whole = inputs_of(task, index, prepare)
    monkeypatch.setattr(material, "LARGE_MIB", 0)
    found = inputs_of(task, index, prepare)
    assert isinstance(found, Bytes)
    return whole, found


@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("convolves", [False, True])
def test_bytes_become_the_same_bits(
    kind: str, standardize: bool, convolves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(kind, standardize)
    index = np.random.default_rng(1).permutation(600)[:500]
    index = np.union1d(index, np.arange(256))
    whole, bytes_ = both(task, index, monkeypatch)
    if convolves:
        whole, bytes_ = formatted(whole), formatted(bytes_)
    assert isinstance(bytes_, Bytes)
    chosen = torch.randperm(len(index))[:300]
    ours, theirs = rows(bytes_, chosen), rows(whole, chosen)
    assert torch.equal(ours, theirs)
    assert is_formatted(ours) == is_formatted(theirs) == convolves
    for one, other in zip(chunked(bytes_, 77), chunked(whole, 77), strict=True):
        assert torch.equal(one, other)
        assert is_formatted(one) == convolves
    assert torch.equal(bytes_[:10].taken(slice(None)), whole[:10])
    assert (bytes_.shape, bytes_.dtype, len(bytes_)) == (whole.shape, whole.dtype, len(whole))
    assert bytes_.holds(bytes_[:])
    assert not bytes_.holds(bytes_[:10])
    assert not bytes_.holds(replace(bytes_, prepare=Preparation(1.0)))


def test_few_images_tables_and_texts_stay_floats() -> None:
    digits = cache.open_task(cache.prepare(builtin.find("digits")))
    assert isinstance(inputs_of(digits, np.arange(100), Preparation(16.0)), torch.Tensor)
    table = Task("t", np.ones((4, 3), np.uint8), np.arange(4) % 2, "classification", ("a", "b"))
    assert isinstance(inputs_of(table, np.arange(4), Preparation()), torch.Tensor)


@pytest.mark.parametrize("slots", [{}, {"layers": (use("dropout"), use("batch-norm"))}])
def test_a_trial_on_bytes_is_the_trial_on_floats(
    slots: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    floats = prepared(job(**slots))
    monkeypatch.setattr(material, "LARGE_MIB", 0)
    bytes_ = prepared(job(**slots))
    assert isinstance(bytes_.material.train.x, Bytes)
    assert isinstance(bytes_.material.watched.x, Bytes)
    ours, theirs = (trial.train(lambda seen: None) for trial in (bytes_, floats))
    assert ours.records == theirs.records
    for name, value in theirs.state.params.items():
        assert torch.equal(ours.state.params[name], value)
    for one, other in zip(ours.sheets, theirs.sheets, strict=True):
        np.testing.assert_array_equal(one.array, other.array)


def in_fp64(trial: Prepared) -> Prepared:
    parts = placed_trial(trial.program, trial.state, trial.material, CPU, "fp64")
    return replace(trial, **dict(zip(("program", "state", "material"), parts, strict=True)))


def test_in_fp64_they_are_the_same_too(monkeypatch: pytest.MonkeyPatch) -> None:
    floats = in_fp64(prepared(job()))
    monkeypatch.setattr(material, "LARGE_MIB", 0)
    bytes_ = in_fp64(prepared(job()))
    ours, theirs = (trial.train(lambda seen: None) for trial in (bytes_, floats))
    assert ours.records == theirs.records


def test_a_large_set_takes_little_memory() -> None:
    count = 40_000
    raw = np.zeros((count, 1, 32, 32), np.uint8)
    names = ("a", "b")
    task = Task("large", raw, np.arange(count) % 2, "classification", names, scale=255.0)
    mapped = cache.open_task(cache.keep(task))
    reset_peak_memory()
    before = peak_memory_mib()
    found = inputs_of(mapped, np.arange(count), Preparation(255.0))
    for piece in chunked(found, 256):
        assert piece.shape[1:] == (1, 32, 32)
    # As float32 they would be 156 MiB; the bytes themselves, mapped, are 39.
    assert peak_memory_mib() - before < 60
