"""Pickles that mean harm, byte by byte: each wants to run `touch CANARY`, or to take all time or memory."""

import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

FACADE = b"\x80\x02}X\x05\x00\x00\x00G_ema"
"""The beginning of a dictionary with an averaged generator; the generator and "s." belong behind it."""
PERSISTENT = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n"


def _text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def programs(canary: Path) -> dict[str, bytes]:
    """Pickles that call something, in all the ways in which a pickle can."""
    line = f"touch {canary}"
    code, short = _text(f"open({str(canary)!r}, 'w').close()"), _text(line)

    class Call:
        def __init__(self, module: str = "os", name: str = "system") -> None:
            self.what = getattr(__import__(module), name)

        def __reduce__(self) -> tuple[object, tuple[str]]:
            return self.what, (line,)

    found = {
        "GLOBAL and REDUCE": b"\x80\x02cos\nsystem\n" + short + b"\x85R.",
        "GLOBAL in text": b"cos\nsystem\n(S'" + line.encode() + b"'\ntR.",
        "STACK_GLOBAL": b"\x80\x04" + _text("os") + _text("system") + b"\x93" + short + b"\x85R.",
        "STACK_GLOBAL with a path": b"\x80\x04" + _text("os") + _text("path.os.system") + b"\x93" + short + b"\x85R.",
        "INST": b"(S'" + line.encode() + b"'\nios\nsystem\n.",
        "OBJ": b"(cos\nsystem\n" + short + b"o.",
        "NEWOBJ": b"\x80\x02csubprocess\nPopen\n(" + _text("touch") + _text(str(canary)) + b"l\x85\x81.",
        "NEWOBJ_EX": b"\x80\x04csubprocess\nPopen\n)}" + _text("args") + short + b"s" + _text("shell") + b"\x88s\x92.",
        "BUILD": b"\x80\x02cstudio.ml.load.gan\nload_generator\n}" + _text("__code__") + short + b"sb.",
        "BUILD with slots": b"\x80\x02ccollections\nOrderedDict\nN}" + _text("get") + short + b"s\x86b.",
        "eval": b"\x80\x02cbuiltins\neval\n" + code + b"\x85R.",
        "exec": b"\x80\x02cbuiltins\nexec\n" + code + b"\x85R.",
        "getattr": b"\x80\x02cbuiltins\ngetattr\ncos\nsystem\n" + _text("__call__") + b"\x86R" + short + b"\x85R.",
        "torch.load": b"\x80\x02ctorch.storage\n_load_from_bytes\nC" + bytes([len(_inner(line))]) + _inner(line)
        + b"\x85R.",
        "runpy": b"\x80\x02crunpy\n_run_code\n" + code + b"}\x86R.",
        "EXT1": b"\x80\x02\x82\x01" + short + b"\x85R.",
        "EXT2": b"\x80\x02\x83\x01\x01" + short + b"\x85R.",
        "EXT4": b"\x80\x02\x84\x01\x00\x00\x00" + short + b"\x85R.",
        "PERSID": b"Pos.system\n.",
        "BINPERSID": b"\x80\x02" + short + b"Q.",
    }  # fmt: skip
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        found[f"protocol {protocol}"] = pickle.dumps({"G_ema": Call()}, protocol)
    return found


def _inner(line: str) -> bytes:
    return b"\x80\x02cos\nsystem\n" + _text(line) + b"\x85R."


def behind_facade(program: bytes) -> bytes:
    """The program in the place of the weights of a network of StyleGAN."""
    inner = program.removeprefix(b"\x80\x02").removeprefix(b"\x80\x04").removesuffix(b".")
    state = b"}" + _text("class_name") + _text("Generator") + b"s" + _text("state") + inner + b"s"
    return FACADE + PERSISTENT + state + b"\x85Rs."


def in_zip(program: bytes, name: str = "archive/data.pkl") -> bytes:
    """As torch writes its files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, program)
        archive.writestr(name.replace("data.pkl", "version"), "3\n")
        archive.writestr(name.replace("data.pkl", "byteorder"), "little")
    return file.getvalue()


def in_tar(program: bytes, folder: str = "") -> bytes:
    """As torch wrote its files before 2017."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            part = tarfile.TarInfo(folder + name)
            part.size = len(program)
            archive.addfile(part, io.BytesIO(program))
    return file.getvalue()


def _doubled(times: int, double: bytes = b"2\x86") -> bytes:
    """A tuple of two that are the same tuple of two ..., so deep that nobody can ever look at all of it."""
    return b")" + double * times


def _storage(numbers: int) -> bytes:
    """A call that makes a real storage of so many float32 numbers."""
    import torch

    file = io.BytesIO()
    torch.save(torch.zeros(numbers).untyped_storage(), file, _use_new_zipfile_serialization=False)
    data = file.getvalue()
    return b"ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(data)) + data + b"\x85R"


