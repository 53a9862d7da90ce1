"""A run as one self-contained HTML page: no network, no code of the run, nothing of it unescaped."""
