"""What to tell people when a library can't load a model: its own words are for the log and the report."""

import logging
import pickle
import re
from pathlib import Path

from safetensors import SafetensorError

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.families.rules.packing import packed, packed_with
from studio.files.model_settings import settings_or_none
from studio.ml.load.folder import more_than_numbers

log = logging.getLogger(__name__)
_SIZES = re.compile(r"size mismatch|mismatched.{0,20}size|shape.{0,80}(expected|but|mismatch|invalid)", re.IGNORECASE)
_INSTALL = re.compile(r"pip install|install it|is required to|requires? the .{1,40} library", re.IGNORECASE)
_PICKLED = re.compile(r"weights_only", re.IGNORECASE)


def not_loaded(folder: Path, error: BaseException) -> StudioError:
    """The error for a model in ``folder`` that a library raised ``error`` about; what that said goes to the log."""
    log.info("could not load %s", folder, exc_info=error)
    return StudioError(_sentence(folder, error), "model_unusable")


def unreadable_tokenizer(folder: Path, error: BaseException) -> StudioError:
    """The error for a tokenizer in ``folder``, or a text, that a library raised ``error`` about."""
    log.info("the tokenizer in %s can't be used", folder, exc_info=error)
    if _needs_library(error):
        return StudioError(_of_another_library(folder), "model_unusable")
    return StudioError(
        tr("The tokenizer in {path} can't be used: its files are damaged or don't match.", path=folder),
        "model_unusable",
    )


def _sentence(folder: Path, error: BaseException) -> str:
    said = str(error)
    if isinstance(error, SafetensorError):
        return tr("The weights in {path} are incomplete or damaged. Download them again.", path=folder)
    if isinstance(error, pickle.UnpicklingError | EOFError) or _PICKLED.search(said):
        return more_than_numbers(folder).message
    if method := _quantized(folder):
        return packed(folder, method).message
    if _needs_library(error):
        return _of_another_library(folder)
    if _SIZES.search(said):
        return tr(
            "The weights of the model {path} don't have the sizes given in its settings. Download the whole "
            "folder again.",
            path=folder,
        )
    return tr(
        "The model {path} can't be loaded: its settings and files don't match, or they need a newer version of "
        "Triptych. Download the whole folder again, or choose another model.",
        path=folder,
    )


def _needs_library(error: BaseException) -> bool:
    return isinstance(error, ImportError) or _INSTALL.search(str(error)) is not None


def _of_another_library(folder: Path) -> str:
    return tr("The model {path} needs a library that isn't part of Triptych. Choose another model.", path=folder)


def _quantized(folder: Path) -> str:
    """The method that the weights in ``folder``, or in one of its parts, were quantized with; "" when they weren't."""
    files = (folder / "config.json", *sorted(folder.glob("*/config.json")))
    return next((method for file in files if (method := packed_with(settings_or_none(file)))), "")
