"""What a killed program leaves behind, for tests."""

import os

from studio.files.unfinished import PREFIX, unfinished_name


def left_behind(ending: str = "") -> str:
    """The name of something unfinished whose maker is gone: it had the number of this process, as in a container."""
    machine, _, _, rest = unfinished_name(ending).removeprefix(PREFIX).split("-")
    return f"{PREFIX}{machine}-{os.getpid()}-{'0' * 8}-{rest}"
