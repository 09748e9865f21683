"""A language model's settings as transformers takes them, and what it says of itself in the words of its family."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.families import causal_lm
from studio.ml.writing.ends import token_ids

_ABSURD = 1_000_000_000
"""Models without a limit name a number far above this."""


def config_of(folder: Path, kind: str) -> Any:
    """The config of the model in ``folder``, one of the ``kind`` that transformers calls so.

    Without the kind of attention that was used where it was trained, which may need what isn't here; and with numbers
    only for the tokens that it names, which the config takes in no other form.
    """
    from transformers import CONFIG_MAPPING

    config = CONFIG_MAPPING[kind]
    settings, _ = config.get_config_dict(str(folder), local_files_only=True)
    return config.from_dict(_plain(settings))


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if name.endswith("attn_implementation"):
            continue
        if isinstance(value, dict):
            found[name] = _plain(value)
        elif name.endswith("_token_id") and isinstance(value, str | list):
            ids = token_ids(value)
            found[name] = ids if isinstance(value, list) and ids else next(iter(ids), None)
        else:
            found[name] = value
    return found


def named_ends(settings: Mapping[str, Any]) -> list[Any]:
    """What config.json names as the end of a text."""
    inner = settings.get("text_config")
    return [each.get("eos_token_id") for each in (settings, inner) if isinstance(each, dict)]


def context_of(config: Any) -> int:
    """How many tokens the model sees at once; 0 where it doesn't say."""
    text = config.get_text_config()
    given = (getattr(text, name, None) for name in causal_lm.FAMILY.context)
    return next((size for size in given if type(size) is int and 0 < size < _ABSURD), 0)


def tie_head(model: Any, missing: set[str]) -> bool:
    """Use the embeddings as the output layer when its weights alone are ``missing``, which are then taken off.

    Programs that save a tied model write these weights once, also where the settings were never told of it.
    """
    head, words = model.get_output_embeddings(), model.get_input_embeddings()
    if head is None or words is None or getattr(head, "weight", None) is None:
        return False
    lost = {name for name, part in model.named_parameters(remove_duplicate=False) if part is head.weight} & missing
    if not lost or head.weight is words.weight or head.weight.shape != words.weight.shape:
        return False
    head.weight = words.weight
    missing -= lost
    return True
