"""Marks in prompts that other programs read, and that models here take for plain characters."""

import re

from studio.core.text import tr

# (word:1.4), ((word)), [one:two:0.5] and <lora:name:1>; a bracket behind a backslash is meant as one.
_MARKS = re.compile(
    r"(?<!\\)\([^()]{0,300}:\s*[\d.]{1,8}\s*\)|(?<!\\)\(\([^()]{1,300}\)\)"
    r"|\[[^\[\]:]{0,300}:[^\[\]:]{0,300}:\s*[\d.]{1,8}\s*\]|<(?:lora|lyco|hypernet):[^<>]{1,300}>",
    re.IGNORECASE,
)


def has_marks(prompt: str) -> bool:
    """Whether the prompt gives words weights, changes them on the way, or names networks."""
    return _MARKS.search(prompt) is not None


def remark_on_marks() -> str:
    """What people should know of such a prompt."""
    return tr("Marks such as (word:1.4) or <lora:name:1> are read as plain characters.")
