"""The settings files in a stranger's model folder: objects with sane counts, which name nothing that lies elsewhere."""

import re
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.model_settings import read_settings

_FILES = (
    "config.json", "generation_config.json", "tokenizer_config.json", "scheduler_config.json",
    "preprocessor_config.json", "video_preprocessor_config.json", "processor_config.json",
    "audio_tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.json",
)  # fmt: skip
_PATTERNS = ("config.*.json", "*.index.json", "*.index.*.json")
"""Settings of other versions of the library, which config.json may name, and lists of weights."""
_OF_WORDS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.json")
_ADAPTER = "adapter_config.json"
_COUNT = re.compile(r"num|^n_|layer|depth|order|block|expert|head|label|group|extra|offset|reserved")
_NO_COUNT = re.compile(r"position|ctx|length|size|channels|param|token")
_MOST = 100_000
"""Of whatever a setting counts: layers, heads, steps, extra words. The libraries make a list of each, or count on."""
_WIDE, _LONGEST_TEXT = re.compile(r"%[-+ #0]*\.?\d{4}"), 2_000
"""What libraries reckon with may be a text: a remainder then fills it up to its width, a product repeats it."""
_PLACE = re.compile(r"[/\\:@]")
"""What only a path, an address or a repository has in its name."""
_ELSEWHERE = frozenset(
    {"backbone", "backbone_config", "audio_tokenizer", "audio_tokenizer_name_or_path", "gguf_file", "repo_path"}
)
"""Settings by which a text names another model, which the libraries would look for on the hub."""
_PRETRAINED = frozenset({"use_pretrained_backbone", "use_timm_backbone"})
_VERSIONS = frozenset({"configuration_files", "fast_tokenizer_files"})
"""By these, config.json and tokenizer_config.json name files that take their place."""
_READER = re.compile(r"(Image|Video)Processor(Fast|Pil)?$|FeatureExtractor$")
_KINDS = {
    "tokenizer_class": re.compile(r"(Tokenizer(Fast)?|Backend)$"),
    "image_processor_type": _READER,
    "feature_extractor_type": _READER,
    "video_processor_type": _READER,
}
"""Settings that name a class, and how those end: transformers would take any of its classes."""
_ASKING = re.compile(r"OneFormer")
"""Of these, classes that look for a list of words on the hub."""
_TIMM = "timm"
"""A library whose models are names on the hub, whatever else their settings say."""


def check_settings(folder: Path) -> None:
    """The settings files in ``folder`` itself can be given to the libraries. Raises StudioError "model_unusable"."""
    if (folder / _ADAPTER).exists():  # transformers would follow the path in it, and peft import what it names
        raise _unusable(
            "{path} belongs to an adapter, which Triptych doesn't read. Get the model without it.",
            path=folder / _ADAPTER,
        )
    found = {folder / name for name in _FILES} | {file for pattern in _PATTERNS for file in folder.glob(pattern)}
    for file in sorted(found):
        if file.exists():
            _check_file(file)


def _check_file(file: Path) -> None:
    settings = read_settings(file)
    if ".index." in file.name:
        _check_shards(file, settings)
        return
    waiting: list[tuple[str, Any]] = [("", settings)]
    while waiting:
        name, value = waiting.pop()
        _check_name(file, name, value)
        if isinstance(value, dict):
            inner = name if "_implementation" in name else ""
            waiting += [(inner or str(key).lower(), each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [(name, each) for each in value]
        elif isinstance(value, int | float):
            _check_number(file, name, value)
        elif isinstance(value, str):
            _check_text(file, name, value)


def _check_shards(file: Path, settings: dict[str, Any]) -> None:
    names = settings.get("weight_map", {})
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise _unusable("{path} is not a list of a model's weights. Download it again.", path=file)
    if outside := next((name for name in set(names.values()) if not stays_inside(name)), ""):
        raise _unusable("{path} refers to a file outside its folder: {name}.", path=file, name=outside[:100])


def _check_number(file: Path, name: str, value: float) -> None:
    if value > _MOST and _COUNT.search(name) and not _NO_COUNT.search(name):
        raise _unusable(
            "{path} asks for {count} of {name}; no model has that many.",
            path=file,
            count=str(value)[:30],
            name=name[:100],
        )


def _check_text(file: Path, name: str, value: str) -> None:
    if "_implementation" in name and _PLACE.search(value):
        raise _unusable(
            "{path} refers to code ({name}), and Triptych never runs code that comes with a model.",
            path=file,
            name=value[:100],
        )
    if name in _KINDS and (not _KINDS[name].search(value) or _ASKING.search(value)):
        raise _unusable(
            "{path} names {name} as its text or image encoder, which it can't be.",
            path=file,
            name=value[:100],
        )
    if name in _ELSEWHERE or (name == "model_type" and value.startswith(_TIMM)):
        raise _names_another(file, value)
    if name in _VERSIONS and not stays_inside(value):
        raise _unusable("{path} refers to a file outside its folder: {name}.", path=file, name=value[:100])
    if file.name not in _OF_WORDS and (len(value) > _LONGEST_TEXT or _WIDE.search(value)):
        raise _unusable("{name} in {path} is text, not a number.", path=file, name=name[:100])


def _check_name(file: Path, name: str, value: Any) -> None:
    """What a name alone says, whatever the kind of its value."""
    if name == "transformers_weights" and value is not None:
        raise _unusable("{path} refers to weights other than those next to it.", path=file)
    if (name in _PRETRAINED and value) or (name == "pretrained_cfg" and isinstance(value, dict)):
        raise _names_another(file, name)
    if name in _VERSIONS and isinstance(value, dict):
        raise _unusable("{path} contains no model settings. Download it again.", path=file)


def stays_inside(name: str) -> bool:
    """Whether ``name`` is one of a file in the same folder, on Windows too."""
    return name not in ("", ".", "..") and not _PLACE.search(name)


def _names_another(file: Path, name: str) -> StudioError:
    return _unusable(
        "{path} refers to another model ({name}), and Triptych uses only models that you give it.",
        path=file,
        name=name[:100],
    )


def _unusable(sentence: str, **values: object) -> StudioError:
    return StudioError(tr(sentence, **values), "model_unusable")
