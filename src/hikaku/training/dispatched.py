"""`DispatchMode`: sees every operation that torch carries out, without loading torch's compiler."""

from __future__ import annotations

from torch.utils._python_dispatch import TorchDispatchMode


class DispatchMode(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
    """torch's mode, left as it is written: `__torch_dispatch__` sees each call.

    torch would keep its compiler out of that method, and load it for that: a second of each run.
    What hikaku watches is never compiled.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()  # type: ignore[no-untyped-call]  # as above

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False
