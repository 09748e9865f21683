"""The shelf: the models that are here, what each is, and why one can't be used."""

import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from studio.core.errors import StudioError
from studio.core.names import is_name
from studio.core.reading import is_there
from studio.core.text import tr
from studio.models.headers import check_checkpoint, check_network_pickle, check_safetensors, holds_generator, read_json
from studio.models.installed import causal_models, pipeline_modules, writing_kinds
from studio.models.own_settings import own_settings
from studio.models.pipelines import READS, plain_name

log = logging.getLogger(__name__)
ModelKind = Literal["image", "write", "latent", "vae", "match"]
"""``vae``: an autoencoder in a folder of its own. ``match``: a CLIP model, which tells how well pictures fit words."""
_INDEX, _CONFIG, _CARD = "model_index.json", "config.json", "triptych.json"
_GAN, _GAN_SETTINGS = "generator.safetensors", "generator.json"
_FAMILIES = {"stylegan2": "StyleGAN2", "stylegan3": "StyleGAN3"}
_NETWORK, _CHECKPOINTS = ".pkl", (".pt", ".pth")
_AUTOENCODERS = ("AutoencoderKL", "AutoencoderTiny")
_CLIP = "CLIPModel"
_LIBRARIES = ("diffusers", "transformers")
_LONGEST_MEMORY = 10_000_000
"""Bytes; a model takes five hundred."""
_LONGEST_CARD = 20_000
"""Characters; the front matter comes first."""
_LONGEST_NAME, _LONGEST_SUMMARY = 200, 2000
"""Characters that are shown of what a card says."""
_CACHED = re.compile(r"^models--(?:.+--)?(.+)$")
"""A folder of the hub's cache; the model is in ``snapshots/COMMIT`` below it."""
_MOST_MODELS = 500
"""In one added folder; a whole disk was added by mistake otherwise."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One model. ``address`` is what a job names; ``reason`` says why an unusable one is."""

    address: str
    path: str
    name: str
    kind: ModelKind
    family: str = ""
    bytes: int = 0
    licence: str = ""
    summary: str = ""
    usable: bool = True
    reason: str = ""
    bundled: bool = False
    defaults: dict[str, Any] = {}


class _Memory(msgspec.Struct):
    folders: tuple[str, ...]
    models: list[Model]


class Shelf:
    """The bundled starters and the folders that the person added. Only headers and settings files are read.

    ``memory``: the file that keeps what the last scan found, for the next start. ``trained``: the folder of what was
    trained here, which need not exist.
    """

    def __init__(
        self, starters: Path, folders: Iterable[str] = (), memory: Path | None = None, trained: Path | None = None
    ) -> None:
        self._starters, self._memory, self._trained = starters, memory, trained
        self.folders = tuple(folders)

    def known(self) -> list[Model]:
        """The starters, and what the last scan found elsewhere: it may lie on a drive that is asleep."""
        return [*self._bundled(), *self._remembered()]

    def scan(self) -> list[Model]:
        """Look again at everything: starters first, then what was trained here, then each folder's models by name."""
        found = self._added()
        self._remember(found)
        return [*self._bundled(), *found]

    def _bundled(self) -> list[Model]:
        return [look_at(path, bundled=True) for path in _models_in(self._starters)]

    def _remembered(self) -> list[Model]:
        if self._memory is None or not (self.folders or self._trained):
            return []
        try:
            if self._memory.stat().st_size > _LONGEST_MEMORY:
                raise ValueError(f"{self._memory} is too large")
            kept = msgspec.json.decode(self._memory.read_bytes(), type=_Memory)
        except (OSError, ValueError, RecursionError) as error:
            log.info("what the last scan found can't be read: %s", error)
            return []
        return kept.models if kept.folders == self.folders else []

    def _remember(self, found: list[Model]) -> None:
        if self._memory is None:
            return
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            self._memory.write_bytes(msgspec.json.encode(_Memory(self.folders, found)))
        except (OSError, UnicodeEncodeError) as error:
            log.info("what the scan found can't be kept: %s", error)

    def _added(self) -> list[Model]:
        own = list(_models_in(self._trained)) if self._trained else []
        found = sorted(map(look_at, own), key=_by_name)
        seen = set(own)
        for folder in self.folders:
            path = Path(folder)
            if not is_there(path):
                found.append(_unusable(path, tr("{path} is not there. Is its drive connected?", path=path)))
                continue
            paths = list(_models_in(path))
            if not paths:
                found.append(_unusable(path, _why_no_model(path)))
            new = [look_at(each) for each in paths if each not in seen]  # one added folder may lie in another
            seen.update(paths)
            found += sorted(new, key=_by_name)
        return found


