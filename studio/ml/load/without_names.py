"""While transformers reads a stranger's settings, what they name of programs and files is left out of them.

Trainers save which program computed attention on their machine (``flash_attention_2``), and where the files of their
tokenizer lay: neither is here, and transformers would look for both.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.files.model_settings import read_settings

_PROGRAM = "_implementation"
"""In the names of all settings that choose a program: for attention, for experts."""
_FILE = "_file"
"""At the end of the names of all settings of a tokenizer that are paths; its real files are found in its folder."""
_NOT_ITS_OWN = ("tokenizer_class", "init_inputs", "name_or_path", "tokenizer_object")
"""Of a tokenizer's settings: what says how they were saved, arguments without names, what can't be in a file."""
_TABLES = ("vocab", "merges")
"""Of a tokenizer's settings: what is a path when it is a text. tokenizers would read that, wherever it lies."""


@contextmanager
def without_names() -> Iterator[None]:
    """Within this, transformers chooses its programs by the machine, and takes a tokenizer's files from its folder."""
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

    with (
        _replaced(PreTrainedConfig, "_get_config_dict", _config_reader),
        _replaced(PreTrainedTokenizerBase, "_from_pretrained", _tokenizer_maker),
    ):
        yield


def _config_reader(read: Callable[..., Any]) -> Callable[..., Any]:
    def read_without(cls: Any, *given: Any, **named: Any) -> Any:
        settings, rest = read(cls, *given, **named)
        return _without_programs(settings), rest

    return read_without


def _tokenizer_maker(make: Callable[..., Any]) -> Callable[..., Any]:
    def make_without(cls: Any, files: dict[str, Any], folder: Any, settings: Any, *given: Any, **named: Any) -> Any:
        if saved := files.pop("tokenizer_config_file", None):
            settings = _without_files(read_settings(Path(saved)))
        return make(cls, files, folder, settings, *given, **named)

    return make_without


def _without_programs(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_programs(each) for key, each in value.items() if _PROGRAM not in str(key).lower()}
    return [_without_programs(each) for each in value] if isinstance(value, list) else value


def _without_files(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in settings.items()
        if not (key.endswith(_FILE) or key in _NOT_ITS_OWN or (key in _TABLES and isinstance(value, str)))
    }


@contextmanager
def _replaced(owner: Any, name: str, change: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    """``change`` a class method of the library for a while."""
    own = owner.__dict__[name]
    setattr(owner, name, classmethod(change(own.__func__)))
    try:
        yield
    finally:
        setattr(owner, name, own)
