/** Releases: metrics over versions, a table, comparison, promotion and roll-back. The token lives in this page's memory only. */

import {at, json, make} from "./dom.js";
import {bytes, clock, fixed, percent, whole} from "./format.js";
import {chart} from "./chart.js";

const KNN = "knn_top1/";
let token = null;
let chosen = new Set();
let last = [];

const idOf = release => `${release.name}@${release.version}`;
const isChampion = release => release.aliases.includes("champion");
const trained = releases => releases.filter(release => release.step > 0);

const GROUPS = [
  {id: "knn", title: "k-NN top-1", note: "by evaluation set, %; rings: champions, thick: now", pick: name => name.startsWith(KNN), label: name => name.slice(KNN.length), scale: 100},
  {id: "rank", title: "Effective dimensions", note: "RankMe of the evaluation images", pick: name => name.startsWith("rankme"), label: name => name.split("/").at(-1), scale: 1},
  {id: "curation", title: "Beside the curation model", note: "k-NN top-1 of both on a smaller set, %", pick: name => name.startsWith("compared_knn_top1/") || name.startsWith("curation_knn_top1/"),
    label: name => name.replace("compared_knn_top1/", "release, ").replace("curation_knn_top1/", "curation, "), scale: 100},
];

function columns(of, releases) {
  const names = [...new Set(releases.flatMap(release => Object.keys(release.metrics)))].filter(of.pick).sort().slice(0, 6);
  const champions = releases.flatMap((release, index) => isChampion(release) || release.champion_periods.length ? [{index, strong: isChampion(release)}] : []);
  return names.map(name => ({label: of.label(name), points: true, marks: champions,
    values: releases.map(release => name in release.metrics ? of.scale * release.metrics[name] : null)}));
}

/** The newest model's releases: versions of two models share no axis. */
function ofNewest(releases) {
  const all = trained(releases);
  const name = all.at(-1)?.name;
  return all.filter(release => release.name === name);
}

export function showOverviewKnn(releases) {
  const all = ofNewest(releases);
  const lines = columns(GROUPS[0], all);
  if (!all.length || !lines.length) return;
  const newest = all.at(-1);
  at("knn-now").textContent = `${idOf(newest)}: ` + lines.map(line => `${line.label} ${fixed(line.values.at(-1), 1)} %`).join(", ");
  chart("overview-knn", {x: all.map(release => release.version), columns: lines, xLabel: "version", y: {range: padded}});
}

/** A little room above and below, also where all values are the same. */
const padded = (u, low, high) => {
  const room = Math.max(1, 0.15 * (high - low));
  return low === null ? [0, 1] : [Math.max(0, low - room), high + room];
};

export function showReleases(releases) {
  last = releases;
  const all = ofNewest(releases);
  const place = at("metric-charts");
  if (!place.hasChildNodes()) {
    place.replaceChildren(...GROUPS.map(of => make("figure", {className: "card plot"},
      make("figcaption", {}, make("b", {textContent: of.title}), " ", make("span", {className: "soft", textContent: of.note})),
      make("div", {className: "chart", id: `metrics-${of.id}`}))));
  }
  GROUPS.forEach(of => {
    const lines = columns(of, all);
    at(`metrics-${of.id}`).parentElement.hidden = lines.length === 0;
    if (lines.length) chart(`metrics-${of.id}`, {x: all.map(release => release.version), columns: lines, xLabel: "version", y: {range: of.scale === 100 ? padded : undefined}});
  });
  table(releases);
}

let drawn = "";

function table(releases) {
  const state = JSON.stringify([releases, [...chosen], Boolean(token)]);
  if (state === drawn) return;
  drawn = state;
  at("release-table").tBodies[0].replaceChildren(...releases.slice().reverse().map(line));
  at("diff").disabled = chosen.size !== 2;
  at("token").textContent = token ? "Lock" : "Unlock with token";
  at("token").setAttribute("aria-pressed", String(Boolean(token)));
}

