"""What the window knows of diffusers and transformers without importing them is what these say themselves."""

import inspect
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from studio.families.rules import installed
from studio.families.rules.family import LONG_PROMPTS
from studio.families.rules.known import FAMILIES, PIPELINES
from studio.families.rules.packing import BEYOND_US
from studio.families.rules.schedulers import BY_CLASS
from studio.ml.families.code import code_of
from studio.ml.quiet import quiet

quiet()

ROOT = Path(__file__).parents[2]


def test_causal_models() -> None:
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    theirs = set()
    for name in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values():
        theirs |= {name} if isinstance(name, str) else set(name)
    assert installed.causal_models() == theirs


def _takes(pipeline: Any) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(pipeline.__call__).parameters


def test_pipelines() -> None:
    """Those that make a picture from words and can be watched, and how far each reads."""
    from diffusers.pipelines import auto_pipeline

    theirs = {}
    for pipeline in auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING.values():
        takes, parts = _takes(pipeline), inspect.signature(pipeline.__init__).parameters
        watched = {"callback_on_step_end", "prompt"} <= takes.keys() and "vae" in parts
        films = "Helios" in pipeline.__name__  # what comes of them are frames
        if watched and not films and {"unet", "transformer"} & parts.keys() and "Control" not in pipeline.__name__:
            longest = takes.get("max_sequence_length")
            theirs[pipeline.__name__] = (longest.default if longest else 0) or 0
    ours = {name: family.tokens for family in FAMILIES.values() for name in family.pipelines}
    assert theirs == ours
    assert all(set(family.tokenizers) == set(LONG_PROMPTS) for family in FAMILIES.values() if family.tokens)


def test_variants_of_pipelines() -> None:
    """Whatever begins with a picture and diffusers takes for the same model, and nothing else."""
    from diffusers.pipelines import auto_pipeline

    words = auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING
    theirs: dict[str, set[str]] = {name: set() for family in FAMILIES.values() for name in family.pipelines}
    for table in (auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING, auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING):
        for model, pipeline in table.items():
            if model in words and words[model].__name__ in theirs:
                theirs[words[model].__name__] |= {pipeline.__name__} - {words[model].__name__}
    ours = {name: set(own.variants) for family in FAMILIES.values() for name, own in family.pipelines.items()}
    assert theirs == ours


def test_what_each_makes_of_a_start_picture() -> None:
    from diffusers.pipelines import auto_pipeline

    words = {pipeline.__name__: key for key, pipeline in auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING.items()}
    for family in FAMILIES.values():
        for name, own in family.pipelines.items():
            starting = auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING.get(words[name])
            strong = starting and "strength" in _takes(starting)
            assert own.start == ("strength" if strong else "reference" if starting else ""), name


def test_how_each_is_called() -> None:
    """Guidance, negative prompts, sizes of their own and packed latents, as the classes' signatures tell them."""
    import diffusers

    for name, (family, _) in PIPELINES.items():
        pipeline = getattr(diffusers, name)
        takes, code = _takes(pipeline), code_of(family.name)
        true, learnt = "true_cfg_scale" in takes, takes.get("guidance_scale")
        by_true = true and (learnt is None or learnt.default is None)
        assert family.guidance_by == ("true_cfg_scale" if by_true else "guidance_scale"), name
        assert family.negative is (by_true or ("negative_prompt" in takes and not true)), name
        told = {**family.call, **code.call(64, 32)}
        assert {"max_area", "_auto_resize", "use_resolution_binning"} & takes.keys() <= told.keys(), name
        assert (code.unpack is not None) is hasattr(pipeline, "_unpack_latents"), name
        assert family.multiple == (8 if "unet" in inspect.signature(pipeline.__init__).parameters else 1), name


def test_every_family_is_called_as_its_file() -> None:
    for name in FAMILIES:
        assert import_module(f"studio.families.{name}").FAMILY.name == name
    files = {path.stem for path in (ROOT / "studio" / "ml" / "families").glob("*.py")} - {"__init__", "code"}
    assert files <= FAMILIES.keys()


def test_packed_models() -> None:
    """Methods that need what is not here; the others transformers unpacks by itself."""
    from transformers.quantizers.auto import AUTO_QUANTIZER_MAPPING

    unpacked = {"bitnet", "fp8", "gemma", "gguf", "metal", "mxfp4", "mxfp8"}
    assert set(AUTO_QUANTIZER_MAPPING) - unpacked == BEYOND_US - {"bitsandbytes", "modelopt"}


def test_kinds_of_models() -> None:
    from transformers import CONFIG_MAPPING

    assert installed.known_kinds() >= set(CONFIG_MAPPING.keys())


def test_schedulers() -> None:
    """For each scheduler that a model may come with, the names that the engine would take in its place."""
    import diffusers

    from studio.ml.samplers import schedulers

    for name in dir(diffusers):
        if not name.endswith("Scheduler") or name.startswith("Flax"):
            continue
        try:
            scheduler = getattr(diffusers, name)()
        except (TypeError, ImportError):  # wants arguments or packages that are not here
            continue
        if isinstance(scheduler, diffusers.SchedulerMixin):
            assert list(BY_CLASS.get(name, ())) == schedulers.names(scheduler), name


def test_the_window_stays_light() -> None:
    code = (
        "import sys; from pathlib import Path; from studio.models.catalogue import ModelCatalogue; "
        "import studio.models.tokens, "
        "studio.library.library, studio.library.export; "
        "ModelCatalogue(Path('resources/starters')).scan(); "
        "print([name for name in ('torch', 'transformers', 'diffusers', 'PySide6') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT).stdout
        == "[]\n"
    )


def test_without_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    installed.causal_models.cache_clear()
    assert installed.causal_models() == frozenset()
    installed.causal_models.cache_clear()
