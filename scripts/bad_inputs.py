"""The corpus of bad inputs: study files, data, weights and names that hikaku must refuse.

    python scripts/bad_inputs.py --count          how many there are of each group
    python scripts/bad_inputs.py --write FOLDER   make all of them, a folder each

Every case is made anew, byte for byte the same each time; tests/bad_input runs them all.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpus import (
    arrays,
    columns,
    packed,
    pickles,
    pictures_of,
    studies,
    study_texts,
    tables,
    weight_files,
)
from corpus.case import Case

KINDS = (
    *(studies, study_texts, packed, arrays, tables, pictures_of, columns),
    *(weight_files, pickles),
)


def cases() -> Iterator[Case]:
    """Yield the whole corpus."""
    for kind in KINDS:
        yield from kind.cases()


def counts() -> Counter[str]:
    """Return the number of cases by group."""
    return Counter(case.group for case in cases())


def main() -> None:
    """Count the corpus, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", action="store_true", help="print the number by group")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="make every case there")
    asked = parser.parse_args()
    if asked.count:
        found = counts()
        for group, number in found.items():
            print(f"{number:6,}  {group}")
        print(f"{found.total():6,}  in all")
    if asked.write:
        for number, case in enumerate(cases()):
            folder = asked.write / f"{number:04}"
            folder.mkdir(parents=True)
            (asked.write / f"{number:04}.txt").write_text(f"{case}\n", encoding="utf-8")
            case.make(folder)


if __name__ == "__main__":
    main()
