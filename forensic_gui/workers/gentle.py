"""Handling something big on a thread beside the window without holding the window up.

Two things hold the interpreter for long while a large library is imported on another thread: the dynamic linker, which
the import system runs under the interpreter lock (about 150 ms for torch), and full collections over the many objects
that the import creates (50 to 150 ms each). Neither is needed there.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TORCH_LIBRARIES = ("torch_global_deps", "c10", "torch_cpu", "torch_python")
"""torch's shared libraries in the order in which its import loads them."""

_PORTION = 1000
_REST_S = 0.001


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection inside; what was made inside is exempt from it afterwards.

    Modules and classes live until the process ends, so looking at them again in every full collection finds nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def empty_gently(*mappings: MutableMapping[Any, Any]) -> None:
    """Throw away many things in portions: to free them all at once holds the interpreter for longer than a frame."""
    for mapping in mappings:
        while mapping:
            for _ in range(min(_PORTION, len(mapping))):
                mapping.popitem()
            time.sleep(_REST_S)


def load_shared_libraries(package: str, names: Sequence[str], *, platform: str = sys.platform) -> int:
    """Load shared libraries from a package's `lib` folder with the interpreter lock released.

    The package's own import then finds them loaded. Nothing is lost where one cannot be loaded: the import will try
    again and say what is missing. On Windows nothing is done, for torch loads its libraries in this way there itself.

    Args:
        package: name of an installed package; it is not imported.
        names: library names without prefix and suffix, in order; the first is made visible to all later ones.
        platform: `sys.platform` of this machine.

    Returns:
        How many were loaded.
    """
    spec = None if platform == "win32" else importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return 0
    folder = Path(spec.submodule_search_locations[0]) / "lib"
    suffix = ".dylib" if platform == "darwin" else ".so"
    load = _dynamic_linker()
    for count, name in enumerate(names):
        visible = os.RTLD_GLOBAL if count == 0 else os.RTLD_LOCAL
        if not load(os.fsencode(folder / f"lib{name}{suffix}"), os.RTLD_NOW | visible):
            return count
    return len(names)


def _dynamic_linker() -> Callable[[bytes, int], int | None]:
    """The C library's dlopen: called through ctypes it runs without the interpreter lock, unlike an import."""
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    dlopen.restype = ctypes.c_void_p
    opened: Callable[[bytes, int], int | None] = dlopen
    return opened
