"""What a folder in diffusers format holds, judged by its files alone, before any of it is loaded."""

import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from studio.core.errors import StudioError
from studio.core.given_names import is_name
from studio.core.text import tr
from studio.families.rules.judge import PictureModel, judge_pipeline
from studio.families.rules.purpose import SPARE, is_none
from studio.families.rules.settings_files import check_settings
from studio.files.reading import load_json
from studio.ml.load.bounds import check_files
from studio.ml.load.pickled_weights import check_pickled

_VARIANT = re.compile(r"\.(\w+)(?:-\d+-of-\d+)?\.(?:safetensors|bin)$")
_LONGEST_WORDS = 200
_WEIGHTS = ("*.safetensors", "*.bin")


@dataclass(frozen=True)
class PipelineFolder:
    """A folder that looks sound."""

    path: Path
    model: PictureModel
    variant: str | None
    """The part of the weights' file names that must be asked for ("fp16"), where a component has no plain ones."""
    safetensors_only: bool
    """False when a component's weights are pickled: torch reads them with ``weights_only``, which runs nothing."""
    absent: tuple[str, ...]
    """Components that the pipeline takes and works without: saved as none, or not there."""


def read_folder(path: Path) -> PipelineFolder:
    """Look at the folder ``path``. Raises StudioError "model_unusable" that says what is wrong with it."""
    index = _read_index(path)
    model = judge_pipeline(path, index)
    for name in model.parts:
        _check_component(path, name)
    holding_weights = [path / name for name in model.parts if (path / name / "config.json").is_file()]
    files = {folder: _weights(folder) for folder in holding_weights}
    for name in model.parts:
        check_settings(path / name)
        check_files(path / name)
    for found in files.values():
        _check_weights(found)
    return PipelineFolder(
        path=path,
        model=model,
        variant=_variant(files),
        safetensors_only=all(any(file.suffix == ".safetensors" for file in found) for found in files.values()),
        absent=tuple(name for name, value in index.items() if is_none(value) or name in SPARE - set(model.parts)),
    )


def check_part(folder: Path) -> tuple[str | None, bool]:
    """Look at one network's folder. Raises StudioError "model_unusable" that says what is wrong with it.

    Returns the variant that must be asked for, and whether the weights are safetensors; see ``PipelineFolder``.
    """
    check_settings(folder)
    check_files(folder)
    files = _weights(folder)
    _check_weights(files)
    return _variant({folder: files}), any(file.suffix == ".safetensors" for file in files)


def unusable(sentence: str, **values: object) -> StudioError:
    """The error for a model that is there but can't be used; what it says of itself is cut."""
    short = {name: value[:_LONGEST_WORDS] if isinstance(value, str) else value for name, value in values.items()}
    return StudioError(tr(sentence, **short), trouble="model_unusable")


def incomplete(path: Path, key: str) -> StudioError:
    """The error for a model whose files lack the weights named ``key``: libraries make up numbers in their place."""
    return unusable("The model {path} is incomplete: {key} is missing. Download it again.", path=path, key=key)


def _read_index(path: Path) -> dict[str, Any]:
    if path.is_file():
        raise unusable(
            "{path} is a single file. Picture models are opened as folders in diffusers format: choose the folder "
            "that contains model_index.json.",
            path=path,
        )
    file = path / "model_index.json"
    if not file.is_file():
        raise _no_index(path)
    try:
        index = load_json(file)
    except (OSError, ValueError) as error:
        raise unusable("{file} can't be read. Download the model again.", file=file) from error
    return index if isinstance(index, dict) else {}


def _no_index(path: Path) -> StudioError:
    if not any(path.iterdir()):
        return unusable("The folder {path} is empty. Did the model's download finish?", path=path)
    config = path / "config.json"
    try:
        kinds = list(load_json(config).get("architectures") or [])
    except (OSError, ValueError, AttributeError, TypeError):
        kinds = []
    if any("CausalLM" in str(kind) or "LMHead" in str(kind) for kind in kinds):
        return unusable("{path} is a language model. Use it in the Write room.", path=path)
    return unusable(
        "The folder {path} has no model_index.json, so it isn't a picture model in diffusers format. Choose the "
        "folder that contains that file.",
        path=path,
    )


def _check_component(path: Path, name: str) -> None:
    if not (path / name).is_dir():
        raise unusable(
            "The model {path} is incomplete: its folder {name} is missing. Download the model again.",
            path=path,
            name=name,
        )


def _weights(folder: Path) -> list[Path]:
    files = sorted(file for pattern in _WEIGHTS for file in folder.glob(pattern))
    named: set[str] = set()
    for index in folder.glob("*.index*.json"):
        try:
            named.update(map(str, load_json(index)["weight_map"].values()))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise unusable("{file} can't be read. Download the model again.", file=index) from error
    if outside := next((name for name in named if not is_name(name)), ""):
        raise unusable("{folder} refers to a file outside itself: {name}.", folder=folder, name=outside)
    missing = named - {file.name for file in files}
    # A folder may list shards in two formats and hold one of them only.
    if not files or (missing and not any(file.suffix == ".safetensors" for file in files)):
        raise unusable("There are no weights in {folder}. Did the model's download finish?", folder=folder)
    lost = sorted(name for name in missing if name.endswith(".safetensors"))
    if lost:
        raise unusable("{file} is missing. Did the model's download finish?", file=folder / lost[0])
    return files


def _check_weights(files: list[Path]) -> None:
    """The safetensors files where there are such; else the pickles are what will be read."""
    data = [file for file in files if file.suffix == ".safetensors"]
    for file in data:
        _check_safetensors(file)
    for file in files if not data else ():
        try:
            check_pickled(file)
        except pickle.UnpicklingError as error:
            raise more_than_numbers(file) from error


def more_than_numbers(path: Path) -> StudioError:
    """The error for pickled weights with something else in them, or that can't be read."""
    return unusable(
        "The weights in {path} are damaged, incomplete, or contain more than numbers. Get them as safetensors.",
        path=path,
    )


def _check_safetensors(file: Path) -> None:
    """Hold the file's length against what its header promises; reads the header only."""
    try:
        with safe_open(file, framework="numpy"):
            return
    except (SafetensorError, OSError) as error:
        raise unusable("{file} is damaged or incomplete. Download the model again.", file=file) from error


def _variant(files: dict[Path, list[Path]]) -> str | None:
    for found in files.values():
        variants = [match.group(1) for file in found if (match := _VARIANT.search(file.name))]
        if len(variants) == len(found):
            return variants[0]
    return None
