"""Arrays in .npz files that come from elsewhere: no pickles, no surprises in size."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from gantui.runs.files import read_bounded, write_atomic

if TYPE_CHECKING:  # importing numpy costs 50 ms, which a reader of the log needn't pay
    import numpy as np

MAX_BYTES = 256 << 20


def write_npz(path: Path, arrays: "dict[str, np.ndarray]", *, durable: bool = False) -> None:
    """Replace `path` by an uncompressed .npz of `arrays`. Raises OSError."""
    write_atomic(path, to_npz(arrays), durable=durable)


def to_npz(arrays: "dict[str, np.ndarray]") -> memoryview:
    """Return `arrays` as an uncompressed .npz."""
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getbuffer()


def read_npz(path: Path) -> "dict[str, np.ndarray] | None":
    """Return the arrays in `path`; None if it is missing, damaged, over 256 MiB or holds Python objects."""
    import numpy as np

    try:
        data = read_bounded(path, MAX_BYTES)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                return None
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, MemoryError, OverflowError):
        return None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, SyntaxError, TypeError):
        return None  # what zipfile and numpy make of damaged headers
