"""Looks at one model: what it is and can do, and why it can't be used, from headers and settings files alone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from studio.core.abilities import PICTURES, Can
from studio.core.errors import StudioError
from studio.core.given_names import as_said, is_name
from studio.core.resources import BUNDLED
from studio.core.text import tr
from studio.families import causal_lm, clip
from studio.families.rules.autoencoders import family_with, kind_of
from studio.families.rules.judge import is_clip, judge_autoencoder, judge_clip, judge_language_model, judge_pipeline
from studio.families.rules.known import FAMILIES, GENERATORS
from studio.families.rules.settings_files import check_settings
from studio.files.card import CARD, Kind, ModelCard, read_card
from studio.files.model_settings import read_settings, settings_or_none
from studio.files.reading import is_there
from studio.models.facts import licence_of, name_of, size_of
from studio.models.headers import check_checkpoint, check_network_pickle, check_safetensors, holds_generator
from studio.models.model import Model, Part
from studio.models.others import SUFFIXES, Other, what_is, what_part, why_not
from studio.models.own_settings import own_settings, schedulers_of

_INDEX, _CONFIG = "model_index.json", "config.json"
_GAN, _GAN_SETTINGS = "generator.safetensors", "generator.json"
_NETWORK, _CHECKPOINTS = ".pkl", (".pt", ".pth")
_ANYTHING = (".pt", ".pth", ".bin")
"""Endings of files that often hold something else than a model."""


class _Found(NamedTuple):
    """What a look says of a model that can be used."""

    family: str
    architecture: str
    can: tuple[Can, ...]
    takes: tuple[str, ...] = ()
    schedulers: tuple[str, ...] = ()


SORTS: dict[Kind, tuple[Part, tuple[Can, ...]]] = {
    "image": ("whole", (*PICTURES, "image>latents")),
    "write": ("whole", ("text>text",)),
    "latent": ("whole", ("latent>image",)),
    "vae": ("vae", ("image>latents",)),
    "match": ("whole", ("text+image>score",)),
}
"""What cards call a model -> what it is, and all that such a one can do."""
_OTHER: Kind = "other"


def inspect_model(path: Path, bundled: bool = False) -> Model:
    """The model in the folder, or the network file, at ``path``. One that can't be used says why in ``reason``."""
    card, reason = ModelCard(), ""
    word: Kind = "image"
    found = _Found("", "", ())
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise StudioError(tr("{path} is not a file, but a device or a pipe.", path=path))
        word = _word_of(path)
        card = read_card(path)
        word = card.kind or word
        if word == _OTHER:
            other = _other(path)
            found, reason = _Found("", other.what if other else "", ()), why_not(path.name, other)
        else:
            found = _judge(path, word)
    except OSError as error:  # a part of it may not be looked into
        reason = tr("{path} can't be read: {why}.", path=path, why=error.strerror)
    except StudioError as error:
        reason = error.message
    name = card.name or name_of(path)
    own = own_settings(path, found.architecture, name) if word == "image" and not reason else {}
    part, can = SORTS.get(word, ("", ()))
    return Model(
        address=f"{BUNDLED}{path.name}" if bundled else str(path),
        path=str(path),
        real=os.path.realpath(path),
        name=name,
        family=found.family,
        part=part,
        architecture=found.architecture,
        can=found.can if not reason else can,
        takes=found.takes,
        bytes=size_of(path),
        licence=card.licence or licence_of(path),
        summary=card.summary,
        usable=not reason,
        reason=reason,
        bundled=bundled,
        schedulers=found.schedulers,
        defaults={**own, **card.defaults},
    )


# -- finding -------------------------------------------------------------------------------------------------------


def is_model(path: Path) -> bool:
    """Whether there is one at ``path``, or a file that may be one."""
    suffix = path.suffix.lower()
    if suffix in (_NETWORK, *SUFFIXES) and path.is_file():
        return suffix not in _ANYTHING or holds_generator(path) or what_is(path) is not None
    return is_model_folder(path)


def is_model_folder(path: Path) -> bool:
    """Whether the folder is one of a model."""
    return any((path / name).is_file() for name in (_INDEX, _CONFIG, _GAN, _GAN_SETTINGS, CARD))


def _word_of(path: Path) -> Kind:
    """What a card would call it."""
    if (path / _INDEX).exists():
        return "image"
    generator = path.suffix in _CHECKPOINTS and holds_generator(path)
    if generator or path.suffix == _NETWORK or any((path / name).exists() for name in (_GAN, _GAN_SETTINGS)):
        return "latent"
    if path.is_file():
        return _OTHER
    return _word_of_config(settings_or_none(path / _CONFIG)) if (path / _CONFIG).exists() else "image"


