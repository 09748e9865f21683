"""Reads pickles without running them: tensors and plain values come out, the rest stays empty shells.

The machine below knows what each opcode would do and does that only where it is harmless. Nothing is imported, and
nothing that a file names is called but the few builders in `_KNOWN`. A file can't make it take much more time or memory
than its own size: what is read must be there, what is a key is a plain value, and the number of steps is bounded.
"""

import io
import math
import pickle
import pickletools
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import torch
from torch import Tensor

from studio.core.override import override

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
_STEPS = 500_000
"""Opcodes in one pickle. A network of StyleGAN2 has some ten thousand, the largest checkpoints a hundred thousand."""
_LINE = 100_000
_DIMENSIONS, _MOST = 64, 2**63
"""Of a tensor and of its numbers: larger ones take minutes to be multiplied."""
DTYPES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
    "UntypedStorage": torch.uint8,
}
LEGACY = (0x1950A86A20F9469CFC6C, 1001)
"""What torch writes before numbers that are not in a zip archive."""


class Name:
    """Stands for a class or function that a pickle names; it can do nothing."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Shell:
    """Stands for an object: keeps what the pickle says of it and can do nothing."""

    __slots__ = ("args", "items", "name", "state")

    def __init__(self, name: Name, args: tuple[Any, ...]) -> None:
        self.name, self.args = name, args
        self.state: Any = None
        self.items: dict[Any, Any] = {}

    @property
    def class_name(self) -> str:
        """What the object was an instance of; "" where that can't be told."""
        first = self.args[0] if self.name.name == "_reconstructor" and self.args else self.name
        return first.name if isinstance(first, Name) else ""

    @property
    def attributes(self) -> dict[Any, Any]:
        """What the object was saved with, by name."""
        return self.state if isinstance(self.state, dict) else {}

    def part(self, kind: str) -> dict[str, Any]:
        """`_parameters`, `_buffers` or `_modules` of a module."""
        found = self.attributes.get(kind)
        return found if isinstance(found, dict) else {}


class Rebuilt(Shell):
    """An object saved through `torch_utils.persistence`: `class_name` and its attributes."""

    __slots__ = ()

    @property
    def meta(self) -> dict[Any, Any]:
        """The dictionary that the object was saved as."""
        first = self.args[0] if self.args else None
        if isinstance(first, Shell):  # an EasyDict
            return first.items
        return first if isinstance(first, dict) else {}

    @property
    @override
    def class_name(self) -> str:
        name = self.meta.get("class_name", "")
        return name if isinstance(name, str) else ""

    @property
    @override
    def attributes(self) -> dict[Any, Any]:
        state = self.meta.get("state")
        return state if isinstance(state, dict) else {}


class Numbers:
    """A storage: numbers of one type, all of which are there."""

    __slots__ = ("flat",)

    def __init__(self, flat: Tensor) -> None:
        self.flat = flat


