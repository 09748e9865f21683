"""Hostile settings, queues and lists of models: files that anybody could have changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from studio.app.line_file import SavedRun, read_line, write_line
from studio.core.errors import StudioError
from studio.core.saved import job_from_data, job_to_data
from studio.core.text import load_catalogue, tr, use_language
from studio.core.values import Job
from studio.engine.wire import encode, from_parent
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.write.tasks.write import WriteTask
from studio.library.paths import find_paths
from studio.library.settings import Settings, SettingsFile, engine_config
from studio.models.catalogue import ModelCatalogue
from studio.shell.export import ExportDialog
from tests.hostile.conftest import Opening
from tests.opened import open_window

TASKS = task_types()
MB = 1_000_000
NESTED = {"900 deep": 900, "100,000 deep": 100_000, "10 million deep": 10 * MB}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
QUICK = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


# -- files that take all there is ------------------------------------------------------------------------------------


def wide(of: str) -> bytes:
    return b"[" + of.encode() * (100 * MB // len(of)) + b"0]"


HUGE: dict[str, Callable[[], bytes]] = {
    "lists": lambda: wide("[],"),
    "objects": lambda: wide("{},"),
    "numbers": lambda: wide("7,"),
    "spaces": lambda: b" " * 100 * MB,
    "zeros": lambda: b"\0" * 100 * MB,
    "text": lambda: b'"' + b"x" * 100 * MB + b'"',
    "number": lambda: b"9" * 100 * MB,
    "duplicates": lambda: b"{" + b'"theme":"light",' * 6 * MB + b'"theme":"dark"}',
    "half": lambda: b'{"rooms": {"image": {"task": "',
    "latin-1": lambda: '{"theme": "h\xe9"}'.encode("latin-1"),
    **{name: lambda deep=deep: b"[" * deep for name, deep in NESTED.items()},  # type: ignore[misc]
    **{f"whole {name}": lambda deep=deep: b"[" * deep + b"]" * deep for name, deep in NESTED.items()},  # type: ignore[misc]
}


@pytest.mark.parametrize("way", ["settings", "queue", "models"])
@pytest.mark.parametrize("name", ["lists", "text", "latin-1", "half", "900 deep", "whole 100,000 deep"])
def test_files_without_end(tmp_path: Path, opening: Opening, name: str, way: str) -> None:
    check_huge(tmp_path, opening, name, way)


def check_huge(tmp_path: Path, opening: Opening, name: str, way: str) -> None:
    path = tmp_path / f"{way}.json"
    content = HUGE[name]()
    path.write_bytes(content)
    answer = opening(way, path)
    if way != "models":  # which can be made again
        assert path.name.split(".")[0] in answer.opened, "the person hears of it"
        kept = next(one for one in tmp_path.iterdir() if one.stat().st_size == len(content))
        assert str(kept) in answer.opened


@pytest.mark.parametrize("deep", [100, 900])
@pytest.mark.parametrize("way", ["settings", "queue", "models"])
def test_deep_things_inside_right_ones(tmp_path: Path, opening: Opening, way: str, deep: int) -> None:
    path, thing = tmp_path / f"{way}.json", "[" * deep + "]" * deep
    job = json.dumps(job_to_data(Job(task=ImageTask(prompt="x"))))
    whole = {
        "settings": f'{{"rooms": {{"image": {{"x": {thing}}}}}, "theme": {thing}, "version": {thing}}}',
        "queue": f'{{"version": 1, "line": [{{"job": {job}, "message": {thing}}}, {{"job": {thing}}}]}}',
        "models": '{"folders": ["/added"], "models": [{"address": "a", "path": "a", "name": "a", "kind": "image", '
        f'"defaults": {{"x": {thing}}}}}]}}',
    }
    path.write_text(whole[way], encoding="utf-8")
    opening(way, path)


@pytest.mark.parametrize("name", ["lists", "text", "latin-1", "half", "900 deep", "whole 100,000 deep"])
def test_shared_directions_without_end(tmp_path: Path, opening: Opening, name: str) -> None:
    path = tmp_path / "smile.json"
    path.write_bytes(HUGE[name]())
    assert "directions" in opening("directions", path).refused


# -- wrong types -----------------------------------------------------------------------------------------------------

WRONG: list[Any] = [
    None,
    True,
    -1,
    10**30,
    10**4000,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\0",
    "\ud800",
    "x" * 10_000,
    [],
    [[]],
    {},
    {"a": []},
    [None] * 3,
]


@QUICK
@given(st.dictionaries(st.sampled_from(Settings.__struct_fields__) | st.text(), JSON))
def test_any_settings_are_read_and_can_be_used_and_kept(tmp_path: Path, data: dict[str, Any]) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    try:
        file = SettingsFile(path)
        use_language(file.settings.language)
        config = engine_config(file.settings, find_paths())
        assert from_parent(encode(config)) == config
        assert config.memory_mb >= 0
        file.write()
    finally:
        load_catalogue(None)
    version = data.get("version")
    if not isinstance(version, int) or version <= 1:
        assert repr(SettingsFile(path).settings) == repr(file.settings)  # repr: NaN is not itself


@pytest.mark.parametrize(
    "language", ["../../../../etc/x", "/etc/passwd", "\0", "\ud800", "x" * 10_000, "zh_CN\n", "..", "zh_CN.json"]
)
def test_a_language_is_one_of_the_catalogues_only(language: str, tmp_path: Path) -> None:
    assert not use_language(language)
    assert tr("Generate") == "Generate"


def test_a_catalogue_elsewhere_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "evil.json").write_text('{"Generate": "Obey"}', encoding="utf-8")
    assert not use_language(str(tmp_path / "evil"))
    assert tr("Generate") == "Generate"


@pytest.mark.parametrize("wrong", WRONG, ids=[repr(wrong)[:20] for wrong in WRONG])
def test_the_window_opens_whatever_the_rooms_remember(qtbot: QtBot, home: Path, wrong: Any) -> None:
    """What rooms kept, with every value of a wrong type; then once more with what they made of it."""
    fields = {name: wrong for kind in (ImageTask, WriteTask, LatentTask, WalkTask) for name in kind.__struct_fields__}
    kept = {
        "task": fields,
        "model": wrong,
        "walk": {"points": wrong, "frames": wrong, "fps": wrong, "loop": wrong, "keys": wrong},
        "place": wrong,
        "text": wrong,
        "kind": wrong,
        "starred": wrong,
        "room": wrong,
        "geometry": wrong,
        "format": wrong,
        "size": wrong,
        "quality": wrong,
        "pattern": wrong,
        "folder": wrong,
        "metadata": wrong,
    }
    rooms = dict.fromkeys(("write", "image", "latent", "library", "models", "export", "window"), kept)
    path = home / "data" / "settings.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "rooms": rooms}), encoding="utf-8")
    for _ in range(2):
        with open_window(qtbot) as opened:
            for room in ("write", "image", "latent", "library", "models"):
                opened.window.enter(room)
                opened.window.panel().remember()
            ExportDialog(opened.services, [], opened.window).deleteLater()


# -- the queue -------------------------------------------------------------------------------------------------------


@QUICK
@given(
    JSON
    | st.fixed_dictionaries(
        {
            "version": st.just(1) | JSON,
            "line": JSON
            | st.lists(
                st.fixed_dictionaries(
                    {
                        "job": JSON
                        | st.fixed_dictionaries({"kind": st.sampled_from(sorted(TASKS)) | JSON, "task": JSON}),
                        "begun": JSON,
                        "deaths": JSON,
                        "message": JSON,
                    }
                )
            ),
        }
    )
)
def test_any_queue_is_read_or_set_aside(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "queue.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    runs, _ = read_line(path, TASKS)
    write_line(path, runs)
    assert read_line(path, TASKS) == (runs, "")


@pytest.mark.parametrize(
    "job",
    [None, [], "x", 3, {}, {"kind": []}, {"kind": "image", "task": []}, {"kind": "image", "task": {"version": 99}}],
)
def test_a_row_that_is_no_request_costs_only_itself(tmp_path: Path, job: Any) -> None:
    path = tmp_path / "queue.json"
    good = job_to_data(Job(task=ImageTask(prompt="x"), id="good"))
    path.write_text(json.dumps({"version": 1, "line": [{"job": job}, {"job": good}]}), encoding="utf-8")
    runs, notice = read_line(path, TASKS)
    assert [run.job.id for run in runs] == ["good"]
    assert notice.startswith("1 ")


def test_two_rows_of_one_name_are_two_requests(tmp_path: Path) -> None:
    path = tmp_path / "queue.json"
    write_line(path, tuple(SavedRun(Job(task=ImageTask(prompt=prompt), id="same")) for prompt in ("one", "two")))
    runs, _ = read_line(path, TASKS)
    assert [run.job.task.prompt for run in runs] == ["one", "two"]  # type: ignore[attr-defined]
    assert len({run.job.id for run in runs}) == 2


@QUICK
@given(JSON, st.sampled_from(sorted(TASKS)), st.dictionaries(st.sampled_from(ImageTask.__struct_fields__), JSON))
def test_a_request_is_refused_in_words_or_is_whole(data: Any, kind: str, fields: dict[str, Any]) -> None:
    for asked in ({"kind": kind, "task": fields}, {"kind": kind, "task": data}, {"kind": data, "model": data}):
        try:
            job = job_from_data(asked, TASKS)
        except StudioError:
            continue
        assert job_from_data(json.loads(json.dumps(job_to_data(job))), TASKS) == job


# -- the list of models ----------------------------------------------------------------------------------------------


@QUICK
@given(JSON | st.fixed_dictionaries({"found": JSON | st.dictionaries(st.just("/added"), JSON)}))
def test_any_list_of_models_is_read(tmp_path: Path, data: Any) -> None:
    memory = tmp_path / "models.json"
    memory.write_text(json.dumps(data), encoding="utf-8")
    assert ModelCatalogue(tmp_path / "none", ["/added"], memory).models() == []
