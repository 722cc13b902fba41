"use strict";
/* Today's list and the page of a lead, out of the data that stands in this file. Every text of the data reaches the page as text, never as markup. */

const ROWS_AT_ONCE = 100;
const MILLION = 1e6;
const MORE_IDEAS = 3;
const DAY = 86400000;
const ARROWS = { rising: "▲", falling: "▼", steady: "▶", new: "✱" };
const main = document.getElementById("main");
const charts = JSON.parse(document.getElementById("charts").textContent);
const whole = new Intl.NumberFormat("en-GB");
const dateWords = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const shortDate = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

let data, words, segments, places, haystacks, shownRows, shown = ROWS_AT_ONCE;

/* ---- small things ---- */

function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const asOf = () => Date.parse(data.meta.as_of_date + "T00:00:00Z");
const dayAt = (offset) => new Date(asOf() + offset * DAY);
const dayWords = (offset) => dateWords.format(dayAt(offset));
const isoDay = (offset) => dayAt(offset).toISOString().slice(0, 10);
const word = (number) => (number === null || number === undefined ? null : words[number]);
const lead = (column, row) => data.leads[column][row];
const said = (column, row) => word(lead(column, row));
const signed = (points) => (points > 0 ? "+" : points < 0 ? "−" : "") + String(Math.abs(points));
const rounded = (millionths) => Math.round(millionths / (MILLION / 100)) / 100;
const percent = (share) => (share > 0 && share < 0.1 ? (share * 100).toFixed(1) : (share * 100).toFixed(0)) + " %";
// As masked() in data.py does; whoever types a whole address finds whom it may be.
const masked = (term) => term.replace(/^(.)[^@]*@/, "$1***@");
const folded = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
const segmentOf = (row) => segments[said("segment", row)] || { segment: said("segment", row), label: said("segment", row), temperature: "cold", rank: 0, lower: null };
const nameOf = (row) => lead("name", row) || lead("email", row) || lead("contact", row) || lead("id", row);

function state() {
  return new URLSearchParams(location.hash.slice(1));
}

function go(changes) {
  const next = state();
  for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name);
  location.hash = next.toString();
}

/* ---- what is said of a lead ---- */

function changeOf(row) {
  const trend = said("trend", row), week = lead("week", row);
  const difference = week === null ? "new" : signed(lead("score", row) - week);
  const spoken = week === null ? "new this week" : `${difference} in 7 days, ${trend}`;
  return element("span", { className: `change ${trend}`, title: spoken }, element("span", { "aria-hidden": "true" }, `${ARROWS[trend] || ""} ${difference}`), element("span", { className: "skip" }, spoken));
}

function badge(row) {
  const segment = segmentOf(row);
  return element("span", { className: `badge ${segment.temperature}` }, segment.label);
}

function nextStep(row) {
  const action = said("action", row);
  if (!action) return element("span", { className: "soft" }, "nothing due");
  const due = lead("due", row);
  const when = due === 0 ? "today" : due > 0 ? `by ${shortDate.format(dayAt(due))}` : `since ${shortDate.format(dayAt(due))}`;
  return element("span", null, `${action.replaceAll("_", " ")} `, element("span", { className: due < 0 ? "late" : "soft" }, when));
}

function evidenceOf(segment) {
  const found = data.evidence[segment.segment];
  const anything = Object.values(data.evidence).some((band) => band.conversions > 0);
  if (!anything) return element("p", { className: "grey" }, "Assumption, not yet checked: no lead has been won since, so nothing says whether a better score buys more.");
  if (!found) return element("p", { className: "grey" }, `Nobody stood at ${segment.label} when this was last measured.`);
  const few = !found.is_enough;
  const text = `Leads at ${segment.label} bought in ${percent(found.rate)} of cases within ${found.window} days, n = ${whole.format(found.leads)} (95 %: ${percent(found.low)} to ${percent(found.high)}).`;
  return element("p", { className: few ? "grey" : null }, text + (few ? " Too few to rely on." : ""));
}

function ideasOf(row) {
  const score = lead("score", row), fired = new Set(data.ledger[row].filter((entry) => entry[1] !== null).map((entry) => word(entry[1])));
  const above = Object.values(segments).filter((segment) => segment.lower !== null && segment.lower > score).sort((one, other) => one.lower - other.lower)[0];
  const ideas = data.rules.filter((rule) => !fired.has(rule.rule)).slice(0, MORE_IDEAS).map((rule) => {
    const reached = above && score + rule.points >= above.lower ? `, enough for ${above.label}` : "";
    return element("li", null, `${rule.label}: up to ${signed(rule.points)}${reached}`);
  });
  return [
    element("p", null, above ? `${above.lower - score} points below ${above.label}.` : "Already in the highest segment."),
    ideas.length ? element("ul", null, ideas) : null,
  ];
}

