"""Z-Image."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline, Signs

FAMILY = Family(
    name="z_image",
    pipelines={
        "ZImagePipeline": Pipeline(
            steps=50,
            guidance=4.0,
            edge=1024,
            start="strength",
            variants=("ZImageImg2ImgPipeline", "ZImageInpaintPipeline"),
            few=8,
            distilled=("scheduler", "shift", 3.0),
        ),
        "ZImageOmniPipeline": Pipeline(steps=50, guidance=4.0, edge=1024),
    },
    tokens=512,
    tokenizers=LONG_PROMPTS,
    files=(Signs("Z-Image / Lumina", (r"cap_embedder\.", r"noise_refiner\.0\."), turn=10),),
)
