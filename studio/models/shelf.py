"""The shelf: the models that are here, what each is, and why one can't be used."""

import logging
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from studio.core.errors import StudioError
from studio.core.given_names import as_said, is_name
from studio.core.picture_model import PARTS, SPARE, Purpose, lacks, purpose_of, refusal
from studio.core.pipeline_parts import parts_of
from studio.core.resources import BUNDLED
from studio.core.text import tr
from studio.files.atomic import write_atomic
from studio.files.card import CARD, ModelCard, read_card
from studio.files.model_settings import check_settings, read_settings
from studio.files.reading import is_there, read_file
from studio.models.facts import licence_of, name_of, size_of
from studio.models.families import FAMILIES, plain_name
from studio.models.headers import check_checkpoint, check_network_pickle, check_safetensors, holds_generator
from studio.models.installed import causal_models, writing_kinds
from studio.models.model import Model, ModelKind
from studio.models.others import SUFFIXES, what_is, what_part, why_not
from studio.models.own_settings import own_settings
from studio.models.scan import Scan
from studio.models.schedulers import schedulers_of

__all__ = ["Model", "ModelKind", "Shelf", "look_at"]

log = logging.getLogger(__name__)
_INDEX, _CONFIG = "model_index.json", "config.json"
_GAN, _GAN_SETTINGS = "generator.safetensors", "generator.json"
_FAMILIES = {"stylegan2": "StyleGAN2", "stylegan3": "StyleGAN3"}
_NETWORK, _CHECKPOINTS = ".pkl", (".pt", ".pth")
_ANYTHING = (".pt", ".pth", ".bin")
"""Endings of files that often hold something else than a model."""
_AUTOENCODERS = ("AutoencoderKL", "AutoencoderTiny")
_CLIP = "CLIPModel"
_LONGEST_MEMORY = 10_000_000
"""Bytes; a model takes five hundred."""


class _Memory(msgspec.Struct):
    found: dict[str, list[Model]]
    """Of each place."""


class Shelf:
    """The bundled starters and the folders that the person added. Only headers and settings files are read.

    ``memory``: the file that keeps what the last scan found, for the next start. ``trained``: the folder of what was
    trained here, which need not exist.
    """

    def __init__(
        self, starters: Path, folders: Iterable[str] = (), memory: Path | None = None, trained: Path | None = None
    ) -> None:
        self._memory, self._trained = memory, trained
        self.folders = tuple(folders)
        self._bundled = [look_at(path, bundled=True) for path in Scan(_is_model_folder).models_in(starters)]
        self._found = self._remembered() if self.places else {}

    @property
    def places(self) -> tuple[str, ...]:
        """Where models are looked for beside the starters: what was trained here first, then the added folders."""
        return (str(self._trained), *self.folders) if self._trained else self.folders

    def models(self) -> list[Model]:
        """What is known, without touching any folder: one may lie on a drive that is asleep.

        The starters come first, then each place's models by name; what lies in several places counts for the first.
        """
        found, seen = list(self._bundled), set()
        for place in self.places:
            for model in self._found.get(place, []):
                if not model.real or model.real not in seen:
                    found.append(model)
                seen.add(model.real)
        return found

    def look(self, place: str, stopped: Callable[[], bool] = lambda: False) -> list[Model]:
        """What is there now. It takes as long as the drive does; ``stopped`` ends it between two models."""
        path = Path(place)
        added = place in self.folders
        if not is_there(path):
            return [_unusable(path, tr("{path} is not there. Is its drive connected?", path=path))] if added else []
        scan = Scan(_is_model if added else _is_model_folder, stopped)
        found = [look_at(each) for each in scan.models_in(path)]
        if not found and added:
            return [_unusable(path, _why_no_model(path))]
        found.sort(key=lambda model: (model.kind == "other", _by_name(model)))
        if scan.cut:
            sentence = tr("{path} holds more than is looked at. Add the folders in it that hold the others.", path=path)
            found.insert(0, _unusable(path, sentence))
        return found

    def take(self, place: str, found: list[Model]) -> None:
        """Let ``found`` be what is known of ``place``."""
        self._found[place] = found

    def wait_for(self, place: str) -> None:
        """Say of ``place`` that it is still being looked at; what is known of it stays."""
        path = Path(place)
        waiting = _unusable(path, tr("{path} is still being looked through. Is its drive connected?", path=path))
        self._found[place] = [waiting, *(model for model in self._found.get(place, []) if model.usable)]

    def scan(self) -> list[Model]:
        """Look again at everything, now."""
        for place in self.places:
            self.take(place, self.look(place))
        self.keep()
        return self.models()

    def keep(self) -> None:
        """Write what is known for the next start."""
        if self._memory is None:
            return
        found = {place: self._found[place] for place in self.places if place in self._found}
        try:
            write_atomic(self._memory, msgspec.json.encode(_Memory(found)))
        except (StudioError, UnicodeEncodeError) as error:
            log.info("what the scan found can't be kept: %s", error)

    def _remembered(self) -> dict[str, list[Model]]:
        if self._memory is None:
            return {}
        try:
            return msgspec.json.decode(read_file(self._memory, _LONGEST_MEMORY), type=_Memory).found
        except (OSError, ValueError, RecursionError) as error:
            log.info("what the last scan found can't be read: %s", error)
            return {}