class _Within:
    """A file that refuses to read more than it holds, before any memory is taken for it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        place = file.tell()
        self.size = file.seek(0, io.SEEK_END)
        file.seek(place)

    def read(self, count: int) -> bytes:
        if not 0 <= count <= self.size - self._file.tell():
            raise pickle.UnpicklingError("cut off")
        return self._file.read(count)

    def readline(self) -> bytes:
        return self._file.readline(_LINE)

    def tell(self) -> int:
        return self._file.tell()


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_PLAIN = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_MARK = object()


class Reader:
    """Reads one pickle from `file`. `persistent`, if given, says what a reference to outside of the pickle is."""

    def __init__(self, file: BinaryIO, persistent: Callable[[Any], Any] | None = None) -> None:
        self.seen: set[tuple[str, str]] = set()  # every class or function that the pickle names
        self._file = _Within(file)
        self._persistent = persistent
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._numbers = 0
        """Bytes of all storages so far."""

    def load(self) -> Any:
        """What the pickle holds. Raises one of BROKEN."""
        for step, (code, value, _) in enumerate(pickletools.genops(cast(BinaryIO, self._file))):
            if step > _STEPS:
                raise pickle.UnpicklingError("too many steps")
            if code.name == "STOP":
                return self._pop()
            self._do(code.name, value)
        raise EOFError

    def _do(self, code: str, value: Any) -> None:  # noqa: C901, PLR0912  one branch for each kind of opcode
        stack = self._stack
        if code in _PLAIN:
            stack.append(value)
        elif code in _CONSTANTS:
            stack.append(_CONSTANTS[code])
        elif code in ("PROTO", "FRAME"):
            pass
        elif code == "MARK":
            stack.append(_MARK)
        elif code in ("PUT", "BINPUT", "LONG_BINPUT"):
            self._memo[value] = self._top()
        elif code == "MEMOIZE":
            self._memo[len(self._memo)] = self._top()
        elif code in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(self._memo[value])
        elif code == "DUP":
            stack.append(self._top())
        elif code == "POP":
            stack.pop()
        elif code == "POP_MARK":
            self._to_mark()
        elif code in _TUPLES:
            stack.append(tuple(self._pop() for _ in range(_TUPLES[code]))[::-1])
        elif code in ("TUPLE", "LIST", "DICT", "FROZENSET", "EMPTY_LIST", "EMPTY_DICT", "EMPTY_SET"):
            stack.append(self._container(code))
        elif code in ("APPEND", "APPENDS", "ADDITEMS", "SETITEM", "SETITEMS"):
            self._fill(code)
        elif code in ("BINPERSID", "PERSID"):
            self._outside(self._pop() if code == "BINPERSID" else value)
        else:
            self._object(code, value)

    def _container(self, code: str) -> Any:
        if code.startswith("EMPTY"):
            return {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": set}[code]()
        items = self._to_mark()
        if code == "DICT":
            return _pairs(items)
        return tuple(items) if code == "TUPLE" else items if code == "LIST" else frozenset(map(_key, items))

    def _fill(self, code: str) -> None:
        """Put items into the container below them."""
        count = {"APPEND": 1, "SETITEM": 2}.get(code)
        items = [self._pop() for _ in range(count)][::-1] if count else self._to_mark()
        target = self._top()
        if code.startswith("SETITEM"):
            (target.items if isinstance(target, Shell) else _of(dict, target)).update(_pairs(items))
        elif code == "ADDITEMS":
            _of(set, target).update(map(_key, items))
        elif isinstance(target, Shell):
            target.items.update(enumerate(items, len(target.items)))
        else:
            _of(list, target).extend(items)

    def _object(self, code: str, value: Any) -> None:
        stack = self._stack
        if code == "GLOBAL":
            stack.append(self._name(*value.split(" ", 1)))
        elif code == "STACK_GLOBAL":
            name, module = self._pop(), self._pop()
            stack.append(self._name(_of(str, module), _of(str, name)))
        elif code in ("REDUCE", "NEWOBJ"):
            args = self._pop()
            stack.append(self._made(self._pop(), args))
        elif code == "NEWOBJ_EX":
            named, args = _of(dict, self._pop()), self._pop()
            stack.append(self._made(self._pop(), args or tuple(named.items())))
        elif code == "INST":
            args = tuple(self._to_mark())
            stack.append(self._made(self._name(*value.split(" ", 1)), args))
        elif code == "OBJ":
            what, *rest = self._to_mark()
            stack.append(self._made(what, tuple(rest)))
        elif code == "BUILD":
            state = self._pop()
            if isinstance(shell := self._top(), Shell):
                shell.state = state  # of anything else it could change what it is
        else:  # EXT1, EXT2, EXT4: names by number; BYTEARRAY8, NEXT_BUFFER, READONLY_BUFFER: nobody saves models so
            raise pickle.UnpicklingError(f"what no model needs: {code}")

    def _name(self, module: str, name: str) -> Name:
        self.seen.add((module, name))
        return Name(module, name)

    def _made(self, what: Any, args: Any) -> Any:
        name, args = _of(Name, what), _of(tuple, args)
        if build := _KNOWN.get((name.module, name.name)):
            made = build(*args)
            self._numbers += made.flat.nbytes if isinstance(made, Numbers) else 0
            if self._numbers > self._file.size:
                raise pickle.UnpicklingError("the same numbers over and over")
            return made
        kind = Rebuilt if (name.module, name.name) == _REBUILT else Shell
        return kind(name, args)

    def _outside(self, reference: Any) -> None:
        if self._persistent is None:
            raise pickle.UnpicklingError("a reference to something outside the file")
        self._stack.append(self._persistent(reference))

    def _pop(self) -> Any:
        value = self._stack.pop()
        if value is _MARK:
            raise pickle.UnpicklingError("unexpected MARK")
        return value

    def _top(self) -> Any:
        value = self._stack[-1]
        if value is _MARK:
            raise pickle.UnpicklingError("unexpected MARK")
        return value

    def _to_mark(self) -> list[Any]:
        items: list[Any] = []
        while (value := self._stack.pop()) is not _MARK:
            items.append(value)
        return items[::-1]


def _of(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise pickle.UnpicklingError(f"{type(value).__name__} in the place of {kind.__name__}")
    return value


def _key(value: Any) -> Any:
    """A key. Tuples within tuples, the same ones again and again, take for ever to be hashed."""
    parts = value if isinstance(value, tuple) else (value,)
    if not all(part is None or isinstance(part, str | bytes | int | float) for part in parts):
        raise pickle.UnpicklingError("a key that is no plain value")
    return value


def _pairs(items: list[Any]) -> dict[Any, Any]:
    return {_key(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


# -- what a pickle may have built ----------------------------------------------------------------------------------


def _ordered(pairs: Any = ()) -> dict[Any, Any]:
    found = {}
    for pair in _of(list | tuple, pairs):  # type: ignore[arg-type]
        key, value = pair
        found[_key(key)] = value
    return found


def _storage(data: Any) -> Numbers:
    """The numbers in `data`, as `torch.save` wrote a single storage before it knew zip archives."""
    file = io.BytesIO(_of(bytes, data))
    if tuple(Reader(file).load() for _ in LEGACY) != LEGACY:
        raise pickle.UnpicklingError("a storage in an unknown form")
    Reader(file).load()  # of which kind the computer was: torch itself reads little-endian numbers only
    _, kind, key, _, count, *_ = _of(tuple, Reader(file, lambda reference: reference).load())
    if Reader(file).load() != [key]:
        raise pickle.UnpicklingError("a storage that is not there")
    dtype, (written,) = DTYPES[_of(Name, kind).name], struct.unpack("<q", file.read(8))
    if written != count or written * dtype.itemsize > len(data) - file.tell():
        raise pickle.UnpicklingError("a storage that is cut off")
    numbers = bytearray(file.read(written * dtype.itemsize))
    return Numbers(torch.frombuffer(numbers, dtype=dtype) if numbers else torch.empty(0, dtype=dtype))


def _tensor(storage: Any, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_rest: Any) -> Tensor:
    flat: Tensor = _of(Numbers, storage).flat
    if len(size) > _DIMENSIONS or not all(0 <= number < _MOST for number in (offset, *size, *stride)):
        raise pickle.UnpicklingError("a tensor that no memory can hold")
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    if 0 not in size and last >= len(flat):
        raise pickle.UnpicklingError("a tensor that reaches beyond its numbers")
    if math.prod(size) > len(flat):
        raise pickle.UnpicklingError("a tensor of more numbers than there are")
    return flat.as_strided(size, stride, offset)


def _parameter(data: Any, *_rest: Any) -> Any:
    return data


def _scalar(dtype: Any, data: Any = b"") -> Any:
    """A numpy number as a Python number."""
    code = dtype.args[0] if isinstance(dtype, Shell) and dtype.args else None
    if isinstance(code, str) and code in ("f4", "f8", "i4", "i8", "b1") and isinstance(data, bytes):
        return np.frombuffer(data, dtype=code).item()
    return None


_REBUILT = ("torch_utils.persistence", "_reconstruct_persistent_obj")
_KNOWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): _ordered,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
    ("torch.storage", "_load_from_bytes"): _storage,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
}


def read_pickle(path: Path) -> tuple[Any, set[tuple[str, str]]]:
    """What the file holds, and all classes and functions it names. Raises one of BROKEN when it is damaged."""
    with path.open("rb") as file:
        reader = Reader(file)
        return reader.load(), reader.seen
