"""Front matter of texts: a Markdown file begins with what made it, between two lines of dashes."""

import json
from typing import Any

from studio.library.metadata.request import read_record

_FENCE = "---\n"


def write_text(text: str, data: dict[str, Any]) -> bytes:
    """``text`` behind its front matter (YAML whose one long value is the JSON ``record``)."""
    prompt = str(data["job"]["task"].get("prompt", ""))
    head = {"prompt": prompt, "model": data["model_name"], "triptych": data}
    lines = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items())
    return f"{_FENCE}{lines}{_FENCE}\n{text}".encode("utf-8", "replace")


def read_text(content: str) -> tuple[str, dict[str, Any] | None]:
    """The text, and the ``record`` of its front matter when it has ours."""
    if not content.startswith(_FENCE):
        return content, None
    head, fence, body = content[len(_FENCE) :].partition(f"\n{_FENCE}")
    row = next((line for line in head.split("\n") if line.startswith("triptych: ")), "")
    data = read_record(row.removeprefix("triptych: "))
    return (body.removeprefix("\n"), data) if fence and data is not None else (content, None)
