"""PRX."""

from studio.families.rules.family import Family, Pipeline

FAMILY = Family(
    name="prx",
    pipelines={
        "PRXPipeline": Pipeline(steps=28, guidance=4.0, edge=512),
    },
    call={"use_resolution_binning": False},
)
