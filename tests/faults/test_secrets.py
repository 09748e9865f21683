"""Nobody is listened to and nobody is called: no port, no connection; and no secret is written down."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.faults.sudden_death import PATIENCE, Account, Program, _listen, _next_child

TOKEN = "hf_DontTellAnybodyThisToken012345"


def sockets(process: psutil.Process) -> list[object]:
    """Of this process and all that it started, those that other machines or programs could reach."""
    found: list[object] = process.net_connections("inet")
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # one that ended just now
            found += child.net_connections("inet")
    return found


@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")
def test_a_studio_at_work_has_no_port_and_keeps_the_token_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes, stars, deletes and exports, its engine is killed, and it ends: then every file is searched."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub = tmp_path / "hub"
    hub.mkdir()
    (hub / "token").write_text(TOKEN, encoding="utf-8")
    monkeypatch.setenv("HF_HOME", str(hub))
    account = Account(tmp_path / "studio")
    with Program(account.home, 3) as program:
        assert _listen(program, account, program.begun + PATIENCE), program.words()
        program.go_on()
        child = _next_child(program, account, 0)
        for _ in range(10):
            _listen(program, account, time.monotonic() + 0.2)
            assert sockets(psutil.Process(program.process.pid)) == []
        os.kill(child, signal.SIGKILL)
        _next_child(program, account, child)
        program.process.send_signal(signal.SIGTERM)
        program.rest()
        assert TOKEN not in program.words()
    files = [path for path in account.home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in files)
    assert [str(path) for path in files if TOKEN.encode() in path.read_bytes()] == []
