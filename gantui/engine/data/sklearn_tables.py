"""Tables that come with scikit-learn: measurements as numbers, and a class, which is a category."""

import csv
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import build, table, typed
from gantui.engine.data.dataset import Data

WINE = (
    "alcohol",
    "malic_acid",
    "ash",
    "alcalinity_of_ash",
    "magnesium",
    "total_phenols",
    "flavanoids",
    "nonflavanoid_phenols",
    "proanthocyanins",
    "color_intensity",
    "hue",
    "od280/od315_of_diluted_wines",
    "proline",
    "class",
)
CELL = ("radius", "texture", "perimeter", "area", "smoothness")
OUTLINE = ("compactness", "concavity", "concave points", "symmetry", "fractal dimension")
BREAST_CANCER = (
    *(f"mean {name}" for name in CELL + OUTLINE),
    *(f"{name} error" for name in CELL + OUTLINE),
    *(f"worst {name}" for name in CELL + OUTLINE),
    "class",
)


def wine(request: build.Request) -> Data:
    """Return 178 Italian wines, 13 measurements and the grower as a class (Forina et al. 1991)."""
    return _load(request, "wine", "wine_data.csv", WINE)


def breast_cancer(request: build.Request) -> Data:
    """Return 569 tumours, 30 measurements of cell nuclei and the diagnosis (Street, Wolberg and Mangasarian 1993)."""
    return _load(request, "breast_cancer", "breast_cancer.csv", BREAST_CANCER)


def file(request: build.Request, name: str) -> Path:
    """Return a file of scikit-learn's data. Raises DataError without scikit-learn."""
    spec = find_spec("sklearn")  # finds the package without importing it, which takes seconds
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, "datasets", "data", name)
        if path.is_file():
            return path
    raise DataError(f"{request.label}: comes with scikit-learn, which is not installed")


def _load(request: build.Request, name: str, source: str, header: tuple[str, ...]) -> Data:
    try:
        with file(request, source).open(newline="") as text:
            return table.from_table(request, name, typed.read(_rows(csv.reader(text), header), request.config))
    except DataError as error:
        named = str(error).startswith(request.label)
        raise error if named else DataError(f"{request.label}: {neutralise(error)}") from None


def _rows(lines: "Iterator[list[str]]", header: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The first line of the file says how many rows and numbers there are, and what the classes are called."""
    _, _, *classes = next(lines)
    yield 1, list(header)
    for line, (*numbers, label) in enumerate(lines, 2):
        yield line, [*numbers, classes[int(label)]]
