# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The compliance report in a real browser, opened from disk as a person would."""

from __future__ import annotations

import collections
import json
import pathlib
import typing as t

import pytest
from selenium.webdriver.common.keys import Keys

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import BY_ID, CATALOGUE, fingerprint
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report import _html, _json
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._gate import judge
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Reader, build
from tests.integration.report import fake
from tests.integration.report.browser import TELEPHONE, Page
from tests.integration.report.conftest import Made, Maker

SEVERITIES = ["critical", "high", "medium", "low", "info"]
SIGNS = {"critical": "C", "high": "H", "medium": "M", "low": "L", "info": "I", "good": "✓", "missed": "?"}


def worst(made: Made) -> dict[str, str]:
    """What each server must look like, from the audits themselves."""
    found = {host: "good" if "audit" in variables["bmc_compliance_audit"] else "missed" for host, variables in made.room.items()}
    for host, finding in made.findings():
        if finding["state"] == "fail" and (found[host] == "good" or SEVERITIES.index(finding["severity"]) < SEVERITIES.index(found[host])):
            found[host] = finding["severity"]
    return found


def test_it_opens_from_disk_without_a_complaint_and_without_any_request(page: Page, small: Made) -> None:
    page.open(small.html)
    assert page.requests() == [small.html.as_uri()]
    assert page.text("h1") == "Machine room" == page.driver.title
    assert page.complaints() == []


def test_the_policy_of_the_page_lets_nothing_out(page: Page, small: Made) -> None:
    page.open(small.html)
    outcome = page.driver.execute_async_script(
        "const done = arguments[0]; fetch('http://127.0.0.1:9/').then(() => done('sent'), (error) => done('refused'));"
    )
    assert outcome == "refused"
    (complaint, *_more) = page.complaints()
    assert "Content Security Policy" in complaint
    assert not [url for url in page.requests() if url.startswith("http")]


def test_each_server_has_the_colour_and_the_letter_of_its_worst_open_finding(page: Page, small: Made) -> None:
    page.open(small.html)
    expected = worst(small)
    assert {host: server["look"] for host, server in page.servers().items()} == expected
    assert {host: server["sign"] for host, server in page.servers().items()} == {host: SIGNS[look] for host, look in expected.items()}
    assert len(set(expected.values())) >= 4 and "missed" in expected.values(), "the room shows too little"


def test_the_looks_differ_in_colour_and_what_was_not_audited_is_hatched(page: Page, small: Made) -> None:
    page.open(small.html)
    looks: dict[str, str] = page.run(
        "return Object.fromEntries(arguments[0].map((look) => { const s = document.querySelector('.legend .' + look);"
        " const c = getComputedStyle(s); return [look, c.backgroundImage === 'none' ? c.backgroundColor : c.backgroundImage]; }))",
        list(SIGNS),
    )
    assert len(set(looks.values())) == len(SIGNS)
    assert [look for look, value in looks.items() if "repeating-linear-gradient" in value] == ["missed"]


def test_racks_stand_in_order_with_their_servers_in_order(page: Page, small: Made) -> None:
    page.open(small.html)
    racks = dict(page.run(
        "return [...document.querySelectorAll('.rack')].map((rack) => "
        "[rack.querySelector('h3').textContent, [...rack.querySelectorAll('.server span')].map((name) => name.textContent)])"
    ))
    expected: dict[str, list[str]] = collections.defaultdict(list)
    for host, variables in small.room.items():
        expected[variables["rack"]].append(host)
    assert list(racks) == sorted(expected)
    assert racks == expected


def test_servers_without_a_rack_stand_in_columns(page: Page, make: Maker) -> None:
    room = {f"host{number}": {"bmc_compliance_audit": {"failed": True, "msg": "no"}} for number in range(1, 100)}
    page.open(make(room).html)
    assert page.run("return [...document.querySelectorAll('.rack')].map((rack) => rack.querySelectorAll('.server').length)") == [40, 40, 19]
    assert list(page.servers()) == list(room)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_filter_by_severity(page: Page, small: Made, severity: str) -> None:
    page.open(small.html).choose("severity", severity)
    expected = small.hosts(state="fail", severity=severity)
    assert page.shown() == expected
    assert page.text("#matched") == f"{len(expected)} of 96 BMCs"
    assert {page.servers()[host]["look"] for host in expected} <= {severity}


