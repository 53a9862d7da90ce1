"""gantui: train a GAN, watch it and steer it, in a terminal."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("gantui")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+checkout"
