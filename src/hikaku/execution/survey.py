"""What kind of an arm is this? Looked at on a few samples, for the planner; nothing is trained.

Eats: a `Job`. Makes: a `Survey`, the same for every seed.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from hashlib import sha256

import numpy as np
import torch
from torch import Tensor

from hikaku.data.prepare import fit
from hikaku.data.task import Task
from hikaku.draws import Draws
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.book.recipe import not_covered
from hikaku.execution.dry import FEW, refuse_nothing
from hikaku.execution.job import Job
from hikaku.execution.one_program import anatomy, can_lift
from hikaku.execution.plain import Prepared, prepare_process, prepared
from hikaku.execution.unchanged import check_files
from hikaku.study.alike import alike
from hikaku.study.catalogue import Catalogue
from hikaku.study.recipe import Recipe
from hikaku.study.study import Training
from hikaku.techniques.slots import Input
from hikaku.training.chain import EVERY, Chain
from hikaku.training.evaluate import CHUNK
from hikaku.training.flops import batch_of, sizes_of, update_flops
from hikaku.training.memory_format import convolves, rows
from hikaku.training.micro_batch import micro_batch, why_whole
from hikaku.training.outside_random import outside_random, outside_seed
from hikaku.training.recognise import LOOKED_AT, chain_of, glimpsed
from hikaku.training.rehearsal import rehearsed
from hikaku.training.stack import Start
from hikaku.training.survey import UNTRIED, Survey
from hikaku.training.takes import takes

SMALL, LARGE = 4, 8
"""Two sizes of a batch: what one sample more costs is seen by both."""
ENOUGH = 256
"""Samples that tell how many numbers are zero."""
CPU = Arithmetic().device


def survey(job: Job, *, lifts: bool = True) -> Survey:
    """Return what the planner must know of this job's arm; with `lifts`, whether it stacks too.

    Raises `StudyError` where there is nothing to train, or where the first update fails.
    """
    check_files(job)
    # Shapes are the same on every device, and on this one nothing has to be started.
    trial = prepared(replace(job, arithmetic=replace(job.arithmetic, device=CPU)), FEW)
    refuse_nothing(trial)
    prepare_process()
    batch = batch_of(job.work.recipe, trial.ground.samples[0])
    program = rehearsed(trial.program, trial.state, trial.material.data, batch)
    start = replace(trial.start, program=program)
    seed = outside_seed(program.seed, "outside survey")
    with warnings.catch_warnings(), outside_random(seed):
        warnings.simplefilter("ignore")  # of slow ways through a stack: slow is not wrong
        look = taken(start, torch.arange(min(batch, LOOKED_AT)))
        few = taken(start, torch.arange(LARGE))
        sizes = sizes_of(job.work.recipe, trial.ground.samples, CHUNK)
        chain = chain_of(program, start.state, look, sizes)
        book = chain if isinstance(chain, Chain) else glimpsed(program, start.state, few, EVERY)
        not_lifted = can_lift((start,)) if lifts else UNTRIED
        mixes, activations = mixes_samples(start), activation_bytes(start)
        whole = mixes or why_whole(program, start.state, few) is not None
    micro = 0 if whole else micro_batch(activations, batch)
    flops = update_flops(program, start.state, start.material.data, small_batches(start.recipe))
    widths = chain.widths if isinstance(chain, Chain) else ()
    signature = signature_of(trial, widths)
    return Survey(
        widths=widths,
        no_chain=None if isinstance(chain, Chain) else chain.why,
        not_taken=takes(program.slots),
        not_in_book=not_covered(job.work.recipe, book) if isinstance(book, Chain) else book.why,
        not_lifted=not_lifted,
        flops=None if flops is None else flops * batch / LARGE,
        zeros=zeros(trial.ground.task) if widths else 0.0,
        activation_bytes=activations,
        parameters=sum(value.numel() for value in start.state.params.values()),
        batch_norm=mixes,
        convolves=convolves(program.eval_model),
        batch_size=batch,
        micro=micro,
        signature=signature,
        program=program_of(start, job.work, signature),
    )


def zeros(task: Task) -> float:
    """Return the share of numbers that are zero in samples from all over the pool, prepared.

    They are prepared by their own statistics: of no split, so it is one for every seed.
    """
    chosen = np.unique(np.linspace(0, task.pool - 1, ENOUGH).astype(np.int64))
    return float(np.mean(np.asarray(fit(task, chosen)(task.rows(chosen))) == 0))


def taken(start: Start, index: Tensor) -> Input:
    """Return these of the few samples that there are, counted round and round."""
    x, y = start.material.data
    return rows(x, index % len(y))


def small_batches(recipe: Recipe) -> Recipe:
    """Return the recipe with batches of few samples, whose operations are counted soon."""
    return replace(recipe, batch_size=LARGE, order="with-replacement")


def answers(start: Start, index: Tensor) -> Tensor:
    """Return the answers in training to these of the few samples, (n, outputs), with gradients."""
    program, x = start.program, taken(start, index)
    leaves = {name: value.detach().requires_grad_() for name, value in start.state.params.items()}
    with program.outside_of_step(0):
        noise = program.draw_noise(Draws(program.seed), 0, len(index))
        return program.forward(noise)(leaves, start.state.buffers, x).logits


def mixes_samples(start: Start) -> bool:
    """Return whether answers in training depend on the other samples of the batch."""
    first, others = torch.arange(SMALL), torch.arange(SMALL, LARGE)
    one, other = (
        answers(start, torch.cat([first, rest])).detach()[:SMALL] for rest in (others, 0 * others)
    )
    return not torch.allclose(one, other, rtol=1e-4, atol=1e-6 * float(one.abs().max()))


def activation_bytes(start: Start) -> int:
    """Return the bytes that one more sample of a batch keeps until gradients are taken."""
    small, large = (kept_bytes(start, count) for count in (SMALL, LARGE))
    return max(0, -(-(large - small) // (LARGE - SMALL)))


def kept_bytes(start: Start, count: int) -> int:
    """Return the bytes that a forward pass of so many samples keeps for the gradients."""
    kept: dict[int, int] = {}

    def keep(value: Tensor) -> Tensor:
        storage = value.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return value

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value):
        # The graph holds all of it until the answers go: no address is given away twice.
        held = answers(start, torch.arange(count))
    del held
    return sum(kept.values())


def signature_of(trial: Prepared, widths: tuple[int, ...]) -> str:
    """Return what is equal where trials can be in one stack of a hand-derived program."""
    recipe, size = trial.job.work.recipe, trial.size
    shapes: object = widths or [tuple(value.shape) for value in trial.state.params.values()]
    said = {
        "data": (
            str(trial.job.work.data),
            trial.ground.samples,
            trial.ground.sample.shape,
            trial.ground.sample.width,
        ),
        "layers": shapes,
        "updates": (size.steps, size.steps_per_epoch, recipe.batch_size, recipe.order),
        "evaluated": str(recipe.evaluate_every),
        "precision": recipe.precision,
    }
    return ", ".join(f"{name}: {value}" for name, value in said.items())


def program_of(start: Start, work: Training, signature: str) -> str:
    """Return a fingerprint of all that is equal in the trials of one lifted stack.

    What cannot be seen in a model, a function that it holds, may hang on any of its settings. So
    the whole text of the arm is in it, but for mere numbers of our own techniques.
    """
    parts = "\n".join(f"{name}: {value!r}" for name, value in anatomy(start))
    text = repr(alike(work, Catalogue()))
    return sha256(f"{signature}\n{text}\n{parts}".encode()).hexdigest()[:32]
