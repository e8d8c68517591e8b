"""One tensor or several by name go in; one tensor of (batch, outputs) comes out."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from hikaku.errors import StudyError
from hikaku.models.calling import Calling, calling_of, chosen

A, B = torch.zeros(4, 3), torch.ones(4, 2)
Pair = namedtuple("Pair", "left out")


@dataclass
class Answer:
    hidden: Tensor
    scores: Tensor
    loss: Tensor | None = None


def model_of(forward: Any) -> nn.Module:
    return type("Net", (nn.Module,), {"forward": forward})()


@pytest.mark.parametrize(
    ("forward", "names", "by"),
    [
        (lambda self, a, b: a, "ab", "name"),
        (lambda self, b, a=None, c=None: a, "ab", "name"),
        (lambda self, **given: given, "ab", "name"),
        (lambda self, batch: batch, "ab", "whole"),
        (lambda self, *given: given, "ab", "whole"),
        (lambda self, x, y: x, "01", "place"),
        (lambda self, a: a, "a", "name"),
    ],
)
def test_several_inputs_go_in_as_forward_wants_them(forward: Any, names: str, by: str) -> None:
    x = dict(zip(names, (A, B), strict=False))
    calling = calling_of(model_of(forward), x, None, 3)
    assert calling.by == by
    args, kwargs = calling.arguments(x)
    expected = {"name": ((), x), "whole": ((x,), {}), "place": ((A, B), {})}[by]
    assert (args, kwargs) == expected


@pytest.mark.parametrize(
    ("forward", "x"),
    [
        (lambda self, x, mask: x, A),
        (lambda self, words, mask: words, {"a": A, "b": B}),
        (lambda self, a, c: a, {"a": A, "b": B}),
    ],
)
def test_a_forward_that_cannot_take_the_inputs_is_refused(forward: Any, x: Any) -> None:
    with pytest.raises(StudyError, match="forward of Net takes"):
        calling_of(model_of(forward), x, None, 3)


@pytest.mark.parametrize(
    ("result", "output", "found"),
    [
        (A, None, A),
        ((A, B), None, A),
        ([A, None], None, A),
        ((A, B), 1, B),
        ((A, B), -1, B),
        ({"logits": A, "out": B}, None, A),
        ({"hidden": B, "output": A}, None, A),
        ({"hidden": A, "loss": None}, None, A),
        ({"hidden": A, "other": B}, "other", B),
        ({"hidden": A, "other": B}, 0, A),
        (Pair(B, A), None, A),
        (Answer(B, A), "scores", A),
        (SimpleNamespace(logits=A, past=[B]), None, A),
    ],
)
def test_the_answer_is_the_first_of_a_tuple_or_has_a_telling_name(
    result: Any, output: Any, found: Tensor
) -> None:
    assert chosen(result, output) is found


@pytest.mark.parametrize(
    ("result", "output", "words"),
    [
        (Answer(B, A), None, 'write `output = "name"` beside the model, one of: hidden, scores'),
        ({"a": A}, "b", "set `output` to one of: a"),
        ((A,), 3, "without a tensor 3"),
        ((None, A), None, "which part is the answer is open"),
        ((), None, "returns tuple"),
        (None, None, "returns NoneType"),
        (A, 0, "returns Tensor, without a tensor 0"),
    ],
)
def test_an_answer_that_cannot_be_told_is_refused(result: Any, output: Any, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        chosen(result, output)


@pytest.mark.parametrize(
    ("shape", "samples", "outputs"),
    [((4, 3), 4, 3), ((4,), 4, 1), ((), 1, 1), ((3,), 1, 3), ((4, 1), 4, 1)],
)
def test_a_dimension_of_one_may_be_missing(
    shape: tuple[int, ...], samples: int, outputs: int
) -> None:
    answer = Calling(outputs).answer(torch.zeros(shape), torch.zeros(samples, 5))
    assert answer.shape == (samples, outputs)


@pytest.mark.parametrize(
    "shape", [(4, 3, 1, 1), (4, 1, 3), (4, 2), (4,), (12,), (3, 4), (3,), (1, 4, 3)]
)
@pytest.mark.fault("C13")
def test_any_other_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(StudyError, match=r"this data needs \(batch, 3\)"):
        Calling(3).answer(torch.zeros(shape), torch.zeros(4, 5))


@pytest.mark.parametrize("dtype", [torch.int64, torch.complex64, torch.bool])
def test_an_answer_is_made_of_real_numbers(dtype: torch.dtype) -> None:
    with pytest.raises(StudyError, match="its output holds"):
        Calling(3).answer(torch.zeros(4, 3, dtype=dtype), A)


def test_a_model_that_writes_into_its_input_gets_a_copy() -> None:
    args, _ = Calling(3, writes=True).arguments(A)
    args[0].add_(1)
    assert not A.any()
