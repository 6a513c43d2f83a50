/** The funnel: how many images come how far, how fast, what waits, and where the others went. */

import {at, make, svg} from "./dom.js";
import {rate, seconds, short, whole, words} from "./format.js";

/** Stages in order; `lost` says where those went that come no further. */
const STAGES = [
  {key: "requests", title: "Asked for", by: "crawl", lost: () => []},
  {key: "ingested", title: "Decoded", by: "ingest", delay: "ingest", lost: o => [["refused", o.counts.rejected, "bad", "#/images/rejected"]]},
  {key: "unique", title: "Unique", by: "dedup", delay: "dedup", queue: "dedup", lost: o => [["duplicates", o.counts.duplicate, "warm", "#/images/duplicate"]]},
  {key: "curated", title: "Curated", by: "curator", delay: "curator", queue: "curator",
    lost: o => [["not chosen", Math.max(0, o.counts.unique - o.counts.curated - o.waiting.curator), "mute", "#/images/passed"]]},
  {key: "learned", title: "Learned from", by: "trainer", delay: "trainer", queue: "trainer", lost: () => []},
  {key: "features", title: "Embedded", by: "features", delay: "features", queue: "features", side: true, lost: () => []},
];

let built = false;

function build() {
  at("flow").replaceChildren(...STAGES.map(stage => make("li", {className: stage.side ? "side" : "", data: {stage: stage.key}},
    make("p", {className: "stage"}, make("b", {textContent: stage.title}), make("span", {className: "soft", textContent: stage.by})),
    make("p", {className: "count"}),
    make("p", {className: "rate"}),
    make("p", {className: "lag soft"}),
    make("div", {className: "band", attributes: {"aria-hidden": "true"}}),
    make("p", {className: "lost"}))));
  new ResizeObserver(() => last && draw(last)).observe(at("flow"));
  built = true;
}

/** The trainer may stand still: its rate is that of its last steps only while there are new ones. */
const learning = ({training, rates_per_s: rates}) => `${rate(rates.training_steps && training.images_per_s)} · step ${whole(training.step)}`;

let last = null;

export function showFlow(overview) {
  last = overview;
  if (!built) build();
  STAGES.forEach((stage, i) => {
    const item = at("flow").children[i];
    const part = name => item.querySelector(name);
    part(".count").textContent = whole(overview.counts[stage.key]);
    part(".rate").textContent = stage.key === "learned" ? learning(overview) : rate(overview.rates_per_s[stage.key]);
    const waiting = stage.queue ? overview.waiting[stage.queue] : null;
    const delay = stage.delay ? overview.delays_s[stage.delay] : null;
    const lag = [];
    if (waiting !== null) lag.push(waiting ? `${whole(waiting)} waiting` : "none waiting");
    if (delay !== null && delay !== undefined) lag.push(`${seconds(delay)} lag`);
    part(".lag").textContent = lag.join(" · ") || " ";
    part(".lag").classList.toggle("late", Boolean(waiting && waiting > 60 * Math.max(1, overview.rates_per_s[stage.key] || 0) && waiting > 1000));
    part(".lost").replaceChildren(...stage.lost(overview).filter(([, count]) => count > 0).map(([name, count, kind, href]) =>
      make("a", {className: kind, href, textContent: `${whole(count)} ${name}`})));
  });
  const asked = overview.counts.requests;
  at("flow-note").textContent = asked ? `${(100 * overview.counts.curated / asked).toFixed(0)} % of what was asked for is curated`
    + (overview.counts.retracted ? ` · ${whole(overview.counts.retracted)} retracted` : "") + (overview.counts.revoked ? ` · ${whole(overview.counts.revoked)} revoked` : "")
    : "nothing was asked for yet";
  draw(overview);
}

/** Bands whose height is the share of what was asked for, and what leaves them. */
function draw(overview) {
  const most = Math.max(1, overview.counts.requests);
  STAGES.forEach((stage, i) => {
    const item = at("flow").children[i];
    const band = item.querySelector(".band");
    // Columns are no whole pixels wide: rounded down, light would fall between two bands.
    const width = Math.ceil(band.getBoundingClientRect().width);
    const height = band.clientHeight;
    if (!width || !height) return;
    const share = key => Math.min(1, (overview.counts[key] || 0) / most);
    const own = share(stage.key);
    const before = stage.side ? share("unique") : i === 0 ? own : share(STAGES[i - 1].key);
    // What waits is still to come through; only the rest is lost here.
    const through = Math.min(before, own + (stage.queue ? overview.waiting[stage.queue] : 0) / most);
    const kind = stage.lost(overview)[0]?.[2] || "mute";
    const wide = getComputedStyle(at("flow")).getPropertyValue("--direction").trim() !== "down";
    const drawing = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`});
    if (wide) {
      const top = value => (height - Math.max(value * height, 1.5)) / 2;
      const bend = Math.min(width * 0.45, 110);
      // From what came, at the left, to a lower level at the bend.
      const narrowed = (level, right) => `M0 ${top(before)} C${bend / 2} ${top(before)} ${bend / 2} ${top(level)} ${bend} ${top(level)} H${right} V${height - top(level)} H${bend} C${bend / 2} ${height - top(level)} ${bend / 2} ${height - top(before)} 0 ${height - top(before)} Z`;
      if (before > through) drawing.append(svg("path", {d: `M0 ${top(before)} H${bend} V${height - top(before)} H0 Z`, class: `gone ${kind}`}));
      if (through > own) {
        drawing.append(svg("path", {d: narrowed(through, bend), class: "ground"}));
        drawing.append(svg("path", {d: narrowed(through, bend), class: stage.side ? "queued side" : "queued"}));
      } else {
        drawing.append(svg("path", {d: narrowed(own, bend), class: "ground"}));
      }
      drawing.append(svg("path", {d: narrowed(own, width), class: stage.side ? "kept side" : "kept"}));
    } else {
      drawing.append(svg("rect", {x: through * width, y: 0, width: Math.max(0, before - through) * width, height, class: `gone ${kind}`}));
      drawing.append(svg("rect", {x: own * width, y: 0, width: Math.max(0, through - own) * width, height, class: stage.side ? "queued side" : "queued"}));
      drawing.append(svg("rect", {x: 0, y: 0, width: Math.max(2, own * width), height, class: stage.side ? "kept side" : "kept"}));
    }
    band.replaceChildren(drawing);
  });
}

/** Why images were refused, as bars. */
export function showReasons(overview) {
  const reasons = Object.entries(overview.rejected_by_reason).sort((a, b) => b[1] - a[1]).slice(0, 7);
  const most = Math.max(1, ...reasons.map(([, count]) => count));
  at("strip-rejected").replaceChildren(...reasons.map(([reason, count]) => {
    const bar = make("i", {className: "fill"});
    bar.style.width = `${100 * count / most}%`;
    return make("a", {className: "reason", href: `#/images/rejected/${encodeURIComponent(reason)}`},
      make("span", {textContent: words(reason)}), make("span", {className: "track"}, bar), make("b", {textContent: short(count)}));
  }));
  if (!reasons.length) at("strip-rejected").append(make("p", {className: "soft empty-note", textContent: "none yet"}));
  at("strip-rejected-note").textContent = `${whole(overview.counts.rejected)} in all`;
  at("strip-unique-note").textContent = `${whole(overview.counts.unique)} in all`;
  const methods = Object.entries(overview.duplicates_by_method).sort((a, b) => b[1] - a[1]).map(([name, count]) => `${whole(count)} ${words(name)}`);
  at("strip-duplicate-note").textContent = methods.join(" · ") || "beside what they duplicate";
}
