"""Tests docs/play.html in a real browser: every state of every goal, the keyboard, addresses.
test_pages_in_browser.py tests that everybody can read it."""
from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, List, Tuple

import psutil
import pytest

from harness.driver.waiting import wait_for
from harness.play.browser import LACKING, LIMIT, browser, use_screen
from harness.play.page import PAGE

pytestmark = pytest.mark.skipif(bool(LACKING), reason=LACKING)
ADDRESS = PAGE.as_uri()
Find = Callable[[str], Any]
STATES = Path(__file__).with_name("play_states.js")
#: A laptop and a phone, in pixels.
SIZES = ((1280, 800), (390, 844))
#: The clicks that reach each goal; for the last goal, orders that do not reach it.
SOLUTIONS = {
    "early": ["r"], "late": ["w"] * 5 + ["r"], "empty": ["w", "r", "r", "r"],
    "outlive": ["w"] * 4 + ["r"] + ["w"] * 2 + ["r"] * 2, "last": ["w", "r", *"wwww", *"rrrr"],
    "mixed": [*"www", *"rrr"], "leftover": ["w2"] * 3 + ["w1"] * 3 + ["r"] * 3,
    "torn": [*"wwwrrrr"], "waits": [*"wwwrrw"],
    "robust": [*"wwwwwwww", *"rrtr", "-", *"wwwwwwww", *"rrtr", "-", *"rrwwwwwwwwrtr", "-",
               *"wwwww", *"rrrrrrr", *"www"]}


@pytest.fixture
def page(opened: Any) -> Any:
    """Open the page as on a first visit."""
    opened.get(ADDRESS)
    return opened


def take(page: Any, steps: List[str]) -> None:
    """Click the buttons of these programs; "-" is Restart."""
    page.execute_script("for (const one of arguments[0]) document.querySelector(one).click()", [
        "#restart" if actor == "-" else f"button[data-actor={actor}]" for actor in steps])


@pytest.mark.parametrize("goal", SOLUTIONS)
def test_a_goal_is_reached_by_clicking(page: Any, find: Find, goal: str) -> None:
    """The last click reaches a goal; the page counts the moves, and remembers the goal."""
    find(f"button[data-goal={goal}]").click()
    take(page, SOLUTIONS[goal][:-1])
    assert not find("#copy").is_displayed()
    find(f"button[data-actor={SOLUTIONS[goal][-1]}]").click()
    moves = len(SOLUTIONS[goal])
    said = find("#task").text
    assert said.startswith("✓ Reached. You cannot." if goal == "robust" else
                           f"✓ Reached in {moves} move{'s' if moves > 1 else ''}, fewest {moves}.")
    assert "{" not in said
    assert find("#next" if goal != "robust" else "#end a").is_displayed()
    page.refresh()
    assert find(f"button[data-goal={goal}]").get_attribute("class") == "done"
    if goal == "robust":
        find(f"button[data-goal={goal}]").click()
        assert find("#tries").text == "You have tried 3 of 1,419 orders."


@pytest.mark.parametrize("size", SIZES, ids=["laptop", "phone"])
@pytest.mark.parametrize("goal", SOLUTIONS)
def test_every_state_is_on_one_screen(opened: Any, goal: str, size: Tuple[int, int]) -> None:
    """All that matters fits into the window; each recorded handle and view has an arrow."""
    use_screen(opened, *size)
    opened.get(ADDRESS)
    opened.set_script_timeout(2 * LIMIT)
    many, wrong = opened.execute_script(STATES.read_text(encoding="utf-8"), goal)
    assert many >= 57 and wrong == []


def test_the_drawn_buttons_are_buttons(page: Any, find: Find) -> None:
    """The console's key and the OK of the message box can be clicked. A click on a step in the lane
    returns to it, Undo to the one before it."""
    take(page, [*"wwwrrr"])
    find("#ok").click()
    assert not find("#box").is_displayed()
    find(".w .answer").click()
    assert page.current_url.endswith("#early/wwwrrrrw")
    assert len(page.find_elements("css selector", "#arrows .gone")) == 1
    page.find_elements("css selector", "#lane button")[2].click()
    assert page.current_url.endswith("#early/www")
    assert len(page.find_elements("css selector", "#lane .ahead")) == 5
    page.find_elements("css selector", "#lane button")[5].click()
    assert find("#ok").is_displayed()
    find("#undo").click()
    assert page.current_url.endswith("#early/wwwrr") and not find("#ok").is_displayed()


