"""Stable Diffusion XL, its refiner, and what was made of them."""

from studio.families.rules.family import Autoencoder, Family, Pipeline, Signs

FAMILY = Family(
    name="sdxl",
    pipelines={
        "StableDiffusionXLPipeline": Pipeline(
            steps=28, guidance=7.0, edge=1024, start="strength",
            variants=("StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"),
        ),
        "StableDiffusionXLPAGPipeline": Pipeline(
            steps=28, guidance=7.0, edge=1024, start="strength",
            variants=("StableDiffusionXLPAGImg2ImgPipeline", "StableDiffusionXLPAGInpaintPipeline"),
        ),
    },
    multiple=8,
    spare=("text_encoder", "tokenizer"),  # the refiner reads words with the second encoder alone
    refiners=True,
    autoencoder=Autoencoder(channels=4, scaling=0.13025),
    files=(
        Signs("Stable Diffusion XL", (r"conditioner\.embedders\.[01]\.",)),
        Signs("Stable Diffusion XL (UNet)", (r"label_emb\.0\.0\.weight|add_embedding\.linear_1",), turn=17),
    ),
)  # fmt: skip
