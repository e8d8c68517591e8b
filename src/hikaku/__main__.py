"""`python -m hikaku`: the command line.

Python then looks for every module in the working folder first, where a `random.py` of the user's
may lie. The command `hikaku` does not look there, and so this does not either.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path and not __file__.startswith(sys.path[0]):
    del sys.path[0]

from hikaku.cli import main

if __name__ == "__main__":
    main()
