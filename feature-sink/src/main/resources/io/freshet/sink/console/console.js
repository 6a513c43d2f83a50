"use strict";

const at = id => document.getElementById(id);
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const whole = value => Math.round(value).toLocaleString("en-GB");
const fixed = (value, digits) => value === null || value === undefined ? "–" : value.toFixed(digits);
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// ---------------------------------------------------------------- the stream

const stages = [
  ["requests", "asked for", ""], ["rejected", "refused", "bad"], ["duplicate", "duplicates", "warm"], ["unique", "unique", ""],
  ["curated", "curated", ""], ["training_steps", "training steps", ""], ["releases", "releases", ""], ["features", "features", ""],
];

function showFlow(overview) {
  at("flow").replaceChildren(...stages.map(([key, label, kind]) => make("li", {className: kind},
    make("span", {textContent: label}),
    make("b", {textContent: whole(overview.counts[key] || 0)}),
    make("span", {textContent: fixed(overview.rates_per_s[key] || 0, 1) + " /s"}))));
  const champion = overview.champion;
  at("champion").textContent = champion ? `champion ${champion}` : "no model yet";
}

// ---------------------------------------------------------------- training

const charts = {};

function chart(id, columns, series, unit) {
  if (columns[0].length < 2) return;
  if (charts[id]) {
    charts[id].setData(columns);
    return;
  }
  const axis = label => ({stroke: colour("--soft"), grid: {stroke: colour("--line"), width: 1}, ticks: {stroke: colour("--line")}, label, labelSize: 18, size: 44});
  charts[id] = new uPlot({
    width: at(id).clientWidth - 28, height: 220, scales: {x: {time: false}}, axes: [axis("step"), axis(unit)],
    series: [{label: "step"}, ...series.map(([label, name, points]) => ({label, stroke: colour(name), width: 2, points: {show: points, size: 7}}))],
  }, columns, at(id));
}

function showTraining(training) {
  const figures = [
    ["step", whole(training.step)], ["images seen", whole(training.images_seen)], ["images/s", fixed(training.images_per_s, 1)],
    ["loss", fixed(training.loss, 3)], ["learning rate", training.lr ? training.lr.toExponential(1) : "–"],
    ["gradient norm", fixed(training.grad_norm, 2)], ["waiting for data", fixed(100 * (training.data_wait_share || 0), 0) + " %"],
  ];
  at("training").replaceChildren(...figures.map(([label, value]) =>
    make("div", {}, make("dt", {textContent: label}), make("dd", {textContent: value}))));
  const curve = training.curve;
  chart("loss-chart", [curve.step, curve.total, curve.dino, curve.ibot],
    [["total", "--ink", false], ["DINO", "--water", false], ["iBOT", "--warm", false]], "nats");
}

// ---------------------------------------------------------------- releases

const KNN = "knn_top1/";

function showReleases(releases) {
  const rows = releases.slice().reverse().map(release => {
    const metrics = Object.entries(release.metrics).filter(([name]) => name.startsWith(KNN))
      .map(([name, value]) => `${name.slice(KNN.length)} ${fixed(100 * value, 1)} %`).join(", ");
    const link = make("a", {href: `/api/v1/models/${encodeURIComponent(release.name)}/${release.version}`, textContent: "manifest"});
    return make("tr", {},
      make("td", {textContent: `${release.name}@${release.version}`}), make("td", {textContent: whole(release.step)}),
      make("td", {textContent: whole(release.images_seen)}), make("td", {textContent: metrics || "–"}),
      make("td", {textContent: new Date(release.published_at).toLocaleTimeString("en-GB")}),
      make("td", {}, ...release.aliases.map(alias => make("span", {className: "tag", textContent: alias}))), make("td", {}, link));
  });
  at("releases").tBodies[0].replaceChildren(...rows);
  const sets = [...new Set(releases.flatMap(release => Object.keys(release.metrics)).filter(name => name.startsWith(KNN)))].sort();
  const trained = releases.filter(release => sets.some(set => set in release.metrics));
  const names = ["--water", "--warm", "--bad", "--good"];
  const percent = (release, set) => set in release.metrics ? 100 * release.metrics[set] : null;
  chart("knn-chart", [trained.map(release => release.step), ...sets.map(set => trained.map(release => percent(release, set)))],
    sets.map((set, i) => [set.slice(KNN.length), names[i % names.length], true]), "%");
}

// ---------------------------------------------------------------- the wall

let kind = "unique";

function tile(item) {
  const pictures = make("div", {className: "pictures"});
  for (const id of [item.image_id, item.kept_image_id]) {
    if (id) pictures.append(make("img", {src: `/api/v1/images/${id}/thumbnail`, alt: item.alt_text || "", loading: "lazy", decoding: "async"}));
  }
  const captions = {
    unique: [item.alt_text || "", item.page_url || ""],
    duplicate: [`${item.method} ${fixed(item.score, 2)}`, "beside what it copies"],
    curated: [`${item.dataset} ${fixed(item.similarity, 2)}`, "beside its seed"],
    rejected: [item.reason, item.detail || ""],
  }[kind];
  return make("article", {className: kind === "rejected" ? "tile refused" : "tile", title: item.url || item.detail || ""},
    pictures, ...captions.map(text => make("p", {textContent: text, title: text})));
}

async function showWall() {
  const response = await fetch(`/api/v1/recent/${kind}?limit=60`);
  if (response.ok) at("wall").replaceChildren(...(await response.json()).map(tile));
}

const tabs = [...document.querySelectorAll("[role=tab]")];
const select = tab => {
  kind = tab.dataset.kind;
  tabs.forEach(other => {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  });
  showWall();
};
tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", event => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    const next = tabs[(i + step + tabs.length) % tabs.length];
    next.focus();
    select(next);
  });
});

// ---------------------------------------------------------------- live

function show(overview) {
  showFlow(overview);
  showTraining(overview.training);
  showReleases(overview.releases);
}

const events = new EventSource("/api/v1/events");
const link = (text, className) => Object.assign(at("link"), {textContent: text, className: "pill " + className});
events.addEventListener("open", () => link("live", "live"));
events.addEventListener("error", () => link("reconnecting", "lost"));
events.addEventListener("overview", event => show(JSON.parse(event.data)));
select(tabs[0]);
setInterval(() => { if (!document.hidden) showWall(); }, 4000);
