"""From what `hk.Study` was handed, live things among it, to the plain tables that a file holds.

Eats mappings with classes, functions and techniques in them; makes mappings of texts and numbers,
which are decoded on the same road as a study file. Data are left to whoever knows arrays.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from hikaku.errors import StudyError
from hikaku.study.carried import carried_technique, kept_here, named, reference
from hikaku.study.catalogue import GROUP
from hikaku.study.data import OWN_KEYS
from hikaku.study.literal import FILLED_IN
from hikaku.study.written import MAIN, Untold
from hikaku.words import message

TECHNIQUES = "hikaku.techniques."
Tables = dict[str, Any]


def plain_tables(study: Mapping[str, Any], folder: str) -> Tables:
    """Return a study's tables with models, techniques and the metric as texts, all but `data`.

    Raises `StudyError` for what can be no part of a study.
    """
    variants = [
        {key: _entry(key, value, folder) for key, value in variant.items()}
        if isinstance(variant, Mapping)
        else variant
        for variant in study["variant"]
    ]
    said = {"recipe": _techniques, "model": _model, "train": _train, "design": _design}
    written = {key: tell(study[key], folder) for key, tell in said.items() if key in study}
    return {**study, "metric": _metric(study["metric"], folder), "variant": variants, **written}


def data_table(data: Any, folder: str) -> tuple[Tables | str, Callable[[], Any] | None]:
    """Return what a study writes of its data, and what gives them where they are live.

    A function that can travel is written by its name and run in a worker at each run. Any other
    is called here; then, as for arrays and Datasets, `use` is still to be filled in.
    """
    if isinstance(data, str):
        return data, None
    options: Tables = {}
    if isinstance(data, Mapping) and not _is_dict_of_sets(data):
        options = {key: value for key, value in data.items() if key != "use"}
        data = data.get("use")
        if isinstance(data, str) or data is None:
            return {**options, **({"use": data} if data else {})}, None
    if not callable(data):
        return options, lambda: data
    sizes = {key: value for key, value in options.items() if key in OWN_KEYS}
    settings = {key: value for key, value in options.items() if key not in OWN_KEYS}
    try:
        return sizes | _called(data, settings, folder, "load", OWN_KEYS), None
    except Untold:
        return sizes, functools.partial(data, **settings)


def _is_dict_of_sets(data: Mapping[str, Any]) -> bool:
    """Return whether these are sets and not sizes: `{"train": (x, y), …}`, not `{"train": 480}`."""
    sizes = (int, float, str)
    return "use" not in data and "train" in data and not isinstance(data["train"], sizes)


def _entry(key: str, value: Any, folder: str) -> Any:
    return _model(value, folder) if key == "model" else _techniques(value, folder)


def _design(design: Any, folder: str) -> Any:
    """Return a design with what its lists hold written out, models among it."""
    if not isinstance(design, Mapping) or not isinstance(design.get("vary"), Mapping):
        return design
    vary = {
        path: [_entry(path, value, folder) for value in values]
        if isinstance(values, (list, tuple))
        else values
        for path, values in design["vary"].items()
    }
    return {**design, "vary": vary}


def _model(model: Any, folder: str) -> Any:
    if isinstance(model, str):
        return model
    settings: Tables = {}
    if isinstance(model, Mapping):
        settings = {key: value for key, value in model.items() if key != "use"}
        model = model.get("use")
        if isinstance(model, str) or model is None:
            return {**settings, **({"use": model} if model else {})}
    if _is_module(model):
        raise StudyError.of(
            message("model: this {name} is made already", name=type(model).__name__),
            why=message("its weights are there, so that every seed would start from the same ones"),
            mend=message(
                'give the class: model={name}, or model={{"use": {name}, …}} with its settings',
                name=type(model).__name__,
            ),
        )
    if not callable(model):
        raise StudyError.of(
            message("model: a {kind} makes no network", kind=type(model).__name__),
            mend=message("give a name, a class, or a function that returns a network"),
        )
    try:
        return _called(model, settings, folder, "model", FILLED_IN)
    except Untold as untold:
        function, positional, bound = _unbound(model)
        live, plain = _divided(bound | settings, FILLED_IN)
        made = functools.partial(function, *positional, **live) if live or positional else function
        name = getattr(function, "__name__", "")
        name = name if name.isidentifier() else "model"
        return {"use": kept_here(made, untold.why, folder, name), **plain}


def _train(train: Any, folder: str) -> Any:
    """Return the reference to a training function; one that cannot travel is called here."""
    if isinstance(train, str):
        return train
    if not callable(train):
        raise StudyError.of(
            message("train: a {kind} trains nothing", kind=type(train).__name__),
            mend=message("give a function of settings, seed and report"),
        )
    name = named(train) if isinstance(train, functools.partial) else "train"
    try:
        return reference(train, folder, name)
    except Untold as untold:
        called = getattr(train, "__name__", name)
        return kept_here(train, untold.why, folder, called if called.isidentifier() else name)


def _called(
    function: Any, settings: Tables, folder: str, role: str, reserved: tuple[str, ...]
) -> Tables:
    """Return the table of a live class or function with its settings.

    Settings that no table can hold, and those of a name in `reserved`, become part of the source
    that travels. Raises `Untold` where that cannot be written.
    """
    function, positional, bound = _unbound(function)
    live, plain = _divided(bound | settings, reserved)
    name = role
    if live or positional:
        function = functools.partial(function, *positional, **live)
        name = named(function)
    return {"use": reference(function, folder, name), **plain}


def _unbound(value: Any) -> tuple[Any, tuple[Any, ...], Tables]:
    """Return a partial's function, its positional arguments that have no name, and the others."""
    if not isinstance(value, functools.partial):
        return value, (), {}
    try:
        found = inspect.signature(value.func).bind_partial(*value.args).arguments
    except (TypeError, ValueError):
        return value.func, value.args, dict(value.keywords)
    if len(found) != len(value.args):  # some of them lie in *args
        return value.func, value.args, dict(value.keywords)
    return value.func, (), {**found, **value.keywords}


