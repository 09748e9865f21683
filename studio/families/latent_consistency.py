"""Latent consistency models: Stable Diffusion 1 taught to do with four steps."""

from studio.families.rules.family import Family, Pipeline
from studio.families.rules.few_steps import CONSISTENCY_GUIDANCE

FAMILY = Family(
    name="latent_consistency",
    pipelines={
        "LatentConsistencyModelPipeline": Pipeline(
            steps=4, guidance=CONSISTENCY_GUIDANCE, edge=512, start="strength", taught=True,
            variants=("LatentConsistencyModelImg2ImgPipeline",),
        ),
    },
    multiple=8,
    negative=False,
)  # fmt: skip