def test_a_teacher_needs_one_key(page: Any, find: Find) -> None:
    """The space bar takes the steps of the address or of the goal, then starts the next goal."""
    page.get(f"{ADDRESS}#empty/wrrr")
    body = find("body")
    body.send_keys("t")
    assert page.current_url.endswith("#empty/") and not find("header").is_displayed()
    body.send_keys("    ")
    assert page.current_url.endswith("#empty/wrrr") and find("#box").is_displayed()
    left = page.execute_script(
        "return innerHeight - document.querySelector('#stage').getBoundingClientRect().bottom")
    assert 0 <= left < 40
    body.send_keys("  ")
    assert page.current_url.endswith("#outlive/w")
    body.send_keys("t")
    assert find("header").is_displayed()


def test_the_keyboard_is_enough(page: Any, find: Find) -> None:
    """Tab and Enter, or its number, take a program's step; u and 0 take steps back."""
    from selenium.webdriver.common.keys import Keys

    def press(*keys: str) -> None:
        for key in keys:
            page.switch_to.active_element.send_keys(key)

    find("body").send_keys(Keys.TAB)
    for attribute, value in (("data-goal", "empty"), ("data-actor", "w")):
        for _ in range(30):
            if page.switch_to.active_element.get_attribute(attribute) == value:
                break
            press(Keys.TAB)
        press(Keys.ENTER)
    press("2", "2", "u", "2", "2")
    assert find("#copy").is_displayed()
    assert find("#box").is_displayed() and find("#box-text").text == ""
    assert "empty" in find("#live").get_attribute("textContent")
    find("#ok").send_keys(Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("data-actor") == "w"
    find("#lane button").send_keys(Keys.ENTER)
    assert page.switch_to.active_element.text == "create"
    press("0")
    assert "No step yet" in find("#happened").text


def test_an_address_is_an_order(page: Any, find: Find) -> None:
    """The address follows the steps, restores them, and is cut at the first impossible step."""
    take(page, [*"wwr"])
    assert page.current_url.endswith("#early/wwr")
    page.get(f"{ADDRESS}#late/wwrrrrrrwwww")
    assert find("#number").text == "Order 206 of 465."
    assert find("#command").text == "make interleavings ORDER=wwrrrrrrwwww"
    page.get(f"{ADDRESS}#leftover/w2w2w2w1w1w1rrr")
    assert "irst process." in find("#box-text").text
    page.get(f"{ADDRESS}#late/rrrrww")
    assert find("#verdict").text and page.current_url.endswith("#late/rr")


def test_a_prediction_comes_first(page: Any, find: Find) -> None:
    """Counts, bytes and result are hidden until the learner has chosen a prediction."""
    find("#predict").click()
    take(page, ["w"])
    take(page, ["r"] if find("#question").get_attribute("hidden") else [])
    hidden = [find(f"#{part}").text for part in ("name", "handles", "views", "bytes")]
    assert hidden == ["?"] * 4 and "?" in find("#lane").text
    choice = find("#choices button")
    predicted = choice.text
    choice.click()
    assert find("#handles").text != "?"
    assert find("#verdict").text.startswith("✓") or predicted in find("#verdict").text


def test_it_works_where_nothing_can_be_kept(opened: Any, find: Find) -> None:
    """Without localStorage only the progress is lost."""
    added = opened.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": (
        "Object.defineProperty(window, 'localStorage', "
        "{get() { throw new Error('forbidden'); }})")})
    try:
        opened.get(ADDRESS)
        take(opened, ["r"])
        assert find("#copy").is_displayed()
    finally:
        opened.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_motion_can_be_switched_off(opened: Any) -> None:
    """With prefers-reduced-motion, nothing moves."""
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-reduced-motion", "value": "reduce"}]})
    opened.get(f"{ADDRESS}#empty/w")
    take(opened, ["w"])
    assert opened.execute_script("return document.getAnimations().length") == 0


@pytest.mark.slow
def test_nothing_is_left_of_an_interrupted_start(tmp_path: Path,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    """If Ctrl-C interrupts the start of a browser, the browser is killed."""
    from selenium import webdriver
    start = webdriver.Chrome

    def runs() -> bool:
        return any(f"--user-data-dir={tmp_path}" in (process.info["cmdline"] or ())
                   for process in psutil.process_iter(["cmdline"]))

    def interrupted(**arguments: Any) -> None:
        start(**arguments).command_executor.close()
        assert runs()
        raise KeyboardInterrupt

    monkeypatch.setattr(webdriver, "Chrome", interrupted)
    with pytest.raises(KeyboardInterrupt), browser(tmp_path):
        pass
    wait_for(lambda: not runs(), "an end of the browser")
