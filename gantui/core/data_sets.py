"""The data sets with a name, and how one says which data to train on."""

import os

from gantui.core.parts import is_part

NAMED = {
    "gaussian": "1-D Gaussian of mean 4 and std 1.25",
    "mixture": "1-D mixture of three Gaussians of unequal weights",
    "ring": "2-D ring of 8 narrow Gaussians",
    "grid": "2-D grid of 25 narrow Gaussians",
    "swiss_roll": "2-D spiral with noise",
    "grammar": "20,000 arithmetic expressions such as 7*(2+(3-8)), of at most 13 characters",
    "digits": "1,797 handwritten digits, 8×8 grey, built in",
    "digits_inverted": "the same digits, and each of them as a negative: two attributes",
    "wine": "178 wines, 13 measurements and a class: a table with a category, built in",
    "breast_cancer": "569 tumours, 30 measurements, many heavy-tailed, and a class: a table, built in",
    "mnist": "60,000 handwritten digits, 28×28 grey (torchvision)",
    "fashion_mnist": "60,000 pieces of clothing, 28×28 grey (torchvision)",
    "cifar10": "50,000 photographs of 10 classes, 32×32 RGB (torchvision)",
}


def absolute(data: str) -> str:
    """Return `data` so that it means the same from any folder: names and the user's own as they are, paths absolute.

    What is neither a name nor there nor looks like a path stays as it is: it is a name misspelt.
    """
    path = os.path.expanduser(data)  # noqa: PTH111, Path's own raises on an unknown ~user
    is_path = os.sep in path or os.path.splitext(path)[1] or os.path.exists(path)  # noqa: PTH110, PTH122, likewise
    return data if data in NAMED or is_part(data) or not is_path else os.path.abspath(path)  # noqa: PTH100
