"""Twins: base trained a second time, by the arithmetic of variants that base's cannot compute.

One comparison has one arithmetic. Where an engine takes base and not a variant, that variant is
compared with a twin of base: the same work and seeds, computed as the variant is. A twin's trials
are therefore base's own under that arithmetic, with base's own keys. Arithmetics are told by their
texts here, which stand in keys and outcomes, so that both wings pair alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from hikaku.study.study import BASE
from hikaku.study.trial import digest

_DTYPE = re.compile(r"\b(?:fp16|bf16|fp32|fp64)\b")


def comparable(base: str, variant: str) -> bool:
    """Return whether two arithmetics differ in nothing but the dtype, which may be the treatment.

    >>> comparable("dense cpu fp32, 1 thread", "dense cpu bf16, 1 thread")
    True
    >>> comparable("dense cpu fp32, 1 thread", "plain cpu fp32, 1 thread")
    False
    """
    return _DTYPE.sub("", base, count=1) == _DTYPE.sub("", variant, count=1)


def twin_arithmetic(base: str, variant: str) -> str:
    """Return how base is computed to be compared with the variant: as that is, in its own dtype.

    >>> twin_arithmetic("dense cpu fp32, 1 thread", "plain cpu bf16, 1 thread")
    'plain cpu fp32, 1 thread'
    """
    own = _DTYPE.search(base)
    return _DTYPE.sub(own.group(), variant, count=1) if own else variant


def engine_of(arithmetic: str) -> str:
    """Return the engine that an arithmetic names first."""
    return arithmetic.partition(" ")[0]


def twin_fingerprint(base: str, arithmetic: str) -> str:
    """Return the mark under which base's trials of this arithmetic are planned.

    `base` is base's own fingerprint.
    """
    return digest({"arm": base, "arithmetic": arithmetic})


def twin_names(arithmetics: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """Return the name of the twin of each arithmetic, none of them `taken` by an arm.

    >>> twin_names(["plain cpu fp32", "plain cpu fp32, micro 8", "plain cpu fp32"], {"base"})
    {'plain cpu fp32': 'base (plain)', 'plain cpu fp32, micro 8': 'base (plain 2)'}
    """
    found: dict[str, str] = {}
    for arithmetic in dict.fromkeys(arithmetics):
        name, number = f"{BASE} ({engine_of(arithmetic)})", 1
        while name in taken or name in found.values():
            number += 1
            name = f"{BASE} ({engine_of(arithmetic)} {number})"
        found[arithmetic] = name
    return found
