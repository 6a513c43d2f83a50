/**
 * Picture walls. Only the tiles in view exist; pages of items come as they are scrolled to. While a wall is read it stands
 * still: newer images are announced, and shown when asked for or at the top.
 */

import {at, json, make} from "./dom.js";
import {whole, words} from "./format.js";
import {smallTile, tile} from "./tile.js";

const PAGE = 100;
const KINDS = ["unique", "duplicate", "curated", "rejected"];
const SIZES = {unique: [132, 184], duplicate: [228, 172], curated: [228, 172], rejected: [228, 118]};
const GAP = 10;

let kind = "unique";
let facet = "";
let upTo = 0;
let total = 0;
let newest = {};
let pages = new Map();
let shown = new Map();
let generation = 0;
let visible = false;

const box = () => at("wall");

async function page(number) {
  if (pages.has(number)) return;
  pages.set(number, null);
  const mine = generation;
  const query = new URLSearchParams({limit: PAGE, skip: number * PAGE});
  if (upTo) query.set("up_to", upTo);
  if (facet) query.set("facet", facet);
  try {
    const answer = await json(`/api/v1/recent/${kind}?${query}`);
    if (mine !== generation) return;
    upTo = answer.up_to;
    total = answer.total;
    pages.set(number, answer.items);
    if (number === 0) facets(answer.facets);
    lay();
  } catch (error) {
    if (mine !== generation) return;
    pages.delete(number);
    at("wall-note").textContent = error.message;
  }
}

function facets(counts) {
  const choice = at("wall-facet");
  const names = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  choice.replaceChildren(make("option", {value: "", textContent: "all"}),
    ...names.map(([name, count]) => make("option", {value: name, textContent: `${kind === "curated" ? name : words(name)} (${whole(count)})`})));
  if (facet && !(facet in counts)) choice.append(make("option", {value: facet, textContent: words(facet)}));
  choice.value = facet;
  choice.parentElement.hidden = names.length === 0;
}

function grid() {
  const [least, height] = SIZES[kind];
  const width = box().clientWidth - 2;
  const columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  return {columns, width: (width - GAP * (columns - 1)) / columns, height: height + GAP};
}

/** Puts the tiles that are in view where they belong, and takes the others away. */
function lay() {
  if (!visible) return;
  const {columns, width, height} = grid();
  const rows = Math.ceil(total / columns);
  at("wall-sizer").style.height = `${rows * height}px`;
  const first = Math.max(0, Math.floor(box().scrollTop / height) - 2) * columns;
  const last = Math.min(total, (Math.ceil((box().scrollTop + box().clientHeight) / height) + 2) * columns);
  for (const [index, element] of shown) {
    if (index < first || index >= last) {
      element.remove();
      shown.delete(index);
    }
  }
  for (let index = first; index < last; index++) {
    const number = Math.floor(index / PAGE);
    const items = pages.get(number);
    if (!items) {
      page(number);
      continue;
    }
    const item = items[index % PAGE];
    if (!item) continue;
    let element = shown.get(index);
    if (!element) {
      element = tile(kind, item, index);
      shown.set(index, element);
      at("wall-sizer").append(element);
    }
    element.style.transform = `translate(${(index % columns) * (width + GAP)}px, ${Math.floor(index / columns) * height}px)`;
    element.style.width = `${width}px`;
    element.style.height = `${height - GAP}px`;
  }
  const of = newest[kind] || 0;
  at("wall-note").textContent = total === 0 ? "none yet" : total < of && !facet ? `the newest ${whole(total)} of ${whole(of)}` : `${whole(total)}`;
  arrived();
}

function arrived() {
  const more = Math.max(0, (newest[kind] || 0) - upTo);
  at("wall-new").hidden = !more || facet !== "";
  at("wall-new").textContent = `${whole(more)} newer`;
}

function renew() {
  generation++;
  pages = new Map();
  shown.forEach(element => element.remove());
  shown = new Map();
  upTo = 0;
  total = 0;
  box().scrollTop = 0;
  page(0);
}

export function showWall(wanted, wantedFacet) {
  visible = true;
  const next = KINDS.includes(wanted) ? wanted : kind;
  const changed = next !== kind || (wantedFacet || "") !== facet || total === 0;
  kind = next;
  facet = wantedFacet || "";
  document.querySelectorAll("#wall-tabs [role=tab]").forEach(tab => {
    tab.setAttribute("aria-selected", String(tab.dataset.kind === kind));
    tab.tabIndex = tab.dataset.kind === kind ? 0 : -1;
  });
  box().setAttribute("aria-labelledby", `tab-${kind}`);
  if (changed) renew();
  else lay();
}

export const hideWall = () => {
  visible = false;
};

/** At the top the wall follows the stream, at most every four seconds; elsewhere it says what is new. */
let followed = 0;

export function wallNews(overview) {
  newest = overview.walls_newest;
  if (!visible) return;
  const atTop = box().scrollTop < 8 && !box().contains(document.activeElement?.closest?.(".tile") || null);
  if (atTop && (newest[kind] || 0) > upTo && Date.now() - followed > 4000 && !facet) {
    followed = Date.now();
    renew();
  }
  arrived();
}

export function startWall() {
  box().addEventListener("scroll", () => requestAnimationFrame(lay), {passive: true});
  new ResizeObserver(lay).observe(box());
  at("wall-new").addEventListener("click", renew);
  at("wall-facet").addEventListener("change", event => {
    location.hash = event.target.value ? `#/images/${kind}/${encodeURIComponent(event.target.value)}` : `#/images/${kind}`;
  });
  const tabs = [...document.querySelectorAll("#wall-tabs [role=tab]")];
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => {
      location.hash = `#/images/${tab.dataset.kind}`;
    });
    tab.addEventListener("keydown", event => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      next.focus();
      next.click();
    });
  });
  box().addEventListener("keydown", move);
}

/** Arrow keys go from tile to tile. */
function move(event) {
  const current = event.target.closest(".tile");
  const {columns} = grid();
  const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns}[event.key];
  if (!step) return;
  event.preventDefault();
  const next = current ? Number(current.dataset.index) + step : 0;
  if (next < 0 || next >= total) return;
  const {height} = grid();
  const top = Math.floor(next / columns) * height;
  if (top < box().scrollTop) box().scrollTop = top;
  if (top + height > box().scrollTop + box().clientHeight) box().scrollTop = top + height - box().clientHeight;
  lay();
  shown.get(next)?.focus();
}

// ---------------------------------------------------------------- strips of the overview

const stripOf = {};

/** The newest of each verdict, fetched when there are newer ones. */
export async function showStrips(overview) {
  for (const which of ["unique", "duplicate", "curated"]) {
    const place = at(`strip-${which}`);
    if (stripOf[which] === overview.walls_newest[which]) continue;
    stripOf[which] = overview.walls_newest[which];
    const pair = which !== "unique";
    const room = Math.max(1, Math.floor((place.clientWidth + 8) / ((pair ? 168 : 88) + 8)));
    const rows = Math.max(1, Math.floor((place.clientHeight + 8) / (100 + 8)));
    try {
      const answer = await json(`/api/v1/recent/${which}?limit=${Math.min(60, room * rows)}`);
      place.replaceChildren(...answer.items.map(item => smallTile(which, item)));
    } catch (error) {
      delete stripOf[which];
      throw error;
    }
  }
}

export const forgetStrips = () => Object.keys(stripOf).forEach(which => delete stripOf[which]);
