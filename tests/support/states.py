"""States of trials on their way, as files hold them, for tests that interrupt and resume."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hikaku.training.loop import train
from hikaku.training.saving import NEVER, Saving
from hikaku.training.snapshot import Snapshot, decode, encode
from hikaku.training.stack import Stack, Start, Trained


@dataclass
class Files:
    """Saves every lane at these updates, as the content of files."""

    at: tuple[int, ...]
    content: dict[int, dict[int, bytes]] = field(default_factory=dict)
    taken: dict[int, dict[int, Snapshot]] = field(default_factory=dict)

    def is_due(self, update: int, evaluated: bool) -> bool:
        return update in self.at

    def save(self, snapshots: Mapping[int, Snapshot]) -> None:
        update = next(iter(snapshots.values())).update
        self.content[update] = {n: encode(one, f"{n}", "here") for n, one in snapshots.items()}
        self.taken[update] = dict(snapshots)

    def resumed(self, starts: Sequence[Start], update: int) -> Iterator[tuple[int, Start]]:
        """The trials that were still on their way, by lane, as they go on."""
        for lane, content in self.content[update].items():
            first, records = starts[lane].state, self.taken[update][lane].records
            found = decode(content, f"{lane}", "here", first, records)
            yield lane, replace(starts[lane], snapshot=found)


def ended(
    make: Callable[[Sequence[Start]], Stack], starts: Sequence[Start], saving: Saving = NEVER
) -> dict[int, Trained]:
    """What each of these trials leaves, by lane."""
    return dict(train(make(starts), starts, lambda lane, seen: None, saving=saving))