def _word_of_config(config: dict[str, Any]) -> Kind:
    if kind_of(config):
        return "vae"
    if is_clip(config):
        return "match"
    return _OTHER if what_part(config) else "write"


# -- judging -------------------------------------------------------------------------------------------------------


def _judge(path: Path, word: Kind) -> _Found:
    """What is known of a usable model. Raises StudioError."""
    if not is_there(path):
        raise StudioError(tr("{path} was not found. Is its drive connected?", path=path), "model_missing")
    match word:
        case "image":
            return _look_at_pipeline(path)
        case "latent":
            return _look_at_generator(path)
    check: Callable[[Path], _Found] = {"vae": _look_at_vae, "match": _look_at_clip, "write": _look_at_writer}[word]
    found = check(path)
    check_settings(path)
    _check_weights(path)
    return found


def _other(path: Path) -> Other | None:
    return what_is(path) if path.is_file() else what_part(settings_or_none(path / _CONFIG))


def _look_at_generator(path: Path) -> _Found:
    if path.is_file():
        named = check_checkpoint(path) if path.suffix in _CHECKPOINTS else check_network_pickle(path)
        return _of_family(named)
    said = read_settings(path / _GAN_SETTINGS).get("architecture")
    if not isinstance(said, str) or not (found := next((one for one in GENERATORS if said in one.architectures), None)):
        raise _bad("{path} describes {family}; StyleGAN2 and StyleGAN3 can be used.", path=path, family=as_said(said))
    if not (path / _GAN).is_file():
        raise _bad("{path} is missing. Did the model's download finish?", path=path / _GAN)
    check_safetensors(path / _GAN)
    return _of_family(found.name)


def _of_family(name: str) -> _Found:
    family = FAMILIES[name]
    return _Found(name, next(iter(family.architectures.values())), family.can)


def _look_at_pipeline(path: Path) -> _Found:
    if not (path / _INDEX).is_file():
        raise StudioError(why_no_model(path), "model_unusable")
    model = judge_pipeline(path, read_settings(path / _INDEX))
    for part in model.parts:
        _check_part(path, part)
    latents = family_with(settings_or_none(path / "vae" / _CONFIG))
    takes = (f"{latents} vae",) if latents else ()
    return _Found(model.family.name, model.class_name, model.can, takes, schedulers_of(path))


def _check_part(path: Path, part: str) -> None:
    folder = path / part
    if not folder.is_dir():
        raise _bad("{path} lacks its part {part}. Did its download finish?", path=path, part=part)
    check_settings(folder)
    if (folder / _CONFIG).is_file():
        _check_weights(folder)


def _look_at_vae(path: Path) -> _Found:
    config = settings_or_none(path / _CONFIG)
    return _Found(family_with(config), judge_autoencoder(path, config), SORTS["vae"][1])


def _look_at_clip(path: Path) -> _Found:
    return _Found(clip.FAMILY.name, judge_clip(path, settings_or_none(path / _CONFIG)), clip.FAMILY.can)


def _look_at_writer(path: Path) -> _Found:
    family = causal_lm.FAMILY
    return _Found(family.name, judge_language_model(path, read_settings(path / _CONFIG)), family.can)


def _check_weights(folder: Path) -> None:
    """Weights are there, whole as far as their headers say, and all of their parts. Raises StudioError."""
    files = sorted(folder.glob("*.safetensors"))
    for index in sorted(folder.glob("*.safetensors.index.json")):
        named = read_settings(index).get("weight_map")
        wanted = sorted({str(name) for name in named.values()}) if isinstance(named, dict) else []
        missing = next((name for name in wanted if not is_name(name) or not (folder / name).is_file()), "")
        if missing and files:
            raise _bad("{path} is missing. Did the model's download finish?", path=folder / missing[:100])
    if not files and any(folder.glob("*.gguf")):
        raise _bad("{path} contains a GGUF, which Triptych can't read yet.", path=folder)
    if not files and not any(folder.glob("*.bin")):
        raise _bad("{path} contains no weights. Did the model's download finish?", path=folder)
    for file in files:
        check_safetensors(file)


def why_no_model(path: Path) -> str:
    """What is said of a place where nothing is that could be one."""
    if path.is_file():
        return why_not(path.name, None)
    return tr("{path} contains no model that Triptych recognises.", path=path)


def _bad(sentence: str, path: Path, **strange: object) -> StudioError:
    """The error for a model; what it says of itself is as long as a sentence can be."""
    short = {name: str(value)[:100] for name, value in strange.items()}
    return StudioError(tr(sentence, path=path, **short), "model_unusable")