def _by_name(model: Model) -> list[tuple[int, str]]:
    """As people sort: 9 before 10."""
    parts: list[str] = re.split(r"(\d+)", model.name.lower())
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]


def look_at(path: Path, bundled: bool = False) -> Model:
    """The model in the folder, or the network file, at ``path``. One that can't be used says why in ``reason``."""
    card: dict[str, Any] = {}
    kind: ModelKind = "image"
    family = reason = ""
    try:
        kind = _kind_of(path)
        if (path / _CARD).is_file():
            card = read_json(path / _CARD)
            kind = msgspec.convert(card.get("kind", kind), ModelKind)
        family = _check(path, kind)
    except (ValueError, OverflowError):  # msgspec's own is a ValueError, and so is half a surrogate pair
        reason = tr("{path} doesn't hold what it should.", path=path / _CARD)
    except OSError as error:  # a part of it may not be looked into
        reason = tr("{path} can't be read: {why}.", path=path, why=error.strerror)
    except StudioError as error:
        reason = error.message
    known = {"name", "kind", "licence", "summary", "match"}
    own = own_settings(path, family) if kind == "image" and not reason else {}
    return Model(
        address=f"starter:{path.name}" if bundled else str(path),
        path=str(path),
        name=str(card.get("name") or _name_of(path))[:_LONGEST_NAME],
        kind=kind,
        family=family,
        bytes=_size(path),
        licence=str(card.get("licence") or _licence(path))[:_LONGEST_NAME],
        summary=str(card.get("summary", ""))[:_LONGEST_SUMMARY],
        usable=not reason,
        reason=reason,
        bundled=bundled,
        defaults={**own, **{key: value for key, value in card.items() if key not in known}},
    )


# -- finding -------------------------------------------------------------------------------------------------------


def _models_in(folder: Path, depth: int = 3) -> Iterator[Path]:
    """The model folders and network files at ``folder`` or up to ``depth`` levels below it."""
    try:
        is_model = _is_model(folder)
        inside = [] if is_model or depth == 0 or not folder.is_dir() else sorted(folder.iterdir())[:_MOST_MODELS]
    except OSError as error:  # others' folders lie on drives, as lost+found does
        log.warning("%s can't be looked into: %s", folder, error)
        return
    if is_model:
        yield folder
    for path in inside:
        if not path.name.startswith("."):
            yield from _models_in(path, depth - 1)


def _is_model(path: Path) -> bool:
    if path.suffix == _NETWORK and path.is_file():
        return True
    if path.suffix in _CHECKPOINTS and path.is_file():
        return holds_generator(path)
    return any((path / name).is_file() for name in (_INDEX, _CONFIG, _GAN, _GAN_SETTINGS, _CARD))


def _kind_of(path: Path) -> ModelKind:
    if (path / _INDEX).exists():
        return "image"
    if path.suffix in (_NETWORK, *_CHECKPOINTS) or any((path / name).exists() for name in (_GAN, _GAN_SETTINGS)):
        return "latent"
    if _autoencoder_of(path):
        return "vae"
    if not (path / _CONFIG).exists():
        return "image"
    return "match" if _is_match(path) else "write"


def _autoencoder_of(path: Path) -> str:
    """The kind of autoencoder that the folder is; "" for what is none, or can't be read."""
    try:
        name = read_json(path / _CONFIG).get("_class_name") if (path / _CONFIG).is_file() else None
    except StudioError:
        return ""
    return str(name) if name in _AUTOENCODERS else ""


def _name_of(path: Path) -> str:
    cached = _CACHED.match(path.parent.parent.name) if path.parent.name == "snapshots" else None
    return cached[1] if cached else path.stem if path.is_file() else path.name


# -- judging -------------------------------------------------------------------------------------------------------


def _check(path: Path, kind: ModelKind) -> str:
    """The family of a usable model. Raises StudioError."""
    if not is_there(path):
        raise StudioError(tr("{path} is not there. Is its drive connected?", path=path), "model_missing")
    if kind == "latent":
        return _check_generator(path)
    if kind == "vae":
        _check_weights(path)
        return _autoencoder_of(path)
    if kind == "match":
        return _check_match(path)
    return _check_pipeline(path) if kind == "image" else _check_writer(path)


def _check_generator(path: Path) -> str:
    if path.is_file():
        return check_checkpoint(path) if path.suffix in _CHECKPOINTS else check_network_pickle(path)
    family = read_json(path / _GAN_SETTINGS).get("architecture")
    if not isinstance(family, str) or family not in _FAMILIES:
        raise _bad(
            "{path} describes {family}; StyleGAN2 and StyleGAN3 can be used.", path=path, family=repr(family)[:100]
        )
    if not (path / _GAN).is_file():
        raise _bad("{path} is missing. Was the model's download finished?", path=path / _GAN)
    check_safetensors(path / _GAN)
    return _FAMILIES[family]


