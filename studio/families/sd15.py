"""Stable Diffusion 1 and 2, and what was made of them."""

from studio.families.rules.family import Autoencoder, Family, Pipeline, Signs

FAMILY = Family(
    name="sd15",
    pipelines={
        "StableDiffusionPipeline": Pipeline(
            steps=28, guidance=7.5, edge=512, start="strength",
            variants=("StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"),
        ),
        "StableDiffusionPAGPipeline": Pipeline(
            steps=28, guidance=7.5, edge=512, start="strength",
            variants=("StableDiffusionPAGImg2ImgPipeline", "StableDiffusionPAGInpaintPipeline"),
        ),
    },
    multiple=8,
    autoencoder=Autoencoder(channels=4, scaling=0.18215),
    files=(
        Signs("Stable Diffusion 1", (r"cond_stage_model\.transformer\.",), turn=1),
        Signs("Stable Diffusion 2", (r"cond_stage_model\.model\.",), turn=2),
        Signs("Stable Diffusion (UNet)", (r"(^|\.)input_blocks\.0\.0\.",), turn=18),
        Signs("Stable Diffusion (UNet)", (r"^down_blocks\.0\.", r"^time_embedding\."), turn=19),
    ),
)  # fmt: skip
