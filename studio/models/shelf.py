"""The shelf: the models that are here, what each is, and why one can't be used."""

import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.models.headers import check_safetensors, read_json

log = logging.getLogger(__name__)
ModelKind = Literal["image", "write", "latent"]
_INDEX, _CONFIG, _GAN, _CARD = "model_index.json", "config.json", "generator.json", "triptych.json"
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


class Shelf:
    """The bundled starters and the folders that the person added. Only headers and settings files are read."""

    def __init__(self, starters: Path, folders: Iterable[str] = ()) -> None:
        self._starters = starters
        self.folders = tuple(folders)

    def scan(self) -> list[Model]:
        """Look again at everything: starters first, then each folder's models by name."""
        found = [look_at(path, bundled=True) for path in _models_in(self._starters)]
        for folder in self.folders:
            path = Path(folder)
            if not path.exists():
                found.append(_unusable(path, "image", tr("{path} is not there. Is its drive connected?", path=path)))
                continue
            here = sorted(_models_in(path), key=lambda model: model.name.lower())
            if not here:
                found.append(_unusable(path, "image", _why_no_model(path)))
            found += [look_at(model) for model in here]
        return found


def look_at(path: Path, bundled: bool = False) -> Model:
    """The model in the folder, or the network file, at ``path``. One that can't be used says why in ``reason``."""
    kind = _kind_of(path)
    try:
        card = read_json(path / _CARD) if (path / _CARD).exists() else {}
        family = _check(path, kind)
        reason = ""
    except StudioError as error:
        card, family, reason = {}, "", error.message
    known = {"name", "kind", "licence", "summary"}
    return Model(
        address=f"starter:{path.name}" if bundled else str(path),
        path=str(path),
        name=str(card.get("name") or path.stem),
        kind=kind,
        family=family,
        bytes=_size(path),
        licence=str(card.get("licence") or _licence(path)),
        summary=str(card.get("summary", "")),
        usable=not reason,
        reason=reason,
        bundled=bundled,
        defaults={key: value for key, value in card.items() if key not in known},
    )


def _models_in(folder: Path, depth: int = 2) -> Iterator[Path]:
    """The model folders and network files at ``folder`` or up to ``depth`` levels below it."""
    if _is_model(folder):
        yield folder
        return
    if depth < 0 or not folder.is_dir():
        return
    try:
        inside = sorted(folder.iterdir())[:_MOST_MODELS]
    except OSError as error:
        log.warning("%s can't be looked into: %s", folder, error)
        return
    for path in inside:
        if not path.name.startswith("."):
            yield from _models_in(path, depth - 1)


def _is_model(path: Path) -> bool:
    if path.is_file():
        return path.suffix == ".pkl"
    return any((path / name).is_file() for name in (_INDEX, _CONFIG, _GAN))


def _kind_of(path: Path) -> ModelKind:
    if (path / _INDEX).exists():
        return "image"
    return "latent" if path.is_file() or (path / _GAN).exists() else "write"


def _check(path: Path, kind: ModelKind) -> str:
    """The family of a usable model. Raises StudioError."""
    if path.is_file():
        return "StyleGAN network pickle"
    weights = sorted(path.rglob("*.safetensors"))
    for file in weights[:200]:
        check_safetensors(file)
    if kind == "latent":
        return str(read_json(path / _GAN).get("architecture", "StyleGAN2"))
    if not weights and not any(path.rglob("*.bin")):
        raise StudioError(tr("{path} holds no weights. Was it downloaded completely?", path=path), "model_unusable")
    return _pipeline(path) if kind == "image" else _language_model(path)


def _pipeline(path: Path) -> str:
    index = read_json(path / _INDEX)
    name = index.get("_class_name")
    if not isinstance(name, str) or not name.endswith("Pipeline"):
        raise StudioError(tr("{path} needs code of its own, which Triptych never runs.", path=path), "model_unusable")
    for part, entry in index.items():
        if isinstance(entry, list) and len(entry) == 2 and entry[0] and (path / f"{part}.py").exists():
            raise StudioError(
                tr("{path} brings code of its own, which Triptych never runs.", path=path), "model_unusable"
            )
        missing = isinstance(entry, list) and len(entry) == 2 and entry[0] is not None and not (path / part).is_dir()
        if missing and part not in ("safety_checker", "feature_extractor", "image_encoder"):
            raise StudioError(tr("{path} lacks its part {part}.", path=path, part=part), "model_unusable")
    return name


def _language_model(path: Path) -> str:
    config = read_json(path / _CONFIG)
    if "auto_map" in config:
        raise StudioError(tr("{path} brings code of its own, which Triptych never runs.", path=path), "model_unusable")
    names = config.get("architectures")
    name = next((n for n in names if isinstance(n, str)), "") if isinstance(names, list) else ""
    if not name.endswith(("ForCausalLM", "LMHeadModel")):
        raise StudioError(
            tr("{path} is no model that writes text ({family}).", path=path, family=name or "?"), "model_unusable"
        )
    return name


def _why_no_model(path: Path) -> str:
    if any(path.glob("*.ckpt")) or any(path.glob("*.safetensors")):
        return tr(
            "{path} holds single files; Triptych reads folders in the diffusers or transformers format.", path=path
        )
    return tr("{path} holds no model that Triptych knows.", path=path)


def _unusable(path: Path, kind: ModelKind, reason: str) -> Model:
    return Model(address=str(path), path=str(path), name=path.name, kind=kind, usable=False, reason=reason)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    except OSError:
        return 0


def _licence(path: Path) -> str:
    """The licence that a model card's front matter names."""
    card = path / "README.md"
    try:
        head = card.read_text(encoding="utf-8", errors="replace")[:4000] if card.is_file() else ""
    except OSError:
        return ""
    match = re.search(r"^license:\s*(\S+)", head, re.MULTILINE)
    return match[1] if match else ""
