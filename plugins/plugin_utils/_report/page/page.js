// Copyright (c) 2026 lightsout contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
"use strict";
(() => {
  const FORMAT = "lightsout.bmc.compliance_report";
  const VERSION = 1;
  const SEVERITIES = ["critical", "high", "medium", "low", "info"];
  const STATES = {
    fail: ["fails", "!"], waived: ["waived", "W"], not_assessed: ["not assessed", "N"], manual: ["manual", "P"],
    pass: ["passes", "✓"], not_applicable: ["does not apply", "–"],
  };
  const CHANGES = { new: "New", fixed: "Fixed", still_open: "Still open", waived: "Waived since", unclear: "Unclear now" };
  const EVIDENCE = ["command", "request", "completion_code", "response", "probe", "result"];
  const DENSE = 400; // servers from which on they are drawn without names
  const COLUMN = 40; // servers without a rack in one column
  const PORTION = 200; // rows drawn at once

  const $ = (id) => document.getElementById(id);
  const report = JSON.parse($("report").textContent);
  const controls = new Map(report.controls.map((control, order) => [control.id, { ...control, order }]));
  const findings = report.findings;
  const keyOf = (host, control) => host + "\u0000" + control;
  const letter = (severity) => severity[0].toUpperCase();
  const rank = (severity) => SEVERITIES.indexOf(severity);
  const plural = (count, one, many = one + "s") => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
  const accepted = new Set(report.gate.accepted.map(([host, control]) => keyOf(host, control)));

  // The one way in which anything gets into the page: texts become text nodes, never markup.
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "class") node.className = value;
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  const hosts = report.hosts.map((host, index) => {
    const worst = Math.min(...host.findings.map((at) => (findings[at].state === "fail" ? rank(findings[at].severity) : 9)), 9);
    const maker = host.audited ? host.bmc.manufacturer || (host.bmc.manufacturer_id ? `maker ${host.bmc.manufacturer_id}` : "unknown") : "";
    const words = [host.name, host.rack, maker, host.bmc.firmware, host.bmc.host, host.reason, host.msg];
    return { ...host, index, worst, maker, words: words.filter(Boolean).join(" ").toLowerCase(), matched: [], shown: true };
  });
  const hostNamed = new Map(hosts.map((host) => [host.name, host]));
  const words = findings.map((finding) => {
    const control = controls.get(finding.id);
    return [finding.id, control.title, finding.actual, finding.reason].join(" ").toLowerCase();
  });
  const filter = { severity: "", state: "fail", maker: "", rack: "", control: "", change: "", text: "" };
  let comparison = null;
  let rows = PORTION;

  // ---- Comparison. The same rules as the module's: only what is known to hold now is fixed.

  function became(state) {
    if (state === "fail") return "still_open";
    if (state === "pass" || state === "not_applicable") return "fixed";
    return state === "waived" ? "waived" : "unclear";
  }

  function compared(previous, lists) {
    const change = new Map();
    for (const name of Object.keys(CHANGES)) for (const [host, control] of lists[name]) change.set(keyOf(host, control), name);
    return { previous, lists, change };
  }

  function compareWith(earlier) {
    if (!earlier || earlier.format !== FORMAT) throw new Error("This is no JSON report of lightsout.bmc.compliance_report.");
    if (!(earlier.version <= VERSION)) throw new Error(`This report was written by a newer release (format ${earlier.version}).`);
    const states = (from) => {
      const found = new Map();
      for (const host of from.hosts) for (const at of host.findings) found.set(keyOf(host.name, from.findings[at].id), [host.name, from.findings[at].id, from.findings[at].state]);
      return found;
    };
    const then = states(earlier), now = states(report);
    const lists = Object.fromEntries(Object.keys(CHANGES).map((name) => [name, []]));
    for (const [key, [host, control, state]] of now) {
      const before = then.get(key);
      if (state === "fail" && !(before && before[2] === "fail")) lists.new.push([host, control]);
    }
    for (const [key, [host, control, state]] of then) {
      if (state === "fail") lists[became((now.get(key) || [])[2])].push([host, control]);
    }
    return compared({ title: earlier.title, date: earlier.date }, lists);
  }

  function severityOf(control) {
    return controls.has(control) ? controls.get(control).severity : "";
  }

  function showComparison() {
    const box = $("comparison");
    box.hidden = !comparison;
    $("changes").hidden = !comparison;
    box.replaceChildren();
    if (!comparison) return;
    box.append(
      el("h2", {}, "Compared with an earlier report"),
      el("p", {}, `${comparison.previous.title}, ${comparison.previous.date} `,
        el("button", { type: "button", class: "plain", id: "uncompare", onclick: () => { comparison = null; filter.change = ""; everything(); } }, "Leave the comparison")),
    );
    const columns = el("div", { class: "columns" });
    for (const [name, title] of Object.entries(CHANGES)) {
      const list = comparison.lists[name];
      const items = el("ul", {});
      const box2 = el("details", { id: `change-${name}` }, el("summary", {}, `${title}: ${list.length.toLocaleString("en")}`), items);
      box2.addEventListener("toggle", () => {
        if (items.childElementCount) return;
        items.append(...list.slice(0, PORTION).map(([host, control]) => el("li", {}, hostButton(host, `${host}: ${control} ${controls.has(control) ? controls.get(control).title : ""}`, control))));
        if (list.length > PORTION) items.append(el("li", {}, `and ${plural(list.length - PORTION, "more", "more")}`));
      });
      columns.append(box2);
    }
    box.append(columns);
  }

  function hostButton(name, text, control) {
    const host = hostNamed.get(name);
    return host ? el("button", { type: "button", class: "plain", onclick: () => open(host, control) }, text) : el("span", {}, text);
  }

  // ---- Summary

  function showSummary() {
    const { summary, gate } = report;
    $("title").textContent = report.title;
    $("about").textContent = [report.date, `profile ${report.profiles.join(", ") || "none"}`, plural(summary.hosts.all, "BMC"), `${summary.hosts.audited.toLocaleString("en")} audited`, plural(report.controls.length, "control")].join(" · ");
    const told = [];
    if (gate.fail_on === "never") told.push("No finding counts (fail on: never)");
    else told.push(gate.open.length ? `${plural(gate.open.length, "open finding")} at or above ${gate.fail_on}` : `Nothing at or above ${gate.fail_on} is open`);
    if (gate.accepted.length) told.push(`${gate.accepted.length.toLocaleString("en")} more accepted by the baseline`);
    if (summary.hosts.not_audited) told.push(`${plural(summary.hosts.not_audited, "BMC")} not audited`);
    $("gate").textContent = (gate.ok ? "✓ " : "✗ ") + told.join("; ") + ".";
    $("gate").className = gate.ok ? "" : "bad";
    $("states").textContent = Object.entries(STATES).map(([state, [name]]) => `${name} ${summary.states[state].toLocaleString("en")}`).join(" · ");
    const cards = SEVERITIES.map((severity) => card(severity, severity, summary.open[severity], trend(severity), () => choose({ severity: filter.severity === severity ? "" : severity, state: "fail" })));
    const clean = hosts.filter((host) => host.audited && host.worst === 9).length;
    cards.push(card("good", "nothing open", clean, ["BMCs"], null));
    cards.push(card("missed", "not audited", summary.hosts.not_audited, ["BMCs"], () => choose({ severity: "", control: "", change: "", state: filter.state === "not_audited" ? "fail" : "not_audited" })));
    $("cards").replaceChildren(...cards);
  }

  function card(look, name, count, note, onclick) {
    const notes = note.map((text) => el("span", { class: "quiet note" }, text));
    const content = [el("span", {}, name), el("b", {}, count.toLocaleString("en")), ...notes.flatMap((one) => [one, " "])];
    if (!onclick) return el("div", { class: `card ${look}` }, ...content);
    const pressed = filter.severity === name || (look === "missed" && filter.state === "not_audited");
    return el("button", { type: "button", class: `card ${look}`, id: `card-${look}`, "aria-pressed": String(pressed), onclick }, ...content);
  }

  function trend(severity) {
    if (!comparison) return ["open findings"];
    const count = (name) => comparison.lists[name].filter(([, control]) => severityOf(control) === severity).length;
    return [`▲ ${count("new").toLocaleString("en")} new`, `▼ ${count("fixed").toLocaleString("en")} fixed`];
  }

  // ---- Filters

  const SELECTS = ["severity", "state", "maker", "rack", "control", "change"];
  const order = (names) => [...new Set(names)].filter((name) => name !== "");

  function fillSelects() {
    const fill = (id, any, options) => $(id).replaceChildren(...(any === null ? [] : [el("option", { value: "" }, any)]), ...options.map(([value, text]) => el("option", { value }, text)));
    fill("by-severity", "any", SEVERITIES.map((name) => [name, name]));
    fill("by-state", "any", [...Object.entries(STATES).map(([state, [name]]) => [state, name]), ["not_audited", "not audited"]]);
    fill("by-maker", "any", order(hosts.map((host) => host.maker)).sort().map((name) => [name, name]));
    fill("by-rack", "any", order(hosts.map((host) => host.rack)).map((name) => [name, name]));
    fill("by-control", "any", report.controls.map((control) => [control.id, `${control.id} ${control.title}`]));
    fill("by-change", "any", Object.entries(CHANGES));
  }

  function choose(values) {
    Object.assign(filter, values);
    rows = PORTION;
    for (const name of SELECTS) $(`by-${name}`).value = filter[name];
    $("by-text").value = filter.text;
    apply();
  }

  function apply() {
    const text = filter.text.trim().toLowerCase();
    const suits = findings.map((finding) => (!filter.state || finding.state === filter.state)
      && (!filter.severity || finding.severity === filter.severity) && (!filter.control || finding.id === filter.control));
    const says = findings.map((_finding, at) => words[at].includes(text));
    const narrowed = Boolean(filter.severity || filter.control || filter.change);
    let shown = 0;
    for (const host of hosts) {
      const here = (!filter.maker || host.maker === filter.maker) && (!filter.rack || host.rack === filter.rack);
      const named = !text || host.words.includes(text);
      host.matched = here ? host.findings.filter((at) => suits[at] && (named || says[at])
        && (!filter.change || (comparison && comparison.change.get(keyOf(host.name, findings[at].id)) === filter.change))) : [];
      const state = filter.state;
      if (!host.audited) host.shown = here && named && !narrowed && (state === "" || state === "fail" || state === "not_audited");
      else host.shown = here && (host.matched.length > 0 || (named && !narrowed && (state === "fail" || state === "")));
      if (host.shown) shown += 1;
    }
    $("matched").textContent = `${shown.toLocaleString("en")} of ${plural(hosts.length, "BMC")}`;
    showSummary();
    paint();
    showControls();
    showFindings();
  }

  // ---- The room

  const buttons = [];
  const columns = [];

  function drawRoom() {
    const racks = [];
    for (const host of hosts) {
      // Servers without a rack stand in columns too.
      const last = racks[racks.length - 1];
      if (last && last[0] === host.rack && (host.rack !== "" || last[1].length < COLUMN)) last[1].push(host);
      else racks.push([host.rack, [host]]);
    }
    const room = $("room");
    room.classList.toggle("dense", hosts.length > DENSE);
    for (const [name, members] of racks) {
      const title = name === "" ? "no rack" : name;
      const box = el("div", { class: "rack", role: "group", "aria-label": `Rack ${title}` }, el("h3", { title }, title));
      for (const host of members) {
        const mark = document.createElement("b"), label = document.createElement("span");
        label.textContent = host.name;
        const button = el("button", { type: "button", class: "server", tabindex: "-1", "data-at": host.index }, mark, label);
        buttons[host.index] = { button, mark, column: columns.length, row: members.indexOf(host) };
        box.append(button);
      }
      columns.push(members.map((host) => host.index));
      room.append(box);
    }
    if (buttons.length) buttons[0].button.tabIndex = 0;
    room.addEventListener("click", (event) => {
      const button = event.target.closest(".server");
      if (button) open(hosts[Number(button.dataset.at)], filter.control);
    });
    room.addEventListener("keydown", walk);
    $("legend").replaceChildren(
      ...SEVERITIES.map((name) => el("li", {}, el("span", { class: `mark ${name}` }, letter(name)), name)),
      el("li", {}, el("span", { class: "mark good" }, "✓"), "nothing open"),
      el("li", {}, el("span", { class: "mark missed" }, "?"), "not audited"),
      el("li", {}, el("span", { class: "mark other" }, "W"), "another state, if chosen"),
    );
  }

  function walk(event) {
    const button = event.target.closest(".server");
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!button || !step) return;
    event.preventDefault();
    const here = buttons[Number(button.dataset.at)];
    const column = columns[Math.max(0, Math.min(columns.length - 1, here.column + step[0]))];
    const next = buttons[column[Math.max(0, Math.min(column.length - 1, here.row + step[1]))]].button;
    button.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  function look(host) {
    if (!host.audited) return ["missed", "?", `not audited: ${host.reason}`];
    if (filter.state && filter.state !== "fail") {
      const state = STATES[filter.state];
      return host.matched.length && state ? ["other", state[1], `${plural(host.matched.length, "finding")} ${state[0]}`] : ["good", "✓", "none such"];
    }
    const failing = host.matched.map((at) => findings[at]).filter((finding) => finding.state === "fail");
    if (failing.length) {
      const worst = SEVERITIES[Math.min(...failing.map((finding) => rank(finding.severity)))];
      return [worst, letter(worst), `worst is ${worst}, ${failing.length} open`];
    }
    return ["good", "✓", "nothing open"];
  }

  function paint() {
    for (const host of hosts) {
      const { button, mark } = buttons[host.index];
      const [kind, sign, text] = look(host);
      const name = host.shown ? `server ${kind}` : `server ${kind} off`;
      if (button.className !== name) button.className = name;
      if (mark.textContent !== sign) mark.textContent = sign;
      const label = `${host.name}: ${text}${host.shown ? "" : " (filtered out)"}`;
      if (button.title !== label) { button.title = label; button.setAttribute("aria-label", label); }
    }
  }

  // ---- Controls

  function showControls() {
    const counts = new Map(report.controls.map((control) => [control.id, {}]));
    for (const host of hosts) {
      if ((filter.maker && host.maker !== filter.maker) || (filter.rack && host.rack !== filter.rack)) continue;
      for (const at of host.findings) {
        const of = counts.get(findings[at].id);
        of[findings[at].state] = (of[findings[at].state] || 0) + 1;
      }
    }
    const sorted = [...report.controls].sort((a, b) => (counts.get(a.id).fail ? 0 : 1) - (counts.get(b.id).fail ? 0 : 1)
      || rank(a.severity) - rank(b.severity) || (counts.get(b.id).fail || 0) - (counts.get(a.id).fail || 0) || controls.get(a.id).order - controls.get(b.id).order);
    const list = el("ol", { class: "rows" });
    const looks = { fail: null, waived: "other", not_assessed: "missed", manual: "info", pass: "good", not_applicable: "" };
    for (const control of sorted) {
      const of = counts.get(control.id);
      const all = Object.values(of).reduce((sum, count) => sum + count, 0) || 1;
      const bar = el("span", { class: "bar", "aria-hidden": "true" });
      for (const [state, kind] of Object.entries(looks)) {
        if (!of[state]) continue;
        const part = el("i", { class: kind === null ? control.severity : kind });
        part.style.width = `${(100 * of[state]) / all}%`;
        bar.append(part);
      }
      const told = Object.keys(STATES).filter((state) => of[state]).map((state) => `${STATES[state][0]} ${of[state].toLocaleString("en")}`).join(", ");
      list.append(el("li", {}, el("button", {
        type: "button", class: "row", "data-control": control.id, "aria-pressed": String(filter.control === control.id),
        onclick: () => { choose({ control: filter.control === control.id ? "" : control.id, state: "fail", severity: "" }); $("room-title").scrollIntoView({ block: "start" }); },
      }, badge(control.severity, !of.fail), el("b", {}, control.id), el("span", {}, control.title), el("span", {}, bar, el("span", { class: "quiet" }, told)))));
    }
    $("controls").replaceChildren(list);
  }

  function badge(severity, pale) {
    return el("span", {}, el("span", { class: `mark ${pale ? "good" : severity}` }, pale ? "✓" : letter(severity)), " ", severity);
  }

  // ---- Findings

  function showFindings() {
    const found = [];
    for (const host of hosts) for (const at of host.matched) found.push([host, findings[at]]);
    found.sort(([a, x], [b, y]) => (x.state === "fail" ? 0 : 1) - (y.state === "fail" ? 0 : 1) || rank(x.severity) - rank(y.severity)
      || controls.get(x.id).order - controls.get(y.id).order || a.index - b.index);
    $("findings-title").textContent = `Findings: ${found.length.toLocaleString("en")}`;
    $("findings").replaceChildren(...found.slice(0, rows).map(([host, finding]) => el("li", {}, el("button", { type: "button", class: "row", onclick: () => open(host, finding.id) },
      finding.state === "fail" ? badge(finding.severity) : el("span", {}, STATES[finding.state][0]),
      el("b", {}, host.name), el("span", {}, `${finding.id} ${controls.get(finding.id).title}`), el("span", { class: "quiet" }, finding.actual)))));
    $("more").hidden = found.length <= rows;
    $("more").textContent = `Show more (${(found.length - rows).toLocaleString("en")} left)`;
  }

  // ---- One BMC

  function open(host, control) {
    const dialog = $("detail");
    const about = host.audited
      ? [host.bmc.host, host.maker, host.bmc.product_id ? `product ${host.bmc.product_id}` : "", host.bmc.firmware ? `firmware ${host.bmc.firmware}` : "", `IPMI ${host.bmc.ipmi_version}`, `profile ${host.profile}`, host.date]
      : ["not audited"];
    const place = [host.rack ? `rack ${host.rack}` : "", host.position ? `position ${host.position}` : ""];
    const list = host.findings.map((at) => findings[at]);
    const states = Object.keys(STATES);
    list.sort((a, b) => states.indexOf(a.state) - states.indexOf(b.state) || rank(a.severity) - rank(b.severity) || controls.get(a.id).order - controls.get(b.id).order);
    dialog.replaceChildren(
      el("div", { class: "head" },
        el("div", {}, el("h2", { id: "detail-title" }, host.name), el("p", { class: "quiet" }, [...place, ...about].filter(Boolean).join(" · "))),
        el("button", { type: "button", id: "close", onclick: () => dialog.close() }, "Close")),
      ...(host.audited ? [] : [el("p", { class: "wrong" }, `${host.reason}: ${host.msg}`)]),
      ...list.map((finding, place2) => findingBox(host, finding, control ? finding.id === control : place2 === 0 && finding.state === "fail")),
    );
    dialog.showModal();
    dialog.scrollTop = 0;
    const wanted = control && dialog.querySelector("details[open]");
    if (wanted) wanted.scrollIntoView({ block: "center" });
  }

  function findingBox(host, finding, isOpen) {
    const control = controls.get(finding.id);
    const key = keyOf(host.name, finding.id);
    const change = comparison && comparison.change.get(key);
    const box = el("details", { class: "finding", "data-control": finding.id, open: isOpen },
      el("summary", {}, finding.state === "fail" ? badge(finding.severity) : el("span", {}, el("span", { class: `mark ${finding.state === "pass" ? "good" : "other"}` }, STATES[finding.state][1]), ` ${STATES[finding.state][0]}`),
        " ", el("b", {}, finding.id), ` ${control.title}`,
        change ? el("span", { class: "tag" }, CHANGES[change]) : null,
        accepted.has(key) ? el("span", { class: "tag" }, "accepted by the baseline") : null));
    const list = el("dl", {});
    const add = (name, ...content) => {
      if (content.some((part) => part !== "" && part !== null)) list.append(el("dt", {}, name), el("dd", {}, ...content));
    };
    add("Severity", finding.state === "fail" ? "" : finding.severity);
    add("Expected", finding.expected);
    add("Actual", finding.actual);
    add("Reason", finding.reason);
    if (finding.waiver) add(finding.waiver.expired ? "Expired waiver" : "Waiver", `${finding.waiver.reason} (until ${finding.waiver.expires})`);
    if (finding.parts.length > 1) add("Parts", el("ul", {}, ...finding.parts.map((part) => el("li", {}, `${part.subject}: ${(STATES[part.state] || [part.state])[0]}, ${part.actual}${part.reason ? ` (${part.reason})` : ""}`))));
    add("Why", control.rationale);
    add("How to mend", control.how);
    add("Disturbs", control.disturbs ? `${control.disturbs} (${control.disruption.replaceAll("_", " ")})` : "nothing", control.needs_reset ? "; some BMCs apply it at their next cold reset only" : "");
    if (finding.fixes.length) add("For ipmi_config", el("pre", {}, finding.fixes.map((fix) => JSON.stringify(fix)).join("\n")));
    add("Found by", { config: "what the BMC says of itself", probe: "trying it from outside", metadata: "what the task says" }[finding.method] || finding.method);
    if (finding.evidence.length) add("Evidence", el("pre", {}, finding.evidence.map((one) => EVIDENCE.filter((name) => name in one).map((name) => `${name.replaceAll("_", " ")}: ${one[name]}`).join(" | ")).join("\n")));
    add("References", el("ul", {}, ...control.references.map((source) => el("li", {}, source))));
    box.append(list);
    return box;
  }

  // ---- The page itself

  function showTheme() {
    const chosen = document.documentElement.dataset.theme;
    const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    $("theme").textContent = dark ? "Light" : "Dark";
    return dark;
  }

  function everything() {
    showComparison();
    choose({});
  }

  for (const name of SELECTS) $(`by-${name}`).addEventListener("change", (event) => choose(name === "change" && event.target.value ? { change: event.target.value, state: "" } : { [name]: event.target.value }));
  $("by-text").addEventListener("input", (event) => { filter.text = event.target.value; rows = PORTION; apply(); });
  $("reset").addEventListener("click", () => choose({ severity: "", state: "fail", maker: "", rack: "", control: "", change: "", text: "" }));
  $("more").addEventListener("click", () => { rows += PORTION; showFindings(); });
  $("print").addEventListener("click", () => window.print());
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = showTheme() ? "light" : "dark"; showTheme(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
  $("detail").addEventListener("click", (event) => { if (event.target === $("detail")) $("detail").close(); });
  $("earlier").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    $("wrong").hidden = true;
    try {
      comparison = compareWith(JSON.parse(await file.text()));
    } catch (error) {
      $("wrong").textContent = `${file.name}: ${error instanceof SyntaxError ? "This is no JSON file." : error.message}`;
      $("wrong").hidden = false;
    }
    event.target.value = "";
    everything();
  });

  if (report.compared) comparison = compared(report.compared.previous, report.compared);
  // On a telephone the racks come first.
  $("filters").open = !matchMedia("(max-width: 40rem)").matches;
  fillSelects();
  drawRoom();
  showTheme();
  everything();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
