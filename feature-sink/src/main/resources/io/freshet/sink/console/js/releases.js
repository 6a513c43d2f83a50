/** Releases: metrics over versions, a table, comparison, promotion and roll-back. The token lives in this page's memory only. */

import {at, json, make} from "./dom.js";
import {bytes, clock, fixed, percent, whole, words} from "./format.js";
import {chart, without} from "./chart.js";

const KNN = "knn_top1/";
let token = null;
let chosen = new Set();
let last = [];

const idOf = release => `${release.name}@${release.version}`;
const isChampion = release => release.aliases.includes("champion");
const trained = releases => releases.filter(release => release.step > 0);

/** Curves of one figure; more of a family go into further figures, so that none is left out. */
const MOST_CURVES = 6;

const SHARE = {scale: 100, unit: "%", note: "by evaluation set, %"};

/** Known families of metrics, in the order of their figures. Others follow by name, as they are. */
const FAMILIES = {
  knn_top1: {title: "k-NN top-1", ...SHARE},
  logreg_top1: {title: "Logistic regression top-1", ...SHARE},
  linear_top1: {title: "Linear probe top-1", ...SHARE},
  retrieval_map: {title: "Retrieval mAP", ...SHARE},
  rankme: {title: "Effective dimensions", note: "RankMe of the evaluation images"},
  uniformity: {title: "Uniformity", note: "less is more evenly spread"},
  compared_knn_top1: {title: "k-NN top-1 beside the curation model", scale: 100, unit: "%", note: "the release on the smaller set, %"},
  curation_knn_top1: {title: "k-NN top-1 of the curation model", scale: 100, unit: "%", note: "on the smaller set, %"},
};
const ORDER = Object.keys(FAMILIES);

/** `knn_top1/photos` is `photos` of the family `knn_top1`. */
const familyOf = metric => metric.includes("/") ? metric.slice(0, metric.lastIndexOf("/")) : metric;
const place = family => ORDER.includes(family) ? ORDER.indexOf(family) : ORDER.length;

/** Not what the gate held a release against and decided, which the comparison of two releases shows, nor how many images were asked. */
const isMeasured = metric => !metric.startsWith("gate/") && !metric.startsWith("champion/") && !metric.endsWith("/images");

/** A figure for each family that the releases measured, or several where it has many curves. */
function groups(releases) {
  const families = new Map();
  for (const metric of [...new Set(releases.flatMap(release => Object.keys(release.metrics)))].filter(isMeasured).sort()) {
    const family = familyOf(metric);
    families.set(family, [...families.get(family) || [], metric]);
  }
  return [...families].sort(([one], [two]) => place(one) - place(two) || one.localeCompare(two)).flatMap(([family, metrics]) => {
    const known = FAMILIES[family] || {title: words(family), note: ""};
    const parts = Math.ceil(metrics.length / MOST_CURVES);
    return Array.from({length: parts}, (_, part) => ({
      id: `metrics-${family}-${part}`, family, title: parts > 1 ? `${known.title}, ${part + 1} of ${parts}` : known.title, note: known.note, scale: known.scale || 1, unit: known.unit,
      metrics: metrics.slice(part * MOST_CURVES, (part + 1) * MOST_CURVES),
    }));
  });
}

function columns(of, releases) {
  const champions = releases.flatMap((release, index) => isChampion(release) || release.champion_periods.length ? [{index, strong: isChampion(release)}] : []);
  return of.metrics.map(metric => ({label: metric === of.family ? metric : metric.slice(of.family.length + 1), points: true, marks: champions,
    values: releases.map(release => metric in release.metrics ? of.scale * release.metrics[metric] : null)}));
}

/** What is drawn, in words. */
function described(of, lines, releases) {
  const newest = lines.map(line => `${line.label} ${fixed(line.values.findLast(value => value !== null), 1)}`).join(", ");
  const champions = (lines[0]?.marks || []).map(({index, strong}) => `${idOf(releases[index])}${strong ? " (now)" : ""}`).join(", ");
  return `${of.title} of ${releases[0].name} over ${releases.length} versions; newest: ${newest}; champions: ${champions || "none"}`;
}

/** The model that the reader chose, by default none. */
let wantedModel = null;

