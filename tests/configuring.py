"""What a test has this process' engine told; ``tests/conftest.py`` takes it back."""

from typing import Any

import msgspec

from studio.core.engine_config import configure, configured


def change_config(**changes: Any) -> None:
    """Have ``changes`` hold for whatever is computed here."""
    configure(msgspec.structs.replace(configured(), **changes))
