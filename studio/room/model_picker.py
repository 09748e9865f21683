"""The choice of a room's model: the box above the room, filled from the services."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.app.services import Model, StudioServices
from studio.core.abilities import Can
from studio.core.text import tr
from studio.files.sizes import size_in_words
from studio.room.request import MODEL, Request, Values
from studio.ui.model_box import ModelBox, ModelOption


class ModelChoice(QObject):
    """Of the models that can do what a room ``needs``. ``box`` stands in the window's head; ``changed`` carries the
    current one, None when there is none.
    """

    changed = Signal(object)

    def __init__(self, services: StudioServices, needs: tuple[Can, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._services, self._needs = services, needs
        self.box = ModelBox()
        self.box.chosen.connect(lambda _: self.changed.emit(self.current()))
        services.models_changed.connect(self._fill_again)  # no lambda: it would outlive the box

    def fill(self, wanted: str = "") -> None:
        """Show what is here; ``wanted``, or else the first that can be used, becomes current."""
        models = self._models()
        self.box.set_models([_choice(model) for model in models])
        usable = [model.address for model in models if model.usable]
        if usable:
            self.box.set_value(wanted if wanted in usable else usable[0])
        self.changed.emit(self.current())

    def _models(self) -> list[Model]:
        """Whole models first, then what is a part of such."""
        return sorted(self._services.models(self._needs), key=lambda model: model.part != "whole")

    def _fill_again(self) -> None:
        self.fill(self.address())

    def choose(self, address: str) -> bool:
        """Make the model at ``address`` current. False when it isn't here or can't be used."""
        if self.find(address) is None:
            return False
        if address != self.address():
            self.box.set_value(address)
            self.changed.emit(self.current())
        return True

    def has_usable(self) -> bool:
        """Whether there is a model here that can be used."""
        return any(model.usable for model in self._models())

    def serve(self, request: Request[Any], own: Callable[[Model], Values]) -> None:
        """Keep the current model and that of ``request`` the same.

        Another one that the person chooses comes with its ``own`` settings, which is a step to undo; but none where
        there is no way back: the model before it is gone, or there was none.
        """

        def use(model: Model | None) -> None:
            if model is None or model.address == request.model:
                return
            values = {**own(model), MODEL: model.address}
            if self.find(request.model) is None:
                request.adopt(values)
            else:
                request.change(request.fitting(values))

        self.changed.connect(use)
        request.changed.connect(lambda: self.choose(request.model))

    def address(self) -> str:
        """The current model's address, "" when there is none."""
        model = self.current()
        return model.address if model is not None else ""

    def current(self) -> Model | None:
        """The current model."""
        return self.find(self.box.value())

    def find(self, address: str) -> Model | None:
        """The model at ``address``; None when it isn't here or can't be used."""
        return next((model for model in self._models() if model.address == address and model.usable), None)


def _choice(model: Model) -> ModelOption:
    facts = [tr("bundled")] if model.bundled else []
    if model.bytes:
        facts.append(size_in_words(model.bytes))
    if not model.begins:
        facts.append(tr("from a picture"))
    return ModelOption(model.address, model.name, " · ".join(facts), model.usable, model.reason)
