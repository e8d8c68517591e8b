"""A model in numbers: its layers, what they cost, and where techniques can act in it.

Everything is measured by a pass of a few samples, in evaluation mode, on copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from hikaku.errors import HikakuError
from hikaku.models.calling import Calling, cloned
from hikaku.models.sites import Block, Site, Sites
from hikaku.models.surgery import Surgery
from hikaku.models.watch import probe
from hikaku.portrait import Act, Layer, Place, Portrait
from hikaku.techniques.slots import Input, Layers
from hikaku.training.flops import RECURRENT, plain_kernels


def portrait(
    model: nn.Module, x: Input, calling: Calling, techniques: Mapping[str, Layers]
) -> Portrait:
    """Return the portrait of `model` on the batch `x`, which stays as it is."""
    sites = probe(model, x, calling)
    acts = {name: tuple(_acts(one, model, sites)) for name, one in techniques.items()}

    def there(place: int | str) -> tuple[Act, ...]:
        asked = ((Act(name, where), at) for name, some in acts.items() for at, where in some)
        return tuple(dict.fromkeys(act for act, at in asked if at == place))

    at_sites = (
        Place(one.path, one.op, one.head, one.inputs, one.outputs, there(one.index))
        for one in sites.all
    )
    at_blocks = (
        Place(one.path, BLOCK, False, one.shape, one.shape, there(one.path)) for one in sites.blocks
    )
    return Portrait(tuple(_layers(model, x, calling)), (*at_sites, *at_blocks))


BLOCK = "residual block"
"""What is said to be called where a block gives its input and something on top."""


class Overheard(Surgery):
    """Surgery that notes where edits were asked for and is never carried out.

    Sites are noted by their number, residual blocks by their path.
    """

    def __init__(self, model: nn.Module, sites: Sites) -> None:
        self.heard: list[tuple[int | str, str]] = []
        super().__init__(model, sites)
        self.heard.clear()

    def insert(self, site: Site, where: Any, layer: nn.Module, phase: Any, label: str) -> None:
        """Note the site and the side of it."""
        self.heard.append((site.index, where))

    def swap(self, site: Site, layer: nn.Module, label: str) -> None:
        """Note the site."""
        self.heard.append((site.index, "instead"))

    def follow(self, block: Block, layer: nn.Module, label: str) -> None:
        """Note the block."""
        self.heard.append((block.path, "output"))


def _acts(technique: Layers, model: nn.Module, sites: Sites) -> list[tuple[int | str, str]]:
    surgery = Overheard(model, sites)
    try:
        technique.edit(surgery, sites)
    except HikakuError:
        return []  # It says that this model is none for it.
    return surgery.heard


@dataclass
class Met:
    """What one pass told of a module."""

    calls: int = 0
    outputs: tuple[int, ...] = ()


def _layers(model: nn.Module, x: Input, calling: Calling) -> Iterator[Layer]:
    copy = deepcopy(model).eval()
    names = dict(copy.named_modules())
    met: dict[str, Met] = {}
    for path, module in names.items():
        module.register_forward_hook(partial(_note, met, path))
    args, kwargs = calling.arguments(cloned(x))
    counter = FlopCounterMode(display=False, custom_mapping=RECURRENT)
    with plain_kernels(), torch.no_grad(), counter:
        copy(*args, **kwargs)
    batch = len(next(iter(x.values())) if isinstance(x, dict) else x)
    flops = _own_flops(counter, type(copy).__name__)
    seen: set[int] = set()
    for path in (*met, *(path for path in names if path not in met)):
        module = names[path]
        own = [value for value in module.parameters(recurse=False) if id(value) not in seen]
        seen |= {id(value) for value in own}
        if not own and not flops[path] and next(module.children(), None) is not None:
            continue
        found = met.get(path, Met())
        yield Layer(
            path=path,
            type=type(module).__name__,
            calls=found.calls,
            outputs=found.outputs,
            parameters=sum(value.numel() for value in own),
            trained=sum(value.numel() for value in own if value.requires_grad),
            flops=flops[path] // batch,
        )


def _note(met: dict[str, Met], path: str, module: nn.Module, given: Any, output: Any) -> None:
    one = met.setdefault(path, Met())
    first = output[0] if isinstance(output, (tuple, list)) and output else output
    one.calls += 1
    one.outputs = tuple(first.shape[1:]) if isinstance(first, Tensor) else ()


def _own_flops(counter: FlopCounterMode, root: str) -> Counter[str]:
    """Return the operations of each module by path, those of the modules inside it taken out."""
    found: Counter[str] = Counter()
    for name, ops in counter.get_flop_counts().items():
        if name == root or name.startswith(f"{root}."):
            found[name[len(root) + 1 :]] = sum(ops.values())
    own = Counter(found)
    for path, count in found.items():
        if path:
            own[_holder(path, found)] -= count
    return own


def _holder(path: str, known: Mapping[str, int]) -> str:
    """Return the innermost module around `path` that was counted."""
    above = path.rpartition(".")[0]
    while above and above not in known:
        above = above.rpartition(".")[0]
    return above
