"""Whether a folder is of use, by its settings alone: what lists models and what loads them ask here alike."""

from pathlib import Path

import msgspec

from studio.core.abilities import Can
from studio.core.errors import StudioError
from studio.core.given_names import as_said
from studio.core.text import tr
from studio.families import clip
from studio.families.rules.autoencoders import KINDS, kind_of
from studio.families.rules.family import Family, Pipeline, Settings
from studio.families.rules.installed import causal_models, known_kinds, writing_kinds
from studio.families.rules.known import PIPELINES
from studio.families.rules.packing import check_packing
from studio.families.rules.parts import parts_of
from studio.families.rules.purpose import PARTS, SPARE, lacks, purpose_of, refusal
from studio.files.model_settings import settings_or_none

_CLIP = next(iter(clip.FAMILY.architectures))
_OF_PICTURES = ("preprocessor_config.json", "processor_config.json")
"""In one of these is how a picture becomes a CLIP model's pixels."""
TOKENIZERS = (
    "tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json", "vocab.txt",
    "tekken.json",
)  # fmt: skip
"""One of these files is in every folder with a tokenizer."""


class PictureModel(msgspec.Struct, frozen=True, kw_only=True):
    """A folder in the diffusers format that is of use."""

    class_name: str
    """Of the pipeline, as the folder says it."""
    family: Family
    pipeline: Pipeline
    parts: tuple[str, ...]
    """Those that are there, or must be."""
    refiner: bool
    """It improves a picture and can't begin one."""
    can: tuple[Can, ...]


def judge_pipeline(path: Path, index: Settings) -> PictureModel:
    """What the folder at ``path`` with this model_index.json is. Raises StudioError "model_unusable"."""
    name = index.get("_class_name")
    if not name:
        raise _unusable(
            "{file} doesn't say which pipeline the model is for. Download the model again.",
            file=path / "model_index.json",
        )
    if not isinstance(name, str):
        raise _unusable("{path} includes its own code, which Triptych never runs.", path=path)
    configs = [settings_or_none(path / part / "config.json") for part in PARTS]
    purpose = purpose_of(index, *configs)
    if sentence := refusal(purpose, path):
        raise StudioError(sentence, "model_unusable")
    if name not in PIPELINES:
        raise _unusable(
            "{path} is for {name}, which Triptych can't use to make pictures from text.", path=path, name=name
        )
    parts = tuple(part for part in parts_of(path, index) if part not in SPARE or (path / part).exists())
    if part := next((part for part, entry in index.items() if lacks(index, part, entry)), ""):
        raise _unusable("{path} was saved without its part {part}, which it needs.", path=path, part=part)
    for part in parts:
        check_packing(path, settings_or_none(path / part / "config.json"))
    family, pipeline = PIPELINES[name]
    refiner = purpose == "refiner"
    begins: tuple[Can, ...] = () if refiner else ("text>image",)
    starts: tuple[Can, ...] = ("image>image",) if refiner or pipeline.start else ()
    between: tuple[Can, ...] = ("image>latents",) if kind_of(configs[PARTS.index("vae")]) else ()
    return PictureModel(
        class_name=name,
        family=family,
        pipeline=pipeline,
        parts=parts,
        refiner=refiner,
        can=(*begins, *starts, *between),
    )


def judge_language_model(path: Path, config: Settings) -> str:
    """The class of the model that writes in the folder at ``path`` with this config.json.

    A folder that names program code of its own ("auto_map") will do where transformers brings that very class; one that
    names no class goes by its kind. Raises StudioError "model_unusable".
    """
    named, said = config.get("architectures"), config.get("model_type")
    kind = said if isinstance(said, str) else ""
    names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    known = causal_models()
    name = next((name for name in names if name in known), "")
    if not names:
        name = writing_kinds(decoder=config.get("is_decoder") is True).get(kind, "")
    if not name and "auto_map" in config:
        raise _unusable("{path} includes its own code, which Triptych never runs.", path=path)
    if known and (kind or name) and kind not in known_kinds():
        raise _unusable("The model {path} is of an unknown type: {kind}.", path=path, kind=kind or "?")
    if not name and not known:
        name = next((name for name in names if name.endswith(("ForCausalLM", "LMHeadModel"))), "")
    family = ", ".join(names) or kind
    if not name and not family:
        raise _unusable("{path} doesn't say what it is: its config.json names no model.", path=path)
    if not name:
        raise _unusable("{path} is not a model that writes text ({family}).", path=path, family=family)
    check_packing(path, config)
    if not any((path / file).is_file() for file in TOKENIZERS):
        raise _unusable(
            "{path} has no tokenizer (tokenizer.json). Get the whole folder, not the weights alone.", path=path
        )
    return name


def judge_autoencoder(path: Path, config: Settings) -> str:
    """The class of the autoencoder in the folder at ``path``. Raises StudioError "model_unusable"."""
    if kind := kind_of(config):
        return kind
    raise _unusable(
        "{path} is {name}; walking between pictures works with {known}.",
        path=path,
        name=as_said(config.get("_class_name")),
        known=", ".join(KINDS),
    )


def is_clip(config: Settings) -> bool:
    """Whether this config.json is of a model that says how well words fit a picture."""
    return config.get("architectures") == [_CLIP]


def judge_clip(path: Path, config: Settings) -> str:
    """The class of the CLIP model in the folder at ``path``. Raises StudioError "model_unusable"."""
    if not is_clip(config):
        raise _unusable("{path} is not a CLIP model, so it can't rate how well a picture fits its prompt.", path=path)
    if not any((path / name).is_file() for name in _OF_PICTURES):
        raise _unusable("{path} is missing. Did the model's download finish?", path=path / _OF_PICTURES[0])
    return _CLIP


def _unusable(sentence: str, **values: object) -> StudioError:
    """What a model says of itself is as long as a sentence can be."""
    short = {name: value[:100] if isinstance(value, str) else value for name, value in values.items()}
    return StudioError(tr(sentence, **short), "model_unusable")
