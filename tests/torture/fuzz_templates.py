"""A fuzzing target for chat templates, which are programs that are run; see ``fuzz.py``."""

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.ml.writing import template
from tests.hostile import opener
from tests.hostile.templates import ENDLESS, climbing
from tests.torture.fuzz_target import Target

_SECONDS = 1
"""Of computing; less than the studio gives: that one without an end is ended is known, and costs all this time."""


def targets(room: Path) -> dict[str, Target]:
    canary = room / "canary"

    def chat(data: bytes) -> None:
        """In a process of its own as in the studio, but for the start, which would take nearly all of the time."""
        text = data.decode("utf-8", "replace")
        with suppress(Exception):  # whatever the parser raises is said of the template
            template._environment().parse(text)
        _rendered(text)
        assert not canary.exists(), "a program of the file's was run"

    return {"template": Target(chat, lambda: _seeds(canary), longest=4_000, slow=True)}


def _seeds(canary: Path) -> Iterator[bytes]:
    yield (b"{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
           b"{% if add_generation_prompt %}<|assistant|>{% endif %}")  # fmt: skip
    yield (b"{% macro f(x) %}{{ x|tojson(indent=2)|trim }}{% endmacro %}{% set ns = namespace(a=1) %}{% for m in "
           b"messages if m['role'] != 'x' %}{% set ns.a = loop.index %}{{ f(m) }}{% else %}{% break %}{% endfor %}"
           b"{% generation %}{{ bos_token }}{{ strftime_now('%d') }}{% endgeneration %}{# no #}"
           b"{{ messages|selectattr('role','equalto','user')|map(attribute='content')|join(', ') }}"
           b"{{ raise_exception('x') if not messages else '' }}")  # fmt: skip
    yield from (each.encode() for each in climbing(canary, Path("/etc/passwd")).values())
    yield from (ENDLESS[name].encode() for name in ("a constant", "a list", "a width", "lipsum", "nested too deeply"))


def _rendered(text: str) -> None:
    """Render it in a copy of this process that has the studio's limits, and is ended when it takes too long."""
    about = {
        "template": text, "marks": ["<<", ">>"], "variables": {"bos_token": "x"}, "tokens": [["<|end|>", True]]
    }  # fmt: skip
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        _answer(about, writing)
    opener._harm.clear()  # this one was ours
    os.close(writing)
    answer = os.read(reading, 100)  # nothing when it was ended
    os.close(reading)
    os.waitpid(process, 0)
    assert not answer.startswith(b"!"), answer


def _answer(about: dict[str, Any], writing: int) -> None:
    """What ``template.serve`` does with it; "!" and what it was, when the template did what it must not."""
    said = b"-"
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        opener._harm.clear()
        template._limit()
        found = template._render(template._Chat(about), [{"role": "user", "content": "a <|end|> b"}]).text
        if "root:x:" in found:
            said = b"! a file was read"
    except (Exception, RecursionError, MemoryError):  # noqa: BLE001  said of the template
        pass
    if opener._harm:
        said = f"! {opener._harm}".encode()[:100]
    os.write(writing, said)
    os._exit(0)
