/** Training: the figures of now, and the curves of the run. */

import {at, json, make} from "./dom.js";
import {chart, without} from "./chart.js";
import {fixed, percent, rate, whole} from "./format.js";

const named = (curve, names) => names.filter(([key]) => curve.series[key]?.some(value => value !== null))
  .map(([key, label, more]) => ({label, values: more?.scale ? curve.series[key].map(value => value === null ? null : more.scale * value) : curve.series[key], ...more}));

const CHARTS = [
  {id: "losses", title: "Losses", note: "nats", lines: [["loss.total", "total", {width: 2.25}], ["loss.dino_local", "DINO, local crops"], ["loss.dino_global", "DINO, global crops"], ["loss.ibot", "iBOT"], ["loss.koleo", "KoLeo"]]},
  {id: "lr", title: "Learning rate", note: "of the backbone's last block", lines: [["lr", "learning rate"]]},
  {id: "grad", title: "Gradient norm", note: "before clipping", log: true, lines: c => Object.keys(c.series).filter(k => k.startsWith("grad_norm.")).map(k => [k, k.slice(10).replaceAll("_", " ")])},
  {id: "rankme", title: "Effective dimensions", note: "RankMe of the probe; falls in a collapse", lines: [["collapse.rankme", "RankMe"]]},
  {id: "spread", title: "Collapse measures", note: "on the fixed probe", lines: [["collapse.embedding_std", "spread of features"], ["collapse.cls_patch_cosine", "class token to patches, cosine"]]},
  {id: "entropy", title: "Teacher's targets", note: "entropy, nats", lines: c => Object.keys(c.series).filter(k => k.startsWith("collapse.") && k.includes("entropy")).map(k => [k, k.slice(9).replaceAll("_", " ")])},
  {id: "wait", title: "Waiting for data", note: "share of a step", range: [0, 100], unit: "%", lines: [["data_wait_share", "waiting", {colour: "--warm", scale: 100}]]},
  {id: "step", title: "Time of a step", note: "seconds", unit: "s", lines: [["step_s", "step"]]},
];

const NO_STEP = "no training step yet";

function build() {
  at("training-charts").replaceChildren(...CHARTS.map(of => make("figure", {className: "card plot"},
    make("figcaption", {}, make("b", {textContent: of.title}), " ", make("span", {className: "soft", textContent: of.note})),
    make("div", {className: "chart", id: `chart-${of.id}`}))));
}

export function showFigures(training) {
  const figures = [
    ["run", training.run_id || "–"], ["step", whole(training.step)], ["images seen", whole(training.images_seen)], ["images", rate(training.images_per_s)],
    ["loss", fixed(training.loss, 3)], ["learning rate", training.lr ? training.lr.toExponential(1) : "–"], ["gradient norm", fixed(training.grad_norm, 2)],
    ["waiting for data", percent(training.data_wait_share, 0)], ["steps refused", whole(training.skipped)], ["effective dimensions", fixed(training.collapse.rankme, 1)],
  ];
  at("training-figures").replaceChildren(...figures.map(([label, value]) => make("div", {}, make("dt", {textContent: label}), make("dd", {textContent: value, title: value}))));
}

let fetched = {step: -1, at: 0, curve: null};

/** The curves, fetched anew at most every three seconds and only when there were steps. */
export async function curve(training) {
  if (training.step !== fetched.step && Date.now() - fetched.at > 3000) {
    fetched.at = Date.now();
    fetched = {curve: await json("/api/v1/training/curve"), step: training.step, at: Date.now()};
  }
  return fetched.curve;
}

export function showCurves(of) {
  if (!at("training-charts").hasChildNodes()) build();
  if (!of || of.step.length === 0) {
    CHARTS.forEach(each => without(`chart-${each.id}`, NO_STEP));
    return;
  }
  CHARTS.forEach(each => {
    const lines = typeof each.lines === "function" ? each.lines(of) : each.lines;
    const columns = named(of, lines);
    at(`chart-${each.id}`).parentElement.hidden = columns.length === 0;
    if (columns.length) chart(`chart-${each.id}`, {x: of.step, columns, y: {log: each.log, range: each.range, unit: each.unit}});
  });
}

/** The two that the overview has. */
export function showOverviewCurves(of, training) {
  if (!of || of.step.length === 0) {
    for (const id of ["overview-loss", "overview-rank"]) without(id, NO_STEP);
    return;
  }
  at("loss-now").textContent = `${fixed(training.loss, 2)} at step ${whole(training.step)} · ${rate(training.images_per_s, "images")}`;
  at("rank-now").textContent = training.collapse.rankme ? `${fixed(training.collapse.rankme, 1)} on the probe` : "";
  chart("overview-loss", {x: of.step, columns: named(of, [["loss.total", "total", {width: 2.25}], ["loss.dino_local", "DINO"], ["loss.ibot", "iBOT"]])});
  const rank = named(of, [["collapse.rankme", "RankMe"]]);
  if (rank.length) chart("overview-rank", {x: of.step, columns: rank});
  else without("overview-rank", "the probe was not measured yet");
}
