"""LTX-Video: known in one file, not used yet."""

from studio.families.rules.family import Family, Signs

FAMILY = Family(name="ltx_video", files=(Signs("LTX-Video", (r"patchify_proj\.weight",), turn=12),))
