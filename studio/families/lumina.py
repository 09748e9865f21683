"""Lumina-Next and Lumina 2."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline

FAMILY = Family(
    name="lumina",
    pipelines={
        "LuminaPipeline": Pipeline(steps=30, guidance=4.0, edge=1024),
        "Lumina2Pipeline": Pipeline(steps=30, guidance=4.0, edge=1024),
    },
    tokens=256,
    tokenizers=LONG_PROMPTS,
)
