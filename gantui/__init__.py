"""gantui: train a GAN, watch it and steer it, in a terminal."""

__version__ = "0.1.0"
