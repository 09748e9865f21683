"""CogView3 Plus."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline

FAMILY = Family(
    name="cogview3",
    pipelines={
        "CogView3PlusPipeline": Pipeline(steps=50, guidance=7.0, edge=1024),
    },
    tokens=224,
    tokenizers=LONG_PROMPTS,
)
