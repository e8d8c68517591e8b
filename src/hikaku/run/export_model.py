"""`export_model`: a kept model as a file that other programs read, compared with it once."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Literal, get_args

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map

from hikaku import durable
from hikaku.errors import EnvironmentFault, HikakuError, StudyError
from hikaku.study.keep import MARK
from hikaku.techniques.slots import Input
from hikaku.training.keeping import plain
from hikaku.training.restore import Restored
from hikaku.user_code import line_of, said
from hikaku.words import message

Format = Literal["safetensors", "hikaku", "pt2", "onnx"]
FORMATS: tuple[Format, ...] = get_args(Format)
ONNX = ("onnx", "onnxscript")
"""Packages without which nothing is written as ONNX."""
TOLERANCE = 1e-4
"""Another program sums in another order; the outputs of a network are of the order of 1."""
TRIED = (2, 3)
"""Sizes of the batches on which a program is compared with the model."""


def export(kept: Restored, form: Format, path: Path) -> None:
    """Write the model to `path`, which appears whole or not at all.

    "safetensors" is its `state_dict`; "hikaku" what a run keeps, from which the model can be built
    again; "pt2" the traced program, for `torch.export.load`; "onnx"
    the same for other runtimes. Both programs take prepared samples in batches of any size, and
    are run beside the model on samples that are made up. Raises StudyError where the model cannot
    be traced or the answers differ, EnvironmentFault where a package is missing.
    """
    write = {"safetensors": _safetensors, "hikaku": _hikaku, "pt2": _pt2, "onnx": _onnx}[form]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with durable.replacing(path, f".{form}") as new:
            write(kept, new)
    except OSError as error:
        raise StudyError.of(
            message("the file cannot be written: {error}", error=error.strerror or error),
            where=f"{path}:",
        ) from error


def _safetensors(kept: Restored, path: Path) -> None:
    own = {name: plain(value) for name, value in kept.model.state_dict().items()}
    save_file(own, path, {"format": "pt"})
    read = load_file(path)
    compare(list(own.values()), [read[name] for name in own], 0.0)


def _hikaku(kept: Restored, path: Path) -> None:
    # A state_dict leaves some buffers out with which the model computes all the same.
    whole = dict(kept.model.named_buffers()) | kept.model.state_dict()
    tensors = {name: plain(value) for name, value in whole.items()}
    save_file(tensors, path, {"format": "pt", MARK: kept.blueprint.text()})


def _pt2(kept: Restored, path: Path) -> None:
    with traced("pt2"):
        args, kwargs = kept.calling.arguments(kept.made_up)
        sizes = tree_map(lambda _: {0: torch.export.Dim.DYNAMIC}, kwargs or args)
        program = torch.export.export(kept.model, args, kwargs, dynamic_shapes=sizes)
        torch.export.save(program, path)
        loaded = torch.export.load(path).module()
        for x in tried(kept):
            compare(outputs(kept, kept.model, x), outputs(kept, loaded, x))


def _onnx(kept: Restored, path: Path) -> None:
    missing = [name for name in ONNX if find_spec(name) is None]
    if missing:
        raise EnvironmentFault.of(
            message("ONNX needs packages that are not here: {names}", names=", ".join(missing)),
            mend=message('pip install "hikaku[onnx]"'),
        )
    with traced("onnx"):
        from onnx import load
        from onnx.reference import ReferenceEvaluator

        args, kwargs = kept.calling.arguments(kept.made_up)
        sizes = tree_map(lambda _: {0: "batch"}, kwargs or args)
        torch.onnx.export(
            kept.model,
            args,
            path,
            kwargs=kwargs,
            dynamo=True,
            dynamic_shapes=sizes,
            external_data=False,
            verbose=False,
        )
        program = load(path)
        names = [given.name for given in program.graph.input]
        for x in tried(kept):
            given = tree_leaves(kept.calling.arguments(x))
            feeds = {name: value.numpy() for name, value in zip(names, given, strict=True)}
            answers = ReferenceEvaluator(program).run(None, feeds)
            compare(outputs(kept, kept.model, x), [torch.from_numpy(a) for a in answers])


def tried(kept: Restored) -> Iterator[Input]:
    """Yield batches of made-up samples, of several sizes."""
    made_up = kept.made_up
    for size in TRIED:
        yield tree_map(lambda t, size=size: t[torch.arange(size) % len(t)], made_up)


def outputs(kept: Restored, program: nn.Module, x: Input) -> list[Tensor]:
    """Return every tensor that a program returns for a batch."""
    args, kwargs = kept.calling.arguments(x)
    leaves = tree_leaves(program(*args, **kwargs))
    return [leaf for leaf in leaves if isinstance(leaf, Tensor)]


def compare(
    wanted: Sequence[Tensor], found: Sequence[Tensor], tolerance: float = TOLERANCE
) -> None:
    """Raise StudyError where what a file gives is not what the model gives."""
    same = len(wanted) == len(found) and all(
        a.shape == b.shape
        and torch.allclose(a.double(), b.double(), tolerance, tolerance, equal_nan=True)
        for a, b in zip(wanted, found, strict=True)
    )
    if not same:
        raise StudyError.of(
            message("the exported model does not answer as the model does"),
            why=message("made-up samples were given to both"),
            mend=message("let forward depend on its input alone, or export another format"),
        )


@contextmanager
def traced(form: Format) -> Iterator[None]:
    """Trace in silence; what goes wrong is said in our words, with the user's line."""
    logger = logging.getLogger("torch")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stderr(StringIO()), torch.no_grad():
            warnings.simplefilter("ignore")
            yield
    except (HikakuError, OSError):
        raise
    except Exception as error:  # a tracer may raise almost anything
        raise StudyError.of(
            message("the model cannot be written as {form}: {error}", form=form, error=said(error)),
            where=line_of(error),
            why=message("forward is followed once, and every batch must then take the same way"),
            mend=message("leave out branches on values and on the size of a batch"),
        ) from error
    finally:
        logger.setLevel(level)