function outlookOf(row) {
  const ahead = data.course[row].filter((point) => point[0] > 0), now = segmentOf(row);
  if (!ahead.length) return element("p", { className: "soft" }, "Nobody looks ahead: lead_scoring_outlook_days is empty.");
  const lower = ahead.find((point) => (segments[word(point[2])] || { rank: 0 }).rank < now.rank);
  const list = ahead.map((point) => element("li", null, `${dayWords(point[0])}: ${point[1]}, ${(segments[word(point[2])] || { label: word(point[2]) }).label}`));
  return [
    element("p", { className: lower ? "doing" : null }, lower ? `Cools down to ${segments[word(lower[2])].label} by ${dayWords(lower[0])} if nobody calls.` : `Stays ${now.label} until ${dayWords(ahead[ahead.length - 1][0])}, even if nothing happens.`),
    element("ul", null, list),
  ];
}

/* ---- the list ---- */

function choices(column) {
  return [...new Set(data.leads[column].filter((number) => number !== null))].map(word).sort();
}

function choice(name, label, options) {
  const chosen = state().get(name) || "";
  return element("label", null, label, element("select", { name, onchange: (event) => go({ [name]: event.target.value }) },
    element("option", { value: "" }, "all"),
    options.map((option) => element("option", { value: option, selected: option === chosen }, option))));
}

function matching() {
  const asked = state(), terms = folded(asked.get("q") || "").split(/\s+/).filter(Boolean);
  const wanted = ["segment", "owner", "trend"].map((column) => [column, asked.get(column)]).filter(([, value]) => value);
  const numbers = wanted.map(([column, value]) => [column, words.indexOf(value)]);
  const found = [];
  for (let row = 0; row < haystacks.length; row += 1) {
    if (numbers.every(([column, number]) => lead(column, row) === number) && terms.every((term) => haystacks[row].includes(term) || (term.includes("@") && haystacks[row].includes(masked(term))))) found.push(row);
  }
  return found;
}

function rowOf(row) {
  const reasons = data.reasons[row].slice(0, 2).map((reason) => element("li", null, reason));
  return element("tr", null,
    element("td", null, String(row + 1)),
    element("th", { scope: "row", className: "who" }, element("a", { href: `#lead=${lead("id", row)}` }, nameOf(row)),
      element("small", null, [said("job_title", row), said("company", row)].filter(Boolean).map((text) => text.trim()).join(", ")), element("small", null, lead("name", row) ? lead("email", row) : null)),
    element("td", { className: "number" }, element("span", { className: "score" }, String(lead("score", row))), element("br"), changeOf(row)),
    element("td", null, badge(row)),
    element("td", null, nextStep(row)),
    element("td", null, element("ul", { className: "why" }, reasons)),
    element("td", null, said("owner", row) || element("span", { className: "soft" }, "nobody")));
}

function fill() {
  const body = document.getElementById("rows"), found = matching();
  shownRows = found.slice(0, shown);
  body.replaceChildren(...shownRows.map(rowOf));
  const count = found.length === data.meta.shown ? whole.format(found.length) : `${whole.format(found.length)} of ${whole.format(data.meta.shown)}`;
  document.getElementById("found").textContent = found.length ? `${count} leads, the best first` : "Nobody found.";
  const rest = found.length - shownRows.length;
  const more = document.getElementById("more");
  more.hidden = rest <= 0;
  more.textContent = `Show ${whole.format(Math.min(rest, ROWS_AT_ONCE))} more of ${whole.format(rest)}`;
  for (const chip of document.querySelectorAll(".chips button")) chip.setAttribute("aria-pressed", String((state().get("segment") || "") === chip.value));
}

