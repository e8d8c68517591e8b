"""A trial is trained for a few updates, interrupted or resumed: what it came to, update by update.

Two processes do the same updates, one of them from a file of the state that the other had halfway.
Where they part, the first name in which they do is the state that no file holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256

import torch
from torch import Tensor, nn

from hikaku.execution.job import Job
from hikaku.execution.plain import Prepared, prepare_process
from hikaku.execution.saver import resumed, written
from hikaku.execution.together import prepared_together, trained_together
from hikaku.execution.unchanged import check_files
from hikaku.record import Checkpoint
from hikaku.training.snapshot import Snapshot
from hikaku.training.state import flat

UPDATES = 20
"""So many updates are made in all, fewer where there is less to learn from."""

Digests = dict[str, str]


def verified(job: Job) -> str:
    """Return, as JSON, what the updates from halfway on left: by update, the digest of each name.

    Under "state" stands what a file would hold, under "outputs" what each module put out in that
    update, in the order of the calls. Where the job has no state to go on from, one is
    written into the folder that it keeps in; it stands under "checkpoint".
    """
    check_files(job)
    few = UPDATES * job.work.recipe.batch_size
    prepare_process()
    (trial,) = resumed(list(prepared_together([job], few)))
    limit = min(UPDATES, trial.size.steps)
    tracer = Tracer(trial, max(1, limit // 2))
    ((_, trained),) = trained_together([trial], lambda lane, seen: None, limit, tracer)
    end = {f"{row.reading} {row.split} {row.metric}": repr(row.value) for row in trained.records}
    state = {**tracer.state, limit: digests(flat(trained.state.tree())) | {"records": _in_one(end)}}
    made = tracer.saved and asdict(tracer.saved)
    return json.dumps({"state": state, "outputs": tracer.outputs, "checkpoint": made})


@dataclass
class Tracer:
    """Notes, from `half` on, the state after every update, and what the modules put out in it."""

    trial: Prepared
    half: int
    state: dict[int, Digests] = field(default_factory=dict)
    outputs: dict[int, Digests] = field(default_factory=dict)
    saved: Checkpoint | None = None
    heard: Digests = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin to listen, where the trial goes on from its half."""
        if self.trial.snapshot:
            self.half = self.trial.snapshot.update
            self._listen()

    def is_due(self, update: int, evaluated: bool) -> bool:
        """Return whether it is noted."""
        return update >= self.half

    def save(self, snapshots: Mapping[int, Snapshot]) -> None:
        """Note it; halfway, write it into a file."""
        (snapshot,) = snapshots.values()
        noted = {**flat(snapshot.state.tree()), **_named("running", snapshot.running)}
        self.state[snapshot.update] = digests({**noted, **_named("best", snapshot.best or {})})
        self.outputs[snapshot.update] = dict(self.heard)
        self.heard.clear()
        if snapshot.update == self.half:
            self.saved = written(self.trial, snapshot)
            self._listen()

    def _listen(self) -> None:
        # Other engines recognise a model by its calls, and hear nothing of its modules.
        if self.trial.job.arithmetic.engine == "plain":
            for path, module in self.trial.program.train_model.named_modules():
                module.register_forward_hook(Heard(path or "model", self.heard))


@dataclass
class Heard:
    """Notes the output of one module under its path, that of its first call in an update.

    An object, so that the copy of a model has its own.
    """

    path: str
    seen: Digests

    def __call__(self, module: nn.Module, given: object, output: object) -> None:
        """Note it, where it is a tensor whose numbers can be read."""
        if isinstance(output, Tensor) and self.path not in self.seen:
            try:
                self.seen[self.path] = digest(output)
            except (RuntimeError, TypeError, NotImplementedError):
                return  # inside a transform a tensor has no numbers


def digests(tensors: Mapping[str, Tensor]) -> Digests:
    """Return by name a few digits for the bits of each tensor."""
    return {name: digest(value) for name, value in tensors.items()}


def digest(value: Tensor) -> str:
    """Return a few digits for the bits of a tensor."""
    whole = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return sha256(whole.numpy().tobytes()).hexdigest()[:16]


def _named(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{part}|{name}": value for name, value in tensors.items()}


def _in_one(words: Mapping[str, str]) -> str:
    return sha256(repr(sorted(words.items())).encode()).hexdigest()[:16]
