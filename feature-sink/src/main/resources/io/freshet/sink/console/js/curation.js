/** Curation: per dataset how many images came how far, the sizes of clusters, the drift of the stream. */

import {at, json, make, svg} from "./dom.js";
import {chart, without} from "./chart.js";
import {clock, whole} from "./format.js";

let known = null;
let windows = [];

/** Fetched anew when there are more windows. */
export async function showCuration(overview) {
  const key = `${overview.curation_windows}/${overview.counts.curated}`;
  if (key !== known) {
    windows = await json("/api/v1/curation/windows");
    known = key;
  }
  datasets(overview);
  if (!windows.length) {
    for (const id of ["chart-windows", "chart-drift", "chart-clusters"]) without(id, "no window was closed yet");
    return;
  }
  const x = windows.map(each => each.window);
  const sum = (each, field) => each.datasets.reduce((total, dataset) => total + dataset[field], 0);
  chart("chart-windows", {x, xLabel: "window", columns: [
    {label: "seen", values: windows.map(each => each.images)},
    {label: "taken by seeds", values: windows.map(each => sum(each, "sampled"))},
    {label: "from clusters", values: windows.map(each => sum(each, "clustered"))},
    {label: "balanced", values: windows.map(each => each.balanced)},
  ].filter(column => column.values.some(value => value > 0))});
  chart("chart-drift", {x, xLabel: "window", columns: [
    {label: "shift of the mean", values: windows.map(each => each.mean_shift)},
    {label: "Fréchet distance", values: windows.map(each => each.frechet_distance)},
  ]});
  clusters();
}

function datasets(overview) {
  const totals = new Map();
  windows.forEach(window => window.datasets.forEach(dataset => {
    const held = totals.get(dataset.name) || {seeds: 0, near: 0, sampled: 0, clustered: 0, seen: 0};
    totals.set(dataset.name, {seeds: dataset.seeds, seen: held.seen + window.images, near: held.near + dataset.near, sampled: held.sampled + dataset.sampled, clustered: held.clustered + dataset.clustered});
  }));
  const newest = windows.at(-1);
  at("curation-note").textContent = newest
    ? `${whole(windows.length)} windows, the newest closed ${clock(newest.closed_at)} in ${newest.space_id} · ${whole(overview.waiting.curator)} images wait for the next`
    : "no window was closed yet";
  at("dataset-funnels").replaceChildren(...[...totals].sort((a, b) => b[1].near - a[1].near).map(([name, total]) => {
    const stages = [["seen", total.seen], ["near a seed", total.near], ["taken by seeds", total.sampled], ["from clusters", total.clustered]];
    return make("div", {className: "dataset"},
      make("p", {}, make("a", {href: `#/images/curated/${encodeURIComponent(name)}`, textContent: name || "balanced"}), make("span", {className: "soft", textContent: ` ${whole(total.seeds)} seeds`})),
      ...stages.map(([label, count]) => {
        const bar = make("i", {className: "fill"});
        bar.style.width = `${100 * count / Math.max(1, total.seen)}%`;
        return make("p", {className: "bar-line"}, make("span", {className: "soft", textContent: label}), make("span", {className: "track"}, bar), make("b", {textContent: whole(count)}));
      }));
  }));
}

/** Below the columns, pixels. */
const ROOM_FOR_WINDOWS = 18;

/** A column a window; the parts of a column are its clusters. */
function clusters() {
  const place = at("chart-clusters");
  const all = windows.filter(each => each.cluster_sizes.length).slice(-120);
  at("chart-clusters").parentElement.hidden = false;
  if (!all.length) {
    place.replaceChildren(make("p", {className: "soft empty-note", textContent: "cluster retrieval is off (curator.plan.cluster.images_per_cluster)"}));
    return;
  }
  const width = place.clientWidth;
  const height = place.clientHeight;
  if (!width) return;
  const most = Math.max(...all.map(each => each.images));
  const floor = height - ROOM_FOR_WINDOWS;
  at("clusters-note").textContent = `one column a window, the largest cluster at the bottom; the highest has ${whole(most)} images`;
  const step = Math.min(96, width / all.length);
  const drawing = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `sizes of clusters in ${all.length} windows`});
  all.forEach((window, i) => {
    let y = floor;
    window.cluster_sizes.forEach((size, rank) => {
      const tall = (floor - 4) * size / most;
      y -= tall;
      const part = svg("rect", {x: i * step, y, width: Math.max(1, step - 2), height: Math.max(0.5, tall - 0.75), class: `cluster tone-${rank % 6}`});
      part.append(svg("title"));
      part.firstChild.textContent = `window ${window.window}: cluster of ${size} of ${window.images} images, ${window.clusters} clusters`;
      drawing.append(part);
    });
  });
  const label = (i, anchor) => svg("text", {x: anchor === "start" ? i * step : (i + 1) * step - 2, y: height - 2, class: "tick", "text-anchor": anchor}, String(all[i].window));
  drawing.append(label(0, "start"), ...all.length > 1 ? [label(all.length - 1, "end")] : []);
  place.replaceChildren(drawing);
}

export const redrawClusters = () => windows.length && clusters();
