"""Stable Diffusion 3 and 3.5."""

from studio.families.rules.family import LONG_PROMPTS, Autoencoder, Family, Pipeline, Signs

FAMILY = Family(
    name="sd3",
    pipelines={
        "StableDiffusion3Pipeline": Pipeline(
            steps=28, guidance=7.0, edge=1024, start="strength",
            variants=("StableDiffusion3Img2ImgPipeline", "StableDiffusion3InpaintPipeline"),
        ),
        "StableDiffusion3PAGPipeline": Pipeline(
            steps=28, guidance=7.0, edge=1024, start="strength", variants=("StableDiffusion3PAGImg2ImgPipeline",)
        ),
    },
    tokens=256,
    tokenizers=LONG_PROMPTS,
    guidance_with=("qk_norm", 4.5),  # 3.5, which norms its queries, wants less than 3
    autoencoder=Autoencoder(channels=16, scaling=1.5305),
    files=(Signs("Stable Diffusion 3", (r"joint_blocks\.0\.",), turn=3),),
)  # fmt: skip
