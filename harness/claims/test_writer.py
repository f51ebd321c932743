"""The writer over existing objects, with other bytes in its new view, and with other keys."""
from __future__ import annotations

import time
from typing import Optional, Tuple

import pytest

from harness.claims.first_run import PAGE, ROOM
from harness.claims.writers_object import STAYS
from harness.driver.win32.constants import SEC_COMMIT
from harness.driver.contract import BUF_SIZE
from harness.driver.host import Host
from harness.driver.win32.objects import Mapping
from harness.driver.win32.console import ARROW_UP, CONTROL_C, ENTER, ESCAPE, F1, SPACE, Key
from harness.judge.calling import judge_view
from harness.judge.checks import Mine, See, check
from harness.judge.claims import WRITER
from harness.judge.counting import KEY, bare
from harness.judge.gaps import HERE
from harness.judge.patience import AGAIN, ASKS, MORE, STEP
from harness.judge.running import AT_ITS_END, EMPTY, Running
from harness.judge.starter import FILL, Starter, filled
from harness.judge.words import changes, message_words, runs

UNTOUCHED = "bytes of the object that it changes after its key"
SHIFT, CONTROL, ALT = Key(0x10, 0, 0x0010), Key(0x11, 0, 0x0008), Key(0x12, 0, 0x0002)


def judge_message(see: See, start: Starter, writer: Running, mapping: Mapping,
                  before: bytes) -> bytes:
    """Check that the writer puts the message at the beginning of the object, without a terminator,
    and changes nothing else (W5). Return the object's bytes while it waits for its key."""
    wanted = start.message

    def wrote() -> bool:
        return mapping.read(len(before)) != before

    writer.until(lambda: wrote() or writer.calls and writer.calls.asks(),
                 STEP if writer.calls else ASKS)
    pressed = not wrote() and not (writer.calls and start.known.has("writes"))
    if pressed:
        writer.press(start.known["keys"] or [])  # It may wait for its key before it writes.
        writer.pressed_early = True
    if not wrote():
        writer.until(wrote, MORE if writer.calls else STEP)
    writer.settles(lambda: mapping.read(len(before)), wanted + before[len(wanted):])
    if writer.calls:
        writer.until(lambda: writer.calls and writer.calls.waits, MORE)
    after = mapping.read(len(before))
    if pressed and after != before and not start.known.has("writes"):
        see.unable("it may have written its message too late")
        return after
    if after == before:
        return after
    calls = writer.calls
    if not any(after[:len(wanted)]) and not (start.known.has("wait") and (
            pressed or (calls.waits if calls else not writer.program.ended()))):
        see.unable("it may have taken its message away at its end")
        return after
    if pressed and start.known.has("wait") and not after.startswith(wanted):
        see("W7.untouched", UNTOUCHED, runs(), runs(*changes(before, after)))
        return before
    # Some bytes of the message may equal the old ones.
    changed = changes(before, after)
    outside = [span for span in changed if span[1] > len(wanted)]
    if outside:
        see("W5.changed", "bytes of the object that the writer changed", runs((0, len(wanted))),
            runs(*changed))
    elif see("W5.message", *message_words(wanted, after[:len(wanted)], start.half.charset)):
        see("W5.changed", "bytes of the object that the writer changed", True, True)
    return after


def over(start: Starter, see: See, known: Mine, size: int) -> Tuple[Running, Mapping, bytes]:
    """Check it over an existing object of that size, full of another byte (W5, W8)."""
    mapping = start.object(size)
    before = filled(mapping)
    writer = start()
    refuses = not known.has("writes") and known.has("wait") and bool(writer.end(AGAIN))
    after = judge_message(see, start, writer, mapping, before)
    calls = writer.calls
    if calls and calls.views and not calls.views[0].result and not (
            calls.gives_up and known.has("writes")):
        judge_view(writer)
        see.stop(why="it got no view of an existing object")
    if after == before and not calls and not (known.has("page") and known.has("view")):
        see.stop(why="nothing shows whether it gets a view of an existing object")
    wrote = any(new and new != old for old, new in zip(before, after))
    if not wrote and not known.has("writes") and not refuses:
        see.stop(why="it writes nothing")
    if see("W8.overwrites", "whether it writes its message over an existing object", True,
           wrote or writer.doing()):
        known.give("overwrites")
    return writer, mapping, after


@check("W8.overwrites", "W5.changed", "W5.message", "W6.waits", "W6.key", "W7.untouched", "W7.end",
       "W7.exit", "W7.order", "B4.silent", about=WRITER, needs="object", gives="overwrites")
def test_it_writes_27_characters_and_nothing_else(start: Starter, see: See, known: Mine) -> None:
    """It writes exactly the message over an object full of another byte, and changes nothing after
    its key."""
    writer, mapping, after = over(start, see, known, BUF_SIZE)
    if writer.calls and writer.calls.rests:
        writer.until(lambda: writer.calls and writer.calls.waits)
    if known.has("end") and "W8" not in see.broken and writer.end(0.1) and not (
            writer.crashed or writer.pressed_early):
        see("W6.waits", "whether it waits for a key over an existing object", True, False)
    if not writer.program.ended() and not writer.calls:
        mapping.write(FILL)
        again = writer.until(lambda: mapping.read(1) != FILL, MORE)
        see("W6.waits", "whether it only waits for its key", True, not again)
        mapping.write(after[:1])
    late = changes(after, mapping.read(len(after)))
    if not writer.program.ended():
        if late:
            see("W5.changed", "bytes of the object that it changed after its message", runs(),
                runs(*late))
        writer.press(known["keys"] or [])
        if not writer.end(STEP if known.has("end") else MORE) and known.has("end"):
            writer.press(["Enter"])
            if writer.end(MORE):
                see("W6.key", "keys that make it go on after it has written over an existing "
                    "object", known["keys"], [*(known["keys"] or []), "Enter"])
    if "W8" not in see.broken and known.has("end"):
        writer.judge_end("after it has written over an existing object")
    last = changes(after, mapping.read(len(after)))
    if writer.program.ended() and not late and (last or "W8" not in see.broken):
        see("W7.untouched", UNTOUCHED, runs(), runs(*last))