@pytest.mark.parametrize("state", ["waived", "not_assessed", "manual", "pass", "not_applicable"])
def test_filter_by_state(page: Page, small: Made, state: str) -> None:
    page.open(small.html).choose("state", state)
    expected = small.hosts(state=state)
    servers = page.servers()
    assert {host for host, server in servers.items() if server["look"] == "other"} == expected
    assert all(not servers[host]["off"] for host in expected)
    assert page.text("#findings-title") == f"Findings: {sum(finding['state'] == state for _host, finding in small.findings()):,}"


def test_filter_by_not_audited(page: Page, small: Made) -> None:
    page.open(small.html).choose("state", "not_audited")
    assert page.shown() == {host for host, look in worst(small).items() if look == "missed"}


def test_filter_by_maker_and_rack_and_show_all(page: Page, small: Made) -> None:
    page.open(small.html).choose("maker", "Supermicro")
    expected = {
        host
        for host, variables in small.room.items()
        if "audit" in variables["bmc_compliance_audit"] and variables["bmc_compliance_audit"]["audit"]["bmc"]["manufacturer"] == "Supermicro"
    }
    assert page.shown() == expected
    rack = small.room[min(expected)]["rack"]
    page.choose("rack", rack)
    assert page.shown() == {host for host in expected if small.room[host]["rack"] == rack}
    page.find("#reset").click()
    assert page.shown() == set(small.room)


def test_filter_by_control_and_by_the_list_of_controls(page: Page, small: Made) -> None:
    (control, count), *_more = collections.Counter(finding["id"] for _host, finding in small.findings() if finding["state"] == "fail").most_common()
    page.open(small.html).choose("control", control)
    assert page.shown() == small.hosts(state="fail", id=control)
    page.find("#reset").click()
    row = page.find(f'#controls [data-control="{control}"]')
    assert f"fails {count}" in row.text and BY_ID[control].title in row.text
    row.click()
    assert page.shown() == small.hosts(state="fail", id=control)
    assert page.find(f'#controls [data-control="{control}"]').get_attribute("aria-pressed") == "true"


def test_filter_by_text_finds_hosts_controls_and_what_was_found(page: Page, small: Made) -> None:
    page.open(small.html)
    page.find("#by-text").send_keys("NODE0031")
    assert page.shown() == {"node0031"}
    said = "02:00:5e:00:04:03"
    page.paste("by-text", said)
    assert page.shown() == {host for host, finding in small.findings() if finding["state"] == "fail" and said in finding["actual"]}
    page.paste("by-text", "nobody says this")
    assert page.shown() == set()


@pytest.mark.parametrize(
    ("fail_on", "text"),
    [
        ("critical", "{sign} {open} at or above critical; {missed}."),
        ("info", "{sign} {open} at or above info; {missed}."),
        ("never", "✗ No finding counts (fail on: never); {missed}."),
    ],
)
def test_the_gate_is_the_first_thing_that_is_read(page: Page, small: Made, make: Maker, fail_on: str, text: str) -> None:
    made = make(small.room, fail_on=fail_on)
    page.open(made.html)
    told = {"open": f"{len(made.result['open']):,} open findings", "missed": "1 BMC not audited", "sign": "✗"}
    assert len(made.result["not_audited"]) == 1
    assert page.text("#gate") == text.format(**told)


def test_what_the_baseline_accepts_is_said_at_the_top_and_at_the_finding(page: Page, small: Made, make: Maker) -> None:
    audited = {host: variables for host, variables in small.room.items() if "audit" in variables["bmc_compliance_audit"]}
    made = make(audited, baseline=str(make(audited).json))
    assert made.result["ok"] and made.result["accepted"]
    page.open(made.html)
    assert page.text("#gate") == f"✓ Nothing at or above high is open; {len(made.result['accepted'])} more accepted by the baseline."
    page.server(made.result["accepted"][0]["host"]).click()
    assert "accepted by the baseline" in page.text("#detail")


def test_nothing_on_the_page_is_a_slip_of_the_script(page: Page, small: Made) -> None:
    page.open(small.html).choose("state", "")
    text = page.run("return document.querySelector('header').textContent + document.querySelector('main').textContent")
    assert len(text) > 10_000
    assert not [slip for slip in ("undefined", "null", "NaN", "[object") if slip in text]


