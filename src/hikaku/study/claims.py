"""`[[claim]]`: what a source says of the arms of a study, decoded.

[[claim]]
text = "With dropout the validation accuracy is higher"
kind = "difference"
variant = "dropout"; against = "base"; metric = "validation accuracy"; expect = "helps"
published = { base = 0.705, dropout = 0.738 }

Eats the tables and the arms' names; makes `Claim`s, complete. A claim is no part of a trial's key,
but for one thing: where a source's figures are those of a last batch, trials must read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast, get_args

from hikaku.study.card import Positive, Real
from hikaku.study.metrics import METRICS, OF_A_CURVE, SHARES, read_metric, read_reported
from hikaku.study.nearest import suggest
from hikaku.study.node import Node
from hikaku.study.study import BASE, Claim, ClaimKind, Metric, Reading, Study
from hikaku.words import message

KEYS = (
    "text", "kind", "variant", "against", "metric", "reading", "expect", "worth", "value",
    "published", "source",
)  # fmt: skip  # a list of words

EXPECTED: Mapping[ClaimKind, tuple[str, ...]] = {
    "difference": ("helps", "hurts", "no practical difference", "does not help"),
    "equality": ("no practical difference",),
    "gap": ("narrows", "widens", "no practical difference", "opens", "none", "grows"),
    "speed": ("faster", "slower", "no practical difference", "no faster"),
    "order": ("best first",),
    "threshold": ("above", "below"),
    "peak": ("falls", "does not fall"),
    "level": ("inside",),
}
"""What can be expected of each kind of claim; the first is meant where nothing is written."""

OURS = "ours"
"""The `source` of a claim that no source makes."""

ALONE = ("opens", "none", "grows")
"""What is expected of a gap itself, and not of the difference of two."""
WITHIN = ("no practical difference", "does not help", "no faster", "none")
"""What can only be said where there is a margin."""


TRAINED = ("model", "data", "recipe", "variant", "settings", "train", "command", "resample")
"""Keys of a study that say what is trained."""


@dataclass(frozen=True)
class Around:
    """What a claim is read against: the arms' names, the judged metric, `worth`, the folder."""

    arms: tuple[str, ...]
    judged: Metric
    worth: float
    folder: str
    outside: bool
    has_validation: bool


def read_claims(node: Node, around: Around) -> tuple[Claim, ...]:
    """Return the claims in their order; what is wrong with them is noted."""
    if node.written and not isinstance(node.value, list):
        node.fault(
            message("claims are written as [[claim]], each with its text."),
            message('write [[claim]] on a line, and text = "…" below it'),
        )
    return tuple(_read(item, around) for item in node.items())


def reads_batches(study: Study) -> bool:
    """Return whether a claim asks for the figures of the last batch, in training mode."""
    return any(claim.reading == "batch" for claim in study.claims)


def moved(study: Study) -> Study:
    """Return the study as one whose command has changed what is trained."""
    return replace(study, claims=tuple(replace(claim, moved=True) for claim in study.claims))


def _read(node: Node, around: Around) -> Claim:
    node.is_table(KEYS, message("a claim has no key"), {})
    for key in ("text", "kind", "metric"):
        node[key].required()
    kind: ClaimKind = node["kind"].read(ClaimKind, "difference")
    expect = _expect(node["expect"], kind)
    figure = _figure(node["metric"], kind, around)
    reading: Reading = node["reading"].read(Reading, "last")
    if reading in ("running", "batch") and figure.split != "train" and figure.of != "gap":
        what = message("'{reading}' is a reading of train alone.", reading=reading)
        node["reading"].fault(what, message("leave it out, or claim something of train"))
    published = _published(node["published"], around)
    arms = _arms(node["variant"], around, ())
    claim = Claim(
        text=node["text"].read(str, ""),
        kind=kind,
        figure=figure,
        expect=expect,
        arms=tuple(arm for arm, _ in published) if kind == "level" and not arms else arms,
        against=_against(node["against"], kind, expect, around, len(arms)),
        reading=reading,
        worth=node["worth"].read(Positive, _worth(figure, around)),
        value=node["value"].read(Real, None),
        published=published,
        source=node["source"].read(str, ""),
    )
    _check(node, claim)
    return claim


def _expect(node: Node, kind: ClaimKind) -> str:
    allowed = EXPECTED[kind]
    found = node.read(str, allowed[0])
    if found in allowed:
        return found
    what = message("a claim of kind '{kind}' cannot expect '{word}'.", kind=kind, word=found[:60])
    node.fault(suggest(what, found, allowed), message("one of: {names}", names=", ".join(allowed)))
    return allowed[0]


def _figure(node: Node, kind: ClaimKind, around: Around) -> Metric:
    """Return what is measured of each arm: some kinds make their own figure of a plain metric."""
    if not node.written:
        return around.judged
    known = METRICS[around.judged.name].kinds if around.judged.name in METRICS else ()
    fits = known[0] if len(known) == 1 else ""
    found = read_reported(node) if around.outside else read_metric(node, fits, around.folder)
    if not around.outside and found.name not in METRICS and found.name != around.judged.name:
        what = message("'{name}' is not measured: the study judges another metric.", name=found)
        node.fault(what, message("claim something of a standing metric, or of the judged one"))
    if found.split == "validation" and not around.has_validation:
        node.fault(
            message("this needs a validation split, and there is none."),
            message("data.validation = 0.2"),
        )
    return _made(node, found, kind)


