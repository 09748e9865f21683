"""Krea 2."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline

FAMILY = Family(
    name="krea2",
    pipelines={
        "Krea2Pipeline": Pipeline(steps=28, guidance=4.5, edge=1024, few=8),
    },
    tokens=512,
    tokenizers=LONG_PROMPTS,
)
