"""Wan: known in one file, not used yet."""

from studio.families.rules.family import Family, Signs

FAMILY = Family(name="wan", files=(Signs("Wan", (r"(^|\.)head\.modulation$|vace_patch_embedding",), turn=11),))