def _made(node: Node, found: Metric, kind: ClaimKind) -> Metric:
    if found.of == "last" and kind == "gap":
        found = replace(found, of="gap", better="lower")
    if found.of == "last" and kind == "speed":
        found = replace(found, of="area", better=found.of_better)
    if found.of == "last" and kind == "peak":
        found = replace(found, of="peak-epoch", better="lower")
    # The test split has no curve, and train no gap to itself.
    if (found.of, found.split) in {("gap", "train"), *((of, "test") for of in OF_A_CURVE)}:
        split = found.split
        what = message("a claim of kind '{kind}' says nothing of {split}.", kind=kind, split=split)
        node.fault(what, message('write "validation" before the metric, or another split'))
    return found


def _arms(node: Node, around: Around, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the arms that are written, one as a text or several as a list."""
    if not node.written:
        return default
    several = isinstance(node.value, list)
    names = node.read(tuple[str, ...], ()) if several else (node.read(str, ""),)
    for place, name in enumerate(names):
        _check_arm(node[place] if several else node, name, around)
    return names


def _check_arm(node: Node, name: str, around: Around) -> None:
    if name not in around.arms:
        what = message("there is no arm '{name}'.", name=name[:60])
        arms = message("one of: {names}", names=", ".join(around.arms))
        node.fault(suggest(what, name, around.arms), arms)


def _against(
    node: Node, kind: ClaimKind, expect: str, around: Around, arms: int
) -> tuple[str, ...]:
    """Return with what each arm is compared, one for one; none where arms stand alone."""
    compares = kind in ("difference", "equality", "gap", "speed") and expect not in ALONE
    if not compares:
        if node.written:
            what = message("a claim of kind '{kind}' compares with nothing.", kind=kind)
            node.fault(what, message("leave it out"))
        return ()
    found = _arms(node, around, (BASE,))
    if len(found) not in (1, arms):
        what = message("{n} arms are compared with {m}.", n=arms, m=len(found))
        node.fault(what, message("name one, or as many as there are variants"))
    return found * arms if len(found) == 1 else found


def _worth(figure: Metric, around: Around) -> float:
    """Return the study's `worth` where the claim's figure has the same unit, else no margin."""
    units = ("steps-to", "peak-epoch")
    same = figure.name == around.judged.name and not {figure.of, around.judged.of} & {*units}
    return around.worth if same else 0.0


def _published(node: Node, around: Around) -> tuple[tuple[str, tuple[float, ...]], ...]:
    if node.written and not isinstance(node.value, dict):
        node.misfit(message("a table"))
    found = []
    for name in node.names():
        place = node[name]
        _check_arm(place, name, around)
        several = isinstance(place.value, list)
        values = place.read(tuple[Real, ...], ()) if several else (place.read(Real, 0.0),)
        if not values:
            place.misfit(message("a list of numbers, at least one"))
        found.append((name, cast(tuple[float, ...], values)))
    return tuple(found)


def _check(node: Node, claim: Claim) -> None:
    """Note what a claim of this kind lacks, or has too much of."""
    if claim.kind == "level" and not node["published"].written:
        node["published"].required()
    fewest = {"level": 0, "order": 2}.get(claim.kind, 1)
    if fewest and node["variant"].required() and len(claim.arms) < fewest:
        what = message("an order needs at least two arms.")
        node["variant"].fault(what, message('variant = ["best", "next", …]'))
    if any(arm == other for arm, other in zip(claim.arms, claim.against, strict=False)):
        what = message("an arm is compared with itself.")
        node["variant"].fault(what, message("name another arm in variant or in against"))
    needs_margin = claim.expect in WITHIN or (claim.kind == "peak" and claim.value is not None)
    if needs_margin and not claim.worth:
        what = message("what counts as no difference must be written.")
        node["worth"].fault(what, message("worth = 0.01"))
    if claim.kind == "threshold" and claim.value is None:
        node["value"].required()
    if claim.kind not in ("threshold", "peak") and claim.value is not None:
        what = message("a claim of kind '{kind}' has no value.", kind=claim.kind)
        node["value"].fault(what, message("leave it out"))
    _check_shares(node, claim)


def _check_shares(node: Node, claim: Claim) -> None:
    """Note figures of a metric that counts samples, written in percent."""
    if claim.figure.name not in SHARES or claim.figure.of in ("steps-to", "peak-epoch"):
        return
    figures = [value for _, values in claim.published for value in values]
    thresholds = [claim.value] if claim.kind == "threshold" and claim.value is not None else []
    for key, written in (("published", figures), ("value", thresholds)):
        if any(abs(value) > 1 for value in written):
            what = message("{metric} is a share, from 0 to 1.", metric=claim.figure.name)
            node[key].fault(what, message("0.5, not 50"))


assert set(EXPECTED) == set(get_args(ClaimKind))