/**
 * Releases of one model, for versions of two share no axis: of the model that was chosen, else the champion's, else
 * that which published last. Releases come by name.
 */
function ofOneModel(releases) {
  const all = trained(releases);
  const newest = all.reduce((one, two) => !one || Date.parse(two.published_at) >= Date.parse(one.published_at) ? two : one, null);
  const name = all.some(release => release.name === wantedModel) ? wantedModel : (all.find(isChampion) || newest)?.name;
  return all.filter(release => release.name === name);
}

/** Models to choose from, where there are several. */
function models(releases, shownModel) {
  const names = [...new Set(trained(releases).map(release => release.name))];
  const choice = at("model");
  if ([...choice.options].map(option => option.value).join("\n") !== names.join("\n")) {
    choice.replaceChildren(...names.map(name => make("option", {value: name, textContent: name})));
  }
  choice.value = shownModel;
  at("model-bar").hidden = names.length < 2;
}

export function showOverviewKnn(releases) {
  const all = ofOneModel(releases);
  const parts = groups(all).filter(of => of.family === "knn_top1");
  if (!parts.length) {
    without("overview-knn", "no release was measured yet");
    return;
  }
  const lines = columns(parts[0], all);
  const newest = all.at(-1);
  at("knn-now").textContent = `${idOf(newest)}: ` + lines.map(line => `${line.label} ${fixed(line.values.at(-1), 1)} %`).join(", ")
    + (parts.length > 1 ? `, and ${parts.slice(1).flatMap(of => of.metrics).length} more under Releases` : "");
  at("overview-knn").setAttribute("aria-label", described(parts[0], lines, all));
  chart("overview-knn", {x: all.map(release => release.version), columns: lines, xLabel: "version", y: {range: padded, unit: parts[0].unit}});
}

/** A little room above and below, also where all values are the same. */
const padded = (u, low, high) => {
  const room = Math.max(1, 0.15 * (high - low));
  return low === null ? [0, 1] : [Math.max(0, low - room), high + room];
};

const figures = new Map();

function figure(of) {
  if (!figures.has(of.id)) {
    figures.set(of.id, make("figure", {className: "card plot"},
      make("figcaption", {}, make("b", {textContent: of.title}), " ", make("span", {className: "soft", textContent: of.note})),
      make("div", {className: "chart", id: of.id, attributes: {role: "group"}})));
  }
  const held = figures.get(of.id);
  held.querySelector("b").textContent = of.title;
  return held;
}

export function showReleases(releases) {
  last = releases;
  const all = ofOneModel(releases);
  models(releases, all[0]?.name);
  const wanted = groups(all);
  const shown = wanted.map(figure);
  const charts = at("metric-charts");
  if (shown.length !== charts.children.length || shown.some((each, i) => each !== charts.children[i])) charts.replaceChildren(...shown);
  for (const of of wanted) {
    const lines = columns(of, all);
    at(of.id).setAttribute("aria-label", described(of, lines, all));
    chart(of.id, {x: all.map(release => release.version), columns: lines, xLabel: "version", y: {range: of.scale === 100 ? padded : undefined, unit: of.unit}});
  }
  table(releases);
}

let drawn = "";

function table(releases) {
  const state = JSON.stringify([releases, [...chosen], Boolean(token)]);
  if (state === drawn) return;
  drawn = state;
  at("release-table").tBodies[0].replaceChildren(...releases.slice().reverse().map(line));
  if (!releases.length) at("release-table").tBodies[0].append(make("tr", {}, make("td", {className: "soft", colSpan: 9, textContent: "no release yet"})));
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
const judged = (name, change) => !change || !/(^|\/)(compared_)?(knn_top1|logreg_top1|linear_top1|retrieval_map|rankme|cosine)/.test(name) || name.startsWith("champion/") ? "" : change > 0 ? "up" : "down";

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
  at("model").addEventListener("change", event => {
    wantedModel = event.target.value;
    showReleases(last);
  });
  at("diff").addEventListener("click", compare);
  at("rollback").addEventListener("click", rollBack);
  at("token").addEventListener("click", async () => {
    if (token) token = null;
    else await ask("Unlock promotion", "The token is kept in this page's memory until it is closed or locked, and sent only with a promotion or roll-back.", "Unlock", false);
    table(last);
  });
}
