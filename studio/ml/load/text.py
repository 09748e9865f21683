"""Language models: any local folder in transformers format with a causal language model."""

from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.families.rules.judge import judge_language_model
from studio.families.rules.settings_files import check_settings
from studio.files.model_settings import read_settings
from studio.ml import device
from studio.ml.load.address import resolve
from studio.ml.load.bounds import bounded, check_files, strangers
from studio.ml.load.explained import not_loaded, unreadable_tokenizer
from studio.ml.load.folder import more_than_numbers
from studio.ml.load.pickled_weights import check_pickled
from studio.ml.load.text_config import config_of, context_of, named_ends, tie_head
from studio.ml.load.without_names import without_names
from studio.ml.quiet import quiet
from studio.ml.writing.ends import text_ends


@dataclass(frozen=True)
class LanguageModel:
    """A language model, ready to write."""

    model: Any
    """A transformers model with a causal head, in evaluation mode."""
    tokenizer: Any
    ends: frozenset[int]
    """Tokens that end a text."""
    path: Path
    context: int
    """How many tokens the model can see at once; 0 where the folder doesn't say."""
    tied: bool = False
    """Whether the output layer is the embeddings because its own weights are missing."""

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        place: torch.device = self.model.device
        return place

    @property
    def size(self) -> int:
        """How many tokens the model knows."""
        return int(self.model.get_input_embeddings().num_embeddings)

    @property
    def special(self) -> list[int]:
        """Tokens that are no words."""
        return sorted({*self.tokenizer.all_special_ids, *self.ends})


def load_language_model(address: str) -> LanguageModel:
    """The language model at ``address``. Nothing in its folder is run as a program.

    Raises StudioError: "model_missing" when nothing is there, "model_unusable" when it can't be read or is no causal
    language model.
    """
    folder = resolve(address)
    quiet()
    config = _config(folder)
    judge_language_model(folder, config)
    check_settings(folder)
    check_files(folder)
    safetensors = _has_safetensors(folder)
    with strangers(lambda error: not_loaded(folder, error)), without_names():
        settings = config_of(folder, str(config["model_type"]))
    tokenizer = _tokenizer(folder, settings)
    model, tied = _model(folder, settings, safetensors, _dtype(folder, config))
    with strangers(lambda error: not_loaded(folder, error)):
        return LanguageModel(
            model=model,
            tokenizer=tokenizer,
            ends=_ends(model, tokenizer, config),
            path=folder,
            context=context_of(model.config),
            tied=tied,
        )


def _config(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise _unusable(tr("{path} is a file. A language model is a folder in transformers format.", path=folder))
    if not any(folder.iterdir()):
        raise StudioError(
            tr("The folder {path} is empty. Did its download finish?", path=folder), trouble="model_missing"
        )
    if (folder / "model_index.json").is_file():
        raise _unusable(tr("{path} makes pictures: use it in the Image room.", path=folder))
    file = folder / "config.json"
    if not file.is_file():
        raise _unusable(tr("{path} has no config.json, so it isn't a model in transformers format.", path=folder))
    return read_settings(file)


def _has_safetensors(folder: Path) -> bool:
    """True when the weights are safetensors, False when they are pickles, which transformers reads as data only."""
    if any(folder.glob("*.safetensors")):
        return True
    if pickled := sorted(folder.glob("pytorch_model*.bin")):
        for file in pickled:
            try:
                check_pickled(file)
            except UnpicklingError as error:
                raise more_than_numbers(file) from error
        return False
    raise _unusable(tr("{path} has no weights (*.safetensors). Did its download finish?", path=folder))


def _dtype(folder: Path, config: dict[str, Any]) -> torch.dtype:
    """The device's format; half precision, as they are stored, for weights too large for memory in float32."""
    choice = device.choose()
    stored = str(config.get("dtype") or config.get("torch_dtype") or "")
    size = sum(file.stat().st_size for file in folder.iterdir() if file.suffix in (".safetensors", ".bin"))
    if choice.dtype is torch.float32 and "16" in stored and 2 * size > device.memory(choice.device)[0]:
        return torch.bfloat16
    return choice.dtype


def _tokenizer(folder: Path, config: Any) -> Any:
    from transformers import AutoTokenizer

    with strangers(lambda error: unreadable_tokenizer(folder, error)), without_names():
        return AutoTokenizer.from_pretrained(str(folder), config=config, local_files_only=True, trust_remote_code=False)


def _model(folder: Path, config: Any, safetensors: bool, dtype: torch.dtype) -> tuple[Any, bool]:
    """The model, and whether its output layer had to be tied."""
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    with strangers(lambda error: not_loaded(folder, error)), bounded(folder, folder.iterdir()):
        model, facts = AutoModelForCausalLM.from_pretrained(
            str(folder),
            config=config,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=safetensors,
            dtype=dtype,
            device_map={"": device.choose().device},
            output_loading_info=True,
        )
    lost = set(facts["missing_keys"])
    tied = tie_head(model, lost)
    if missing := sorted(lost):
        raise _unusable(
            tr(
                "{path} lacks {count} of the model's weights, such as {name}. Download the whole folder again.",
                path=folder,
                count=len(missing),
                name=missing[0],
            )
        )
    return model.eval(), tied


def _ends(model: Any, tokenizer: Any, config: dict[str, Any]) -> frozenset[int]:
    named = [getattr(model.generation_config, "eos_token_id", None), *named_ends(config)]
    return text_ends(named, tokenizer, model.get_input_embeddings().num_embeddings)


def _unusable(message: str) -> StudioError:
    return StudioError(message, trouble="model_unusable")
