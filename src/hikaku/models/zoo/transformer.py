"""A small transformer: over the patches of an image, or over the columns of a table.

Sources: A. Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021, for images; Y. Gorishniy
et al., Revisiting Deep Learning Models for Tabular Data, NeurIPS 2021, for one token per column;
R. Xiong et al., On Layer Normalization in the Transformer Architecture, ICML 2020, for the norm in
front of each half of a block. The answer is read from the mean over the tokens, as L. Beyer, X.
Zhai and A. Kolesnikov, Better plain ViT baselines for ImageNet-1k, 2022, have it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.models.zoo._image import image
from hikaku.study.card import PositiveCount


def transformer(
    inputs: tuple[int, ...],
    classes: int,
    width: PositiveCount = 64,
    depth: PositiveCount = 4,
    heads: PositiveCount = 4,
    patch: PositiveCount = 4,
) -> nn.Module:
    """A pre-norm transformer: a token per `patch` × `patch` pixels, or per column of a table."""
    if width % heads:
        raise ValueError(f"width {width} cannot be shared by {heads} heads")
    if len(inputs) == 1:
        return Transformer(Columns(inputs[0], width), inputs[0], width, classes, depth, heads)
    channels, rows, columns = image("transformer", inputs, patch)
    if rows % patch or columns % patch:
        raise ValueError(f"{rows} x {columns} pixels cannot be cut into {patch} x {patch} patches")
    tokens = rows // patch * (columns // patch)
    return Transformer(Patches(channels, width, patch), tokens, width, classes, depth, heads)


class Patches(nn.Module):
    """Each square of pixels as one token: a convolution that never overlaps itself."""

    def __init__(self, channels: int, width: int, patch: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, patch, stride=patch)

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens, (batch, patches, width), of images (batch, channels, height, width)."""
        tokens: Tensor = self.conv(x)
        return tokens.flatten(2).transpose(1, 2)


class Columns(nn.Module):
    """Each number of a row as one token: a direction of its own, as long as the number."""

    def __init__(self, columns: int, width: int) -> None:
        super().__init__()
        self.direction = nn.Parameter(nn.init.normal_(torch.empty(columns, width), std=width**-0.5))

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens, (batch, columns, width), of rows (batch, columns)."""
        return x[:, :, None] * self.direction


class Transformer(nn.Module):
    """Tokens and their positions through `depth` blocks; the head reads their mean."""

    def __init__(
        self, embed: nn.Module, tokens: int, width: int, classes: int, depth: int, heads: int
    ) -> None:
        super().__init__()
        self.embed = embed
        self.position = nn.Parameter(nn.init.normal_(torch.empty(tokens, width), std=0.02))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (batch, classes)."""
        tokens = self.blocks(self.embed(x) + self.position)
        logits: Tensor = self.head(self.norm(tokens).mean(1))
        return logits


class Block(nn.Module):
    """Attention, then two dense layers with GELU: each behind a norm, each added to its input."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.mixed = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens of the shape of `x`, (batch, tokens, width)."""
        x = x + self.mixed(self._attention(self.query_key_value(self.norm1(x))))
        added: Tensor = self.fc2(F.gelu(self.fc1(self.norm2(x))))
        return x + added

    def _attention(self, x: Tensor) -> Tensor:
        # Spelt out: the fused kernel has no rule for stacked trials, and its own arithmetic.
        query, key, value = x.reshape(*x.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        mixed: Tensor = scores.softmax(-1) @ value
        return mixed.movedim(1, 2).flatten(2)
