"""Sana."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline, Signs

FAMILY = Family(
    name="sana",
    pipelines={
        "SanaPipeline": Pipeline(steps=20, guidance=4.5, edge=1024),
        "SanaPAGPipeline": Pipeline(steps=20, guidance=4.5, edge=1024),
    },
    tokens=300,
    tokenizers=LONG_PROMPTS,
    call={"use_resolution_binning": False},
    files=(Signs("Sana", (r"attention_y_norm|caption_norm\.weight",), turn=15),),
)