function showList() {
  document.title = `Leads to call, ${dayWords(0)}`;
  const counts = new Map();
  for (const number of data.leads.segment) counts.set(number, (counts.get(number) || 0) + 1);
  const ranked = Object.values(segments).sort((one, other) => other.rank - one.rank).filter((segment) => counts.get(words.indexOf(segment.segment)));
  const chips = ranked.map((segment) => element("li", null, element("button", { type: "button", value: segment.segment, "aria-pressed": "false", onclick: () => { shown = ROWS_AT_ONCE; go({ segment: state().get("segment") === segment.segment ? "" : segment.segment }); } },
    `${segment.label} ${whole.format(counts.get(words.indexOf(segment.segment)))}`)));
  let typing;
  const search = element("input", { type: "search", id: "search", name: "q", value: state().get("q") || "", autocomplete: "off", placeholder: "name, company, e-mail, title",
    oninput: (event) => { clearTimeout(typing); shown = ROWS_AT_ONCE; typing = setTimeout(() => { const next = state(); event.target.value ? next.set("q", event.target.value) : next.delete("q"); history.replaceState(null, "", "#" + next); fill(); }, 120); } });
  main.replaceChildren(
    element("h1", { tabindex: "-1" }, "Whom to call, and why"),
    element("ul", { className: "chips", "aria-label": "Segments" }, chips),
    element("form", { className: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
      element("label", null, "Search", search), choice("owner", "Owner", choices("owner")), choice("trend", "Trend", choices("trend"))),
    element("table", { className: "list" },
      element("caption", { id: "found", "aria-live": "polite" }),
      element("thead", null, element("tr", null, ["Rank", "Lead", "Score", "Segment", "Next", "Why", "Owner"].map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", { id: "rows" })),
    element("button", { type: "button", id: "more", className: "more", onclick: () => { const from = shownRows.length; shown += ROWS_AT_ONCE; fill(); document.querySelectorAll("#rows a")[from]?.focus(); } }),
    overview());
  fill();
  drawOverview();
}

function overview() {
  const bands = Object.values(segments).filter((segment) => segment.rank > 0).sort((one, other) => other.rank - one.rank);
  const bad = data.quarantined.reduce((sum, row) => sum + row.row_count, 0);
  return element("section", { className: "cards", "aria-label": "Overview" },
    element("div", { className: "card" }, element("h2", null, "Leads per segment"), element("div", { className: "chart", id: "chart-segments" })),
    element("div", { className: "card" }, element("h2", null, "Distribution of the scores"), element("div", { className: "chart", id: "chart-distribution" })),
    element("div", { className: "card" }, element("h2", null, "Does a better score buy more?"), bands.map(evidenceOf)),
    element("div", { className: "card" }, element("h2", null, "Can it be trusted?"),
      element("p", null, `Data up to ${dayWords(0)}, rules of grid ${data.meta.grid_version.slice(0, 12)}.`),
      element("p", null, `${whole.format(data.meta.leads)} leads are scored, ${whole.format(data.meta.excluded)} are excluded.`),
      element("p", null, bad ? `${whole.format(bad)} rows could not be used and are in quarantine:` : "Every row that was delivered could be used."),
      element("ul", null, data.quarantined.map((row) => element("li", null, `${whole.format(row.row_count)} of ${row.source} ${row.raw_table}: ${row.reason.replaceAll("_", " ")}`)))));
}

function drawOverview() {
  const counted = new Map();
  for (const row of data.distribution) counted.set(row.segment, (counted.get(row.segment) || 0) + row.leads);
  draw("segments", { rows: Object.values(segments).filter((segment) => segment.rank > 0).map((segment) => ({ label: segment.label, rank: segment.rank, leads: counted.get(segment.segment) || 0, temperature: segment.temperature })) });
  draw("distribution", { rows: data.distribution.map((row) => ({ score: row.score, leads: row.leads, temperature: (segments[row.segment] || { temperature: "cold" }).temperature })) });
}

/* ---- a lead ---- */

function showLead(id) {
  const row = places.get(id);
  if (row === undefined) {
    main.replaceChildren(element("h1", { tabindex: "-1" }, "Not in this report"), element("p", null, `There is no lead ${id} here: excluded, below the last that is shown, or known by another id now. `, element("a", { href: "#" }, "To the list")));
    return;
  }
  document.title = `${nameOf(row)}, ${lead("score", row)}`;
  const segment = segmentOf(row), reason = said("segment_reason", row);
  const facts = [["E-mail", lead("email", row)], ["Company", said("company", row)], ["Title", said("job_title", row)], ["Industry", said("industry", row)], ["Country", said("country", row)], ["Owner", said("owner", row) || "nobody"], ["Grade", said("grade", row)], ["Last active", lead("active", row) === null ? "never" : dayWords(lead("active", row))], ["Lead", id]];
  main.replaceChildren(
    element("nav", { className: "steps", "aria-label": "Leads" }, element("a", { href: "#", id: "back" }, "← List"), row > 0 && element("a", { href: `#lead=${lead("id", row - 1)}` }, "Rank above"), row + 1 < data.meta.shown && element("a", { href: `#lead=${lead("id", row + 1)}` }, "Rank below")),
    element("h1", { tabindex: "-1" }, nameOf(row)),
    element("p", { className: "soft" }, [said("job_title", row), said("company", row), said("country", row)].filter(Boolean).join(", ")),
    element("p", { className: "headline" }, element("span", { className: "score" }, String(lead("score", row))), changeOf(row), badge(row), element("span", null, `rank ${whole.format(row + 1)}`), reason && reason.startsWith("shortcut:") ? element("span", { className: "soft" }, `by the shortcut ${reason.slice(9)}`) : null, element("span", { className: "doing" }, "Next: ", nextStep(row))),
    element("div", { className: "cards" },
      element("section", { className: "card" }, element("h2", null, "Why"), data.reasons[row].length ? element("ul", { id: "reasons" }, data.reasons[row].map((text) => element("li", null, text))) : element("p", null, "Nothing gives or takes points.")),
      element("section", { className: "card" }, element("h2", null, "What it is worth"), evidenceOf(segment)),
      element("section", { className: "card" }, element("h2", null, "What would raise it"), ideasOf(row)),
      element("section", { className: "card" }, element("h2", null, "When it cools down"), outlookOf(row)),
      element("section", { className: "card wide" }, element("h2", null, "Score over time"), element("p", { className: "soft" }, "Line: under today's rules, dashed if nothing happens. Grey: what was published. Ticks: days on which the lead did something."), element("div", { className: "chart", id: "chart-course" }), activityOf(row)),
      element("section", { className: "card wide" }, element("h2", null, "What the score is made of"), element("div", { className: "chart", id: "chart-waterfall" }), ledgerOf(row)),
      element("section", { className: "card wide" }, element("h2", null, "Known of the lead"), element("table", null, element("tbody", null, facts.filter(([, value]) => value).map(([name, value]) => element("tr", null, element("th", { scope: "row" }, name), element("td", null, value))))))));
  drawLead(row);
}

function activityOf(row) {
  const days = data.activity[row];
  if (!days.length) return element("p", { className: "soft" }, "No activity lately.");
  return element("details", null, element("summary", null, `${whole.format(days.length)} entries of activity`), element("ul", null, [...days].reverse().map(([offset, type, count]) => element("li", null, `${dayWords(offset)}: ${word(type).replaceAll("_", " ")}${count > 1 ? `, ${count} times` : ""}`))));
}

function ledgerOf(row) {
  const total = data.ledger[row].reduce((sum, entry) => sum + entry[6], 0);
  const when = (entry) => (entry[5] === null ? "" : entry[4] === entry[5] ? isoDay(entry[5]) : `${isoDay(entry[4])} to ${isoDay(entry[5])}`);
  return element("details", null, element("summary", null, "The same as a table"),
    element("table", { id: "ledger" }, element("thead", null, element("tr", null, element("th", { scope: "col" }, "Entry"), element("th", { scope: "col" }, "Subscore"), element("th", { scope: "col", className: "number" }, "Times"), element("th", { scope: "col" }, "When"), element("th", { scope: "col", className: "number" }, "Points"))),
      element("tbody", null, data.ledger[row].map((entry) => element("tr", null, element("td", null, word(entry[0])), element("td", null, word(entry[2]) || "score"), element("td", { className: "number" }, entry[3] ? String(entry[3]) : ""), element("td", null, when(entry)), element("td", { className: "number", "data-millionths": String(entry[6]) }, signed(rounded(entry[6])))))),
      element("tfoot", null, element("tr", null, element("th", { scope: "row", colspan: "4" }, total === lead("exact", row) ? "Score: the entries add up to it" : "The entries do not add up to the score"), element("td", { className: "number", id: "sum", "data-millionths": String(total) }, element("strong", null, String(rounded(total))))))));
}

function drawLead(row) {
  const points = data.course[row].map(([ahead, score, segment]) => ({ on: isoDay(ahead), ahead, score, segment: (segments[word(segment)] || { label: word(segment) }).label }));
  const published = data.published[row].map(([offset, score]) => ({ on: isoDay(offset), score }));
  if (published.length) published.push({ on: isoDay(0), score: published[published.length - 1].score });
  draw("course", { rows: points, published, events: data.activity[row].map(([offset, type, count]) => ({ on: isoDay(offset), what: `${word(type).replaceAll("_", " ")}${count > 1 ? ` (${count})` : ""}` })) });
  let sum = 0;
  const seen = new Map();
  const unique = (name) => { const count = seen.get(name) || 0; seen.set(name, count + 1); return name + "\u200b".repeat(count); };
  const bars = data.ledger[row].filter((entry) => entry[6] !== 0).map((entry, place) => {
    const start = sum;
    sum += entry[6];
    const change = rounded(entry[6]);
    return { place, label: unique(word(entry[0])), start: start / MILLION, end: sum / MILLION, right: Math.max(start, sum) / MILLION, kind: entry[6] > 0 ? "gives" : "takes", words: `${word(entry[0])}: ${signed(change)}`, told: signed(change) };
  });
  const score = rounded(sum);
  bars.push({ place: bars.length, label: unique("Score"), start: 0, end: sum / MILLION, right: Math.max(0, sum / MILLION), kind: "score", words: `Score: ${score}`, told: String(score) });
  draw("waterfall", { rows: bars });
}

function draw(name, sets) {
  const target = document.getElementById(`chart-${name}`), specification = structuredClone(charts[name]);
  specification.datasets = sets;
  return window.vegaEmbed(target, specification, { actions: false, renderer: "svg", tooltip: true }).catch((problem) => { target.textContent = `The chart could not be drawn: ${problem.message}`; });
}

/* ---- moving about ---- */

function show() {
  const id = state().get("lead");
  id ? showLead(id) : showList();
}

function moved(event) {
  const before = new URL(event.oldURL).hash, onLists = !state().get("lead") && !new URLSearchParams(before.slice(1)).get("lead") && document.getElementById("rows");
  if (onLists) { fill(); return; }
  shown = ROWS_AT_ONCE;
  show();
  const from = new URLSearchParams(before.slice(1)).get("lead");
  const link = from && !state().get("lead") ? document.querySelector(`#rows a[href="#lead=${CSS.escape(from)}"]`) : null;
  (link || main.querySelector("h1")).focus();
  if (!link) scrollTo(0, 0);
}

let filtersLeft = "";

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select, textarea"), links = [...document.querySelectorAll("#rows a")];
  const step = (change) => { const place = links.indexOf(document.activeElement), next = links[place < 0 ? 0 : Math.min(Math.max(place + change, 0), links.length - 1)]; if (next) { next.focus(); event.preventDefault(); } };
  if (event.key === "/" && !typing && document.getElementById("search")) { document.getElementById("search").focus(); event.preventDefault(); }
  else if (event.key === "Escape" && state().get("lead")) location.hash = filtersLeft;
  else if (event.key === "ArrowDown" && !event.target.matches("select")) step(1);
  else if (event.key === "ArrowUp" && !event.target.matches("select")) step(-1);
}

async function unpack(text) {
  if (typeof DecompressionStream === "undefined") throw new Error("This browser is too old: it cannot unpack the data (it needs DecompressionStream, of 2023).");
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
}

async function start() {
  const packed = document.getElementById("data");
  data = await unpack(packed.textContent);
  packed.remove();
  words = data.words;
  segments = Object.fromEntries(data.segments.map((segment) => [segment.segment, segment]));
  places = new Map(data.leads.id.map((id, row) => [id, row]));
  haystacks = data.leads.id.map((id, row) => [lead("name", row), lead("email", row), lead("contact", row), said("company", row), said("job_title", row), id].filter(Boolean).join(" ")).map(folded);
  const meta = data.meta;
  document.getElementById("of").textContent = `${dayWords(0)}, score model ${meta.score_model_label}${meta.version ? `, version ${meta.version}` : ""}`;
  document.getElementById("made").textContent = `Grid ${meta.grid_version}${meta.published_at ? `, published ${meta.published_at.replace("T", " ")} UTC` : ""}. This file asks nothing of any server.`;
  if (meta.shown < meta.leads) {
    const notice = document.getElementById("notice");
    notice.hidden = false;
    notice.textContent = `The ${whole.format(meta.shown)} best of ${whole.format(meta.leads)} leads: the other ${whole.format(meta.leads - meta.shown)} are not in this file.`;
  }
  addEventListener("hashchange", (event) => { const old = new URL(event.oldURL).hash; if (!new URLSearchParams(old.slice(1)).get("lead")) filtersLeft = old.slice(1); moved(event); });
  addEventListener("keydown", pressed);
  addEventListener("beforeprint", () => { for (const closed of document.querySelectorAll("details")) closed.open = true; });
  show();
  document.documentElement.dataset.ready = "true";
}

start().catch((problem) => { main.replaceChildren(element("h1", null, "This report cannot be shown"), element("p", null, problem.message)); });