function line(release) {
  const id = idOf(release);
  const check = make("input", {type: "checkbox", checked: chosen.has(id), attributes: {"aria-label": `compare ${id}`}});
  check.addEventListener("change", () => {
    if (check.checked) chosen.add(id);
    else chosen.delete(id);
    if (chosen.size > 2) chosen = new Set([...chosen].slice(-2));
    table(last);
  });
  const metrics = Object.entries(release.metrics).filter(([name]) => name.startsWith(KNN)).map(([name, value]) => `${name.slice(KNN.length)} ${percent(value)}`).join(", ");
  const rank = Object.entries(release.metrics).find(([name]) => name.startsWith("rankme"))?.[1];
  const promote = make("button", {type: "button", className: "quiet", textContent: "Promote", attributes: {"aria-label": `promote ${id}`}});
  promote.addEventListener("click", () => move(release));
  return make("tr", {className: isChampion(release) ? "is-champion" : ""},
    make("td", {}, check), make("td", {}, make("a", {href: `/api/v1/models/${encodeURIComponent(release.name)}/${release.version}`, textContent: id})),
    make("td", {}, ...release.aliases.map(alias => make("span", {className: `tag ${alias === "champion" ? "champion" : ""}`, textContent: alias})), former(release),
      release.altered ? make("span", {className: "tag down", textContent: "altered", title: "its manifest is not what was published; it can't be used"}) : null),
    make("td", {className: "num", textContent: whole(release.step)}), make("td", {className: "num", textContent: whole(release.images_seen)}),
    make("td", {textContent: metrics || "–"}), make("td", {className: "num", textContent: fixed(rank, 1)}),
    make("td", {textContent: release.published_at ? clock(release.published_at) : "–"}), make("td", {}, isChampion(release) || release.altered ? null : promote));
}

/** When a release was champion that no longer is. */
function former(release) {
  if (isChampion(release) || !release.champion_periods.length) return null;
  const title = release.champion_periods.map(period => `${clock(period.from)} to ${clock(period.until)}`).join("; ");
  return make("span", {className: "tag soft", textContent: "was champion", title});
}

// ---------------------------------------------------------------- comparison

async function compare() {
  const place = at("diff-card");
  const pair = last.filter(release => chosen.has(idOf(release)));
  try {
    const [before, after] = await Promise.all(pair.map(release => json(`/api/v1/models/${encodeURIComponent(release.name)}/${release.version}`)));
    const rows = [];
    const add = (name, one, two, change = "", kind = "") => rows.push(make("tr", {}, make("th", {scope: "row", textContent: name}),
      make("td", {className: "num", textContent: one}), make("td", {className: "num", textContent: two}), make("td", {className: `num ${kind}`, textContent: change})));
    for (const field of ["architecture", "dim", "patch", "image_size", "run_id", "step", "images_seen", "parents", "embedding", "licence"]) {
      const [one, two] = [before, after].map(each => typeof each[field] === "object" ? JSON.stringify(each[field]) : String(each[field]));
      if (one !== two) add(field, one, two, typeof after[field] === "number" ? signed(after[field] - before[field], 0) : "");
    }
    for (const name of [...new Set([...Object.keys(before.metrics), ...Object.keys(after.metrics)])].sort()) {
      const [one, two] = [before.metrics[name], after.metrics[name]];
      const change = one === undefined || two === undefined ? null : two - one;
      add(name, fixed(one, 4), fixed(two, 4), change ? signed(change, 4) : "", judged(name, change));
    }
    const files = each => new Map(each.files.map(file => [file.path, file]));
    const [old, now] = [files(before), files(after)];
    for (const path of [...new Set([...old.keys(), ...now.keys()])].sort()) {
      if (old.get(path)?.sha256 !== now.get(path)?.sha256) add(path, old.has(path) ? bytes(old.get(path).bytes) : "–", now.has(path) ? bytes(now.get(path).bytes) : "–", "differs");
    }
    const close = make("button", {type: "button", className: "quiet", textContent: "Close"});
    close.addEventListener("click", () => {
      place.hidden = true;
    });
    place.replaceChildren(make("div", {className: "card-head"}, make("h2", {textContent: `${idOf(before)} and ${idOf(after)}`}), close),
      make("div", {className: "scroll"}, make("table", {}, make("thead", {}, make("tr", {}, make("th", {scope: "col"}), make("th", {scope: "col", className: "num", textContent: idOf(before)}), make("th", {scope: "col", className: "num", textContent: idOf(after)}), make("th", {scope: "col", className: "num", textContent: "change"}))), make("tbody", {}, ...rows))));
  } catch (error) {
    place.replaceChildren(make("p", {className: "failure", textContent: error.message}));
  }
  place.hidden = false;
  place.scrollIntoView({block: "nearest"});
}

