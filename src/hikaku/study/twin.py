"""Twins: an arm trained a second time, by the arithmetic of a variant that its own cannot compute.

One comparison has one arithmetic. Where an engine takes base and not a variant, that variant is
compared with a twin of base: the same work and seeds, computed as the variant is. A twin's trials
are therefore base's own under that arithmetic, with base's own keys. So it is with any other arm
that a variant is compared against. Arithmetics are told by their texts here, which stand in keys
and outcomes, so that both wings pair alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from hikaku.study.trial import digest

Twin = tuple[str, str]
"""The arm that is trained a second time, and by which arithmetic."""

_DTYPE = re.compile(r"\b(fp16|bf16|fp32|fp64)\b(?: by AMX)?")
"""The precision, with the units that it is computed by, for they come with it."""

_JOINED = "joined with pooling"
"""What stands in an arithmetic whose convolutions such units may compute."""


def comparable(base: str, variant: str) -> bool:
    """Return whether two arithmetics differ in nothing but the precision, maybe the treatment.

    >>> comparable("dense cpu fp32, 1 thread", "dense cpu bf16, 1 thread")
    True
    >>> comparable("dense cpu fp32, 1 thread", "plain cpu fp32, 1 thread")
    False
    """
    return _DTYPE.sub("", base, count=1) == _DTYPE.sub("", variant, count=1)


def twin_arithmetic(base: str, variant: str) -> str:
    """Return how base is computed to be compared with the variant: as that is, in its own dtype.

    >>> twin_arithmetic("dense cpu fp32, 1 thread", "plain cpu bf16 by AMX, 1 thread")
    'plain cpu fp32, 1 thread'
    """
    own, other = _DTYPE.search(base), _DTYPE.search(variant)
    if own is None or other is None or own[1] == other[1]:
        return variant
    return _DTYPE.sub(own[0] if _JOINED in variant else own[1], variant, count=1)


def engine_of(arithmetic: str) -> str:
    """Return the engine that an arithmetic names first."""
    return arithmetic.partition(" ")[0]


def way_of(arithmetic: str) -> str:
    """Return the engine and the device of an arithmetic: what a study changes only when asked to.

    >>> way_of("dense cpu x86_64 fp32, 1 thread")
    'dense cpu'
    """
    return " ".join(arithmetic.split()[:2])


def twin_fingerprint(mark: str, arithmetic: str) -> str:
    """Return the mark under which an arm's trials of this arithmetic are planned.

    `mark` is the arm's own fingerprint.
    """
    return digest({"arm": mark, "arithmetic": arithmetic})


def twin_names(twins: Iterable[Twin], taken: Collection[str]) -> dict[Twin, str]:
    """Return the name of each twin, none of them `taken` by an arm.

    >>> list(twin_names([("base", "plain cpu fp32"), ("base", "plain cpu bf16")], ()).values())
    ['base (plain)', 'base (plain 2)']
    """
    found: dict[Twin, str] = {}
    for arm, arithmetic in dict.fromkeys(twins):
        name, number = f"{arm} ({engine_of(arithmetic)})", 1
        while name in taken or name in found.values():
            number += 1
            name = f"{arm} ({engine_of(arithmetic)} {number})"
        found[arm, arithmetic] = name
    return found


def twin_of(name: str, arms: Iterable[str]) -> str:
    """Return which of these arms the twin of this name is of.

    >>> twin_of("small (old) (plain 2)", ["base", "small", "small (old)"])
    'small (old)'
    """
    return max((arm for arm in arms if name.startswith(f"{arm} (")), key=len)
