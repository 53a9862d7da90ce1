"""Keys in turn: what a key does is done before the next one is looked at, however quickly they come."""

import asyncio
from collections import deque

from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.message import Message
from textual.widget import Widget

ROUNDS = 2  # first behind the key itself, then behind what it has set off: a focus that moves, a screen that opens
LOOK_EVERY = 0.05  # seconds between two looks whether the widget that was given a key is still there
PATIENCE = 1.0  # seconds after which the next key comes in any case


class Behind(Message):
    """Goes the way of a key, after it: where this arrives, the key has been. `rounds`: this one and those to come."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds


class InTurn(App[str]):
    """An app for which keys that come at once, over a lagging line or pasted, mean the same as keys typed slowly.

    Textual gives each key to what has the focus at that moment. A letter is taken there; but what is bound to a
    key (so all editing keys, arrows, Enter) happens only when the key has bubbled up to the app, and the focus
    moves later still. Of keys in one read, letters would overtake what was typed before them, or get lost.
    """

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._typed: deque[events.Key | events.Paste] = deque()
        self._key: events.Event | None = None  # let in last
        self._behind: Behind | None = None  # what is on its way behind that; None: the next one may come

    async def on_event(self, event: events.Event) -> None:
        """Let in what is typed one by one, anything else at once."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._typed.append(event)
            if self._behind is None:
                await self._let_in()
            return
        await super().on_event(event)
        if event is self._key:  # it has come up here, and what it is bound to is done, be its widget gone by that
            self._came_through(self._behind)

    async def _let_in(self) -> None:
        self._key, self._behind = self._typed.popleft(), Behind(ROUNDS)
        await super().on_event(self._key)
        await self._follow()

    async def _follow(self) -> None:
        behind = self._behind
        if behind and behind.rounds:
            target = self.focused or self.screen
            target.post_message(behind)
            self._look_after(behind, target, PATIENCE)
        elif self._typed:
            await self._let_in()
        else:
            self._behind = None

    def _look_after(self, behind: Behind, target: Widget, patience: float) -> None:
        """See that the next key comes even if what it waits for got lost with its widget."""
        if behind is self._behind:
            if target.is_attached and patience > 0:
                later = patience - LOOK_EVERY
                asyncio.get_running_loop().call_later(LOOK_EVERY, self._look_after, behind, target, later)
            else:
                self.call_later(self._came_through, behind)

    @on(Behind)
    def _came_through(self, behind: Behind | None) -> None:
        if behind and behind is self._behind:
            self._behind = Behind(behind.rounds - 1)
            self.call_later(self._follow)  # after what the key has asked of the app
