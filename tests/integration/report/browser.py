# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless browser, one for the session, and what tests ask of a report that is open in it."""

from __future__ import annotations

import json
import pathlib
import shutil
import typing as t

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from tests.integration.harness import witness

#: As wide as many a telephone.
TELEPHONE: t.Final = 375
DESKTOP: t.Final = (1440, 900)

_OPTIONS: t.Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)
_SERVERS: t.Final = """
return [...document.querySelectorAll(".server")].map((server) => [
  server.querySelector("span").textContent,
  {look: server.classList[1], off: server.classList.contains("off"), sign: server.querySelector("b").textContent, label: server.ariaLabel},
]);
"""
_UNTIL_SHOWN: t.Final = """
const [id, done] = arguments;
const look = () => { if (document.getElementById(id).hidden) requestAnimationFrame(look); else done(); };
look();
"""


def start() -> webdriver.Chrome:
    """A browser that keeps its logs. A missing one fails or skips, as any witness."""
    witness("chromedriver", "--version")
    witness("chromium", "--version")
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for option in _OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


class Page:
    """A report in the browser."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, path: pathlib.Path) -> Page:
        """Open the file; the script has run when this returns."""
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(path.as_uri())
        assert self.ready >= 0
        return self

    @property
    def ready(self) -> float:
        """Seconds from the start of the navigation until the page could be used."""
        told = self.run("return document.documentElement.dataset.ready")
        assert told, f"the page's script did not get to its end: {self.complaints()}"
        return int(told) / 1000

    def run(self, script: str, *args: t.Any) -> t.Any:
        """Run a script in the page."""
        return self.driver.execute_script(script, *args)

    def complaints(self) -> list[str]:
        """What the browser's console says."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """What was asked for, and where."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def tell(self, command: str, **params: t.Any) -> None:
        """A command of the browser's own protocol."""
        self.driver.execute_cdp_cmd(command, params)

    def size(self, width: int, height: int, *, mobile: bool = False, scale: float = 1) -> None:
        """The size of the window's inside, in CSS pixels."""
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)

    def media(self, *, scheme: str = "light", kind: str = "") -> None:
        """What the reader's system prefers, and whether it prints."""
        self.tell("Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def servers(self) -> dict[str, dict[str, t.Any]]:
        """Every server of the room, as it looks, in order."""
        return dict(self.run(_SERVERS))

    def shown(self) -> set[str]:
        """The servers that are not filtered out."""
        return {name for name, server in self.servers().items() if not server["off"]}

    def find(self, selector: str) -> WebElement:
        """The first element that the selector names."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        """All of them."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """What a person can read there."""
        return self.find(selector).text

    def choose(self, name: str, value: str) -> None:
        """Set one of the filters."""
        Select(self.find(f"#by-{name}")).select_by_value(value)

    def paste(self, element: str, text: str) -> None:
        """Put a text into a field at once."""
        script = "const box = document.getElementById(arguments[0]); box.value = arguments[1]; box.dispatchEvent(new Event('input'));"
        self.run(script, element, text)

    def server(self, name: str) -> WebElement:
        """A server's button."""
        script = "return [...document.querySelectorAll('.server')].find((one) => one.querySelector('span').textContent === arguments[0])"
        return t.cast(WebElement, self.run(script, name))

    def press(self, *keys: str) -> None:
        """Keys, to whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> WebElement:
        """What has the focus."""
        return self.driver.switch_to.active_element

    def wait_until_shown(self, element: str) -> None:
        """Until the element with this ID is there to be seen; the browser wakes us, or ends the script after its time."""
        self.driver.execute_async_script(_UNTIL_SHOWN, element)
