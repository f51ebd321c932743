"""Starts Debian's Chromium without a window, through selenium, for tests and a screenshot."""
from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Iterator, List

from harness.driver.paths import BUILD
from harness.play.page import PAGE

#: The accessibility checker that `make axe` fetches.
AXE = BUILD / "axe" / "node_modules" / "axe-core" / "axe.min.js"

#: Why there is no browser, or "" if there is one.
LACKING = ("selenium is missing (Debian: python3-selenium)" if not find_spec("selenium") else
           "" if shutil.which("chromium") and shutil.which("chromedriver") else
           "Chromium is missing (Debian: chromium and chromium-driver)")
#: The time limit of a test with a browser, in seconds; the first start takes longest.
LIMIT = 120.0
#: Finishes all animations, so that pictures and colours are the final ones.
STILL = "document.getAnimations().forEach(one => one.finish());"


@contextmanager
def browser(folder: Path) -> Iterator[Any]:
    """Run a browser that keeps its files in that folder, and end it with the context."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--hide-scrollbars", f"--user-data-dir={folder}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(shutil.which("chromedriver") or "")
    try:
        with webdriver.Chrome(service=service, options=options) as driver:
            use_screen(driver)
            driver.get("about:blank")  # Chromium's start page makes requests.
            for kind in ("browser", "performance"):
                driver.get_log(kind)
            yield driver
    finally:
        service.stop()  # It ends the browser, even one whose start was interrupted.


def use_screen(driver: Any, width: int = 1280, height: int = 900, dark: bool = False) -> None:
    """Emulate a screen of that size in pixels. No real window can be as narrow as a phone."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})


def photograph(to: Path) -> None:
    """Take the screenshot of docs/play.html for README.md, with an empty message box open."""
    with TemporaryDirectory() as folder, browser(Path(folder)) as driver:
        use_screen(driver, 1280, 720)
        driver.get(PAGE.as_uri() + "#empty/wrrr")
        driver.execute_script(STILL)
        driver.get_screenshot_as_file(str(to))


def violations(driver: Any) -> List[str]:
    """Return axe's findings on the current page: the rule, and the first elements."""
    driver.execute_script(STILL + AXE.read_text(encoding="utf-8"))
    found = driver.execute_async_script("axe.run().then(arguments[0])")
    assert found["passes"]
    return [f"{rule['id']}: {[node['html'][:200] for node in rule['nodes'][:3]]}"
            for rule in found["violations"]]


def complaints(driver: Any) -> List[str]:
    """Return the console's messages, and all requests except for the page itself and data URLs."""
    page = driver.current_url.partition("#")[0]
    said = [entry["message"] for entry in driver.get_log("browser")]
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            address = message["params"]["request"]["url"]
            if address.partition("#")[0] != page and not address.startswith("data:"):
                said.append(f"request: {address}")
    return said
