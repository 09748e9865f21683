"""AuraFlow."""

from studio.families.rules.family import LONG_PROMPTS, Family, Pipeline, Signs

FAMILY = Family(
    name="aura_flow",
    pipelines={
        "AuraFlowPipeline": Pipeline(steps=28, guidance=3.5, edge=1024),
    },
    tokens=256,
    tokenizers=LONG_PROMPTS,
    says_edge=False,
    files=(Signs("AuraFlow", (r"double_layers\.0\.attn|joint_transformer_blocks\.0",), turn=13),),
)
