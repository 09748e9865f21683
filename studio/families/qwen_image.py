"""Qwen-Image."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline, Signs

FAMILY = Family(
    name="qwen_image",
    pipelines={
        "QwenImagePipeline": Pipeline(
            steps=50,
            guidance=4.0,
            edge=1024,
            start="strength",
            variants=("QwenImageImg2ImgPipeline", "QwenImageInpaintPipeline"),
        ),
    },
    tokens=512,
    tokenizers=LONG_PROMPTS,
    guidance_by="true_cfg_scale",
    files=(Signs("Qwen-Image", (r"(^|\.)txt_norm\.weight|txt_in\.text_norm",), turn=9),),
)
