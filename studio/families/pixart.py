"""PixArt: known in one file, not used yet: its pipelines can't be watched and stopped."""

from studio.families.rules.family import Family, Signs

FAMILY = Family(name="pixart", files=(Signs("PixArt", (r"t_block\.1\.weight", r"y_embedder\."), turn=14),))
