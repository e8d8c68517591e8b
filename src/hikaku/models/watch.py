"""Watching the function calls inside each module of a model, to find sites and to edit them.

A `TorchFunctionMode` is entered per module, by hook *objects*: entered once at the root it gives
silently wrong gradients under activation checkpointing, and closures would go on driving the
original after a deep copy. The names of parameters do not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from hikaku.errors import StudyError
from hikaku.models.calling import Calling, Input, cloned
from hikaku.models.sites import ADDITIONS, Block, Kind, Site, Sites, classify
from hikaku.words import message

Call = Callable[..., Any]


@dataclass
class Edit:
    """What happens at one site: layers on the op's input, its weight, in its place, on its output.

    `record` is the name under which the output is kept for penalties on activations.
    """

    before: list[nn.Module] = field(default_factory=list)
    weight: list[nn.Module] = field(default_factory=list)
    instead: nn.Module | None = None
    after: list[nn.Module] = field(default_factory=list)
    record: str = ""


@dataclass
class Trace:
    """What all watchers of one model share: which module is running, and what was recorded.

    `expected` counts the calls of each kind in each edited module, as the probe saw them;
    `functional` says that some of them stand in a `forward` of the user's.
    """

    running: list[str] = field(default_factory=list)
    calls: Counter[tuple[str, Kind]] = field(default_factory=Counter)
    expected: Counter[tuple[str, Kind]] = field(default_factory=Counter)
    functional: bool = False
    activations: dict[str, Tensor] = field(default_factory=dict)
    sites: list[Site] | None = None
    blocks: list[Block] = field(default_factory=list)


UNEDITED = Trace()
"""Stands for the trace of a model that nobody watches."""


class Watcher:
    """The two hooks of one module: while it runs, its own function calls pass through `handle`."""

    def __init__(self, path: str, trace: Trace, watching: bool) -> None:
        self.path = path
        self.trace = trace
        self.watching = watching
        self.edits: dict[tuple[Kind, int], Edit] = {}
        self.behind: list[nn.Module] = []
        self.added: set[torch.Size] = set()
        self.rounds: Counter[Kind] = Counter()
        self.modes: list[_Mode] = []

    def attach(self, module: nn.Module) -> None:
        """Register both hooks on `module`; the second runs even where its forward fails."""
        module.register_forward_pre_hook(self.enter)
        module.register_forward_hook(self.leave, always_call=True)

    def enter(self, module: nn.Module, args: Any) -> None:
        """Note that this module runs now."""
        if not self.path:
            self.trace.activations.clear()
            self.trace.calls.clear()
        self.trace.running.append(self.path)
        if self.watching or self.edits:
            mode = _Mode(self)
            self.modes.append(mode)
            mode.__enter__()  # type: ignore[no-untyped-call]  # torch leaves it untyped

    def leave(self, module: nn.Module, args: Any, output: Any) -> Any:
        """Note that this module has run; return what the layers behind it make of its answer."""
        if self.watching or self.edits:
            self.modes.pop().__exit__(None, None, None)  # type: ignore[no-untyped-call]  # as above
        self.trace.running.pop()
        if self.watching and self.path and _is_residual(self.added, args, output):
            self.trace.blocks.append(Block(self.path, tuple(output.shape[1:])))
        if output is None:  # its forward has failed
            return None
        for layer in self.behind:
            output = layer(args[0], output)
        return output

    def handle(self, function: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Carry out one call: as a note for the probe, or with its edit, or as it is."""
        if self.watching and function in ADDITIONS:
            self.added |= {one.shape for one in args[:1] if _same_shape(args[:2])}
        found = classify(function)
        if found is None or not (args or "input" in kwargs):
            return function(*args, **kwargs)
        kind, op = found
        call = self.trace.calls[self.path, kind]
        self.trace.calls[self.path, kind] += 1
        if self.trace.sites is not None:
            return self._note(kind, op, call, function, args, kwargs)
        # Activation checkpointing runs a part of the forward pass again; its calls come in the
        # same order, so the count goes round.
        here = self.edits.get((kind, call % max(1, self.rounds[kind])))
        return (
            function(*args, **kwargs)
            if here is None
            else self._edited(here, function, args, kwargs)
        )

    def _note(
        self,
        kind: Kind,
        op: str,
        call: int,
        function: Call,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        sites = self.trace.sites
        assert sites is not None
        x = args[0] if args else kwargs["input"]
        index = len(sites)
        p, is_active = _dropout_settings(args, kwargs) if kind == "dropout" else (0.0, False)
        output = function(*args, **kwargs)
        sites.append(
            Site(
                index=index,
                path=self.path,
                kind=kind,
                call=call,
                op=op,
                inputs=tuple(x.shape[1:]),
                outputs=tuple(output.shape[1:]),
                p=p,
                fixed=is_active or not torch.is_grad_enabled(),
                dtype=output.dtype,
            )
        )
        return output

    def _edited(
        self, edit: Edit, function: Call, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        rest = list(args[1:])
        given = args[0] if args else kwargs.pop("input")
        writes = kwargs.get("inplace", False) or function.__name__.endswith("_")
        # The op would write into its input, and others may look there for its result. What the
        # layers keep for their gradients must not be overwritten by it.
        x = given.clone() if writes else given
        for layer in edit.before:
            x = layer(x)
        if edit.weight:
            weight, *rest = rest if rest else (kwargs.pop("weight"),)
            for layer in edit.weight:
                weight = layer(weight)
            rest = [weight, *rest]
        if edit.instead is None or _is_idle(function, args, kwargs):
            x = function(x, *rest, **kwargs)
        else:
            x = edit.instead(x)
        for layer in edit.after:
            x = layer(x)
        if edit.record:
            self.trace.activations[edit.record] = x
        return given.copy_(x) if writes else x


def _same_shape(values: Sequence[Any]) -> bool:
    """Return whether these are two tensors of real numbers and of one shape."""
    shapes = {v.shape for v in values if isinstance(v, Tensor) and v.is_floating_point()}
    return len(values) == 2 and len(shapes) == 1 and all(isinstance(v, Tensor) for v in values)


def _is_residual(added: set[torch.Size], args: Any, output: Any) -> bool:
    """Return whether a module that has added tensors of these shapes adds to its input."""
    return _same_shape((*args[:1], output)) and output.shape in added


def _is_idle(function: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Return whether this is a dropout that its caller has switched off."""
    found = classify(function)
    return found is not None and found[0] == "dropout" and not _dropout_settings(args, kwargs)[1]


def _dropout_settings(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[float, bool]:
    """Return probability and activity of a call of `F.dropout(x, p, training)` or a relative."""
    p = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
    is_training = kwargs.get("training", kwargs.get("train", args[2] if len(args) > 2 else True))
    return float(p), bool(is_training)


class _Mode(TorchFunctionMode):
    def __init__(self, watcher: Watcher) -> None:
        super().__init__()
        self.watcher = watcher

    def __torch_function__(
        self,
        func: Call,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        # Calls made inside a child come by here too, on their way out; they are the child's.
        if self.watcher.trace.running[-1] != self.watcher.path:
            return func(*args, **(kwargs or {}))
        return self.watcher.handle(func, args, dict(kwargs or {}))


def watch(model: nn.Module, *, watching: bool) -> dict[str, Watcher]:
    """Attach a watcher to every module of `model`; return them by module path."""
    trace = Trace()
    watchers: dict[str, Watcher] = {}
    for path, module in model.named_modules():
        watchers[path] = Watcher(path, trace, watching)
        watchers[path].attach(module)
    return watchers


def probe(model: nn.Module, x: Input, calling: Calling | None = None) -> Sites:
    """Return the sites of `model`, found by one forward pass of `x`, (batch, …), on copies.

    The pass runs in evaluation mode, with gradients: where there are none inside, nothing can be
    edited. The last weight is the head.
    """
    copy = deepcopy(model)
    copy.eval()
    watchers = watch(copy, watching=True)
    trace = watchers[""].trace
    trace.sites = []
    args, kwargs = (calling or Calling(0)).arguments(cloned(x))
    with torch.enable_grad():
        copy(*args, **kwargs)
    paths = Counter(block.path for block in trace.blocks)
    # Of a block that runs twice nobody could say which of its runs an edit belongs to.
    return Sites(_with_head(trace.sites), tuple(b for b in trace.blocks if paths[b.path] == 1))


def check_calls(model: nn.Module) -> None:
    """Raise `StudyError` where the last forward pass made other calls than the probe has seen.

    An edit belongs to the first, second, … call of its kind inside a module; where their number
    changes with what is in the batch, nobody can say which call that is. A module that was not
    run at all is no question.
    """
    trace: Trace = getattr(model, "hikaku_trace", UNEDITED)
    for (path, kind), expected in trace.expected.items():
        made = trace.calls[path, kind]
        if made not in (0, expected):
            raise StudyError.of(
                message(
                    "model: the number of calls in {path} changes: {made} of the kind {kind}, and "
                    "{expected} when it was looked at",
                    path=path or "forward",
                    made=made,
                    kind=kind,
                    expected=expected,
                ),
                why=message("an edit of one of them cannot tell which one it belongs to"),
                mend=message("let forward make the same calls for every batch and in every mode"),
            )


def _with_head(sites: list[Site]) -> tuple[Site, ...]:
    last = max((site.index for site in sites if site.kind == "weight"), default=-1)
    return tuple(replace(site, head=site.index == last) for site in sites)
