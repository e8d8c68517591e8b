"""From a model's name and settings to the model: one of ours, or a user's class or factory.

A user's code is called as it stands: with its settings, and with `inputs` (the shape of one
sample, without the batch) and `classes` (the number of outputs) where it has parameters of these
names. What it makes is checked here, before anything looks at it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import nn

from hikaku.errors import Fault, StudyError
from hikaku.models import zoo
from hikaku.study.catalogue import is_file_reference
from hikaku.study.nearest import suggest
from hikaku.study.recipe import Use, Value
from hikaku.user_code import line_of, said, symbol_in
from hikaku.words import Message, message

RESERVED = ("weights", "fresh", "output")
"""Settings that are ours and not the model's."""

Shape = tuple[int, ...] | dict[str, tuple[int, ...]]
Factory = Callable[..., Any]


def made(use: Use, shape: Shape, classes: int, folder: str) -> nn.Module:
    """Return the model that `use` names, with its own first weights.

    `shape` is that of one sample (by name where there are several inputs), `classes` the number
    of outputs, 1 for regression; files are found from `folder`. Raises `StudyError` where it
    cannot be built or is nothing that can be trained here.
    """
    settings = {name: value for name, value in use.settings if name not in RESERVED}
    given = {"inputs": shape, "classes": classes}
    if not is_file_reference(use.name):
        own: nn.Module = _called(
            getattr(zoo, use.name.replace("-", "_")), settings | given, use.name
        )
        return own
    factory = factory_of(use, folder)
    arguments = _arguments(factory, _listed(settings), given, use.name)
    model = _called(factory, arguments, use.name)
    StudyError.gather(
        Fault(
            message("model: {name} {what}", name=use.name, what=what),
            defined_at(factory),
            None,
            mend,
        )
        for what, mend in _misfits(model, factory)
    )
    assert isinstance(model, nn.Module)
    return model


def factory_of(use: Use, folder: str) -> Factory:
    """Return the class or function that `use` names in a file of the user's.

    Raises `StudyError` where the file cannot be run, or where the name is neither.
    """
    found = symbol_in(use.name, folder)
    if isinstance(found, nn.Module):
        raise StudyError.of(
            message("model: {name} is a model that is built already", name=use.name),
            why=message("its weights are drawn: every seed would start from the same ones"),
            mend=message("name its class, or a function that builds it"),
        )
    if not callable(found):
        raise StudyError.of(
            message("model: {name} is a value ({kind})", name=use.name, kind=type(found).__name__),
            mend=message("name a class or a function that returns an nn.Module"),
        )
    factory: Factory = found
    return factory


def refuse_uncopied(model: nn.Module, name: str) -> None:
    """Raise `StudyError` where the model cannot be copied: each arm edits and trains a copy."""
    try:
        deepcopy(model)
    except Exception as error:  # whatever somebody's object raises when it is copied
        raise StudyError.of(
            message("model: {name} cannot be copied: {error}", name=name, error=said(error)),
            mend=message(
                "keep files, generators, locks and results of layers out of it; in place of "
                "torch.nn.utils.weight_norm use torch.nn.utils.parametrizations.weight_norm"
            ),
        ) from error


def defined_at(factory: Factory) -> str:
    """Return `my_model.py:3`, where a class or function is defined; "" if nobody knows."""
    try:
        _, line = inspect.getsourcelines(factory)
        return f"{Path(inspect.getfile(factory)).name}:{line}"
    except (TypeError, OSError):
        return ""


def _called(factory: Factory, arguments: dict[str, Any], name: str) -> Any:
    try:
        return factory(**arguments)
    except Exception as error:  # whatever somebody's constructor raises
        raise StudyError.of(
            message("the model {name} cannot be built: {error}", name=name, error=said(error)),
            where=line_of(error),
            mend=message("choose other settings, another model, or inputs of another size"),
        ) from error


def _arguments(
    factory: Factory, settings: dict[str, Any], given: dict[str, Any], name: str
) -> dict[str, Any]:
    """Return the keywords to call the factory with; raise what is missing or unknown, at once."""
    try:
        parameters = inspect.signature(factory).parameters
    except (TypeError, ValueError):
        return settings
    words = {
        key: item
        for key, item in parameters.items()
        if item.kind in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY)
    }
    takes_any = any(item.kind is item.VAR_KEYWORD for item in parameters.values())
    arguments = {key: value for key, value in given.items() if key in words} | settings
    unknown = [] if takes_any else [key for key in settings if key not in words]
    missing = [
        key for key, item in words.items() if item.default is item.empty and key not in arguments
    ]
    where = defined_at(factory)
    StudyError.gather(
        [
            Fault(
                suggest(
                    message("model: {name} has no setting '{key}'.", name=name, key=key), key, words
                ),
                where,
                mend=message("it takes: {settings}", settings=", ".join(words) or "-"),
            )
            for key in unknown
        ]
        + [
            Fault(message("model: {name} needs the setting '{key}'", name=name, key=key), where)
            for key in missing
        ]
    )
    return arguments


def _misfits(model: Any, factory: Factory) -> list[tuple[Message, Message]]:
    """Return what is wrong with what a factory made, each with its mend."""
    if not isinstance(model, nn.Module):
        return [
            (
                message("gives {kind}, which is no nn.Module", kind=type(model).__name__),
                message("let it return the model"),
            )
        ]
    compiled = [module for module in model.modules() if _is_compiled(module)]
    if compiled:
        return [
            (
                message("holds compiled code ({kind})", kind=type(compiled[0]).__name__),
                message("leave out torch.jit and torch.compile: layers could not be edited"),
            )
        ]
    home = vars(sys.modules.get(getattr(factory, "__module__", ""), sys))
    if any(value is model for value in home.values()):
        return [
            (
                message("gives the same model at each call"),
                message("build a new one inside the function: each seed has its own weights"),
            )
        ]
    return _bad_parameters(model)


def _is_compiled(module: nn.Module) -> bool:
    return (
        isinstance(module, torch.jit.ScriptModule)
        or hasattr(module, "_orig_mod")  # what torch.compile makes of a module
        or getattr(module, "_compiled_call_impl", None) is not None
    )


def _bad_parameters(model: nn.Module) -> list[tuple[Message, Message]]:
    parameters = dict(model.named_parameters())
    found = [
        (
            message("has its parameter {name} on {device}", name=name, device=value.device.type),
            message("build it on the processor; hikaku moves it where it trains"),
        )
        for name, value in parameters.items()
        if value.device.type != "cpu"
    ][:1]
    found += [
        (
            message("has complex parameters: {name}", name=name),
            message("hold real and imaginary part as two; optimizers here are real"),
        )
        for name, value in parameters.items()
        if value.dtype.is_complex
    ][:1]
    if not any(value.requires_grad for value in parameters.values()):
        found.append(
            (
                message("has no parameter that trains"),
                message("register layers as attributes, in nn.ModuleList or nn.ParameterList"),
            )
        )
    return found


def _listed(settings: dict[str, Value]) -> dict[str, Any]:
    """Return settings as the study file writes them: lists, where we hold tuples."""
    return {name: _as_list(value) for name, value in settings.items()}


def _as_list(value: Value) -> Any:
    return [_as_list(item) for item in value] if isinstance(value, tuple) else value
