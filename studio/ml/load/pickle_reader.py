"""Reads network pickles without running them: tensors and plain values come out, the rest stays empty shells."""

import io
import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

# What a damaged or hostile pickle can make the reader raise; nothing of it is a bug of ours.
BROKEN = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    ValueError,
    TypeError,
    LookupError,
    ImportError,
    ArithmeticError,
    AssertionError,
    MemoryError,
    RecursionError,
    RuntimeError,
    struct.error,
)


class Shell:
    """Stands for an object of any class: keeps what the pickle says of it and can do nothing."""

    module = ""
    name = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args: tuple[Any, ...] = args or tuple(kwargs.items())
        self.state: Any = None
        self.items: dict[Any, Any] = {}

    def __new__(cls, *_args: Any, **_kwargs: Any) -> "Shell":
        shell = super().__new__(cls)
        shell.args, shell.state, shell.items = (), None, {}
        return shell

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items[key] = value

    def append(self, value: Any) -> None:
        self.items[len(self.items)] = value

    def extend(self, values: list[Any]) -> None:
        for value in values:
            self.append(value)


class Rebuilt(Shell):
    """An object saved through `torch_utils.persistence`: `class_name` and its attributes."""

    @property
    def meta(self) -> dict[Any, Any]:
        """The dictionary that the object was saved as."""
        first = self.args[0] if self.args else None
        if isinstance(first, Shell):  # an EasyDict
            return first.items
        return first if isinstance(first, dict) else {}

    @property
    def class_name(self) -> str:
        return str(self.meta.get("class_name", ""))

    @property
    def attributes(self) -> dict[Any, Any]:
        state = self.meta.get("state")
        return state if isinstance(state, dict) else {}

    def part(self, kind: str) -> dict[str, Any]:
        """`_parameters`, `_buffers` or `_modules`."""
        found = self.attributes.get(kind)
        return found if isinstance(found, dict) else {}


class Reader(pickle.Unpickler):
    """An unpickler that knows a few containers and tensors by name, imports nothing and makes shells of the rest."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        super().__init__(file)
        self.seen: set[tuple[str, str]] = set()  # every class or function that the pickle names

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        self.seen.add((module_name, global_name))
        known: dict[tuple[str, str], Callable[..., Any] | type] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): self.tensor,
            ("torch._utils", "_rebuild_parameter"): self.parameter,
            ("torch.storage", "_load_from_bytes"): self.storage,
            ("numpy.core.multiarray", "scalar"): self.scalar,
            ("numpy._core.multiarray", "scalar"): self.scalar,
        }
        if (module_name, global_name) in known:
            return known[module_name, global_name]
        # A class of its own each time: a pickle can write into the classes it is given.
        kind = (
            Rebuilt
            if (module_name, global_name) == ("torch_utils.persistence", "_reconstruct_persistent_obj")
            else Shell
        )
        return type("Shell", (kind,), {"module": module_name, "name": global_name})

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError(f"a reference to something outside the file: {pid!r}")

    @staticmethod
    def storage(data: bytes) -> torch.UntypedStorage | torch.TypedStorage:
        loaded = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
        if not isinstance(loaded, torch.UntypedStorage | torch.TypedStorage):
            raise pickle.UnpicklingError("a tensor without numbers")
        return loaded

    @staticmethod
    def tensor(storage: Any, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_rest: Any) -> Tensor:
        if not isinstance(storage, torch.TypedStorage):
            raise pickle.UnpicklingError("a tensor without a type")
        numbers: torch.UntypedStorage = storage._untyped_storage
        count = numbers.nbytes() // storage.dtype.itemsize
        last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
        if offset < 0 or min((*size, *stride, 0)) < 0 or (0 not in size and last >= count):
            raise pickle.UnpicklingError("a tensor that reaches beyond its numbers")
        flat = torch.empty(0, dtype=storage.dtype).set_(numbers)
        return flat.as_strided(size, stride, offset).clone()

    @staticmethod
    def parameter(data: Any, *_rest: Any) -> Any:
        return data

    @staticmethod
    def scalar(dtype: Any, data: Any = b"") -> Any:
        """A numpy number as a Python number."""
        code = dtype.args[0] if isinstance(dtype, Shell) and dtype.args else None
        if code in ("f4", "f8", "i4", "i8", "b1") and isinstance(data, bytes):
            return np.frombuffer(data, dtype=code).item()
        return None


def read_pickle(path: Path) -> tuple[Any, set[tuple[str, str]]]:
    """What the file holds, and all classes and functions it names. Raises one of BROKEN when it is damaged."""
    with path.open("rb") as file:
        reader = Reader(file)
        return reader.load(), reader.seen


def tensors_of(module: Rebuilt, prefix: str = "") -> dict[str, Tensor]:
    """All parameters and buffers below `module`, named as its state dictionary names them."""
    found: dict[str, Tensor] = {}
    for kind in ("_parameters", "_buffers"):
        for name, value in module.part(kind).items():
            if isinstance(value, Tensor):
                found[f"{prefix}{name}"] = value
    for name, child in module.part("_modules").items():
        if isinstance(child, Rebuilt):
            found.update(tensors_of(child, f"{prefix}{name}."))
    return found


def attribute(module: Rebuilt, path: str, name: str, otherwise: Any = None) -> Any:
    """The attribute `name` of the module at `path` below `module` ("synthesis.b4.conv1")."""
    found: Any = module
    for step in path.split("."):
        found = found.part("_modules").get(step) if isinstance(found, Rebuilt) else None
    return found.attributes.get(name, otherwise) if isinstance(found, Rebuilt) else otherwise
