"""FLUX.2, and its small Klein."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline, Signs

FAMILY = Family(
    name="flux2",
    pipelines={
        "Flux2Pipeline": Pipeline(steps=28, guidance=4.0, edge=1024, start="reference"),
        "Flux2KleinPipeline": Pipeline(steps=28, guidance=4.0, edge=1024, start="reference"),
    },
    tokens=512,
    tokenizers=LONG_PROMPTS,
    negative=False,
    files=(Signs("FLUX.2", (r"double_stream_modulation_img\.",), turn=6),),
)
