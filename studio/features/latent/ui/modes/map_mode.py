"""Map: the endless plane of seeds, directions, and style mixing by dropping seeds on slots."""

from functools import partial

import msgspec
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.space import at_place, place_at, place_of, seed_at
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.ui.directions.directions_card import DirectionsCard
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.features.latent.ui.explore.point_menu import ways_with
from studio.features.latent.ui.widgets.seed_map import SeedMap
from studio.features.latent.ui.widgets.slots import Slot, Slots
from studio.ui.actions import show_menu
from studio.ui.layout import card

BANDS = ("coarse", "middle", "fine")


class MapMode(Mode):
    """Drag to wander, click to go to a seed; seeds can be dragged to the slots and to the walk."""

    NAME = "map"
    TITLE = "Map"
    TIP = "An endless map of seeds"

    def __init__(self, context: ModeContext) -> None:
        super().__init__(context)
        fields = {field.name: field for field in describe(LatentTask)}
        self.map, self.slots = SeedMap(), Slots([fields[name] for name in BANDS])
        self.directions = DirectionsCard(context)
        self.middle, self.left = self.map, QWidget()
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.directions)
        column.addWidget(card(self.slots, title=tr("Style mix")))
        context.frames.fill(self.map.missing)
        context.frames.stale.connect(self.map.forget)
        context.frames.cell.connect(self._cell_came)
        context.state.changed.connect(self.show_point)
        context.stars.changed.connect(lambda: self.map.set_stars(context.stars.seeds()))
        context.models.changed.connect(lambda _: self.map.set_stars(context.stars.seeds()))
        self.map.moved.connect(self.go)
        self.map.wandered.connect(lambda x, y: self.go(x, y, "map"))
        self.map.settled.connect(context.state.settle)
        self.map.left.connect(lambda: context.state.take_back("map"))
        self.map.wanted.connect(context.frames.wake)
        self.map.menu.connect(self._menu)
        self.slots.changed.connect(self._mix)
        for slot in self.slots.slots:
            slot.asked.connect(partial(self._take_current, slot))

    def go(self, x: float, y: float, gesture: str = "") -> None:
        """Go to a position on the plane."""
        self.context.state.set_point(at_place(self.context.state.point, x, y), gesture)

    def show_point(self) -> None:
        """Update marker and slots to the current point."""
        point = self.context.state.point
        place = place_at(point)
        if place is not None:
            self.map.go_to(*place)
        self.map.mark(place is not None)
        for slot, name in zip(self.slots.slots, BANDS, strict=True):
            seed = getattr(point, name)
            if seed != slot.seed:
                slot.show_seed(seed, self.map.picture(seed))

    def _take_current(self, slot: Slot) -> None:
        """Put the seed nearest to the current picture into a slot."""
        place = place_at(self.context.seen.point)
        if place is None:
            words = tr("The current picture isn't a seed on the map. Drop one here, or right-click the map.")
            self.context.say(StudioError(words))
        else:
            slot.set_seed(seed_at(round(place[0]), round(place[1])))

    def _mix(self) -> None:
        for slot in self.slots.slots:
            slot.show_seed(slot.seed, self.map.picture(slot.seed))
        seeds = dict(zip(BANDS, self.slots.seeds(), strict=True))
        self.context.state.set_point(msgspec.structs.replace(self.context.state.point, **seeds))

    def _cell_came(self, seed: int, asset: Asset) -> None:
        self.map.set_picture(seed, asset)
        for slot in self.slots.slots:
            if slot.seed == seed:
                slot.show_seed(seed, self.map.picture(seed))

    @override
    def hint(self) -> str:
        """The hint, which also mentions dragging the map."""
        return tr("Drag over the map or the picture to wander between seeds. Shift+drag moves the map.")

    def _menu(self, seed: int, at: QPoint) -> None:
        show_menu(
            self.map,
            at,
            (tr("Go to seed {seed}", seed=seed), lambda: self.go(*place_of(seed))),
            *(
                (tr("Use as {slot}", slot=slot.accessibleName()), partial(slot.set_seed, seed))
                for slot in self.slots.slots
            ),
            *ways_with(self.context, LatentPoint((seed,)), self.map.picture(seed)),
        )
