"""The GAN and its training: Algorithm 1, objectives, constraints, networks, data, snapshots, telemetry.

Importing this package imports no torch: `engine.process` starts a trainer and only then pays for it.
"""
