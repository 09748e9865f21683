"""Stable Cascade: known in one file, not used yet."""

from studio.families.rules.family import Family, Signs

FAMILY = Family(
    name="stable_cascade",
    files=(Signs("Stable Cascade", (r"clip_(txt_|img_)?mapper\.weight",), turn=4),),
)
