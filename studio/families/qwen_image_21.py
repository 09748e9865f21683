"""Qwen-Image 2.1."""

from studio.families.rules.family import Family, Pipeline

FAMILY = Family(
    name="qwen_image_21",
    pipelines={
        "QwenImage21Pipeline": Pipeline(steps=40, guidance=4.0, edge=1024),
    },
    guidance_by="true_cfg_scale",
)
