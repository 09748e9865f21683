"""FLUX.1: dev, schnell and Kontext."""

from studio.families.rules.family import LONG_PROMPTS, Autoencoder, Family, Pipeline, Signs

FAMILY = Family(
    name="flux",
    pipelines={
        "FluxPipeline": Pipeline(
            steps=28, guidance=3.5, edge=1024, start="strength",
            variants=("FluxImg2ImgPipeline", "FluxInpaintPipeline"),
            distilled=("network", "guidance_embeds", False),  # schnell; dev is told its guidance
        ),
        "FluxKontextPipeline": Pipeline(steps=28, guidance=2.5, edge=1024, start="reference"),
    },
    tokens=512,
    tokenizers=LONG_PROMPTS,
    negative=False,
    packs=4,
    autoencoder=Autoencoder(channels=16, scaling=0.3611),
    files=(Signs("FLUX", (r"double_blocks\.0\.img_|single_transformer_blocks\.0\.",), turn=8),),
)  # fmt: skip
