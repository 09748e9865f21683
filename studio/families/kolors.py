"""Kolors."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline

FAMILY = Family(
    name="kolors",
    pipelines={
        "KolorsPipeline": Pipeline(
            steps=28, guidance=5.0, edge=1024, start="strength", variants=("KolorsImg2ImgPipeline",)
        ),
        "KolorsPAGPipeline": Pipeline(steps=28, guidance=5.0, edge=1024),
    },
    tokens=256,
    tokenizers=LONG_PROMPTS,
    multiple=8,
)
