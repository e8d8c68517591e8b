"""How much work a recipe is: updates in all and per epoch. No torch is needed to count them."""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.study.recipe import Recipe


@dataclass(frozen=True)
class Size:
    """How much work a recipe is on this many training samples."""

    steps: int
    steps_per_epoch: int

    @property
    def epochs(self) -> float:
        """Return the passes over the training data."""
        return self.steps / self.steps_per_epoch


def size(recipe: Recipe, samples: int) -> Size:
    """Return the number of updates in all and per epoch.

    The last batch of an epoch is smaller; a last batch of one sample is left out, in every arm
    alike, since batch norm cannot use it. With replacement, an epoch is as many updates as it
    would take to see each sample once.
    """
    whole, rest = divmod(samples, recipe.batch_size)
    drawn = recipe.order == "with-replacement"
    per_epoch = max(1, whole + (rest >= (1 if drawn else 2)))
    return Size(recipe.steps or (recipe.epochs or 0) * per_epoch, per_epoch)
