"""The named data sets: where each comes from, under which licence, and how its files are read.

The entries are literals, so that the catalogue can list them without running this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hikaku.data.named import (
    Samples,
    read_breast_cancer,
    read_california_housing,
    read_cifar10,
    read_cifar100,
    read_diabetes,
    read_digits,
    read_mnist,
    read_svhn,
    read_wine,
)
from hikaku.data.task import Kind, Progress, Task
from hikaku.errors import DataError
from hikaku.study.nearest import suggest
from hikaku.words import Message, message


@dataclass(frozen=True)
class Builtin:
    """One named data set.

    `source` is the address under which each of `files` (name to checksum, "md5:…" or "sha256:…")
    is found; a set that comes inside an installed distribution names that as `package` and has
    no files. `also` names folders under `HIKAKU_DATA` that hold the set in other files. `read` is
    given the files' paths in the order of `files`. `classes` is 0 for regression; `names` are the
    classes', where neither they nor the files are numbers; `official_test` says whether there is
    such a set; `scale` and `standardize` are as in `Task`.
    """

    name: str
    summary: str
    source: str
    licence: str
    kind: Kind
    classes: int
    official_test: bool
    read: Callable[[tuple[Path, ...]], Samples]
    scale: float = 1.0
    standardize: bool = False
    names: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    package: str = ""
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def task(self, files: tuple[Path, ...], progress: Progress | None = None) -> Task:
        """Return the data set that these files hold; `progress` hears of samples decoded."""
        if progress:
            progress(self.name, 0, 0)
        found = self.read(files)
        return Task(
            name=self.name,
            inputs=found.inputs,
            targets=found.targets,
            kind=self.kind,
            classes=found.names or self.names or tuple(map(str, range(self.classes))),
            official_test=found.official_test,
            scale=self.scale,
            columns=found.columns,
            standardize=self.standardize,
            notes=() if self.is_original(files) else (other_pixels(files[0].parent.name),),
        )

    def is_original(self, files: tuple[Path, ...]) -> bool:
        """Return whether these are the set's own files, and none of those of `also`."""
        return not self.files or files[0].name.removesuffix(".gz") in {
            name.removesuffix(".gz") for name in self.files
        }


def stood_in(notes: Iterable[Message]) -> tuple[str, ...]:
    """Return the files that such notes tell of, each by the name of its folder."""
    own = other_pixels("").id
    return tuple(str(dict(note.values)["files"]) for note in notes if note.id == own)


def other_pixels(files: str) -> Message:
    """Return the note of a data set that was read from other files than its source's."""
    return message("the pixels are not the original's: read from {files}", files=files)


DIGITS = Builtin(
    name="digits",
    summary="1,797 handwritten digits, 8 × 8 grey, that come inside scikit-learn",
    source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998",
    licence="CC BY 4.0",
    kind="classification",
    classes=10,
    official_test=False,
    scale=16.0,
    package="scikit-learn",
    read=read_digits,
)

MNIST = Builtin(
    name="mnist",
    summary="60,000 + 10,000 handwritten digits, 28 × 28 grey, LeCun, Cortes and Burges, 1998",
    source="https://ossci-datasets.s3.amazonaws.com/mnist/",
    licence="CC BY-SA 3.0",
    kind="classification",
    classes=10,
    official_test=True,
    scale=255.0,
    files={
        "train-images-idx3-ubyte.gz": "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte.gz": "md5:d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte.gz": "md5:9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte.gz": "md5:ec29112dd5afa0611ce80d1b7f02629c",
    },
    read=read_mnist,
)

