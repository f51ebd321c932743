"""Runs an X display without a screen (Xvfb), and acts as its user: looks and presses keys."""
from __future__ import annotations

from typing import Any, Dict, Optional

from PIL import Image
from pyvirtualdisplay import Display
from Xlib import XK, X
from Xlib import display as xlib
from Xlib.error import XError
from Xlib.ext import xtest

#: All planes of an image.
PLANES = 0xFFFFFFFF
#: X selections: the last selected text, and the last copied one.
SELECTIONS = ("PRIMARY", "CLIPBOARD")


class Desktop:
    """A private display, which DISPLAY names until `close`.

    Xvfb ends with its last client. This process is one, so Xvfb does not outlive it."""

    def __init__(self) -> None:
        self._server = Display(backend="xvfb", size=(800, 600), extra_args=["-terminate"])
        self._server.start()
        self._display = xlib.Display(self._server.new_display_var)

    def window(self, title: str) -> Optional[Any]:
        """Return the visible window with that title, or None."""
        for window in self._display.screen().root.query_tree().children:
            try:
                if (window.get_wm_name() == title
                        and window.get_attributes().map_state == X.IsViewable):
                    return window
            except XError:
                pass  # It was closed in the meantime.
        return None

    def photograph(self, window: Any) -> Image.Image:
        """Return an image of the window."""
        size = window.get_geometry()
        image = window.get_image(0, 0, size.width, size.height, X.ZPixmap, PLANES)
        return Image.frombytes("RGB", (size.width, size.height), image.data, "raw", "BGRX")

    def press(self, window: Any, key: str) -> None:
        """Press a key, by its X name, in the window. There is no window manager, so give the window
        the keyboard first."""
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        code = self._display.keysym_to_keycode(XK.string_to_keysym(key))
        for kind in (X.KeyPress, X.KeyRelease):
            xtest.fake_input(self._display, kind, code)
        self._display.sync()

    def hold_selections(self) -> None:
        """Own both selections, like a program in which a user selects and copies."""
        window = self._display.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        for name in SELECTIONS:
            window.set_selection_owner(self._display.intern_atom(name), X.CurrentTime)
        self._display.sync()

    def state(self) -> Dict[str, object]:
        """Return everything that a program must leave unchanged: windows, the root window's
        properties, and the owners of the selections. (The window manager decides which window has
        the keyboard.)"""
        root = self._display.screen().root
        return {"windows": [window.id for window in root.query_tree().children],
                "properties": {self._display.get_atom_name(atom):
                               root.get_full_property(atom, X.AnyPropertyType).value
                               for atom in root.list_properties()},
                "selections": [self._display.get_selection_owner(self._display.intern_atom(name))
                               for name in SELECTIONS]}

    def watch(self) -> None:
        """Start counting the windows that programs open."""
        self._display.screen().root.change_attributes(event_mask=X.SubstructureNotifyMask)
        self._display.sync()

    def opened(self) -> int:
        """Return how many windows were opened since `watch` or the last call."""
        self._display.sync()
        events = [self._display.next_event() for _ in range(self._display.pending_events())]
        return sum(event.type == X.CreateNotify for event in events)

    def close(self) -> None:
        """End the display."""
        self._display.close()
        self._server.stop()
