"""How our loops become machine code: by numba, on first use, kept on disk where that can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast
from zlib import crc32

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., object])

FILES = sorted(Path(__file__).parent.rglob("*.py"))
MADE = crc32(b"".join(file.read_bytes() for file in FILES))
"""What the files of the loops say, as a number.

For numba keeps machine code until the file of the loop itself changes, and not what it calls.
"""


def compiled(loop: Loop) -> Loop:
    """Return `loop` compiled for the kinds of arrays that it meets, in the order it is written.

    Floating-point sums are not reordered, so every processor computes the same bits. The machine
    code is kept beside the source, or in the user's cache folder where that cannot be written;
    where neither can, every process compiles anew.
    """
    # What numba keeps of one name it tells apart by a table, which two processes may write at once,
    # so loops of other files, and those that close over other numbers, have other names.
    cells = [cell.cell_contents for cell in loop.__closure__ or ()]
    # By anything else numba would never find them again, and compile them in each process.
    assert all(isinstance(value, int) for value in cells), cells
    kept = [str(value) for value in (MADE, *cells)]
    loop.__qualname__ = "-".join([loop.__qualname__, *kept])
    try:
        return cast(Loop, njit(loop, nogil=True, cache=True))
    except RuntimeError:
        return cast(Loop, njit(loop, nogil=True))