def _divided(settings: Tables, reserved: tuple[str, ...]) -> tuple[Tables, Tables]:
    """Return the settings that only live code can hold, and those that a table can."""
    plain = {k: v for k, v in settings.items() if k not in reserved and _is_plain(v)}
    return {k: v for k, v in settings.items() if k not in plain}, plain


def _is_plain(value: Any, deepest: int = 2) -> bool:
    if isinstance(value, (list, tuple)):
        return deepest > 0 and all(_is_plain(item, deepest - 1) for item in value)
    is_number = callable(getattr(value, "item", None)) and getattr(value, "ndim", None) == 0
    return isinstance(value, (bool, int, float, str)) or is_number


def _is_module(value: Any) -> bool:
    """Return whether this is a network that is made already; nothing of torch is needed for it."""
    return any(
        kind.__name__ == "Module" and kind.__module__.startswith("torch.nn")
        for kind in type(value).__mro__
    )


def _metric(metric: Any, folder: str) -> Any:
    if isinstance(metric, Mapping):
        return {key: _metric(value, folder) for key, value in metric.items()}
    if not callable(metric):
        return metric
    try:
        return reference(metric, folder, "metric")
    except Untold as untold:
        raise _into_a_file(metric, untold) from None


def _techniques(value: Any, folder: str) -> Any:
    """Return the value with techniques, classes or instances, written out as tables."""
    if isinstance(value, type) and is_dataclass(value):
        return _technique(value, folder)
    if is_dataclass(value):
        settings = {item.name: getattr(value, item.name) for item in fields(value) if item.init}
        return {"use": _technique(type(value), folder), **settings}
    if isinstance(value, Mapping):
        return {key: _techniques(item, folder) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_techniques(item, folder) for item in value]
    return value


def _technique(cls: type[Any], folder: str) -> str:
    if cls.__module__.startswith(TECHNIQUES):
        return cls.__module__.removeprefix(TECHNIQUES).replace("_", "-")
    from importlib.metadata import entry_points  # looking through distributions takes a while

    for point in entry_points(group=GROUP):
        if point.module == cls.__module__:
            return point.name
    try:
        in_cell = cls.__module__ == MAIN
        return carried_technique(cls, folder) if in_cell else reference(cls, folder)
    except Untold as untold:
        raise _into_a_file(cls, untold) from None


def _into_a_file(value: Any, untold: Untold) -> StudyError:
    name = getattr(value, "__name__", "it")
    return StudyError.of(
        message("{name} cannot travel to the processes that train", name=name),
        why=untold.why,
        mend=message('put it into a file beside the study: "my_file.py:{name}"', name=name),
    )
