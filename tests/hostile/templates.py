"""Chat templates and tokenizers that mean harm."""

import json
from pathlib import Path
from typing import Any

_DEEP = (
    "{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(60) %}"
    "{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}"
)
_NUMBER = "{% set x = (0).from_bytes(('f' * 20000000).encode(), 'big') %}"

ENDLESS = {
    "loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "recursion": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "two deep lists compared": _DEEP + "{{ ns.a == ns.b }}",
    "a deep list looked for": _DEEP + "{{ ns.a in [ns.b] }}",
    "a deep list written": _DEEP + "{{ ns.a }}",
    "a deep list as JSON": _DEEP + "{{ ns.a | tojson }}",
    "two long numbers multiplied": _NUMBER + "{% set y = x * (x + 1) %}",
    "two long numbers divided": _NUMBER + "{% set y = x // (0).from_bytes(('e' * 9999999).encode(), 'big') %}",
    "powers": "{{ 9 ** 99999999999 }}",
    "a constant": "{{ 'x' * 100000000000 }}",
    "a list": "{{ [1] * 10000000000 }}",
    "a width": "{{ '%9999999999d' % 1 }}",
    "a width of format": "{{ '{:>9999999999}'.format(1) }}",
    "lipsum": "{{ lipsum(n=100000000) }}",
    "doubled text": "{% set ns = namespace(x='xx') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "replaced text": "{{ ('x' * 100000).replace('', 'y' * 100000) }}",
    "much text": "{% for i in range(99999) %}{{ 'x' * 100000 }}{% endfor %}",
    "nested too deeply": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "loops within loops": "{% for a in [1] %}" * 60 + "{% endfor %}" * 60,
    "a long one": "{% if 1 %}x{% endif %}" * 100_000,
}


def climbing(canary: Path, secret: Path) -> dict[str, str]:
    """Each writes the secret, or makes the canary, where it gets out of the sandbox."""
    run = f"popen('touch {canary}').read()"
    read = f"open('{secret}').read()"
    return {
        "class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "subclasses": "{% for c in [].__class__.__base__.__subclasses__() %}{{ c.__init__.__globals__.os." + run
        + " }}{% endfor %}",
        "cycler": "{{ cycler.__init__.__globals__.os." + run + " }}",
        "lipsum": "{{ lipsum.__globals__['os']." + run + " }}",
        "joiner": "{{ joiner.__init__.__globals__.os." + run + " }}",
        "namespace": "{{ namespace.__init__.__globals__.__builtins__." + read + " }}",
        "self": "{{ self.__init__.__globals__.__builtins__." + read + " }}",
        "attr": "{{ ''|attr('__class__')|attr('__mro__') }}",
        "attr in pieces": "{{ ''|attr('__cl' ~ 'ass__')|attr('__mro__') }}",
        "map": "{{ ['']|map(attribute='__class__')|list }}",
        "format": "{{ '{0.__class__.__init__.__globals__}'.format(cycler) }}",
        "format_map": "{{ '{a.__class__.__mro__}'.format_map({'a': 1}) }}",
        "format kept": "{% set f = '{0.__class__}'.format %}{{ [1]|map(f)|list }}",
        "raise_exception": "{{ raise_exception.__globals__.__builtins__." + read + " }}",
        "strftime_now": "{{ strftime_now.__globals__.__builtins__." + read + " }}",
        "tojson": "{{ [1]|tojson.__globals__ }}",
        "dict": "{{ dict.__class__.__base__.__subclasses__() }}",
        "namespace set": "{% set n = namespace(__class__=1) %}{% set n.__init__ = 2 %}{{ n.__init__ }}",
        "generator frame": "{{ (messages|map('upper')).gi_frame.f_globals }}",
        "include": "{% include '" + str(secret) + "' %}",
        "extends": "{% extends '" + str(secret) + "' %}",
        "import": "{% import '" + str(secret) + "' as x %}{{ x }}",
    }  # fmt: skip


def tokenizers() -> dict[str, dict[str, Any]]:
    """Parts of a tokenizer.json in the place of sound ones."""

    def split(pattern: str) -> dict[str, Any]:
        return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}

    def replace(content: str, pattern: str = "a") -> dict[str, Any]:
        return {"type": "Replace", "pattern": {"String": pattern}, "content": content}

    return {
        "nested repeats": {"pre_tokenizer": split(r"(?:\w+ ?)+(?!.)(?<=x)")},
        "choices alike": {"pre_tokenizer": split(r"^(?:\w|\w| )*$(?<!t )")},
        "long contents": {"normalizer": replace("x" * 3_000_000)},
        "contents of contents": {
            "normalizer": {"type": "Sequence", "normalizers": [replace("aaaaaaaaaaaaaaaaaaaa")] * 12}
        },
        "long beginnings": {"normalizer": {"type": "Prepend", "prepend": "x" * 9_000_000}},
        "filled up": {"padding": {"strategy": {"Fixed": 10**12}, "direction": "Right", "pad_to_multiple_of": None,
                                  "pad_id": 0, "pad_type_id": 0, "pad_token": "x"}},
        "cut off": {"truncation": {"max_length": 2, "stride": 1, "strategy": "LongestFirst", "direction": "Right"}},
        "written at length": {"decoder": replace("x" * 30_000_000, "t")},
        "a pattern that is none": {"pre_tokenizer": split("(((")},
        "an unknown part": {"pre_tokenizer": {"type": "Python", "code": "import os"}},
        "no model": {"model": None},
    }  # fmt: skip


def with_tokenizer(folder: Path, **parts: Any) -> None:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **parts}), encoding="utf-8")
