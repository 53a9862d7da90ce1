"""A small app with the driver, in a process of its own: python small_app.py."""

import sys

from textual.app import App, ComposeResult
from textual.widgets import Static

from gantui.tui.wire.driver import driver


class Ticking(App[None]):
    """Shows the number of the last key typed, and noise that changes 20 times a second and would fill any pty."""

    BINDINGS = [("q", "quit", "Quit"), ("z", "suspend_process", "Suspend"), ("plus", "more", "More")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Static("typed 0", id="typed")
        yield Static(id="noise")

    def on_mount(self) -> None:
        self.typed = self.ticks = 0
        self.set_interval(0.05, self.tick)

    def tick(self) -> None:
        self.ticks += 1
        cells = "".join(chr(0x2800 + (i * i * self.ticks) % 256) for i in range(76 * 18))
        self.query_one("#noise", Static).update(cells)

    def action_more(self) -> None:
        self.typed += 1
        self.query_one("#typed", Static).update(f"typed {self.typed}")


if __name__ == "__main__":
    Ticking(driver_class=driver("256")).run()
    print("farewell")
    sys.exit(7)