def _check_pipeline(path: Path) -> str:
    if not (path / _INDEX).is_file():
        raise StudioError(_why_no_model(path), "model_unusable")
    index = read_json(path / _INDEX)
    name = index.get("_class_name")
    if not isinstance(name, str):
        raise _bad("{path} brings a program of its own, which Triptych never runs.", path=path)
    if "Control" in name:
        raise _bad(
            "{path} needs a second picture that guides it ({name}); Triptych can't give it one.", path=path, name=name
        )
    if plain_name(name) not in READS:
        raise _bad("{path} is for {name}, which Triptych can't make pictures from words with.", path=path, name=name)
    for part, entry in index.items():
        if isinstance(entry, list) and len(entry) == 2 and entry[0] is not None:
            _check_part(path, part, entry[0])
    return name


def _check_part(path: Path, part: str, library: object) -> None:
    folder = path / part
    known = isinstance(library, str) and (library in _LIBRARIES or library in pipeline_modules())
    if not known or not is_name(part) or (folder / f"{library}.py").exists():
        raise _bad(
            "The part {part} of {path} needs a program that comes with the model, which Triptych never runs.",
            path=path,
            part=part,
        )
    if not folder.is_dir():
        raise _bad("{path} lacks its part {part}. Was its download finished?", path=path, part=part)
    if (folder / _CONFIG).is_file():
        _check_weights(folder)


def _is_match(path: Path) -> bool:
    try:
        return read_json(path / _CONFIG).get("architectures") == [_CLIP]
    except StudioError:
        return False


def _check_match(path: Path) -> str:
    if not _is_match(path):
        raise _bad("{path} is no CLIP model, which could say how well a picture fits its prompt.", path=path)
    _check_weights(path)
    return _CLIP


def _check_writer(path: Path) -> str:
    config = read_json(path / _CONFIG)
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
    if not name:
        raise _bad("{path} is no model that writes text ({family}).", path=path, family=", ".join(names) or "?")
    _check_weights(path)
    return name


def _check_weights(folder: Path) -> None:
    """Weights are there, whole as far as their headers say, and all of their parts. Raises StudioError."""
    files = sorted(folder.glob("*.safetensors"))
    for index in sorted(folder.glob("*.safetensors.index.json")):
        named = read_json(index).get("weight_map")
        wanted = sorted({str(name) for name in named.values()}) if isinstance(named, dict) else []
        missing = next((name for name in wanted if not is_name(name) or not (folder / name).is_file()), "")
        if missing and files:
            raise _bad("{path} is missing. Was the model's download finished?", path=folder / missing[:100])
    if not files and not any(folder.glob("*.bin")):
        raise _bad("{path} holds no weights. Was the model's download finished?", path=folder)
    for file in files:
        check_safetensors(file)


def _why_no_model(path: Path) -> str:
    if path.suffix in _CHECKPOINTS and path.is_file():
        return tr("{path} is no StyleGAN2 in the form of stylegan2-pytorch.", path=path)
    if path.is_file() or any(path.glob("*.ckpt")) or any(path.glob("*.safetensors")):
        return tr(
            "{path} holds single files; Triptych reads folders in the diffusers or transformers format.", path=path
        )
    if any(path.glob("*.pkl")):
        return tr("{path} holds networks; choose one of its .pkl files.", path=path)
    return tr("{path} holds no model that Triptych knows.", path=path)


def _bad(sentence: str, path: Path, **strange: object) -> StudioError:
    """The error for a model; what it says of itself is as long as a sentence can be."""
    short = {name: str(value)[:100] for name, value in strange.items()}
    return StudioError(tr(sentence, path=path, **short), "model_unusable")


def _unusable(path: Path, reason: str) -> Model:
    return Model(address=str(path), path=str(path), name=path.name, kind="image", usable=False, reason=reason)


# -- facts ---------------------------------------------------------------------------------------------------------


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    except OSError:
        return 0


def _licence(path: Path) -> str:
    """The licence that the front matter of a model card (README.md) names; "" when none does."""
    card = path / "README.md"
    try:
        with card.open(encoding="utf-8", errors="replace") as file:
            head = file.read(_LONGEST_CARD)
    except OSError:
        return ""
    front = re.match(r"---\r?\n(.*?)\r?\n---", head, re.DOTALL)
    if not front:
        return ""
    found = dict(re.findall(r"^(license|license_name):[ \t]*[\"']?([^\s\"'#]+)", front[1], re.MULTILINE))
    licence: str = found.get("license", "")
    return found.get("license_name", licence) if licence == "other" else licence