@pytest.fixture(scope="module")
def told(make: Maker) -> Made:
    """One BMC whose findings say everything that can be said."""
    controls = fake.padded(len(CATALOGUE))
    room = next(iter(fake.room(1, 1).values()))
    audit = room["bmc_compliance_audit"]["audit"]
    audit["findings"] = [fake.finding(control, "pass") for control in controls]
    audit["findings"][0] = fake.finding(
        controls[0],
        "fail",
        expected="what should be",
        actual="what is there",
        fixes=[{"sol": {"enabled": False}}],
        waiver={"reason": "until the move", "expires": "2026-01-31", "expired": True},
    )
    audit["findings"][1] = fake.finding(controls[1], "waived")
    return make({"one": room, "two": {"rack": "r01", "position": 2}})


def test_a_server_shows_its_findings_with_everything_that_is_known(page: Page, told: Made) -> None:
    page.open(told.html).server("one").click()
    control = CATALOGUE[0]
    shown = page.text("#detail")
    remedy = control.remedy
    assert "null" not in shown and "undefined" not in shown
    for text in ("what should be", "what is there", control.title, control.rationale, remedy.how, remedy.disturbs, *control.sources):
        assert text in shown
    assert "Expired waiver\nuntil the move (until 2026-01-31)" in shown
    assert "request: 8E 04 | completion code: 00 | response: 01 94 04 03 00 00 00 00" in shown
    assert '{"sol":{"enabled":false}}' in shown
    assert "suite 17: passes, off" in shown
    assert "rack r01 · position 1 · 192.0.2.2:623" in shown
    page.find(f'#detail [data-control="{CATALOGUE[1].id}"] summary').click()
    assert "Waiver\nthe board is replaced in spring (until 2027-03-31)" in page.text("#detail")


def test_a_bmc_that_was_not_audited_says_why(page: Page, told: Made) -> None:
    page.open(told.html).server("two").click()
    assert "not_reached: no result of an audit: the run did not reach it" in page.text("#detail")
    page.find("#close").click()
    assert not page.find("#detail").is_displayed()


FOCUSED = "return document.activeElement.querySelector('span').textContent"


def test_everything_works_with_the_keyboard_alone(page: Page, small: Made) -> None:
    page.open(small.html)
    for _step in range(40):
        page.press(Keys.TAB)
        if "server" in str(page.focused().get_attribute("class")):
            break
    names = []
    for key in (Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP):
        page.press(key)
        names.append(page.run(FOCUSED))
    assert names == ["node0002", "node0010", "node0011", "node0003", "node0002", "node0001", "node0001"]
    page.press(Keys.ENTER)
    assert page.text("#detail-title") == "node0001"
    page.press(Keys.ESCAPE)
    assert not page.find("#detail").is_displayed()
    assert page.run(FOCUSED) == "node0001"
    assert page.run("return document.querySelectorAll('.server[tabindex=\"0\"]').length") == 1


def test_whatever_can_be_used_has_a_name_for_those_who_do_not_see_it(page: Page, small: Made) -> None:
    page.open(small.html)
    nameless = page.run(
        "return [...document.querySelectorAll('button, select, input, dialog, section')].filter((one) => "
        "!(one.ariaLabel || one.getAttribute('aria-labelledby') || (one.labels && one.labels.length) || one.textContent.trim()) "
        ").map((one) => one.outerHTML)"
    )
    assert nameless == []
    a_server = page.servers()["node0025"]
    assert a_server["label"].startswith("node0025: ")
    assert page.run("return document.documentElement.lang") == "en"


CHANGES = ["new", "fixed", "still_open", "waived", "unclear"]


def counted(page: Page) -> dict[str, int]:
    """What the page counts in each kind of change."""
    return {name: int(page.text(f"#change-{name} summary").rsplit(": ", 1)[1].replace(",", "")) for name in CHANGES}


def test_the_comparison_that_the_report_holds_is_shown(page: Page, small: Made) -> None:
    page.open(small.html)
    assert counted(page) == small.result["compared"]
    assert small.result["compared"]["new"] and small.result["compared"]["fixed"] and small.result["compared"]["still_open"]
    assert "The week before, 2026-11-13" in page.text("#comparison")
    new = json.loads(small.json.read_text(encoding="utf-8"))["compared"]["new"]
    page.find("#change-new summary").click()
    assert page.text("#change-new li") == f"{new[0][0]}: {new[0][1]} {BY_ID[new[0][1]].title}"
    page.choose("change", "new")
    assert page.shown() == {host for host, _control in new}
    criticals = sum(BY_ID[control].severity.value == "critical" for _host, control in new)
    assert f"▲ {criticals} new" in page.text("#card-critical")


