"""Counting a prompt's tokens in the window, with the model's own tokenizer and without torch."""

import functools
import logging
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from studio.core.errors import StudioError
from studio.models.headers import read_json
from studio.models.shelf import Model

log = logging.getLogger(__name__)
_COUNTED = 20_000
"""Characters that are really counted; the rest is estimated from them, so that typing never waits."""


def count_tokens(model: Model, text: str) -> tuple[int, int] | None:
    """How many tokens ``text`` takes, begin and end marks included, and the model's limit (0: unknown).

    None when the model has no tokenizer that can be read here.
    """
    folder = _folder(Path(model.path))
    if folder is None:
        return None
    tokenizer = _tokenizer(folder)
    if tokenizer is None:
        return None
    counted = text[:_COUNTED]
    count = len(tokenizer.encode(counted, add_special_tokens=False).ids)
    if len(text) > _COUNTED:
        count = round(count * len(text) / _COUNTED)
    limit = _limit(folder)
    return count + (2 if model.kind == "image" else 0), limit


def _folder(path: Path) -> Path | None:
    return next((p for p in (path / "tokenizer", path) if (p / "tokenizer_config.json").exists()), None)


@functools.lru_cache(maxsize=16)
def _tokenizer(folder: Path) -> Tokenizer | None:
    try:
        if (folder / "tokenizer.json").exists():
            tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.no_padding()
            tokenizer.no_truncation()
            return tokenizer
        if (folder / "vocab.json").exists() and (folder / "merges.txt").exists():
            return _clip(folder)
    except Exception as error:  # noqa: BLE001  the library raises plain Exception for files it can't read
        log.warning("the tokenizer in %s can't be read: %s", folder, error)
    return None


def _clip(folder: Path) -> Tokenizer:
    """CLIP's byte-pair encoding from its two older files, as ``transformers.CLIPTokenizer`` does it."""
    model = models.BPE.from_file(
        str(folder / "vocab.json"),
        str(folder / "merges.txt"),
        continuing_subword_prefix="",
        end_of_word_suffix="</w>",
        unk_token="<|endoftext|>",
    )
    tokenizer: Any = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=64)
def _limit(folder: Path) -> int:
    """How many tokens the model reads; 0 when nobody says."""
    for path, key in (
        (folder / "tokenizer_config.json", "model_max_length"),
        (folder / "config.json", "max_position_embeddings"),
    ):
        try:
            value = read_json(path).get(key) if path.exists() else None
        except StudioError:
            continue
        if isinstance(value, int) and 0 < value < 10_000_000:
            return value
    return 0
