"""The long tests open hostile files as the quick ones do; what they tried is printed as a table at the end."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.hostile.conftest import _openers, canary, hostile_home, opening, pytest_collection_modifyitems  # noqa: F401
from tests.hostile.sound import _sound, generator, picture, writer  # noqa: F401

Tried = Callable[[str, Mapping[str, int]], None]
_COUNTS = pytest.StashKey[dict[str, Counter[str]]]()
BEGIN, END = "<!-- the table of faults -->", "<!-- its end -->"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", metavar="FILE", help="write the table into FILE as well, where its two marks are")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_COUNTS] = {}


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Tried:
    """Takes counts of what a test did: the fault, and how often it and what it held was seen."""

    def take(fault: str, counts: Mapping[str, int]) -> None:
        request.config.stash[_COUNTS].setdefault(fault, Counter()).update(counts)

    return take


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    table = _table(terminalreporter, config.stash[_COUNTS])
    terminalreporter.section("what was tried")
    terminalreporter.write_line(table)
    if name := config.getoption("--table"):
        file = Path(name)
        file.write_text(merged(file.read_text("utf-8") if file.exists() else f"{BEGIN}\n{END}\n", table), "utf-8")


def merged(text: str, table: str) -> str:
    """``text`` with the rows of ``table`` between the marks; what stood there and this run didn't try stays."""
    head, _, rest = text.partition(BEGIN)
    old, _, foot = rest.partition(END)
    rows = {_subject(row): row for row in old.strip().split("\n")[2:] if _is_there(_subject(row))}
    title, line, *new = table.split("\n")
    rows.update((_subject(row), row) for row in new)
    faults = [row for subject, row in rows.items() if not subject.startswith("`")]
    files = [row for subject, row in sorted(rows.items()) if subject.startswith("`")]
    return "\n".join((head + BEGIN, title, line, *faults, *files, END + foot))


def _subject(row: str) -> str:
    """What a row is of: a file of tests, or a fault, whose numbers and details may change."""
    return re.split(r" \||: ", row.removeprefix("| "), maxsplit=1)[0]


def _is_there(subject: str) -> bool:
    return not subject.startswith("`") or (Path(__file__).resolve().parents[2] / subject.strip("`")).exists()


def _table(reporter: pytest.TerminalReporter, counts: Mapping[str, Counter[str]]) -> str:
    """A row for each fault, and for each file whose tests have all run."""
    rows = ["| what was done | tried, and what was counted | failed |", "|---|---|---|"]
    for fault, counted in counts.items():
        rows.append(f"| {fault} | {', '.join(f'{what}: {count:,}' for what, count in counted.items())} | 0 |")
    in_parts = {item.nodeid.partition("::")[0] for item in reporter.stats.get("deselected", [])}
    cases: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "error"):
        for report in reporter.stats.get(outcome, []):
            if report.when == "call" or outcome == "error":
                cases.setdefault(report.nodeid.partition("::")[0], Counter())[outcome] += 1
    for file, counted in sorted((file, counted) for file, counted in cases.items() if file not in in_parts):
        failed = counted["failed"] + counted["error"]
        rows.append(f"| `{file}`: {_about(file)} | {counted.total():,} | {failed} |")
    return "\n".join(rows)


def _about(file: str) -> str:
    """The first line of a file's docstring."""
    path = Path(__file__).resolve().parents[2] / file
    first = path.read_text("utf-8").split("\n", 1)[0] if path.exists() else ""
    return first.strip('"').rstrip(".")
