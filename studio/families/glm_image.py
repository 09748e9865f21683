"""GLM-Image."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline

FAMILY = Family(
    name="glm_image",
    pipelines={
        "GlmImagePipeline": Pipeline(steps=50, guidance=1.5, edge=1024),
    },
    tokens=2048,
    tokenizers=LONG_PROMPTS,
    says_edge=False,
    negative=False,
)
