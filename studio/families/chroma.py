"""Chroma."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline, Signs

FAMILY = Family(
    name="chroma",
    pipelines={
        "ChromaPipeline": Pipeline(steps=35, guidance=5.0, edge=1024, few=8),
    },
    tokens=512,
    tokenizers=LONG_PROMPTS,
    files=(Signs("Chroma", (r"distilled_guidance_layer\.",), turn=7),),
)
