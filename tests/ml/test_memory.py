"""Running out of memory."""

import errno

import pytest
import torch

from studio.core.errors import StudioError, is_out_of_memory
from studio.ml.memory import with_less


@pytest.mark.parametrize(
    ("error", "is_it"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (MemoryError(), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("Out of memory"), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_knows_it_by_type_or_words(error: BaseException, is_it: bool) -> None:
    assert is_out_of_memory(error) is is_it


def test_the_allocator_of_the_cpu_is_understood() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)


def failing(*errors: BaseException | None) -> tuple[list[str], object]:
    said: list[str] = []
    left = list(errors)

    def work() -> str:
        said.append("work")
        error = left.pop(0)
        if error is not None:
            raise error
        return "made"

    return said, work


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("Out of memory"), OSError(errno.ENOMEM, "Cannot allocate memory")]
)
def test_tries_once_more_with_less(error: BaseException) -> None:
    said, work = failing(error, None)
    assert with_less(work, lambda: said.append("less"), "Do less.") == "made"  # type: ignore[arg-type]
    assert said == ["work", "less", "work"]


def test_gives_advice_in_the_end() -> None:
    _, work = failing(MemoryError(), MemoryError())
    with pytest.raises(StudioError, match=r"not enough memory for this\. Do less\.") as caught:
        with_less(work, lambda: None, "Do less.")  # type: ignore[arg-type]
    assert caught.value.trouble == "out_of_memory"


def test_other_errors_pass() -> None:
    said, work = failing(RuntimeError("bug"))
    with pytest.raises(RuntimeError, match="bug"):
        with_less(work, lambda: said.append("less"), "Do less.")  # type: ignore[arg-type]
    assert said == ["work"]