@pytest.mark.products
@check("W8.overwrites", "W5.changed", "W5.message", about=WRITER, needs="writes overwrites")
def test_it_writes_into_a_larger_object(start: Starter, see: See, known: Mine) -> None:
    """It writes its message over an existing object of two pages, too."""
    over(start, see, known, 2 * PAGE)


@pytest.mark.calls
@check("W1.page", "W5.changed", "W5.message", about=WRITER, needs="object")
def test_it_changes_nothing_else_in_its_own(host: Host, start: Starter, see: See,
                                            known: Mine) -> None:
    """It writes exactly the message if its new view is full of another byte."""
    if not start.traced:
        pytest.skip("its calls cannot be seen")
    writer = start(hold=True)
    end, place = time.monotonic() + STEP, writer.program.place(STEP)
    while not (place.call and place.call.name == "MapViewOfFile" and place.call.result is not None):
        if not place.held or time.monotonic() > end:
            pytest.skip("it cannot be held at its view")
        place = writer.program.go(seconds=STEP)
    mapping: Optional[Mapping] = host.find(known["object"]) if place.call.result else None
    if not mapping:
        pytest.skip("it has no view")
    size, kind = mapping.map().section()
    see("W1.page", "size of the object, and whether it is in the paging file", (PAGE, True),
        (size, kind == SEC_COMMIT))
    before = filled(mapping)
    writer.program.go(to=place.stops + 1000)
    after = judge_message(see, start, writer, mapping, before)
    if after == before and not known.has("writes") and judge_view(writer):
        see("W5.message", "message in the object", "there", f"nothing; {writer.doing()}")


#: How often Ctrl-C is pressed.
PRESSES = 8
#: What is pressed: only the last key of each row must end the wait.
KEYS = {"modifiers, then Enter": (SHIFT, CONTROL, ALT, ENTER), "Escape": (ESCAPE,),
        "Ctrl-C": (CONTROL_C,), "Space": (SPACE,), "arrow": (ARROW_UP,), "F1": (F1,)}


@pytest.mark.parametrize("keys", [
    "modifiers, then Enter", "Escape", "Ctrl-C", "arrow", "Space",
    pytest.param("F1", marks=[pytest.mark.products, pytest.mark.gap("function-keys")])])
@check("W6.others", "W6.arrow", "W6.no-character", "W7.stays", "W7.untouched", "W7.end", "W7.exit",
       "W7.order", "B4.silent", about=WRITER, needs="object wait keys end")
def test_any_one_key_lets_it_go_on(host: Host, start: Starter, see: See, known: Mine,
                                   keys: str) -> None:
    """Any key ends the wait, and the program as documented, and nothing appears on its console.
    Shift, Ctrl and Alt alone do not end it, and the object stays."""
    if known["keys"] != ["x"]:
        see.stop("W6")
    mapping = start.object(ROOM) if known.has("existing") else None
    writer = start()
    writer.until(lambda: any(mapping.read(ROOM)) if mapping else host.exists(known["object"]))
    if writer.calls:
        writer.until(lambda: writer.calls and writer.calls.waits,
                     STEP if writer.calls.rests else MORE)
    seen = bool(writer.calls and writer.calls.waits)
    *others, last = KEYS[keys]
    for key in others:
        writer.program.press(key)
    if others:
        # If its calls are not visible, it may be waiting for a time instead of a key.
        ended = writer.end(0.1 if seen else 2.0)
        if not see("W6.no-character", "whether it waits for a key", True, not ended):
            return
        see("W7.stays", STAYS, True, host.exists(known["object"]))
    if not mapping:
        found = host.find(known["object"])  # It may have ended by itself.
        mapping = found.map() if found else None
    before = mapping.read(PAGE) if mapping else b""
    finished = seen and any(before) or before == start.message + bytes(PAGE - len(start.message))
    again = False
    writer.program.press(last)
    # One that comes too early is lost: only _getch reads Ctrl-C as a key.
    for _ in range(PRESSES if last == CONTROL_C else 0):
        if not writer.end(MORE):
            writer.program.press(last)
            again = True
    ended = writer.end(MORE if last == F1 and "function-keys" in HERE else STEP)
    if keys == "arrow" and not ended and not seen:
        see.stop(why="Wine's command interpreter, which may wait for its key, ignores an arrow")
    see("W6.arrow" if keys == "arrow" else "W6.others", f"after the key {keys}", "it ends",
        "it ends" if ended else writer.doing())
    if not ended or last == CONTROL_C and (again or writer.calls and not any(
            bare(call.name) in KEY and call.result is not None
            for call in writer.calls.waits[-1:])):
        return  # A Ctrl-C that none of these functions reads ends a program.
    screen = writer.program.screen()
    if screen != EMPTY and known["console"] == list(EMPTY):
        writer.judge_written(screen[0].strip(), screen)
    writer.judge_end(f"after the key {keys} was pressed" if known.has("right") else AT_ITS_END)
    if mapping and finished:
        see("W7.untouched", UNTOUCHED, runs(), runs(*changes(before, mapping.read(PAGE))))
