"""The settings dialog: theme, language, and the engine's device."""

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.app.services import StudioServices
from studio.core.override import override
from studio.core.text import tr
from studio.library.settings import MOST_MEMORY
from studio.ui.layout import label
from studio.ui.plain import plain
from studio.ui.theme import THEMES, apply_theme

LANGUAGES = (("", "System"), ("en", "English"), ("zh_CN", "简体中文"))
DEVICES = (
    ("", "Best available"),
    ("cuda", "NVIDIA or AMD (CUDA)"),
    ("xpu", "Intel (XPU)"),
    ("mps", "Apple (MPS)"),
    ("cpu", "CPU"),
)
DTYPES = (("", "Fastest reliable"), ("float32", "float32"), ("bfloat16", "bfloat16"), ("float16", "float16"))


class SettingsDialog(QDialog):
    """Every change but the language applies at once; the engine follows when it has no job."""

    def __init__(self, services: StudioServices, parent: QWidget) -> None:
        super().__init__(parent)
        self._services = services
        self.setWindowTitle(tr("Settings"))
        self.setMinimumWidth(460)
        now = services.settings
        self.theme = _choice(
            [(name, name.capitalize()) for name in THEMES],
            now.theme,
            tr("Theme"),
            tr("Dark, light, or the same as the system"),
        )
        self.language = _choice(LANGUAGES, now.language, tr("Language"), tr("The language of the window"))
        self.device = _choice(DEVICES, now.device, tr("Device"), tr("What the models run on"))
        self.dtype = _choice(DTYPES, now.dtype, tr("Precision"), tr("The number format that models compute in"))
        self.memory = QSpinBox()
        self.memory.setRange(0, MOST_MEMORY)
        self.memory.setSingleStep(512)
        self.memory.setSuffix(" MB")
        self.memory.setSpecialValueText(tr("Automatic"))
        self.memory.setValue(now.memory_mb)
        self.memory.setToolTip(tr("How much memory loaded models may take together"))
        self.memory.setAccessibleName(tr("Memory for models"))
        rows = QFormLayout()
        rows.setSpacing(10)
        for words, control in (
            (tr("Theme"), self.theme),
            (tr("Language"), self.language),
            (tr("Device"), self.device),
            (tr("Precision"), self.dtype),
            (tr("Memory for models"), self.memory),
        ):
            rows.addRow(label(words), control)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip(tr("Your choices are saved (Esc)"))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addLayout(rows)
        column.addWidget(
            label(
                tr(
                    "Device, precision and memory take effect with the next request, the language the next time "
                    "you start Triptych."
                ),
                "dim",
                wrap=True,
            )
        )
        column.addWidget(buttons)
        self.theme.activated.connect(self._retheme)
        for box in (self.language, self.device, self.dtype):
            box.activated.connect(self._keep)
        self.memory.editingFinished.connect(self._keep)

    @override
    def done(self, result: int) -> None:
        """Also save a number that is still being typed."""
        if self.memory.value() != self._services.settings.memory_mb:
            self._keep()
        super().done(result)

    def _retheme(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, str(self.theme.currentData()))
        self._keep()

    def _keep(self) -> None:
        self._services.change_settings(
            theme=self.theme.currentData(),
            language=self.language.currentData(),
            device=self.device.currentData(),
            dtype=self.dtype.currentData(),
            memory_mb=self.memory.value(),
        )


def _choice(choices: Sequence[tuple[str, str]], now: str, name: str, tip: str) -> QComboBox:
    box = QComboBox()
    for value, words in choices:
        box.addItem(tr(words), value)
    box.setCurrentIndex(max(box.findData(now), 0))
    box.setToolTip(plain(tip))
    box.setAccessibleName(name)
    return box
