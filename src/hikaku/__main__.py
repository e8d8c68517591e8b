"""`python -m hikaku`: the command line."""

from hikaku.cli import main

if __name__ == "__main__":
    main()