def _by_name(model: Model) -> list[tuple[int, str]]:
    """As people sort: 9 before 10."""
    parts: list[str] = re.split(r"(\d+)", model.name.lower())
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]


def look_at(path: Path, bundled: bool = False) -> Model:
    """The model in the folder, or the network file, at ``path``. One that can't be used says why in ``reason``."""
    card = ModelCard()
    kind: ModelKind = "image"
    family = reason = ""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise StudioError(tr("{path} is no file, but a device or a pipe.", path=path))
        kind = _kind_of(path)
        card = read_card(path)
        kind = card.kind or kind
        if kind == "other":
            family, reason = _name_other(path)
        else:
            family = _check(path, kind)
    except OSError as error:  # a part of it may not be looked into
        reason = tr("{path} can't be read: {why}.", path=path, why=error.strerror)
    except StudioError as error:
        reason = error.message
    name = card.name or name_of(path)
    pictures = kind == "image" and not reason
    own = own_settings(path, family, name) if pictures else {}
    return Model(
        address=f"{BUNDLED}{path.name}" if bundled else str(path),
        path=str(path),
        real=os.path.realpath(path),
        name=name,
        kind=kind,
        family=family,
        bytes=size_of(path),
        licence=card.licence or licence_of(path),
        summary=card.summary,
        usable=not reason,
        reason=reason,
        bundled=bundled,
        begins=not pictures or _purpose(path, read_settings(path / _INDEX)) != "refiner",
        schedulers=schedulers_of(path) if pictures else (),
        defaults={**own, **card.defaults},
    )


# -- finding -------------------------------------------------------------------------------------------------------


