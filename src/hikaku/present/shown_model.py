"""What `show model` says: layers, totals, and the sites where techniques can act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from hikaku.portrait import Act, Layer, Place, Portrait
from hikaku.present.report import Block, Column, Heading, Point, Points, Report, Table, cells, short
from hikaku.words import Message, message

LONGEST_PATH = 32
LONGEST_TYPE = 20
STEP = 3
"""An update costs about as much as so many forward passes: forward, and twice that backward."""

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
SIDES = {
    "input": message("in front"),
    "weight": message("on its weight"),
    "output": message("behind"),
    "instead": message("in its place"),
}
FEW = 3
"""So many techniques of one family at the same sites are told as a family."""


def model_report(model: str, data: str, found: Portrait, families: Mapping[str, str]) -> Report:
    """Return the whole description of a model; `families` groups the techniques of its sites."""
    return Report(
        (
            Heading(message("{model} on {data}", model=model, data=data), level=1),
            _layers(found),
            Points(tuple(Point(fact) for fact in _totals(found))),
            *_places(found, families),
        )
    )


def model_json(model: str, data: str, found: Portrait) -> dict[str, Any]:
    """Return the same as JSON writes it."""
    return {
        "format": 1,
        "model": model,
        "data": data,
        "parameters": {"all": found.parameters, "trained": found.trained},
        "flops": {"forward": found.flops, "update": STEP * found.flops},
        "layers": [_plain(layer) for layer in found.layers],
        "sites": [_plain(place) for place in found.places],
    }


def _plain(value: Layer | Place) -> dict[str, Any]:
    return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(value).items()}


def _layers(found: Portrait) -> Table:
    partly = any(0 < layer.trained < layer.parameters for layer in found.layers)
    return Table(
        columns=(
            Column(message("layer"), "name"),
            Column(message("type"), "words"),
            Column(message("output"), "number"),
            Column(message("parameters"), "number"),
            Column(message("FLOPs"), "number"),
        ),
        rows=tuple(
            cells(
                _name(layer.path),
                _type(layer),
                _size(layer.outputs) if layer.calls else message("not called"),
                _parameters(layer),
                _amount(layer.flops),
            )
            for layer in found.layers
        ),
        notes=(message("* some of them frozen"),) if partly else (),
    )


def _type(layer: Layer) -> str:
    name = short(layer.type, LONGEST_TYPE)
    return name if layer.calls < 2 else f"{name} ×{layer.calls}"


def _parameters(layer: Layer) -> Message | str:
    frozen = layer.parameters - layer.trained
    if not frozen:
        return f"{layer.parameters:,}" if layer.parameters else ""
    return message("{n:,} frozen", n=frozen) if not layer.trained else f"{layer.parameters:,} *"


def _totals(found: Portrait) -> Iterator[Message]:
    frozen = found.parameters - found.trained
    yield (
        message("parameters: {n:,}, of which {frozen:,} frozen", n=found.parameters, frozen=frozen)
        if frozen
        else message("parameters: {n:,}, all trained", n=found.parameters)
    )
    yield message(
        "FLOPs per sample: {forward} forward, about {update} for an update; only products of "
        "matrices, convolutions and attention are counted",
        forward=_amount(found.flops) or "0",
        update=_amount(STEP * found.flops) or "0",
    )


def _places(found: Portrait, families: Mapping[str, str]) -> Iterator[Block]:
    if not found.places:
        yield Points((Point(message("no technique of the slot layers can act in this model")),))
        return
    grouped = _families(found, families)
    names = {family: ", ".join(members) for family, members in grouped.items()}
    yield Table(
        columns=(
            Column(message("at"), "name"),
            Column(message("site"), "words"),
            Column(message("output"), "number"),
            Column(message("acts there by default"), "words"),
        ),
        rows=tuple(
            cells(
                _name(place.path),
                message("{op}, the head", op=place.op) if place.head else place.op,
                _size(place.outputs),
                _acts(place, grouped),
            )
            for place in found.places
        ),
        caption=message("Where techniques can act"),
        notes=(
            *(message("{family}: {names}", family=name, names=names[name]) for name in names),
            message("`at` names other sites, by patterns too: {example}", example=_example(found)),
        ),
    )


def _families(found: Portrait, families: Mapping[str, str]) -> dict[str, list[str]]:
    """Return by family most of its techniques: those, if they are some, that act alike."""
    acts: dict[str, list[tuple[int, str]]] = {}
    for number, place in enumerate(found.places):
        for act in place.acts:
            acts.setdefault(act.technique, []).append((number, act.where))
    alike: dict[tuple[str, tuple[tuple[int, str], ...]], list[str]] = {}
    for technique, where in acts.items():
        alike.setdefault((families.get(technique, technique), tuple(where)), []).append(technique)
    grouped: dict[str, list[str]] = {}
    for (family, _), names in alike.items():
        if len(names) >= max(FEW, 1 + len(grouped.get(family, ()))):
            grouped[family] = names
    return grouped


def _acts(place: Place, grouped: Mapping[str, list[str]]) -> Message | str:
    said: list[Message] = []
    for act in place.acts:
        family = next((name for name, members in grouped.items() if act.technique in members), "")
        if not family or act.technique == grouped[family][0]:
            said.append(_act(act, family))
    if not said and "dropout" in place.op:
        return message("the model's own")
    return _joined(said) or "–"


def _act(act: Act, family: str) -> Message:
    return message("{name} {side}", name=family or act.technique, side=SIDES[act.where])


def _joined(said: list[Message]) -> Message | str:
    if not said:
        return ""
    head, *rest = said
    return message("{first}, {rest}", first=head, rest=_joined(rest)) if rest else head


def _example(found: Portrait) -> str:
    """Return patterns that fit this model: a name of it, and one with a star."""
    paths = list(dict.fromkeys(place.path for place in found.places if place.path))
    stars = [f"{path.partition('.')[0]}.*" for path in paths if "." in path]
    chosen = [*stars[:1], *(path for path in paths if "." not in path)][:2]
    return "at = [" + ", ".join(f'"{path}"' for path in chosen or paths[:1]) + "]"


def _name(path: str) -> Message | str:
    return short(path, LONGEST_PATH) if path else message("forward")


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "–"


def _amount(count: int) -> str:
    """Return a large number with three digits and a prefix: 4.72 M; "" for none."""
    for size, prefix in PREFIXES:
        if count >= size:
            return f"{count / size:.3g} {prefix}"
    return str(count) if count else ""
