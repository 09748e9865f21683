"""The families that there are: each file of ``studio.families`` names one."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import studio.families
from studio.families.rules.family import Family, Pipeline


def _walk() -> Iterator[Family]:
    for module in pkgutil.iter_modules(studio.families.__path__, "studio.families."):
        if not module.ispkg:
            family: Family = import_module(module.name).FAMILY
            yield family


FAMILIES: dict[str, Family] = {family.name: family for family in _walk()}
GENERATORS = tuple(family for family in FAMILIES.values() if "latent>image" in family.can)
PIPELINES: dict[str, tuple[Family, Pipeline]] = {
    name: (family, pipeline)
    for family in FAMILIES.values()
    for own, pipeline in family.pipelines.items()
    for name in (own, *pipeline.variants)
}
"""By diffusers' names of them, those of their variants too."""


def family_of(pipeline: str) -> Family | None:
    """The family whose models are for the ``pipeline`` of that name."""
    found = PIPELINES.get(pipeline)
    return found[0] if found else None
