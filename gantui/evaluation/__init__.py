"""Measures of a generator: pure functions of samples. `measure` chooses the ones that fit the data."""