def _is_model(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in (_NETWORK, *SUFFIXES) and path.is_file():
        return suffix not in _ANYTHING or holds_generator(path) or what_is(path) is not None
    return _is_model_folder(path)


def _is_model_folder(path: Path) -> bool:
    return any((path / name).is_file() for name in (_INDEX, _CONFIG, _GAN, _GAN_SETTINGS, CARD))


def _kind_of(path: Path) -> ModelKind:
    if (path / _INDEX).exists():
        return "image"
    generator = path.suffix in _CHECKPOINTS and holds_generator(path)
    if generator or path.suffix == _NETWORK or any((path / name).exists() for name in (_GAN, _GAN_SETTINGS)):
        return "latent"
    if path.is_file():
        return "other"
    return _kind_of_config(path) if (path / _CONFIG).exists() else "image"


def _kind_of_config(path: Path) -> ModelKind:
    if _autoencoder_of(path):
        return "vae"
    if _is_match(path):
        return "match"
    return "other" if what_part(_settings(path)) else "write"


def _autoencoder_of(path: Path) -> str:
    """The kind of autoencoder that the folder is; "" for what is none, or can't be read."""
    try:
        name = read_settings(path / _CONFIG).get("_class_name") if (path / _CONFIG).is_file() else None
    except StudioError:
        return ""
    return str(name) if name in _AUTOENCODERS else ""


# -- judging -------------------------------------------------------------------------------------------------------


def _check(path: Path, kind: ModelKind) -> str:
    """The family of a usable model. Raises StudioError."""
    if not is_there(path):
        raise StudioError(tr("{path} is not there. Is its drive connected?", path=path), "model_missing")
    if kind == "latent":
        return _check_generator(path)
    if kind == "vae":
        check_settings(path)
        _check_weights(path)
        return _autoencoder_of(path)
    if kind == "match":
        return _check_match(path)
    return _check_pipeline(path) if kind == "image" else _check_writer(path)


def _name_other(path: Path) -> tuple[str, str]:
    """What it is, and why it can't be used."""
    other = what_is(path) if path.is_file() else what_part(_settings(path))
    return (other.what if other else ""), why_not(path.name, other)


def _check_generator(path: Path) -> str:
    if path.is_file():
        return check_checkpoint(path) if path.suffix in _CHECKPOINTS else check_network_pickle(path)
    family = read_settings(path / _GAN_SETTINGS).get("architecture")
    if not isinstance(family, str) or family not in _FAMILIES:
        raise _bad("{path} describes {family}; StyleGAN2 and StyleGAN3 can be used.", path=path, family=as_said(family))
    if not (path / _GAN).is_file():
        raise _bad("{path} is missing. Was the model's download finished?", path=path / _GAN)
    check_safetensors(path / _GAN)
    return _FAMILIES[family]


def _check_pipeline(path: Path) -> str:
    if not (path / _INDEX).is_file():
        raise StudioError(_why_no_model(path), "model_unusable")
    index = read_settings(path / _INDEX)
    name = index.get("_class_name")
    if not isinstance(name, str):
        raise _bad("{path} brings a program of its own, which Triptych never runs.", path=path)
    if sentence := refusal(_purpose(path, index), path):
        raise StudioError(sentence, "model_unusable")
    if plain_name(name) not in FAMILIES:
        raise _bad("{path} is for {name}, which Triptych can't make pictures from words with.", path=path, name=name)
    parts = parts_of(path, index)
    if part := next((part for part, entry in index.items() if lacks(index, part, entry)), ""):
        raise _bad("{path} was saved without its part {part}, which it needs.", path=path, part=part)
    for part in parts:
        if part not in SPARE or (path / part).exists():
            _check_part(path, part)
    return name


def _purpose(path: Path, index: dict[str, Any]) -> Purpose:
    return purpose_of(index, *(_settings(path / part) for part in PARTS))


def _settings(folder: Path) -> dict[str, Any]:
    """What the part's config.json says; nothing where it can't be read, which is told where the part is checked."""
    try:
        return read_settings(folder / _CONFIG)
    except StudioError:
        return {}


def _check_part(path: Path, part: str) -> None:
    folder = path / part
    if not folder.is_dir():
        raise _bad("{path} lacks its part {part}. Was its download finished?", path=path, part=part)
    check_settings(folder)
    if (folder / _CONFIG).is_file():
        _check_weights(folder)


def _is_match(path: Path) -> bool:
    try:
        return read_settings(path / _CONFIG).get("architectures") == [_CLIP]
    except StudioError:
        return False


def _check_match(path: Path) -> str:
    if not _is_match(path):
        raise _bad("{path} is no CLIP model, which could say how well a picture fits its prompt.", path=path)
    check_settings(path)
    _check_weights(path)
    return _CLIP


def _check_writer(path: Path) -> str:
    config = read_settings(path / _CONFIG)
    named = config.get("architectures")
    names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    known = causal_models()
    name = next((name for name in names if name in known), "")
    if not names:
        name = writing_kinds().get(str(config.get("model_type")), "")
    if not name and "auto_map" in config:
        raise _bad("{path} brings a program of its own, which Triptych never runs.", path=path)
    if not name and not known:
        name = next((name for name in names if name.endswith(("ForCausalLM", "LMHeadModel"))), "")
    family = ", ".join(names) or str(config.get("model_type", ""))
    if not name and not family:
        raise _bad("{path} doesn't say what it is: its config.json names no model.", path=path)
    if not name:
        raise _bad("{path} is no model that writes text ({family}).", path=path, family=family)
    check_settings(path)
    _check_weights(path)
    return name


def _check_weights(folder: Path) -> None:
    """Weights are there, whole as far as their headers say, and all of their parts. Raises StudioError."""
    files = sorted(folder.glob("*.safetensors"))
    for index in sorted(folder.glob("*.safetensors.index.json")):
        named = read_settings(index).get("weight_map")
        wanted = sorted({str(name) for name in named.values()}) if isinstance(named, dict) else []
        missing = next((name for name in wanted if not is_name(name) or not (folder / name).is_file()), "")
        if missing and files:
            raise _bad("{path} is missing. Was the model's download finished?", path=folder / missing[:100])
    if not files and any(folder.glob("*.gguf")):
        raise _bad("{path} holds a GGUF, which Triptych can't read yet.", path=folder)
    if not files and not any(folder.glob("*.bin")):
        raise _bad("{path} holds no weights. Was the model's download finished?", path=folder)
    for file in files:
        check_safetensors(file)


def _why_no_model(path: Path) -> str:
    if path.is_file():
        return why_not(path.name, None)
    return tr("{path} holds no model that Triptych knows.", path=path)


def _bad(sentence: str, path: Path, **strange: object) -> StudioError:
    """The error for a model; what it says of itself is as long as a sentence can be."""
    short = {name: str(value)[:100] for name, value in strange.items()}
    return StudioError(tr(sentence, path=path, **short), "model_unusable")


def _unusable(path: Path, reason: str) -> Model:
    return Model(address=str(path), path=str(path), name=path.name, kind="other", usable=False, reason=reason)
