"""Training as a request: checks and estimate, pause and resume, a killed engine, snapshots that open meanwhile."""

import errno
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.engine_config import configured
from studio.core.errors import Stopped, StudioError
from studio.core.events import Cancelled, Done, EngineState, Failed, Preview
from studio.engine.remote import RemoteEngine
from studio.features.latent.runs.train import train
from studio.features.latent.tasks.estimate import duration, estimate
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.tasks.train import TrainTask
from studio.files.unfinished import PREFIX
from studio.ml.load.gan import load_generator
from studio.ml.training import saved, training
from studio.ml.training.trainer import WIDTHS
from studio.models.catalogue import ModelCatalogue
from tests.configuring import change_config
from tests.engine.serving import Serving
from tests.files.left import left_behind
from tests.ml.training.drawn import discs, write
from tests.recording import RecordingContext


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(discs(24), tmp_path_factory.mktemp("pictures"))


@pytest.fixture(autouse=True)
def trained(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where trainings are kept; they are tiny, and looked at several times a second."""
    folder = home / "data" / "trained"
    change_config(trained=str(folder), device="cpu")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in ("LOOK_SECONDS", "CURVE_SECONDS"):
        monkeypatch.setattr(training, name, 0.3)
    monkeypatch.setattr(training, "MEASURED", 16)
    monkeypatch.setitem(WIDTHS, "small", 8)
    return folder


@pytest.fixture
def task(pictures: Path) -> TrainTask:
    return TrainTask(folder=str(pictures), name="Discs", resolution="16", batch=8, thousands=1, minutes=0)


def changed(task: TrainTask, **fields: Any) -> TrainTask:
    return TrainTask.from_data({**task.to_data(), **fields})


def state(trained: Path) -> dict[str, Any]:
    return json.loads((trained / "Discs" / "curves.json").read_text())


def test_a_check_says_what_it_found_and_how_long_it_takes(task: TrainTask, trained: Path) -> None:
    context = RecordingContext()
    notes = train(changed(task, dry=True), context).notes
    assert notes["count"] == 24
    assert notes["rate"] > 0
    assert any("24 pictures" in sentence for sentence in notes["found"])
    assert any("pictures per second" in sentence for sentence in notes["estimate"])
    ((index, sheet),) = context.previews
    assert (index, sheet.width, sheet.height) == (0, 8 * 16, 3 * 16)
    assert sheet.data[:3] == bytes([20, 30, 90])
    assert context.steps[0] == (0, 24, "Checking pictures")
    assert not trained.exists()
    assert context.assets == []


def test_a_training_ends_with_a_model_and_everything_that_was_seen_on_the_way(task: TrainTask, trained: Path) -> None:
    context = RecordingContext()
    notes = train(task, context).notes
    assert notes["shown"] == 1000
    generator = load_generator(notes["trained"])
    assert generator.resolution == 16
    curves = [json.loads(asset.data) for index, asset in context.previews if index == 1]
    sheets = [asset for index, asset in context.previews if index == 0]
    assert len(sheets) >= 2
    assert (sheets[-1].width, sheets[-1].height) == (8 * 16, 4 * 16)
    assert curves[-1]["shown"] == 1000
    assert len(curves[-1]["losses"]) >= 2
    assert len(curves[-1]["kids"]) == len(sheets)
    assert context.steps[-1][1:] == (1000, "Training")
    assert context.let_ins == 125
    assert context.assets == sheets[-1:]
    assert state(trained) == curves[-1]
    models = ModelCatalogue(Path("/nowhere"), trained=trained).scan()
    assert [model.usable for model in models] == [True] * len(models)
    assert models[-1].path == notes["trained"]
    assert models[-1].name == "Discs · 1.0k"
    assert not list(trained.rglob(f"{PREFIX}*"))
    assert not list(trained.rglob("*.p[ti]*kl*"))


def test_what_was_paused_goes_on_where_it_was(task: TrainTask, trained: Path) -> None:
    context = RecordingContext(cancel_after=40, cancel_stage="Training")
    with pytest.raises(Stopped):
        train(task, context)
    assert state(trained)["shown"] == 40 * 8
    assert load_generator(state(trained)["snapshot"]).resolution == 16
    again = RecordingContext(cancel_after=10, cancel_stage="Training")
    with pytest.raises(Stopped):
        train(changed(task, minutes=5), again)
    assert again.previews[0][0] == 1
    assert json.loads(again.previews[0][1].data)["shown"] == 320
    assert state(trained)["shown"] == 50 * 8


def test_another_training_of_the_same_name_is_not_written_over(task: TrainTask, trained: Path) -> None:
    with pytest.raises(Stopped):
        train(task, RecordingContext(cancel_after=2, cancel_stage="Training"))
    with pytest.raises(StudioError, match="Discs already exists, with a different Loss"):
        train(changed(task, loss="wgan-gp"), RecordingContext())
    assert state(trained)["shown"] == 16


def test_time_is_counted_over_all_runs(task: TrainTask, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Stopped):
        train(task, RecordingContext(cancel_after=2, cancel_stage="Training"))
    monkeypatch.setattr(training.Training, "step", lambda self: setattr(self, "seconds", self.seconds + 20))
    context = RecordingContext()
    train(changed(task, thousands=0, minutes=1), context)
    assert [step for step in context.steps if step[2] == "Training"] == [
        (0, 60, "Training"), (20, 60, "Training"), (40, 60, "Training"),
    ]  # fmt: skip


def test_numbers_that_run_away_are_said_and_the_last_good_state_stays(
    task: TrainTask, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Stopped):
        train(task, RecordingContext(cancel_after=5, cancel_stage="Training"))
    before = (trained / "Discs" / "state.safetensors").read_bytes()
    monkeypatch.setattr(training.Trainer, "step", lambda self: self.losses.fill_(float("nan")))
    with pytest.raises(StudioError, match="diverged"):
        train(changed(task, thousands=2), RecordingContext())
    assert (trained / "Discs" / "state.safetensors").read_bytes() == before


def test_a_full_disk_is_said_and_what_was_kept_stays(
    task: TrainTask, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Stopped):
        train(task, RecordingContext(cancel_after=5, cancel_stage="Training"))
    before = (trained / "Discs" / "state.safetensors").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(saved, "save_file", full)
    with pytest.raises(StudioError, match="No space left"):
        train(task, RecordingContext(cancel_after=5, cancel_stage="Training"))
    assert (trained / "Discs" / "state.safetensors").read_bytes() == before


def test_what_a_killed_run_left_unfinished_goes(task: TrainTask, trained: Path) -> None:
    left = trained / "Discs" / "snapshots" / left_behind()
    left.mkdir(parents=True)
    (left / "generator.safetensors").write_bytes(b"half")
    state_left = trained / "Discs" / left_behind(".safetensors")
    state_left.write_bytes(b"half")
    with pytest.raises(Stopped):
        train(task, RecordingContext(cancel_after=2, cancel_stage="Training"))
    assert [path.name for path in left.parent.iterdir()] == ["000000016"]
    assert not state_left.exists()


def test_a_training_that_had_its_share_says_so(task: TrainTask, trained: Path) -> None:
    with pytest.raises(Stopped):
        train(changed(task, batch=64), RecordingContext(cancel_after=16, cancel_stage="Training"))
    with pytest.raises(StudioError, match="Allow more"):
        train(changed(task, batch=64), RecordingContext())


def test_a_name_is_one_folder_whatever_it_holds(task: TrainTask, trained: Path) -> None:
    with pytest.raises(Stopped):
        train(changed(task, name="../a/b: 猫?"), RecordingContext(cancel_after=1, cancel_stage="Training"))
    assert [path.name for path in trained.iterdir()] == ["a b 猫"]


def test_a_killed_engine_loses_little_and_snapshots_are_explored_meanwhile(task: TrainTask, trained: Path) -> None:
    endless = changed(task, thousands=0)
    with Serving(
        RemoteEngine("tests.features.latent.runs.quick:Quick", "studio.features:job_types", configured())
    ) as serving:
        name = serving.submit(endless)

        def snapshots() -> list[Path]:
            return sorted(trained.glob("Discs/snapshots/[0-9]*"))

        serving.until(snapshots)
        frame = serving.final(serving.submit(LatentTask(), lane="frames", model=str(snapshots()[0])))
        assert isinstance(frame, Done)
        pid = next(
            message.facts["pid"] for message in serving.said if isinstance(message, EngineState) and message.facts
        )
        os.kill(pid, signal.SIGKILL)
        assert isinstance(serving.final(name), Failed)
        kept = state(trained)["shown"]
        assert kept > 0
        again = serving.submit(endless)
        serving.until(lambda: any(isinstance(message, Preview) for message in serving.of(again)))
        first = next(message for message in serving.of(again) if isinstance(message, Preview))
        assert json.loads(first.asset.data)["shown"] == kept
        serving.engine.cancel(again)
        assert isinstance(serving.final(again), Cancelled)
    assert state(trained)["shown"] >= kept


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(40, "40 s"), (100, "2 min"), (5300, "88 min"), (6000, "1 h 40 min"), (10800, "3 h"), (200_000, "2 days")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_estimate_follows_what_ends_first() -> None:
    both = estimate(TrainTask(minutes=60, thousands=18), rate=10, count=100)
    assert any("about 30 min and 18,000 pictures, each of yours shown 180 times" in sentence for sentence in both)
    assert any("until you pause" in sentence for sentence in estimate(TrainTask(minutes=0), 10, 100))


def test_the_loss_was_called_the_game_by_the_first_version() -> None:
    kept = {name: value for name, value in TrainTask(name="Cats", loss="wgan-gp").to_data().items() if name != "loss"}
    assert TrainTask.from_data({**kept, "version": 1, "game": "wgan-gp"}) == TrainTask(name="Cats", loss="wgan-gp")
