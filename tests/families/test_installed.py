"""What the window knows of diffusers and transformers without importing them is what these say themselves."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from studio.families.rules import installed
from studio.ml.quiet import quiet
from studio.models.families import FAMILIES, plain_name
from studio.models.schedulers import BY_CLASS

quiet()

ROOT = Path(__file__).parents[2]


def test_causal_models() -> None:
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    theirs = set()
    for name in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values():
        theirs |= {name} if isinstance(name, str) else set(name)
    assert installed.causal_models() == theirs


def test_pipelines() -> None:
    from diffusers.pipelines import auto_pipeline

    theirs = {}
    for pipeline in auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING.values():
        takes = inspect.signature(pipeline.__call__).parameters
        parts = inspect.signature(pipeline.__init__).parameters
        watched = {"callback_on_step_end", "prompt"} <= takes.keys() and "vae" in parts
        films = "Helios" in pipeline.__name__  # what comes of them are frames
        if watched and not films and {"unet", "transformer"} & parts.keys() and "Control" not in pipeline.__name__:
            longest = takes.get("max_sequence_length")
            theirs[pipeline.__name__] = (longest.default if longest else 0) or 0
    assert theirs == {name: family.reads for name, family in FAMILIES.items()}


def test_variants_of_pipelines() -> None:
    from diffusers.pipelines import auto_pipeline

    words = auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING
    for table in (auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING, auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING):
        for family, pipeline in table.items():
            if family in words and "Control" not in pipeline.__name__ and words[family].__name__ in FAMILIES:
                assert plain_name(pipeline.__name__) == words[family].__name__


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
        "import sys; from pathlib import Path; from studio.models.shelf import Shelf; import studio.models.tokens, "
        "studio.models.schedulers, studio.library.library, studio.library.export; "
        "Shelf(Path('resources/starters')).scan(); "
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
