"""An exported model answers as the kept one does, or the export is refused in words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny import job, run_trial, use
from torch import Tensor

from hikaku.data import cache
from hikaku.data.own import task_of
from hikaku.errors import EnvironmentFault, StudyError
from hikaku.run import export_model
from hikaku.run.export_model import FORMATS, compare, export
from hikaku.store.kept import Kept, head
from hikaku.study.catalogue import models
from hikaku.study.recipe import Use
from hikaku.study.study import Data, Keep
from hikaku.training.blueprint import from_head
from hikaku.training.named_files import teacher
from hikaku.training.restore import Restored, restored

FILE = '''
"""Models as people write them."""
import torch
from torch import nn
from torch.nn import functional as F


class Functional(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        x = F.max_pool2d(self.norm(self.conv(x)).relu(), 2)
        x = torch.tanh(x + x.mean(dim=(2, 3), keepdim=True)).flatten(1)
        return self.head(F.dropout(x, 0.2, training=self.training))


class Branching(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        x = x.flatten(1)
        return self.head(x) if x.sum() > 0 else self.head(-x)


class Two(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.words = nn.Embedding(20, 4)
        self.head = nn.Linear(12 + 5, classes)

    def forward(self, tokens, numbers):
        seen = torch.cat([self.words(tokens).flatten(1), F.relu(numbers)], 1)
        return {"hidden": seen, "logits": self.head(seen)}
'''
SWAP = '''
"""Swap every activation for a PReLU that learns its slope."""
from dataclasses import dataclass

from torch import nn

from hikaku.study.card import Card

CARD = Card(slot="layers", family="activation", claim="none", formula="x", paper="none", year=2026)


@dataclass(frozen=True)
class Swap:
    """One PReLU per call."""

    def edit(self, model, sites):
        for site in sites.activations():
            model.swap(site, nn.PReLU(), "swap")
'''
MODELS = {
    "small-cnn": models()["small-cnn"].use({"channels": (4, 8), "dense": 16}),
    "mlp": models()["mlp"].use({"hidden": (8,)}),
    "functional": Use("net.py:Functional"),
}
ARMS = {
    "base": (),
    "dropout": (use("dropout", p=0.5),),
    "batch norm": (use("batch-norm"),),
    "prelu": (Use("swap.py:Swap"),),
}


def kept(folder: Path, model: Use, layers: tuple[Use, ...] = (), **data: object) -> Restored:
    """Return the model of a tiny trial, trained for one epoch and built again from its file."""
    (folder / "net.py").write_text(FILE)
    (folder / "swap.py").write_text(SWAP)
    tiny = job(epochs=1, layers=layers)
    work = replace(tiny.work, model=model, **{k: v for k, v in data.items() if k == "data"})
    asked = replace(
        tiny, work=work, folder=str(folder), keep=Keep("last", what="model"), keep_in=str(folder),
        task=str(data.get("task", tiny.task)),
    )  # fmt: skip
    run_trial(asked, lambda step, steps: None)
    path = Kept(folder).files("key")["last.safetensors"]
    texts = {"net.py": FILE, "swap.py": SWAP}
    return restored(path, replace(from_head(head(path), ""), texts=texts), str(folder))


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("model", MODELS)
def test_a_traced_program_answers_as_the_model_for_any_batch(
    tmp_path: Path, model: str, arm: str
) -> None:
    found = kept(tmp_path, MODELS[model], ARMS[arm])
    export(found, "pt2", tmp_path / "out" / "model.pt2")
    program = torch.export.load(tmp_path / "out" / "model.pt2").module()
    for size in (1, 7):
        x = torch.linspace(0, 1, size * 64).reshape(size, 1, 8, 8)
        assert torch.allclose(program(x), found.answer(x), atol=1e-6)
    if arm == "prelu":
        plain = kept(tmp_path, MODELS[model])
        assert not torch.allclose(plain.answer(x), found.answer(x), atol=1e-6)


def test_safetensors_is_the_state_dict_and_nothing_else(tmp_path: Path) -> None:
    found = kept(tmp_path, MODELS["mlp"], ARMS["batch norm"])
    export(found, "safetensors", tmp_path / "model.safetensors")
    held = load_file(tmp_path / "model.safetensors")
    own = found.model.state_dict()
    assert held.keys() == own.keys()
    assert all(torch.equal(held[name], own[name]) for name in own)
    assert head(tmp_path / "model.safetensors") == {}


def test_what_a_run_keeps_is_written_whole_and_can_teach(tmp_path: Path) -> None:
    found, path = kept(tmp_path, MODELS["mlp"], ARMS["batch norm"]), tmp_path / "t.safetensors"
    export(found, "hikaku", path)
    sample = found.blueprint.sample
    assert from_head(head(path), "") == found.blueprint
    answers = teacher(path, "teacher", sample, found.blueprint.preparation, str(tmp_path))(
        sample.inputs
    )
    assert torch.equal(answers, found.answer(found.made_up))


@pytest.mark.parametrize("form", ["pt2", "onnx"])
def test_several_inputs_and_named_outputs_are_exported_too(tmp_path: Path, form: str) -> None:
    if form == "onnx":
        pytest.importorskip("onnxscript", reason="the extra onnx is not installed")
    x = {
        "tokens": np.arange(60 * 3).reshape(60, 3) % 20,
        "numbers": np.linspace(0, 1, 300, dtype=np.float32).reshape(60, 5),
    }
    task = task_of((x, np.arange(60) % 2), "two", "classification")
    folder = cache.keep(task)
    data = Data(Use("arrays:two"), train=30, validation=10, test="rest", beside=40)
    found = kept(tmp_path, Use("net.py:Two"), data=data, task=folder)
    path = tmp_path / f"two.{form}"
    export(found, "onnx" if form == "onnx" else "pt2", path)
    made_up = found.blueprint.sample.inputs
    assert isinstance(made_up, dict) and made_up["tokens"].dtype == torch.int64
    if form == "pt2":
        program = torch.export.load(path).module()
        answer = program(**made_up)["logits"]
        assert torch.allclose(answer, found.answer(made_up), atol=1e-6)


def test_onnx_answers_as_the_model_for_any_batch(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="the extra onnx is not installed")
    from onnx.reference import ReferenceEvaluator

    found = kept(tmp_path, MODELS["functional"], (*ARMS["batch norm"], *ARMS["prelu"]))
    export(found, "onnx", tmp_path / "model.onnx")
    assert sorted(path.suffix for path in tmp_path.glob("model*")) == [".onnx"]
    program = ReferenceEvaluator(str(tmp_path / "model.onnx"))
    for size in (1, 5):
        x = torch.linspace(0, 1, size * 64).reshape(size, 1, 8, 8)
        (answer,) = program.run(None, {program.input_names[0]: x.numpy()})
        assert torch.allclose(torch.from_numpy(answer), found.answer(x), atol=1e-5)


def test_without_the_packages_of_onnx_the_mend_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = kept(tmp_path, MODELS["mlp"])
    monkeypatch.setattr(export_model, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentFault, match=r'pip install "hikaku\[onnx\]"'):
        export(found, "onnx", tmp_path / "model.onnx")


def test_a_model_that_takes_other_ways_for_other_values_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = kept(tmp_path, Use("net.py:Branching"))
    with pytest.raises(StudyError, match="cannot be written as pt2") as caught:
        export(found, "pt2", tmp_path / "model.pt2")
    assert "net.py:28" in str(caught.value)
    assert not list(tmp_path.glob("*.pt2"))
    assert capfd.readouterr() == ("", "")


def test_a_file_that_answers_otherwise_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = kept(tmp_path, MODELS["mlp"])

    def other(*given: object) -> list[Tensor]:
        return [torch.zeros(2, 10) + len(calls.append(1) or calls)]

    calls: list[int] = []
    monkeypatch.setattr(export_model, "outputs", other)
    for form in FORMATS[2:]:
        if form == "onnx":
            pytest.importorskip("onnxscript", reason="the extra onnx is not installed")
        with pytest.raises(StudyError, match="does not answer as the model does"):
            export(found, form, tmp_path / f"model.{form}")
    assert not list(tmp_path.glob("model*"))


def test_answers_are_compared_by_number_shape_and_value() -> None:
    one = torch.ones(2, 3)
    compare([one], [one + 1e-6])
    for other in ([one + 1e-2], [one[:1]], [], [one * float("nan")]):
        with pytest.raises(StudyError, match="does not answer"):
            compare([one], other)


def test_a_place_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    found = kept(tmp_path, MODELS["mlp"])
    with pytest.raises(StudyError, match="the file cannot be written"):
        export(found, "safetensors", tmp_path / "net.py" / "model.safetensors")
