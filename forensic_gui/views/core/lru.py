"""A cache capped in bytes: what was used longest ago goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ByteLru(Generic[K, V]):
    """Keeps values up to a number of bytes; a value larger than that is not kept at all. Not thread-safe."""

    def __init__(self, capacity_bytes: int, *, weigh: Callable[[V], int]) -> None:
        self._capacity_bytes = capacity_bytes
        self._weigh = weigh
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._bytes = 0

    @property
    def bytes_kept(self) -> int:
        """Bytes of all values kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: K) -> bool:
        return key in self._kept

    def get(self, key: K) -> V | None:
        """The value of `key`, now the last one to go; None when it is not kept."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: K, value: V) -> None:
        """Keep `value`, at the price of others."""
        self.discard(key)
        size = self._weigh(value)
        if size > self._capacity_bytes:
            return
        self._kept[key] = (value, size)
        self._bytes += size
        while self._bytes > self._capacity_bytes:
            _, (_, freed) = self._kept.popitem(last=False)
            self._bytes -= freed

    def discard(self, key: K) -> None:
        """Forget `key`, if it is kept."""
        if key in self._kept:
            self._bytes -= self._kept.pop(key)[1]

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0
