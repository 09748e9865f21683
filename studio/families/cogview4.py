"""CogView4."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline

FAMILY = Family(
    name="cogview4",
    pipelines={
        "CogView4Pipeline": Pipeline(steps=50, guidance=3.5, edge=1024),
    },
    tokens=1024,
    tokenizers=LONG_PROMPTS,
)
