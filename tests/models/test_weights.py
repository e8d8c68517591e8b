"""Weights from a file: every name fits, or all that do not are named at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from hikaku.errors import StudyError
from hikaku.models.weights import read, start_from


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
        self.again, self.head = nn.Linear(3, 3), nn.Linear(3, 2)
        self.again.weight = self.body[0].weight


def filled(value: float) -> dict[str, Tensor]:
    return {name: torch.full_like(t, value) for name, t in Tied().state_dict().items()}


COUNT = {"body.1.num_batches_tracked": torch.tensor(2)}


def laid_in(tensors: dict[str, Tensor], folder: Path, *fresh: str) -> nn.Module:
    save_file({name: t.clone() for name, t in tensors.items()}, folder / "start.safetensors")
    model = Tied()
    start_from(model, "start.safetensors", fresh, str(folder))
    return model


def test_parameters_and_buffers_come_from_the_file(tmp_path: Path) -> None:
    model = laid_in(filled(2.0), tmp_path)
    assert all(bool((t == 2).all()) for t in model.state_dict().values())
    assert model.again.weight is model.body[0].weight


def test_names_that_are_fresh_keep_what_the_model_made(tmp_path: Path) -> None:
    tensors = filled(2.0) | {"head.weight": torch.zeros(9, 3), "head.extra": torch.zeros(1)}
    model = laid_in(tensors, tmp_path, "head.*")
    assert not (model.head.weight == 2).any() and bool((model.again.bias == 2).all())


@pytest.mark.parametrize("absent", ["again.weight", "body.0.weight"])
def test_of_tied_names_one_is_enough(absent: str, tmp_path: Path) -> None:
    tensors = filled(2.0)
    del tensors[absent]
    assert bool((laid_in(tensors, tmp_path).again.weight == 2).all())


@pytest.mark.fault("G3")
def test_every_misfit_is_named_at_once(tmp_path: Path) -> None:
    tensors = filled(2.0) | {"more.weight": torch.zeros(2), "head.weight": torch.zeros(9, 3)}
    del tensors["body.1.running_mean"], tensors["again.bias"]
    with pytest.raises(StudyError) as refusal:
        laid_in(tensors, tmp_path, "tail.*")
    text = refusal.value.text()
    assert "missing: body.1.running_mean, again.bias" in text
    assert "not in the model: more.weight" in text
    assert "head.weight (9, 3) → (2, 3)" in text
    assert "`fresh` fits nothing: tail.*" in text
    assert text.count(f"{tmp_path / 'start.safetensors'}:") == 4


@pytest.mark.fault("G2")
@pytest.mark.parametrize("name", ["w.pt", "w.pth", "w.safetensors"])
def test_a_file_of_torch_is_refused_with_the_command_that_converts_it(
    name: str, tmp_path: Path
) -> None:
    torch.save(Tied().state_dict(), tmp_path / name)
    with pytest.raises(StudyError, match="cannot be read") as refusal:
        read(tmp_path / name)
    assert "weights_only=True" in str(refusal.value)


@pytest.mark.fault("G2")
def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save(Tied(), tmp_path / "w.pt")
    with pytest.raises(StudyError, match="cannot be read"):
        read(tmp_path / "w.pt")


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
@pytest.mark.fault("G3")
def test_a_file_that_is_cut_or_missing_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cannot be read"):
        read(tmp_path / name)
    (tmp_path / name).write_bytes(b"PK\x03\x04cut")
    with pytest.raises(StudyError, match="cannot be read"):
        read(tmp_path / name)


def test_whole_numbers_are_no_weights_and_half_precision_is(tmp_path: Path) -> None:
    model = laid_in({name: t.half() for name, t in filled(2.0).items()} | COUNT, tmp_path)
    assert bool((model.head.weight == 2).all()) and model.head.weight.dtype == torch.float32
    with pytest.raises(StudyError, match=r"another kind of number: head.bias torch.int64"):
        laid_in(filled(2.0) | {"head.bias": torch.zeros(2, dtype=torch.int64)}, tmp_path)
