# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the pictures of the documentation: a report of a room that does not exist, in the browser of the tests.

    python -m tests.integration.report.screenshots
"""

from __future__ import annotations

import base64
import pathlib
import tempfile
import typing as t

# Before anything is imported from a collection.
import tests.conftest  # noqa: F401  pylint: disable=unused-import
from tests.integration.harness import CHECKOUT, act
from tests.integration.report import fake
from tests.integration.report.browser import TELEPHONE, Page, start

FOLDER: t.Final = CHECKOUT / "docs" / "report"
#: Bytes that a picture may have.
LIMIT: t.Final = 150_000
RACKS: t.Final = 10
PER_RACK: t.Final = 16
WINDOW: t.Final = (1180, 740)
SMALL_WINDOW: t.Final = (960, 660)


def make(folder: pathlib.Path) -> pathlib.Path:
    """A report that is compared with the week before; its page."""
    for name, day, previous in (("before", fake.EARLIER, None), ("now", fake.DAY, str(folder / "before.json"))):
        room = fake.room(RACKS, PER_RACK, day=day)
        options = {"dest": str(folder), "name": name, "title": "Machine room 2", "hosts": list(room), "previous": previous}
        result = act("compliance_report", {key: value for key, value in options.items() if value}, variables={"hostvars": fake.Hostvars(room)})
        if result.get("failed"):
            raise SystemExit(result["msg"])
    return folder / "now.html"


def take(page: Page, name: str) -> None:
    """One picture of what the window shows."""
    taken = page.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": False})
    content = base64.b64decode(taken["data"])
    if len(content) > LIMIT:
        raise SystemExit(f"{name} has {len(content)} bytes; {LIMIT} are the limit")
    (FOLDER / name).write_bytes(content)
    print(f"docs/report/{name}: {len(content)} bytes")


def main() -> None:
    """All pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    driver = start()
    page = Page(driver)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = make(pathlib.Path(folder))
            page.size(*WINDOW)
            for scheme in ("light", "dark"):
                page.media(scheme=scheme)
                page.open(path)
                take(page, f"{scheme}.png")
            page.media()
            page.size(*SMALL_WINDOW)
            page.open(path)
            page.run("document.querySelector('.server.critical').click()")
            take(page, "findings.png")
            page.size(TELEPHONE, 740, mobile=True, scale=1.5)
            page.open(path)
            take(page, "telephone.png")
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
