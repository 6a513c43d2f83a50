/** Line charts that follow the size of their place and the colours of the page. Drawn by uPlot. */

import {at, colour, make} from "./dom.js";

const charts = new Map();
const PALETTE = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];

const resized = new ResizeObserver(entries => entries.forEach(entry => {
  const held = charts.get(entry.target.id);
  if (held && entry.contentRect.width > 0) held.plot.setSize(size(entry.target));
}));

function size(place) {
  const legend = place.querySelector(".u-legend")?.offsetHeight || 24;
  return {width: Math.max(120, place.clientWidth), height: Math.max(90, place.clientHeight - legend - 2)};
}

const compact = value => {
  if (value === 0 || value === null) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3) return value.toExponential(1).replace("e-", "e−");
  if (size >= 10_000) return `${+(value / 1000).toPrecision(3)}k`;
  return String(+value.toPrecision(4));
};

/**
 * Draws, or draws anew.
 *
 * @param id of the place
 * @param spec `{x, columns: [{label, values, dash, points, scale, marks}], y: {range, log, unit}, xLabel}`;
 *     `marks` are points that get a ring, such as champions: `{index, strong}`, a thick one or a thin one
 */
export function chart(id, spec) {
  const place = at(id);
  if (!place || place.clientWidth === 0) return;
  const data = [spec.x, ...spec.columns.map(column => column.values)];
  const key = JSON.stringify([spec.columns.map(column => [column.label, column.marks]), spec.bands]);
  const held = charts.get(id);
  if (held && held.key === key) {
    held.plot.setData(data);
    Object.assign(held, {spec, data});
    newest(held.plot);
    return;
  }
  if (held) held.plot.destroy();
  place.querySelector(".empty-note")?.remove();
  const plot = new uPlot(options(place, spec), data, place);
  charts.set(id, {plot, key, spec, data});
  resized.observe(place);
  plot.setSize(size(place));
  newest(plot);
  // The legend has its height only when it is laid out.
  requestAnimationFrame(() => charts.get(id)?.plot === plot && plot.setSize(size(place)));
}

/** Says why there is no chart, while there is none. */
export function without(id, why) {
  if (!charts.has(id)) at(id).replaceChildren(make("p", {className: "soft empty-note", textContent: why}));
}

/** Without a pointer the legend tells the newest values. */
function newest(plot) {
  if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) return;
  const last = values => values.findLastIndex(value => value !== null && value !== undefined);
  plot.setLegend({idxs: plot.data.map(last)}, false);
}

/** Whole numbers only, and some room around a single one. */
const WHOLE = [1, 2, 5].flatMap(digit => Array.from({length: 9}, (_, power) => digit * 10 ** power)).sort((a, b) => a - b);
const steps = room => (u, low, high) => low === null ? [0, 1] : low === high ? [low - 1, high + 1] : [low - room * (high - low), high + room * (high - low)];

/** Of the width, left and right of points, so that their rings stand clear of the axis. */
const ROOM_FOR_RINGS = 0.05;

function options(place, spec) {
  const unit = spec.y?.unit ? ` ${spec.y.unit}` : "";
  const axis = more => ({
    stroke: colour("--soft"), grid: {stroke: colour("--grid"), width: 1}, ticks: {show: false}, font: `11px ${colour("--sans")}`, gap: 4, ...more,
  });
  return {
    ...size(place),
    padding: [8, 8, 0, 0],
    cursor: {points: {size: 6}, drag: {x: true, y: false}},
    legend: {live: true},
    scales: {x: {time: false, range: steps(spec.columns.some(column => column.points) ? ROOM_FOR_RINGS : 0)}, y: {distr: spec.y?.log ? 3 : 1, range: spec.y?.range}},
    axes: [
      axis({size: 22, space: 60, incrs: WHOLE, values: (u, ticks) => ticks.map(compact)}),
      axis({size: 46, space: 26, values: (u, ticks) => ticks.map(value => value === null ? "" : compact(value) + unit)}),
    ],
    series: [
      {label: spec.xLabel || "step"},
      ...spec.columns.map((column, i) => ({
        label: column.label, stroke: colour(column.colour || PALETTE[i % PALETTE.length]), width: column.width || 1.75, dash: column.dash, spanGaps: true,
        points: {show: Boolean(column.points), size: 5}, value: (u, value) => value === null || value === undefined ? "–" : compact(value) + unit,
      })),
    ],
    hooks: {draw: [u => ring(u, spec)], setCursor: [newest]},
  };
}

/** Rings around marked points. */
function ring(u, spec) {
  spec.columns.forEach((column, i) => {
    for (const {index, strong} of column.marks || []) {
      const value = u.data[i + 1][index];
      if (value === null || value === undefined) continue;
      const x = u.valToPos(u.data[0][index], "x", true);
      const y = u.valToPos(value, "y", true);
      u.ctx.save();
      u.ctx.beginPath();
      u.ctx.arc(x, y, 7 * devicePixelRatio, 0, 2 * Math.PI);
      u.ctx.lineWidth = (strong ? 2.75 : 1.1) * devicePixelRatio;
      u.ctx.strokeStyle = colour("--champion");
      u.ctx.stroke();
      u.ctx.restore();
    }
  });
}

/** Draws all again in the colours of now. */
export function recolour() {
  for (const [id, held] of [...charts]) {
    held.plot.destroy();
    charts.delete(id);
    chart(id, held.spec);
  }
}
