"""The values of core: they survive a file, keep their bounds, and describe themselves."""

import msgspec
import pytest

from studio.core.errors import StudioError
from studio.core.events import Done, Progress, is_final
from studio.core.fields import describe
from studio.core.saved import job_from_data, job_to_data
from studio.core.task import Task, check
from studio.core.values import Job, Result
from studio.features import task_types

TASKS = list(task_types().values())


@pytest.mark.parametrize("task_type", TASKS, ids=lambda task: task.kind)
def test_jobs_survive_a_file(task_type: type[Task]) -> None:
    job = Job(task=task_type(), model="starter:x")
    kept = job_from_data(msgspec.json.decode(msgspec.json.encode(job_to_data(job))), task_types())
    assert kept == job


def test_a_job_of_an_earlier_release_that_was_urgent_is_still_read() -> None:
    data = {**job_to_data(Job(task=task_types()["write"](prompt="a"))), "urgent": True}
    kept = job_from_data(data, task_types())
    assert {**job_to_data(kept), "urgent": True} == data


def test_only_the_last_event_is_final() -> None:
    assert is_final(Done("j", Result()))
    assert not is_final(Progress("j", 1, 1, ""))


@pytest.mark.parametrize("task_type", TASKS, ids=lambda task: task.kind)
def test_every_field_says_what_it_is_and_what_it_does(task_type: type[Task]) -> None:
    fields = describe(task_type)
    assert [field.name for field in fields] == list(task_type.__struct_fields__)
    assert all(field.title and field.help for field in fields)


def test_bounds_and_choices_are_described() -> None:
    fields = {field.name: field for field in describe(task_types()["write"])}
    assert (fields["temperature"].minimum, fields["temperature"].maximum) == (0, 2)
    assert fields["mode"].choices == ("draft", "chat")
    assert fields["stop"].type == "texts"


def test_a_value_out_of_its_bounds_is_named() -> None:
    with pytest.raises(StudioError, match="Steps must be at least 1"):
        check(task_types()["image"](steps=0))


def test_settings_of_a_later_release_are_refused_politely() -> None:
    with pytest.raises(StudioError, match="newer"):
        task_types()["image"].from_data({"version": 99, "prompt": "x"})


def test_something_else_is_no_job() -> None:
    with pytest.raises(StudioError, match="request"):
        job_from_data({"kind": "nonsense"}, task_types())
