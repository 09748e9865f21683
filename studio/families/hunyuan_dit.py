"""Hunyuan-DiT."""

from studio.families.rules.family import Family, Pipeline, Signs

FAMILY = Family(
    name="hunyuan_dit",
    pipelines={
        "HunyuanDiTPipeline": Pipeline(steps=28, guidance=5.0, edge=1024),
        "HunyuanDiTPAGPipeline": Pipeline(steps=28, guidance=5.0, edge=1024),
    },
    call={"use_resolution_binning": False},
    files=(Signs("Hunyuan", (r"txt_in\.individual_token_refiner|mlp_t5\.0\.",), turn=5),),
)
