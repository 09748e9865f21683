"""HiDream: known in one file, not used yet."""

from studio.families.rules.family import Family, Signs

FAMILY = Family(name="hi_dream", files=(Signs("HiDream", (r"double_stream_blocks\.0",), turn=16),))
