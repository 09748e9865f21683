"""What fields are for: every text says it, and what follows from it."""

import pytest

from studio.core.fields import all_fields, describe
from studio.core.task import Task
from studio.features import task_types
from studio.features.write.tasks.write import Turn, WriteTask
from studio.shell.report import private_texts

each_kind = pytest.mark.parametrize("kind", task_types().values(), ids=lambda kind: kind.kind)


@each_kind
def test_every_text_says_what_it_is_for(kind: type[Task]) -> None:
    """One that doesn't would be told in logs, and pass the guard of paths. A layer's name is the network's."""
    texts = [field for field in all_fields(describe(kind)) if field.type in ("text", "texts")]
    assert {field.name for field in texts if field.role == "value"} <= {"scheduler", "layer"}


@each_kind
def test_a_request_in_the_log_tells_nothing_of_a_persons_own(kind: type[Task]) -> None:
    fields = [field for field in describe(kind) if field.private and field.type in ("text", "texts")]
    own = {field.name: ("mine",) if field.type == "texts" else "mine" for field in fields}
    said = repr(kind.from_values(own))
    assert "mine" not in said
    assert all(f"{field.name}=" in said for field in describe(kind))
    assert set(private_texts({"task": own})) == ({"mine"} if own else set())


def test_the_messages_of_a_chat_are_private_too() -> None:
    said = repr(WriteTask(history=(Turn("user", "mine"),)))
    assert "mine" not in said
    assert "temperature=0.8" in said
