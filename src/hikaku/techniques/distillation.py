"""Distillation: learn from what a trained network says, wrong answers included.

A label says which class is right. A teacher, a network that was trained before, also says which
wrong ones are nearly right, and that is much of what it has learnt. A `temperature` above 1 makes
its answers softer, so that the small probabilities count; the gradient of that part shrinks with
its square, which the formula makes up for. A share of the usual cross-entropy stays, for teachers
err. The teacher answers each batch as the student sees it, behind all augmentation.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Fraction, Positive, WeightsFile
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="distillation",
    claim="A small network taught by a larger one generalises better than one taught by labels.",
    formula="(1 − share)·CE(t, p₁) + share·T²·KL(q_T ‖ p_T), p_T = softmax(z/T) of the student, "
    "q_T of the teacher",
    paper="Hinton, Vinyals & Dean 2015, Distilling the Knowledge in a Neural Network, "
    "arXiv:1503.02531",
    year=2015,
    helps="Small networks, few samples; a teacher that is clearly better.",
    hurts="Under a weak teacher, or one that was trained with label smoothing.",
    cost="A forward pass of the teacher for every batch.",
    pitfalls="A teacher that was trained on samples that are tested here tells of them: take an "
    'official test set, or resample = "init" and a teacher of seed 0.',
    off={"share": 0.0},
    needs="classes",
)


@dataclass(frozen=True)
class Distillation:
    """Learn a `share` from `teacher`, a file of kept weights, and the rest from the labels."""

    teacher: WeightsFile = ""
    temperature: Positive = 2.0
    share: Fraction = 0.5

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; both arguments are (batch, classes)."""
        answers = moment.facts.files[self.teacher](moment.x).to(logits.dtype)
        theirs = (answers / self.temperature).log_softmax(1)
        ours = (logits / self.temperature).log_softmax(1)
        soft = (theirs.exp() * (theirs - ours)).sum(1) * self.temperature**2
        hard = -(target * logits.log_softmax(1)).sum(1)
        return ((1 - self.share) * hard + self.share * soft).mean()
