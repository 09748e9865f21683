"""Nucleus-MoE-Image."""

from studio.families.rules.family import Family, Pipeline

FAMILY = Family(
    name="nucleus_moe",
    pipelines={
        "NucleusMoEImagePipeline": Pipeline(steps=50, guidance=4.0, edge=1024),
    },
)
