# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The browser, and the reports of a small room that tests open."""

from __future__ import annotations

import pathlib
import typing as t
from dataclasses import dataclass

import pytest

from tests.integration.harness import act
from tests.integration.report import fake
from tests.integration.report.browser import DESKTOP, Page, start


@dataclass(frozen=True)
class Made:
    """A report, and what it was made from."""

    room: dict[str, fake.Json]
    folder: pathlib.Path
    result: dict[str, t.Any]

    @property
    def html(self) -> pathlib.Path:
        """The page."""
        return self.folder / "bmc-compliance.html"

    @property
    def json(self) -> pathlib.Path:
        """The source of truth."""
        return self.folder / "bmc-compliance.json"

    def findings(self) -> t.Iterator[tuple[str, fake.Json]]:
        """Each host with each of its findings."""
        for host, variables in self.room.items():
            for finding in variables["bmc_compliance_audit"].get("audit", {"findings": []})["findings"]:
                yield host, finding

    def hosts(self, **wanted: str) -> set[str]:
        """The hosts with a finding that has these values."""
        return {host for host, finding in self.findings() if all(finding[name] == value for name, value in wanted.items())}


Maker = t.Callable[..., Made]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Makes a report of a room by the action."""

    def maker(room: dict[str, fake.Json], **options: t.Any) -> Made:
        folder = tmp_path_factory.mktemp("report")
        result = act("compliance_report", {"dest": str(folder), "hosts": list(room), **options}, variables={"hostvars": fake.Hostvars(room)})
        assert not result.get("failed"), result
        return Made(room, folder, result)

    return maker


@pytest.fixture(scope="session")
def before(make: Maker) -> Made:
    """The small room, a week ago."""
    return make(fake.room(12, 8, day=fake.EARLIER), title="The week before")


@pytest.fixture(scope="session")
def small(make: Maker, before: Made) -> Made:
    """The small room, compared with a week ago."""
    return make(fake.room(12, 8), previous=str(before.json), title="Machine room")


@pytest.fixture(scope="session")
def browser() -> t.Iterator[Page]:
    """One browser for all tests."""
    driver = start()
    yield Page(driver)
    driver.quit()


@pytest.fixture
def page(browser: Page) -> t.Iterator[Page]:
    """The browser as on a desk, in daylight. Nothing that a test did with a page may upset the browser."""
    browser.size(*DESKTOP)
    browser.media()
    yield browser
    assert browser.complaints() == []
