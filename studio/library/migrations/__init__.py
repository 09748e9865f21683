"""Migrations of the index: one module each, named by date, run in order."""

import importlib
import pkgutil
import sqlite3
from collections.abc import Callable

Migrate = Callable[[sqlite3.Connection], None]


def all_migrations() -> list[Migrate]:
    """Every migration's ``migrate``, in order; the index's version is the number of those applied."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}").migrate for name in names]
