"""The models in memory: loaded once, kept within a budget, the least recently used given up first."""

import logging
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from itertools import islice
from types import FunctionType, MethodType, ModuleType
from typing import Any

import torch

from studio.core.engine_config import configured
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml import device, memory
from studio.ml.apart import apart
from studio.ml.load.address import resolve
from studio.ml.quiet import quiet

log = logging.getLogger(__name__)

_Key = tuple[str, str]
SPARE = 0.6
"""Of the free memory: so much may be taken."""
_MOST_LOOKED_AT = 20_000
"""Things that a model's tensors are looked for in."""
_PLAIN = (str, bytes, int, float, bool, type(None), type, FunctionType, MethodType, ModuleType)
"""What holds no tensors of a model."""
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pkl", ".ckpt", ".gguf")


class ModelCache:
    """Implements ``studio.core.context.Models``. Used by one thread only: the one that computes.

    ``budget`` is in bytes; None is what the engine's configuration says, or else 60 % of what is free when the first
    model comes.
    """

    def __init__(self, budget: int | None = None) -> None:
        self._given = self._budget = budget
        self._kept: OrderedDict[_Key, Any] = OrderedDict()
        """The most recently used last."""
        self._sizes: dict[_Key, int] = {}
        self._alive: weakref.WeakValueDictionary[_Key, Any] = weakref.WeakValueDictionary()
        """All that was ever loaded and is still held by somebody: a runner may use what the pool gave up."""
        self._turns: list[set[_Key]] = []
        """What each job has got that has its turn, the outermost first: a frame has one within that of another job."""

    def warm(self) -> dict[str, Any]:
        """Import what the first picture and the first words need, and say what is here."""
        self._budget = self._given  # what was worked out may have been for another configuration
        device.use_cores()
        quiet()
        import transformers  # noqa: F401

        return device.facts()

    def get(self, address: str, load: Callable[[str], Any]) -> Any:
        """What ``load(address)`` gave, the first time or now. Others give way; the one asked for never does."""
        key = (address, f"{load.__module__}.{load.__qualname__}")
        if key not in self._kept:
            self._keep(key, self._alive[key] if key in self._alive else self._load(address, load))
        self._kept.move_to_end(key)
        if self._turns:
            self._turns[-1].add(key)
        self._shrink(self.budget, stay=1)
        return self._kept[key]

    def free(self) -> None:
        """Let go of every model that is no other job's, and give the device its memory back."""
        for key in self._kept.keys() - self._held():
            del self._kept[key], self._sizes[key]
        memory.free_cache()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A job's turn: see ``studio.core.context.Models``."""
        within = apart() if self._turns else nullcontext()
        self._turns.append(set())
        try:
            with within:
                yield
        finally:
            self._turns.pop()

    def _held(self) -> set[_Key]:
        """What the jobs have got within whose turns another one has its own now."""
        return {key for turn in self._turns[:-1] for key in turn}

    def loaded(self) -> dict[str, int]:
        """Address -> bytes of each model in memory, the least recently used first."""
        sizes: dict[str, int] = {}
        for key in self._kept:
            sizes[key[0]] = sizes.get(key[0], 0) + self._sizes[key]
        return sizes

    @property
    def budget(self) -> int:
        """How many bytes the models may take together."""
        if self._budget is None:
            told = configured().memory_mb << 20
            self._budget = told or int(device.memory(device.choose().device)[0] * SPARE)
        return self._budget

    def _load(self, address: str, load: Callable[[str], Any]) -> Any:
        # Room is made before, not after: else the old models and the new one are in memory at the same time.
        size = size_on_disk(address)
        self._shrink(self.budget - size, stay=0)
        if len(self._turns) > 1 and size > SPARE * device.memory(device.choose().device)[0]:
            raise StudioError(
                tr(
                    "There isn't enough memory to open this model alongside the running request. Wait for that to "
                    "finish."
                ),
                "out_of_memory",
            )
        return memory.with_less(
            lambda: load(address), self.free, tr("Close other programs, or choose a smaller model in the Models room.")
        )

    def _keep(self, key: _Key, model: Any) -> None:
        self._kept[key] = model
        self._sizes[key] = size_of(model)
        try:
            self._alive[key] = model
        except TypeError:
            log.debug("%s can't be referred to weakly", type(model))

    def _shrink(self, most: int, stay: int) -> None:
        """Give up the least recently used until the rest takes at most ``most`` bytes or only ``stay`` are left."""
        gave_up = False
        for key in [key for key in list(self._kept)[: len(self._kept) - stay] if key not in self._held()]:
            if sum(self._sizes.values()) <= most:
                break
            del self._kept[key]
            size = self._sizes.pop(key)
            log.info("gave up %s (%d MB)", key[0], size >> 20)
            gave_up = True
        if gave_up:
            memory.free_cache()


def size_on_disk(address: str) -> int:
    """Bytes of the weights' files at ``address``: about what the model will take; 0 if nobody can say."""
    try:
        path = resolve(address)
    except StudioError:
        return 0
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.suffix in _WEIGHTS and file.is_file())


def size_of(model: object) -> int:
    """Bytes of all tensors in ``model``: a module's, a pipeline's, or those in whatever else it is and holds.

    What is shared counts once.
    """
    sizes: dict[int, int] = {}
    for tensor in _tensors(model):
        sizes[tensor.data_ptr()] = max(tensor.nbytes, sizes.get(tensor.data_ptr(), 0))
    return sum(sizes.values())


def _tensors(model: object) -> Iterator[torch.Tensor]:
    """What is nearest first: a tokenizer's words, a million of them perhaps, hide no tensors, and are not all asked."""
    waiting, seen = deque([model]), {id(model)}
    while waiting and len(seen) < _MOST_LOOKED_AT:
        thing = waiting.popleft()
        if isinstance(thing, torch.Tensor):
            yield thing
        elif isinstance(thing, torch.nn.Module):
            yield from thing.parameters()
            yield from thing.buffers()
        else:
            fresh = [part for part in _held_by(thing) if id(part) not in seen and not isinstance(part, _PLAIN)]
            seen.update(map(id, fresh))
            waiting.extend(fresh)


def _held_by(thing: object) -> Iterable[Any]:
    if isinstance(thing, Mapping):
        return islice(thing.values(), _MOST_LOOKED_AT)
    if isinstance(thing, list | tuple | set | frozenset):
        return islice(thing, _MOST_LOOKED_AT)
    parts = getattr(thing, "components", None)
    if isinstance(parts, dict):  # a pipeline of diffusers, or what has one
        return list(parts.values())
    names = (name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()) if hasattr(thing, name))
    return [*getattr(thing, "__dict__", {}).values(), *(getattr(thing, name) for name in names)]
