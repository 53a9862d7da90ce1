"""What holds for all tests, before any of them is imported."""

import os

# Networks and tables of tests are so small that a second thread costs time, and the more where others are busy too.
# Who asks for threads in particular, as a run does, still gets them.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
