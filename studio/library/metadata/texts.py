"""Front matter of texts: a Markdown file begins with its request, between two lines of dashes."""

import json
from typing import Any

from studio.library.metadata.request import read_record, record_to_json

_FENCE = "---\n"
_OURS = "triptych: "


def write_text(text: str, data: dict[str, Any]) -> bytes:
    """``text`` after its front matter (YAML with JSON values, the last being the whole ``record``)."""
    prompt = json.dumps(str(data["job"]["task"].get("prompt", "")), ensure_ascii=False)
    model = json.dumps(data["model_name"], ensure_ascii=False)
    head = f"prompt: {prompt}\nmodel: {model}\n{_OURS}{record_to_json(data)}\n"
    return f"{_FENCE}{head}{_FENCE}\n{text}".encode("utf-8", "replace")


def read_text(content: bytes) -> tuple[str, dict[str, Any] | None]:
    """The text, and the ``record`` of our front matter if present. Other front matter counts as text."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    if not text.startswith(("---\n", "---\r\n")):
        return text, None
    lines = text.split("\n")
    for number, line in enumerate(lines[1:20], 1):
        if line.rstrip("\r") == "---":
            rows = (row for row in lines[1:number] if row.startswith(_OURS))
            data = read_record(next(rows, "").removeprefix(_OURS))
            body = "\n".join(lines[number + 1 :])
            return (body.removeprefix("\r").removeprefix("\n"), data) if data is not None else (text, None)
    return text, None
