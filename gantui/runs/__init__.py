"""Runs as files and processes: a run is a directory that one trainer writes and everyone else reads."""
