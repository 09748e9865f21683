"""Counting a prompt's tokens with the model's own tokenizer, without torch."""

import functools
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from studio.core.errors import StudioError
from studio.core.offline import go_offline
from studio.families.rules.known import FAMILIES
from studio.files.model_settings import read_settings
from studio.files.reading import LONGEST_OWN, read_file
from studio.models.catalogue import Model

if TYPE_CHECKING:  # it is imported where it counts, in the process that ``serve`` is called in
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)
COUNTED = 8_000
"""Characters that are really counted; the rest is estimated from them, so that typing never waits."""
_ABSURD = 1_000_000
"""Tokenizers without a limit name a number far above this."""
_ROOM = 2 * 1024**3
"""Bytes of memory, the program itself included. A vocabulary of 256,000 words takes 0.3 GB."""
_FILES = ("tokenizer.json", "vocab.json")
_CLIP_BEGIN, _CLIP_END = "<|startoftext|>", "<|endoftext|>"
_CLIP_WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


class Question(msgspec.Struct, frozen=True):
    """How many tokens of ``model`` is ``text``?"""

    model: Model
    text: str


def serve() -> None:
    """Answer each line of stdin, a ``Question`` in JSON, with what ``count_tokens`` says, until stdin ends."""
    go_offline()
    _limit_memory()
    for line in sys.stdin:
        question = msgspec.convert(json.loads(line), Question)
        sys.stdout.write(json.dumps(count_tokens(question.model, question.text)) + "\n")
        sys.stdout.flush()


def _limit_memory() -> None:
    """A tokenizer can make gigabytes of a word; the process dies of it, where the system can see to that."""
    if sys.platform != "linux":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or most > _ROOM:
        resource.setrlimit(resource.RLIMIT_AS, (_ROOM, _ROOM))


def count_tokens(model: Model, text: str) -> tuple[int, int] | None:
    """How many tokens ``text`` takes, begin and end marks included, and the model's limit (0: unknown).

    None when the model has no tokenizer that can be read here.
    """
    folder = _folder(model)
    tokenizer = _tokenizer(folder, _changed(folder)) if folder is not None else None
    if folder is None or tokenizer is None:
        return None
    plain = text[:COUNTED].encode("utf-8", "replace").decode("utf-8")
    try:
        count = len(tokenizer.encode(plain).ids)
    except BaseException as error:
        if not _of_library(error):
            raise
        log.warning("the tokenizer in %s can't be used: %s", folder, error)
        return None
    if len(text) > COUNTED:
        count = round(count * len(text) / COUNTED)
    return count, _limit(model, folder)


def _folder(model: Model) -> Path | None:
    """Where the tokenizer is: of several, the last one, where it feeds an encoder that reads further."""
    path = Path(model.path)
    names = FAMILIES[model.family].tokenizers if model.family in FAMILIES else ()
    there = next((path / name for name in names if (path / name).is_dir()), None)
    return there if there is not None and any((there / name).is_file() for name in _FILES) else None


def _changed(folder: Path) -> tuple[float, ...]:
    files = (folder / name for name in _FILES)
    return tuple(file.stat().st_mtime for file in files if file.is_file())


@functools.lru_cache(maxsize=16)
def _tokenizer(folder: Path, changed: tuple[float, ...]) -> "Tokenizer | None":
    """The tokenizer in ``folder``, loaded once for each time that its files ``changed``."""
    from tokenizers import Tokenizer

    del changed
    try:
        if (folder / "tokenizer.json").is_file():
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        else:
            tokenizer = _from_two_files(folder)
        # What was saved with it: cutting off at the limit and filling up to it.
        tokenizer.no_truncation()
        tokenizer.no_padding()
    except BaseException as error:
        if not _of_library(error):
            raise
        log.warning("the tokenizer in %s can't be read: %s", folder, error)
        return None
    return tokenizer


def _of_library(error: BaseException) -> bool:
    """Whether the library raised it: plain Exception for files that it can't use, and in Rust what is not even that."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _from_two_files(folder: Path) -> "Tokenizer":
    """Byte-pair encoding from vocab.json and merges.txt: CLIP's, or GPT-2's with which that of others began."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    files = str(folder / "vocab.json"), str(folder / "merges.txt")
    vocabulary: dict[str, int] = json.loads(read_file(folder / "vocab.json", LONGEST_OWN))
    if _CLIP_BEGIN not in vocabulary:
        tokenizer: Any = Tokenizer(models.BPE.from_file(*files))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        return tokenizer  # type: ignore[no-any-return]
    tokenizer = Tokenizer(
        models.BPE.from_file(
            *files, continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=_CLIP_END, fuse_unk=False
        )
    )
    tokenizer.add_special_tokens([_CLIP_BEGIN, _CLIP_END])
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CLIP_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{_CLIP_BEGIN} $A {_CLIP_END}",
        special_tokens=[(name, vocabulary[name]) for name in (_CLIP_BEGIN, _CLIP_END)],
    )
    return tokenizer  # type: ignore[no-any-return]


def _limit(model: Model, folder: Path) -> int:
    """How many tokens the model reads; 0 when nobody says."""
    family = FAMILIES[model.family]
    if family.context:
        return _number(Path(model.path) / "config.json", family.context)
    return family.tokens or _number(folder / "tokenizer_config.json", ("model_max_length",))


@functools.lru_cache(maxsize=64)
def _number(path: Path, names: tuple[str, ...]) -> int:
    """The first of the settings ``names`` in the JSON file that is a sane number of tokens; else 0."""
    try:
        settings = read_settings(path)
    except StudioError:
        return 0
    inner = settings.get("text_config")
    for each in (settings, inner if isinstance(inner, dict) else {}):
        for name in names:
            value = each.get(name)
            if isinstance(value, int) and 0 < value < _ABSURD:
                return value
    return 0
