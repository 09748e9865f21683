"""The picture pipelines of diffusers that Triptych can use, and how many tokens each reads, told without loading it."""

import re

READS: dict[str, int] = {
    "StableDiffusionPipeline": 0,
    "StableDiffusionXLPipeline": 0,
    "StableDiffusion3Pipeline": 256,
    "StableDiffusion3PAGPipeline": 256,
    "HunyuanDiTPipeline": 0,
    "HunyuanDiTPAGPipeline": 0,
    "LatentConsistencyModelPipeline": 0,
    "SanaPipeline": 300,
    "SanaPAGPipeline": 300,
    "StableDiffusionPAGPipeline": 0,
    "StableDiffusionXLPAGPipeline": 0,
    "AuraFlowPipeline": 256,
    "FluxPipeline": 512,
    "FluxKontextPipeline": 512,
    "Flux2KleinPipeline": 512,
    "Flux2Pipeline": 512,
    "Ideogram4Pipeline": 2048,
    "Krea2Pipeline": 512,
    "LuminaPipeline": 256,
    "Lumina2Pipeline": 256,
    "ChromaPipeline": 512,
    "CogView3PlusPipeline": 224,
    "CogView4Pipeline": 1024,
    "GlmImagePipeline": 2048,
    "HeliosPipeline": 512,
    "HeliosPyramidPipeline": 512,
    "NucleusMoEImagePipeline": 0,
    "QwenImagePipeline": 512,
    "QwenImage21Pipeline": 0,
    "ZImagePipeline": 512,
    "ZImageOmniPipeline": 512,
    "OvisImagePipeline": 256,
    "PRXPipeline": 0,
    "KolorsPipeline": 256,
    "KolorsPAGPipeline": 256,
}
"""Those that make a picture from words alone and can be watched and stopped. 0: what the tokenizer's settings say."""
_VARIANTS = re.compile(r"Img2Img|Inpaint(ing)?")


def plain_name(pipeline: str) -> str:
    """The pipeline that makes pictures from words out of the same parts."""
    return _VARIANTS.sub("", pipeline)