/** Only of what is better when it is more. */
const judged = (name, change) => !change || !/(^|\/)(compared_)?(knn_top1|rankme|cosine)/.test(name) || name.startsWith("champion/") ? "" : change > 0 ? "up" : "down";

const signed = (value, digits) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${Math.abs(value).toFixed(digits)}`;

// ---------------------------------------------------------------- promotion

const dialog = () => at("action-dialog");

/** Asks what is to be done and why, and for the token if it isn't known. Resolves to null when it was called off. */
function ask(title, explanation, verb, wantsReason) {
  return new Promise(resolve => {
    const secret = make("input", {type: "password", id: "ask-token", autocomplete: "off", required: true, value: token || ""});
    const reason = make("input", {type: "text", id: "ask-reason", maxLength: 900, required: true, autocomplete: "off"});
    const cancel = make("button", {type: "button", className: "quiet", textContent: "Cancel"});
    const form = make("form", {method: "dialog"},
      make("h2", {id: "action-title", textContent: title}), make("p", {textContent: explanation}));
    if (wantsReason) form.append(make("label", {htmlFor: "ask-reason", textContent: "Reason, kept in the registry"}), reason);
    if (!token) form.append(make("label", {htmlFor: "ask-token", textContent: "Token of those who may promote"}), secret);
    form.append(make("p", {className: "actions"}, make("button", {type: "submit", textContent: verb}), cancel));
    let answer = null;
    form.addEventListener("submit", () => {
      token = secret.value.trim();
      answer = {reason: reason.value.trim()};
    });
    cancel.addEventListener("click", () => dialog().close());
    const closed = () => {
      // The event comes later than the act: that of the dialog before this one may come now.
      if (dialog().open) return;
      dialog().removeEventListener("close", closed);
      resolve(answer);
    };
    dialog().addEventListener("close", closed);
    dialog().replaceChildren(form);
    dialog().showModal();
  });
}

function tell(title, text) {
  const close = make("button", {type: "button", textContent: "Close"});
  close.addEventListener("click", () => dialog().close());
  dialog().replaceChildren(make("h2", {id: "action-title", textContent: title}), make("p", {textContent: text}), make("p", {className: "actions"}, close));
  dialog().showModal();
}

/** Moves an alias as it was when the question was asked; a move by someone else meanwhile is not overwritten. */
async function act(title, path, method, body, etag) {
  try {
    const alias = await json(path, {method, body: JSON.stringify(body), cache: "no-store",
      headers: {"Content-Type": "application/json", "Authorization": `Bearer ${token}`, ...(etag ? {"If-Match": etag} : {})}});
    tell(title, `champion points at ${alias.target} now.`);
  } catch (error) {
    if (error.status === 401 || error.status === 403) token = null;
    tell(`${title}: refused`, error.message);
  }
  table(last);
}

async function etagOf(alias) {
  const response = await fetch(`/api/v1/aliases/${alias}`, {cache: "no-store"});
  return response.ok ? response.headers.get("ETag") : null;
}

async function move(release) {
  const id = idOf(release);
  const etag = await etagOf("champion");
  const answer = await ask(`Promote ${id}`, `Alias champion will point at ${id}; features of new images will be written in its space.`, "Promote", true);
  if (answer) await act(`Promote ${id}`, "/api/v1/aliases/champion", "PUT", {target: id, reason: answer.reason}, etag);
}

async function rollBack() {
  const etag = await etagOf("champion");
  const answer = await ask("Roll back champion", "Alias champion will point at the release that it pointed at before.", "Roll back", true);
  if (answer) await act("Roll back", "/api/v1/aliases/champion/rollback", "POST", {reason: answer.reason}, etag);
}

export function startReleases() {
  at("diff").addEventListener("click", compare);
  at("rollback").addEventListener("click", rollBack);
  at("token").addEventListener("click", async () => {
    if (token) token = null;
    else await ask("Unlock promotion", "The token is kept in this page's memory until it is closed or locked, and sent only with a promotion or roll-back.", "Unlock", false);
    table(last);
  });
}
