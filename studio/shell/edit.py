"""Changing a request that waits in the queue."""

import msgspec
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from studio.app.job_handle import JobHandle
from studio.app.services import StudioServices
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.override import override
from studio.core.text import tr
from studio.ui.form import Form
from studio.ui.layout import label


class EditDialog(QDialog):
    """The form for one waiting run."""

    def __init__(self, services: StudioServices, run: JobHandle, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Change the settings"))
        self.resize(420, 600)
        self._services, self._run = services, run
        task = run.job.task
        fields = [field for field in describe(type(task)) if not field.hidden]
        self.form = Form(fields)
        for field in fields:
            if field.look == "scheduler":
                self.form.set_choices(field.name, self._schedulers())
        self.form.set_values(task.to_data())
        self._trouble = label("", "danger", wrap=True)
        self._trouble.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setToolTip(tr("Make it with these settings"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip(tr("Leave the request unchanged (Esc)"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        inner = QWidget()
        around = QVBoxLayout(inner)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.form)
        around.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        column = QVBoxLayout(self)
        column.addWidget(scroll, 1)
        column.addWidget(self._trouble)
        column.addWidget(buttons)

    def _schedulers(self) -> tuple[str, ...]:
        """The schedulers that the run's model can use; none if the model is gone."""
        model = next((model for model in self._services.models() if model.address == self._run.job.model), None)
        return self._services.schedulers_of(model) if model is not None else ()

    @override
    def accept(self) -> None:
        """Apply the change to the queue; stay open if a value is invalid."""
        task = self._run.job.task
        try:
            changed = type(task).from_values({**msgspec.to_builtins(task), **self.form.values()})
            self._services.queue.edit(self._run.job.id, changed)
        except StudioError as error:
            self._trouble.setText(error.message)
            self._trouble.show()
            return
        super().accept()
