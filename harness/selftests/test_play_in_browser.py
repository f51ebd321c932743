"""docs/play.html in a real browser: every goal, the keyboard, undo, addresses, and no complaint."""
from __future__ import annotations

from pathlib import Path
from typing import Any, List

import pytest

from harness.driver.waiting import wait_for
from harness.play.browser import LACKING, LIMIT, browser, processes, use_screen
from harness.play.page import PAGE

pytestmark = [pytest.mark.products, pytest.mark.time_limit(LIMIT),
              pytest.mark.skipif(bool(LACKING), reason=LACKING)]

ADDRESS = PAGE.as_uri()
#: An order that reaches each goal, as buttons are clicked; for the last, orders that do not.
SOLUTIONS = {
    "early": ["r"], "late": ["w"] * 5 + ["r"], "empty": ["w", "r", "r", "r"],
    "outlive": ["w"] * 4 + ["r"] + ["w"] * 2 + ["r"] * 2, "last": ["w", "r", *"wwww", *"rrrr"],
    "mixed": [*"www", *"rrr"], "leftover": ["w2"] * 3 + ["w1"] * 3 + ["r"] * 3,
    "robust": [*"wwwwwwww", *"rrtr", "-", *"rrwwwwwwwwrr", "-", *"wwwww", *"rrrrrrr", *"www"]}


@pytest.fixture
def page(opened: Any) -> Any:
    """The page, as somebody sees it for the first time."""
    opened.get(ADDRESS)
    return opened


def find(page: Any, selector: str) -> Any:
    """The one element of that CSS selector."""
    return page.find_element("css selector", selector)


def take(page: Any, steps: List[str]) -> None:
    """Click the programs' buttons; "-" is Restart."""
    page.execute_script("for (const one of arguments[0]) document.querySelector(one).click()", [
        "#restart" if actor == "-" else f"button[data-actor={actor}]" for actor in steps])


@pytest.mark.parametrize("goal", SOLUTIONS)
def test_a_goal_is_reached_by_clicking(page: Any, goal: str) -> None:
    """Not before the last click, and it is still reached when the page is opened again."""
    find(page, f"button[data-goal={goal}]").click()
    take(page, SOLUTIONS[goal][:-1])
    assert not find(page, "#won").is_displayed()
    find(page, f"button[data-actor={SOLUTIONS[goal][-1]}]").click()
    assert find(page, "#won-text").is_displayed() and find(page, "#won-text").text
    assert "{" not in find(page, "#won-text").text
    page.refresh()
    assert find(page, f"button[data-goal={goal}]").get_attribute("class") == "done"


def test_the_keyboard_is_enough(page: Any) -> None:
    """Tab to a program's button and Enter, or its number; u and 0 take steps back."""
    from selenium.webdriver.common.keys import Keys

    def press(*keys: str) -> None:
        for key in keys:
            page.switch_to.active_element.send_keys(key)

    find(page, "body").send_keys(Keys.TAB)
    for _ in range(30):
        if page.switch_to.active_element.get_attribute("data-goal") == "empty":
            break
        press(Keys.TAB)
    press(Keys.ENTER)
    for _ in range(30):
        if page.switch_to.active_element.get_attribute("data-actor") == "w":
            break
        press(Keys.TAB)
    press(Keys.ENTER, "2", "2", "u", "2", "2")
    assert find(page, "#won").is_displayed()
    assert find(page, "#box").is_displayed() and find(page, "#box-text").text == ""
    assert "empty" in find(page, "#live").get_attribute("textContent")
    press("0")
    assert find(page, "#nothing").is_displayed()


def test_undo_shows_what_was_before(page: Any) -> None:
    """The object, the list of steps and the buttons, as they were."""
    take(page, [*"wwwr"])

    def seen() -> List[str]:
        return [find(page, f"#{part}").text for part in ("object", "log", "left", "right")]
    before = seen()
    take(page, ["r"])
    assert seen() != before
    find(page, "#undo").click()
    assert seen() == before


def test_an_address_is_an_order(page: Any) -> None:
    """It follows the steps, shows them when it is opened, and is cut where it cannot be taken."""
    take(page, [*"wwr"])
    assert page.current_url.endswith("#pair/wwr")
    page.get(f"{ADDRESS}#pair/wwrrrrrrwwww")
    assert find(page, "#number").text == "Order 206 of 465, complete."
    assert find(page, "#command").text == "make interleavings ORDER=wwrrrrrrwwww"
    page.get(f"{ADDRESS}#writers/w2w2w2w1w1w1rrr")
    assert "irst process." in find(page, "#box-text").text
    page.get(f"{ADDRESS}#pair/rrrrww")
    assert find(page, "#verdict").text and page.current_url.endswith("#pair/rr")


def test_a_prediction_comes_first(page: Any) -> None:
    """Counts, bytes and result are hidden until the learner has chosen."""
    find(page, "#predict").click()
    take(page, ["w"])
    take(page, ["r"] if find(page, "#question").get_attribute("hidden") else [])
    hidden = [find(page, f"#{part}").text for part in ("name", "handles", "views", "bytes")]
    assert hidden == ["?"] * 4 and "?" in find(page, "#log").text
    choice = find(page, "#choices button")
    predicted = choice.text
    choice.click()
    assert find(page, "#handles").text != "?"
    assert find(page, "#verdict").text.startswith("✓") or predicted in find(page, "#verdict").text


def test_it_works_where_nothing_can_be_kept(opened: Any) -> None:
    """A browser that forbids localStorage loses the progress, and nothing else."""
    added = opened.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": (
        "Object.defineProperty(window, 'localStorage', "
        "{get() { throw new Error('forbidden'); }})")})
    try:
        opened.get(ADDRESS)
        take(opened, ["r"])
        assert find(opened, "#won").is_displayed()
    finally:
        opened.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_narrow_screen_is_enough(opened: Any, dark: bool) -> None:
    """At 390 px nothing is wider than the screen, in light and in dark."""
    use_screen(opened, 390, 844, dark)
    opened.get(f"{ADDRESS}#writers/w2w2w2w1w1w1rrr")
    assert opened.execute_script("return document.documentElement.scrollWidth") <= 390
    paper = opened.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(15, 20, 26)") == dark


def test_nothing_is_left_of_an_interrupted_start(tmp_path: Path,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that has started when Ctrl-C comes is ended, though nobody holds its driver."""
    from selenium import webdriver
    start, started = webdriver.Chrome, []

    def interrupted(**arguments: Any) -> None:
        started.append(start(**arguments))
        assert processes(tmp_path)
        raise KeyboardInterrupt

    monkeypatch.setattr(webdriver, "Chrome", interrupted)
    with pytest.raises(KeyboardInterrupt), browser(tmp_path):
        pass
    wait_for(lambda: not processes(tmp_path), "an end of the browser",
             lambda: str(processes(tmp_path)))
    started[0].command_executor.close()
    started[0].service.stop()
