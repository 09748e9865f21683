"""Breed: children of two or more parents, generation by generation, with the family tree kept."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.features.latent.points.family import MOST, Family
from studio.features.latent.points.mixture import Crossing
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.features.latent.ui.explore.point_menu import ways_with
from studio.features.latent.ui.explore.state import PLACE
from studio.features.latent.ui.widgets.family_tree import FamilyTree
from studio.features.latent.ui.widgets.point_list import PointList
from studio.ui.actions import show_menu
from studio.ui.chips import ChipChoice, Flow, chip
from studio.ui.empty import EmptyState
from studio.ui.layout import OneLine, card
from studio.ui.number import Number

EDGE, PARENT = 104, 56
MUTATION = Field(
    name="mutation", type="float", default=0.15, title="Mutation", help="How far children stray from their parents.",
    minimum=0, maximum=1, step=0.01,
)  # fmt: skip
CROSSINGS: dict[str, Crossing] = {"layers": "layers", "blend": "blend", "both": "both"}


class BreedMode(Mode):
    """Click a child to go there; Ctrl+click to select several as the next parents."""

    NAME = "breed"
    TITLE = "Breed"
    TIP = "Children of two or more parents, generation by generation"

    def __init__(self, context: ModeContext) -> None:
        super().__init__(context)
        self.family = Family()
        self._shown = -1
        self.parents = PointList(
            context.frames, tr("Parents"), tr("Drop seeds and stars here; Delete removes the selected one"), PARENT
        )
        self.litter = PointList(
            context.frames, tr("Children"), tr("Click to go there; Ctrl+click several to breed them"), EDGE
        )
        self.litter.setSelectionMode(PointList.SelectionMode.ExtendedSelection)
        self.litter.setAcceptDrops(False)
        self.crossing = ChipChoice(
            [("both", tr("Both")), ("layers", tr("By layer")), ("blend", tr("Blend"))], tr("Crossover"),
            tr("Whether children take each layer from one parent, a blend of all, or a blend in each layer"),
        )  # fmt: skip
        self.crossing.set_value("both")
        self.mutation = Number(MUTATION)
        self.add = chip(tr("+ Current point"), tr("Add the current point as a parent"), self._add_current)
        self.random = chip(tr("+ Random"), tr("Add a random seed as a parent"), self._add_random)
        self.breed = chip(tr("Breed"), tr("Make the next generation"), self._breed)
        self.back = chip("‹", tr("The previous generation"), lambda: self._turn(-1))
        self.forth = chip("›", tr("The next generation"), lambda: self._turn(1))
        self.forget = chip(tr("New family"), tr("Start over with an empty family tree"), self._forget)
        self.view = ChipChoice([("children", tr("Children")), ("tree", tr("Family tree"))], tr("View"))
        self.view.set_value("children")
        self.tree = FamilyTree(context.frames)
        self._about = OneLine()
        self.left, self.middle = self._lay_out_left(), self._lay_out_middle()
        self.litter.chosen.connect(context.state.set_point)
        self.litter.itemSelectionChanged.connect(self._show_buttons)
        self.parents.chosen.connect(context.state.set_point)
        for points in (self.litter, self.parents):
            points.menu.connect(lambda point, at, of=points: show_menu(of, at, *ways_with(context, point)))
        self.mutation.changed.connect(self._show_buttons)
        self.parents.changed.connect(self._show_buttons)
        self.tree.chosen.connect(self._go_to_member)
        self.view.chosen.connect(lambda _: self._show_view())
        context.state.changed.connect(self._show_current)
        context.frames.layers_changed.connect(self._show_buttons)
        self._show_generation()

    @override
    def enter(self) -> None:
        """Make the current point the first parent."""
        if not self.parents.count() and not self.family.generations:
            self._add_current()

    def points(self) -> tuple[LatentPoint, ...]:
        """The whole family, and the parents."""
        return (*self.family.members, *self.parents.points())

    @override
    def remember(self) -> dict[str, Any]:
        """The family and the parents."""
        return {
            "family": msgspec.to_builtins(self.family),
            "parents": msgspec.to_builtins(self.parents.points()),
        }

    @override
    def restore(self, kept: Mapping[str, Any]) -> None:
        """Restore the family, as far as it is valid."""
        try:
            family = msgspec.convert(kept.get("family", {}), Family)
            parents = msgspec.convert(kept.get("parents", ()), tuple[LatentPoint, ...])
            _ = family.members
        except (ValueError, OverflowError):  # msgspec's own error is a ValueError, and so is that for a lone surrogate
            return
        self.parents.set_points((point, "") for point in parents)
        self.family, self._shown = family, len(family.generations) - 1
        self._show_generation()

    # -- breeding ------------------------------------------------------------------------------------------------

    def _chosen_parents(self) -> tuple[LatentPoint, ...]:
        """The selected children, or else the listed parents."""
        picked = self.litter.picked()
        return picked if len(picked) > 1 else self.parents.points()

    def _breed(self) -> None:
        parents = self._chosen_parents()
        crossing = CROSSINGS[self.crossing.value()]
        mutation, layers = float(self.mutation.value()), self.context.frames.layers
        self.family = self.family.breed(parents, crossing, mutation, layers, secrets.randbits(32))
        self._shown = len(self.family.generations) - 1
        self.parents.set_points((point, "") for point in parents)
        self._show_generation()

    def _add_current(self) -> None:
        self.parents.add_point(self.context.seen.point)

    def _add_random(self) -> None:
        self.parents.add_point(LatentPoint((secrets.randbits(32),)))

    def take_point(self, point: LatentPoint) -> None:
        """Add a parent."""
        self.parents.add_point(point)

    def _forget(self) -> None:
        """Can be undone: many generations are a lot of work."""
        before, after = (self.family, self._shown), (Family(), -1)

        def show(family: Family, shown: int) -> None:
            self.family, self._shown = family, shown
            self._show_generation()

        show(*after)
        self.context.services.undo.push(tr("New family"), lambda: show(*before), lambda: show(*after), PLACE)

    def _turn(self, step: int) -> None:
        self._shown = min(max(self._shown + step, 0), len(self.family.generations) - 1)
        self._show_generation()

    def _go_to_member(self, number: int) -> None:
        self.context.state.set_point(self.family.members[number])

    # -- what is shown -------------------------------------------------------------------------------------------

    def _show_generation(self) -> None:
        numbers = self.family.litter(self._shown) if self._shown >= 0 else ()
        self.litter.set_points((self.family.members[number], "") for number in numbers)
        count = len(self.family.generations)
        words = tr("Generation {number} of {count}", number=self._shown + 1, count=count)
        self._about.set_words(words if count else "")
        self._show_view()
        self._show_current()
        self._show_buttons()

    def _show_current(self) -> None:
        """Mark the current point, in the tree and among the children."""
        point = self.context.state.point
        members = self.family.members
        self.tree.show_family(self.family, members.index(point) if point in members else -1)

    def _show_buttons(self) -> None:
        picked = len(self.litter.picked())
        self.breed.setText(tr("Breed {count} selected", count=picked) if picked > 1 else tr("Breed"))
        enough = len(self._chosen_parents()) >= (1 if self.mutation.value() else 2)
        full = len(self.family.generations) >= MOST
        self.breed.setEnabled(enough and not full and self.context.frames.layers > 0)
        self.back.setEnabled(self._shown > 0)
        self.forth.setEnabled(self._shown < len(self.family.generations) - 1)
        self.forget.setEnabled(bool(self.family.generations))

    def _show_view(self) -> None:
        view = self.view.value() if self.family.generations else "empty"
        self._views.setCurrentIndex(("children", "tree", "empty").index(view))

    # -- putting together ----------------------------------------------------------------------------------------

    def _lay_out_left(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self.parents.setFixedHeight(PARENT + 16)
        row = Flow()
        row.addWidget(self.add)
        row.addWidget(self.random)
        column.addWidget(card(row, self.parents, title=tr("Parents")))
        column.addWidget(card(self.crossing, self.mutation, title=tr("Crossover")))
        return left

    def _lay_out_middle(self) -> QWidget:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        head = QHBoxLayout()
        head.addWidget(self.view)
        head.addWidget(self.back)
        head.addWidget(self.forth)
        head.addWidget(self._about, 1)
        head.addWidget(self.forget)
        head.addWidget(self.breed)
        around = QScrollArea()
        around.setWidget(self.tree)
        self._views = QStackedWidget()
        self._views.addWidget(self.litter)
        self._views.addWidget(around)
        words = tr(
            "Add two or more parents: with the buttons on the left, or by right-clicking seeds in Map. "
            "Then press Breed."
        )
        self._views.addWidget(EmptyState("latent", tr("Children"), words))
        column.addLayout(head)
        column.addWidget(self._views, 1)
        return middle
