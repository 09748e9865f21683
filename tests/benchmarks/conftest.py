"""The table that the benchmarks fill, printed at the end: ratios measured in one run, on one machine."""

from dataclasses import dataclass
from pathlib import Path

import pytest

TABLE = pytest.StashKey["list[Row]"]()


@dataclass(frozen=True)
class Row:
    """One budget. ``share`` is what was measured as a part of it: above 1 it is broken, above 2 the benchmark fails."""

    what: str
    ours: str
    peer: str
    budget: str
    share: float

    def cells(self) -> str:
        """As Markdown."""
        within = "yes" if self.share <= 1 else "**no**"
        return f"| {self.what} | {self.ours} | {self.peer} | {self.budget} | {self.share:.0%} | {within} |"


class Table:
    """Takes rows; one that is far over its budget fails its benchmark."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows, self._from = rows, len(rows)

    def add(self, what: str, ours: str, peer: str, budget: str, share: float) -> None:
        """Put a row into the table."""
        self._rows.append(Row(what, ours, peer, budget, share))

    def check(self) -> None:
        """Fail on rows of this benchmark that are over twice their budget."""
        assert not [row.what for row in self._rows[self._from :] if row.share > 2]


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Table:
    """The table of this run."""
    return Table(request.config.stash.setdefault(TABLE, []))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the table is written besides."""
    parser.addoption("--table", metavar="FILE", help="write the benchmarks' table to FILE as well")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    rows = config.stash.get(TABLE, [])
    if not rows:
        return
    head = "| what | measured | peer in the same run | budget | share of it | within |\n|---|---|---|---|---|---|"
    text = "\n".join([head, *(row.cells() for row in rows)])
    terminalreporter.write_line(f"\n{text}\n")
    if config.getoption("--table"):
        Path(config.getoption("--table")).write_text(text + "\n", encoding="utf-8")