def _tensor(size: bytes, stride: bytes) -> bytes:
    """A call that makes a tensor of one dimension out of a storage of four numbers."""
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + _storage(4) + b"K\x00" + size + b"\x85" + stride + b"\x85\x89NtR"


def _modules(links: bytes) -> bytes:
    """A module whose children are `links`, a dictionary."""
    state = b"}" + _text("_modules") + links + b"s"
    meta = b"}" + _text("class_name") + _text("Generator") + b"s" + _text("state") + state + b"s"
    return PERSISTENT + meta + b"\x85R"


def _family(generations: int) -> bytes:
    """Each module has the next one twice."""
    program = _modules(b"}")
    for _ in range(generations):
        links = b"q\x010}(" + _text("a") + b"h\x01" + _text("b") + b"h\x01u"
        program = program + links + b"q\x020" + _modules(b"h\x02")
    return program


def _shared(count: int, module: bytes) -> bytes:
    """A module that has the same one so many times."""
    names = b"".join(_text(f"m{number}") + b"h\x01" for number in range(count))
    return module + b"q\x010" + _modules(b"}(" + names + b"u")


def _holding(numbers: bytes) -> bytes:
    """A module whose parameters are `numbers`, a dictionary."""
    meta = b"}" + _text("state") + b"}" + _text("_parameters") + numbers + b"ss"
    return PERSISTENT + meta + b"\x85R"


BOMBS: dict[str, Callable[[], bytes]] = {
    "a memo of 2^31 places": lambda: b"\x80\x02Nr\xff\xff\xff\x7f.",
    "a text of 2^40 characters": lambda: b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b"x.",
    "bytes of 2^62": lambda: b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b"x.",
    "a bytearray of 2^33": lambda: b"\x80\x05\x96" + struct.pack("<Q", 2**33) + b"x.",
    "a frame of 2^40": lambda: b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b"N.",
    "a number of 2^31 bytes": lambda: b"\x80\x02\x8b\xff\xff\xff\x7f\x01.",
    "a number of a million digits": lambda: b"L" + b"9" * 1_000_000 + b"L\n.",
    "nothing": lambda: b"",
    "only marks": lambda: b"(" * 30_000_000,
    "thirty million lists": lambda: b"\x80\x02" + b"]" * 30_000_000 + b".",
    "a key that takes for ever": lambda: b"\x80\x02}" + _doubled(60) + b"Ns.",
    "an ordered dictionary with such a key": lambda: b"\x80\x02ccollections\nOrderedDict\n]]" + _doubled(60)
    + b"aNaa\x85R.",
    "a set of such": lambda: b"\x80\x04\x8f(" + _doubled(60) + b"\x90.",
    "a list within itself": lambda: b"\x80\x02]q\x00h\x00a.",
    "a name of such": lambda: b"\x80\x02" + _doubled(60) + b"q\x000" + FACADE[2:] + PERSISTENT + b"}"
    + _text("class_name") + b"h\x00s\x85Rs.",
    "a reference of such": lambda: b"\x80\x02" + _doubled(60) + b"Q.",
    "lists 200,000 deep": lambda: b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b".",
    "each module twice": lambda: FACADE + _family(60) + b"s.",
    "a module within itself": lambda: FACADE + PERSISTENT + b"}q\x00" + b"\x85Rq\x010h\x00" + _text("state") + b"}"
    + _text("_modules") + b"}" + _text("a") + b"h\x01sss" + b"0h\x01s.",
    "a tensor of 2^40 numbers of which one is there": lambda: b"\x80\x02" + _tensor(
        b"\x8a\x06" + (2**40).to_bytes(6, "little"), b"K\x00") + b".",
    "a tensor of -1 numbers": lambda: b"\x80\x02" + _tensor(b"J\xff\xff\xff\xff", b"K\x01") + b".",
    "an ordered dictionary of the same long pair": lambda: b"\x80\x02](" + b"N" * 50_000
    + b"eq\x010ccollections\nOrderedDict\n](" + b"h\x01" * 50_000 + b"e\x85R.",
    "the same numbers over and over": lambda: b"\x80\x02" + _storage(250_000)[:-2] + b"q\x0100](" + b"".join(
        b"ctorch.storage\n_load_from_bytes\nh\x01\x85R" for _ in range(2000)) + b"e.",
    "a long name over and over": lambda: FACADE + _shared(4000, _holding(
        b"}" + _text("x" * 1_000_000) + _tensor(b"K\x04", b"K\x01") + b"s")) + b"s.",
    "the same parameters over and over": lambda: FACADE + _shared(4000, _holding(
        b"}(" + b"".join(_text(str(number)) + b"N" for number in range(50_000)) + b"u")) + b"s.",
    "a tensor of half a number": lambda: b"\x80\x02" + _tensor(b"G?\xe0\x00\x00\x00\x00\x00\x00", b"K\x01") + b".",
}  # fmt: skip