def test_an_earlier_report_from_disk_is_compared_as_the_module_does(page: Page, small: Made, before: Made, make: Maker) -> None:
    page.open(make(small.room).html)
    assert not page.find("#comparison").is_displayed()
    page.find("#earlier").send_keys(str(before.json))
    page.wait_until_shown("comparison")
    assert counted(page) == small.result["compared"]
    page.choose("change", "fixed")
    fixed = json.loads(small.json.read_text(encoding="utf-8"))["compared"]["fixed"]
    assert page.shown() == {host for host, _control in fixed}
    page.find("#uncompare").click()
    assert not page.find("#comparison").is_displayed()
    assert page.text("#matched") == "96 of 96 BMCs"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<b>no json", "This is no JSON file."),
        ("[1]", "This is no JSON report of lightsout.bmc.compliance_report."),
        ('{"format": "lightsout.bmc.compliance_report", "version": 7}', "This report was written by a newer release (format 7)."),
    ],
)
def test_a_file_that_is_no_report_is_refused_with_a_sentence(page: Page, small: Made, tmp_path: pathlib.Path, content: str, message: str) -> None:
    (tmp_path / "other.json").write_text(content, encoding="utf-8")
    page.open(small.html)
    page.find("#earlier").send_keys(str(tmp_path / "other.json"))
    page.wait_until_shown("wrong")
    assert page.text("#wrong") == f"other.json: {message}"
    assert counted(page) == small.result["compared"]


def brightness(page: Page) -> float:
    """Of the page's ground, 0 to 255."""
    red, green, blue = page.run("return getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number)")
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def test_light_and_dark_follow_the_system_until_the_reader_chooses(page: Page, small: Made) -> None:
    page.open(small.html)
    assert brightness(page) > 200
    page.media(scheme="dark")
    assert brightness(page) < 40
    page.find("#theme").click()
    assert brightness(page) > 200
    page.find("#theme").click()
    page.media(scheme="light")
    assert brightness(page) < 40


