"""Ideogram 4."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline

FAMILY = Family(
    name="ideogram4",
    pipelines={
        "Ideogram4Pipeline": Pipeline(steps=48, guidance=7.0, edge=2048),
    },
    tokens=2048,
    tokenizers=LONG_PROMPTS,
    negative=False,
)