FASHION_MNIST = Builtin(
    name="fashion-mnist",
    summary="60,000 + 10,000 pieces of clothing, 28 × 28 grey, H. Xiao et al., 2017",
    source="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    licence="MIT",
    kind="classification",
    classes=10,
    official_test=True,
    scale=255.0,
    names=(
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
    files={
        "train-images-idx3-ubyte.gz": "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte.gz": "md5:25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte.gz": "md5:bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte.gz": "md5:bb300cfdad3c16e7a12a480ee83cd310",
    },
    read=read_mnist,
)  # fmt: skip  # the names in two rows

KMNIST = Builtin(
    name="kmnist",
    summary="60,000 + 10,000 cursive hiragana, 28 × 28 grey, T. Clanuwat et al., 2018",
    source="http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    licence="CC BY-SA 4.0",
    kind="classification",
    classes=10,
    official_test=True,
    scale=255.0,
    names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    files={
        "train-images-idx3-ubyte.gz": "md5:bdb82020997e1d708af4cf47b453dcf7",
        "train-labels-idx1-ubyte.gz": "md5:e144d726b3acfaa3e44228e80efcd344",
        "t10k-images-idx3-ubyte.gz": "md5:5c965bf0a639b31b8f53240b1b52f4d7",
        "t10k-labels-idx1-ubyte.gz": "md5:7320c461ea6c1c855c0b718fb2a4b134",
    },
    read=read_mnist,
)

CIFAR10 = Builtin(
    name="cifar10",
    summary="50,000 + 10,000 colour photographs, 32 × 32, of ten classes, A. Krizhevsky, 2009",
    source="https://www.cs.toronto.edu/~kriz/",
    licence="none stated; published for research",
    kind="classification",
    classes=10,
    official_test=True,
    scale=255.0,
    files={"cifar-10-binary.tar.gz": "md5:c32a1d4ab5d03f1284b67883e8d87530"},
    also={"cifar10-jpeg": ("train.parquet", "test.parquet")},
    read=read_cifar10,
)

CIFAR100 = Builtin(
    name="cifar100",
    summary="50,000 + 10,000 colour photographs, 32 × 32, of 100 classes, A. Krizhevsky, 2009",
    source="https://www.cs.toronto.edu/~kriz/",
    licence="none stated; published for research",
    kind="classification",
    classes=100,
    official_test=True,
    scale=255.0,
    files={"cifar-100-binary.tar.gz": "md5:03b5dce01913d631647c71ecec9e9cb8"},
    read=read_cifar100,
)

SVHN = Builtin(
    name="svhn",
    summary="73,257 + 26,032 digits of house numbers, 32 × 32 colour, Y. Netzer et al., 2011",
    source="http://ufldl.stanford.edu/housenumbers/",
    licence="for non-commercial use only",
    kind="classification",
    classes=10,
    official_test=True,
    scale=255.0,
    files={
        "train_32x32.mat": "md5:e26dedcc434d2e4c54c9b2d4a06d8373",
        "test_32x32.mat": "md5:eb5a983be6a315427106f1b164d9cef3",
    },
    read=read_svhn,
)

BREAST_CANCER = Builtin(
    name="breast-cancer",
    summary="569 breast tumours, 30 measurements of their cells' nuclei, inside scikit-learn",
    source="W. Wolberg, O. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin "
    "(Diagnostic), UCI, 1995",
    licence="CC BY 4.0",
    kind="classification",
    classes=2,
    official_test=False,
    standardize=True,
    package="scikit-learn",
    read=read_breast_cancer,
)

WINE = Builtin(
    name="wine",
    summary="178 wines of three cultivars, 13 chemical measurements, inside scikit-learn",
    source="S. Aeberhard and M. Forina, Wine, UCI, 1992",
    licence="CC BY 4.0",
    kind="classification",
    classes=3,
    official_test=False,
    standardize=True,
    package="scikit-learn",
    read=read_wine,
)

DIABETES = Builtin(
    name="diabetes",
    summary="442 patients, 10 measurements; the disease a year later, inside scikit-learn",
    source="B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least Angle Regression, 2004",
    licence="none stated; published with the article",
    kind="regression",
    classes=0,
    official_test=False,
    standardize=True,
    package="scikit-learn",
    read=read_diabetes,
)

CALIFORNIA_HOUSING = Builtin(
    name="california-housing",
    summary="20,640 blocks of houses, 8 measurements; their median value, Pace and Barry, 1997",
    # The address ends with a number; what follows # is asked of no server, and names the file.
    source="https://ndownloader.figshare.com/files/5976036#",
    licence="none stated; published by StatLib",
    kind="regression",
    classes=0,
    official_test=False,
    standardize=True,
    files={
        "cal_housing.tgz": "sha256:aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681"
    },
    read=read_california_housing,
)

BUILTINS = {
    entry.name: entry
    for entry in (
        DIGITS, MNIST, FASHION_MNIST, KMNIST, CIFAR10, CIFAR100, SVHN,
        BREAST_CANCER, WINE, DIABETES, CALIFORNIA_HOUSING,
    )
}  # fmt: skip  # images, then tables


def kind(written: object) -> Kind:
    """Return a kind of targets that a study holds as plain text."""
    return "regression" if written == "regression" else "classification"


def find(name: str) -> Builtin:
    """Return the data set of this name; DataError, with the nearest name, where there is none."""
    if name in BUILTINS:
        return BUILTINS[name]
    raise DataError.of(
        suggest(message("there is no data set '{name}'.", name=name[:60]), name, BUILTINS),
        mend=message("one of: {names}", names=", ".join(BUILTINS)),
    )
