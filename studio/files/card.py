"""A model's card: what the file ``triptych.json`` in its folder says of it, beside what its weights and settings do."""

import json
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.atomic import replacing
from studio.files.model_settings import read_settings

CARD = "triptych.json"
Kind = Literal["image", "write", "latent", "vae", "match", "other"]
"""What cards call models. ``vae``: an autoencoder in a folder of its own. ``match``: a CLIP model, which tells how well
pictures fit words. ``other``: of no use yet."""
_LONGEST_NAME, _LONGEST_SUMMARY = 200, 2000
"""Characters that are shown of what a stranger's card says."""


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a card says; "" where it says nothing. In the file its ``defaults`` stand beside the other keys."""

    name: str = ""
    kind: Kind | Literal[""] = ""
    licence: str = ""
    summary: str = ""
    match: str = ""
    """Of a picture model: the address of the CLIP model that says how well its pictures fit their prompts."""
    defaults: dict[str, Any] = {}
    """All else: what a request begins with, by the names of its fields; and ``size``, the edge of its pictures."""


def read_card(folder: Path) -> ModelCard:
    """The card in a model's ``folder``, which may be a stranger's; an empty one where there is none.

    Raises StudioError "model_unusable" for a file that can't be read, or names a kind of models that nobody knows.
    """
    path = folder / CARD
    if not path.is_file():
        return ModelCard()
    data = read_settings(path)
    kind, match = data.get("kind", ""), data.get("match", "")
    if kind not in ("", *get_args(Kind)):
        raise StudioError(tr("{path} doesn't contain what it should.", path=path), "model_unusable")
    return ModelCard(
        name=_said(data, "name", _LONGEST_NAME),
        kind=kind,
        licence=_said(data, "licence", _LONGEST_NAME),
        summary=_said(data, "summary", _LONGEST_SUMMARY),
        match=match if isinstance(match, str) else "",
        defaults={name: value for name, value in data.items() if name not in ModelCard.__struct_fields__},
    )


def write_card(folder: Path, card: ModelCard) -> None:
    """Write ``card`` into the ``folder`` of a model. Raises OSError."""
    told = {name: value for name, value in msgspec.structs.asdict(card).items() if name != "defaults" and value}
    with replacing(folder / CARD) as part:
        part.write_text(json.dumps({**told, **card.defaults}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _said(data: dict[str, Any], name: str, longest: int) -> str:
    return str(data.get(name) or "")[:longest]