#: The lowest contrast of any text on its ground, as WCAG 2 counts it.
CONTRAST = """
const channel = (value) => { const part = value / 255; return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
const light = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
const parse = (text) => text.match(/[0-9.]+/g).map(Number);
const ground = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const { backgroundImage: image, backgroundColor } = getComputedStyle(at);
    const color = parse(image === "none" ? backgroundColor : image.match(/rgb[^)]*\\)/)[0]);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll("h1, h2, h3, p, .mark, .server b, .card b, .card span, .row b, .row span, label, button, option")]
  .filter((one) => one.offsetParent && one.textContent.trim())
  .map((one) => {
    const [dark, bright] = [light(parse(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => x - y);
    return [(bright + 0.05) / (dark + 0.05), one.outerHTML.slice(0, 120)];
  })
  .sort(([x], [y]) => x - y)[0];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(page: Page, small: Made, scheme: str) -> None:
    page.media(scheme=scheme)
    page.open(small.html)
    lowest, where = page.run(CONTRAST)
    assert lowest >= 4.5, where


UNFOLD = "document.querySelectorAll('#detail details').forEach((one) => { one.open = true; })"


def test_on_a_telephone_nothing_is_wider_than_the_screen(page: Page, small: Made) -> None:
    page.size(TELEPHONE, 740, mobile=True)
    page.open(small.html)
    width = "return [document.documentElement.scrollWidth, document.getElementById('detail').scrollWidth, innerWidth]"
    assert page.run(width)[0] == page.run(width)[2] == TELEPHONE
    name = next(host for host, look in worst(small).items() if look in SEVERITIES)
    page.run("document.querySelector('#room').scrollIntoView()")
    page.server(name).click()
    page.run(UNFOLD)
    whole, dialog, inner = page.run(width)
    assert (whole, inner) == (TELEPHONE, TELEPHONE)
    assert 0 < dialog <= TELEPHONE


def test_print_leaves_out_what_paper_cannot_do_and_keeps_the_colours(page: Page, small: Made) -> None:
    page.open(small.html)
    page.media(kind="print", scheme="dark")
    assert not page.find(".filters").is_displayed() and not page.find("#theme").is_displayed()
    assert page.find(".rack").is_displayed()
    assert brightness(page) > 254
    assert page.run("return getComputedStyle(document.querySelector('.server')).printColorAdjust") == "exact"


HOSTILE = [
    "<img src=x onerror=\"document.title='broken into'\">",
    "</script><script>document.title='broken into'</script>",
    "<!--<script>",
    "{{script}}{{report}}",
    "__proto__",
    "\u2028\u0000\x1b[31m",
]


def test_no_name_and_no_answer_of_a_bmc_becomes_markup(page: Page, make: Maker) -> None:
    controls = fake.padded(len(CATALOGUE))
    room = {}
    for number, text in enumerate(HOSTILE):
        variables = next(iter(fake.room(1, 1).values()))
        audit = variables["bmc_compliance_audit"]["audit"]
        waiver = {"reason": text, "expires": text, "expired": False}
        audit["bmc"]["manufacturer"] = audit["bmc"]["firmware"] = text
        audit["findings"] = [
            fake.finding(control, "waived" if number % 2 else "fail", actual=text, expected=text, evidence=[{"probe": text, "result": text}], waiver=waiver)
            for control in controls
        ]
        room[text] = {"rack": text, "position": text, "bmc_compliance_audit": variables["bmc_compliance_audit"]}
    made = make(room, title=HOSTILE[1])
    page.open(made.html)
    assert set(page.servers()) == set(room)
    for number in range(len(room)):
        page.run("document.querySelector(`.server[data-at='${arguments[0]}']`).click()", number)
        page.run(UNFOLD)
        page.find("#close").click()
    page.find("#earlier").send_keys(str(made.json))
    assert page.driver.title == HOSTILE[1]
    assert page.run("return document.querySelectorAll('img, iframe, object, script:not([type])').length") == 1
    assert page.requests() == [made.html.as_uri()]


#: The machine room of the promise: servers, controls.
RACKS, PER_RACK, CONTROLS = 50, 36, 55


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A report of 1,800 BMCs with 55 controls."""
    texts = fake.padded(CONTROLS)
    reader = Reader({text["id"] for text in texts})
    room = fake.room(RACKS, PER_RACK, texts=texts)
    hosts = [reader.host(name, one["rack"], str(one["position"]), one["bmc_compliance_audit"]) for name, one in room.items()]
    report = build("A big room", hosts, texts, fingerprint(), fake.DAY)
    folder = tmp_path_factory.mktemp("huge")
    source = _json.write(report, judge(report, "high", None), None)
    (folder / "huge.json").write_text(source, encoding="utf-8")
    (folder / "huge.html").write_text(_html.write(report.title, source), encoding="utf-8")
    return folder / "huge.html"


#: The milliseconds until the room is laid out anew.
FILTER = """
const from = performance.now();
const box = document.getElementById("by-severity");
box.value = "critical";
box.dispatchEvent(new Event("change"));
document.body.getBoundingClientRect();
return performance.now() - from;
"""


def test_a_room_of_1800_bmcs_and_55_controls_is_a_file_of_bearable_size_and_opens_in_seconds(page: Page, huge: pathlib.Path) -> None:
    page.open(huge)
    size = huge.stat().st_size / 2**20
    ready = page.ready
    filtered = page.run(FILTER)
    print(f"\n{RACKS * PER_RACK} BMCs with {CONTROLS} controls: {size:.1f} MiB, usable after {ready:.1f} s, a filter takes {filtered:.0f} ms")
    assert page.text("#matched").endswith(" of 1,800 BMCs")
    assert len(page.servers()) == RACKS * PER_RACK
    assert size < 25
    assert ready < 10
    assert filtered < 3000


def test_a_big_earlier_report_is_compared_in_the_page(page: Page, huge: pathlib.Path) -> None:
    page.open(huge)
    page.find("#earlier").send_keys(str(huge.with_suffix(".json")))
    page.wait_until_shown("comparison")
    found: dict[str, t.Any] = counted(page)
    assert found["new"] == found["fixed"] == 0 < found["still_open"]
