"""`python -m hikaku`: the command line.

Python then looks for every module in the working folder first, where a `random.py` of the user's
may lie. The command `hikaku` does not look there, and so this does not either.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path and not __file__.startswith(sys.path[0]):
    del sys.path[0]

from hikaku.cli import main
from hikaku.cli.leaving import leave


def command() -> None:
    """Run the command line in a process of its own, and end it."""
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):  # any other Python prints
            leave(end.code or 0)
        raise
    leave(0)


if __name__ == "__main__":
    command()
