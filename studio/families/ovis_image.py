"""Ovis-Image."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline

FAMILY = Family(
    name="ovis_image",
    pipelines={
        "OvisImagePipeline": Pipeline(steps=50, guidance=5.0, edge=1024),
    },
    tokens=256,
    tokenizers=LONG_PROMPTS,
)
