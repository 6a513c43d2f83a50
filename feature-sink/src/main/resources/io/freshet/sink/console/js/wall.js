/**
 * Picture walls. Only the tiles in view exist; pages of items come as they are scrolled to. While a wall is read it stands
 * still: newer images are announced, and shown when asked for or at the top.
 */

import {at, json, make} from "./dom.js";
import {whole, words} from "./format.js";
import {smallTile, tile} from "./tile.js";

const PAGE = 100;
const KINDS = ["unique", "duplicate", "curated", "passed", "rejected"];
const SIZES = {unique: [132, 184], duplicate: [228, 172], curated: [228, 172], passed: [228, 172], rejected: [228, 118]};
const GAP = 10;

let kind = "unique";
let facet = "";
/** The seed or the medoid whose retrieved images are shown; empty for all. */
let asker = "";
let upTo = 0;
let total = 0;
let newest = {};
let pages = new Map();
let shown = new Map();
let generation = 0;
let visible = false;
/** The tile that gets the focus as soon as it is there. */
let wanted = null;
let revoked = 0;
let spare = new Map();
const contents = new WeakMap();

const box = () => at("wall");

async function page(number) {
  if (pages.has(number)) return;
  pages.set(number, null);
  const mine = generation;
  try {
    const answer = await json(`/api/v1/recent/${kind}?${query(number, upTo)}`);
    if (mine === generation) keep(number, answer);
  } catch (error) {
    if (mine !== generation) return;
    pages.delete(number);
    at("wall-note").textContent = error.message;
  }
}

function query(number, to) {
  const query = new URLSearchParams({limit: PAGE, skip: number * PAGE});
  if (to) query.set("up_to", to);
  if (facet) query.set("facet", facet);
  if (asker) query.set("query", asker);
  return query;
}

function keep(number, answer) {
  upTo = answer.up_to;
  total = answer.total;
  pages.set(number, answer.items);
  if (number === 0) facets(answer.facets);
  lay();
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
  // From the last to the first, so that each new tile finds the one that it stands before: readers and Tab follow the document.
  let after = null;
  for (let index = last - 1; index >= first; index--) {
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
      const content = JSON.stringify(item);
      element = spare.get(content) || tile(kind, item, index);
      spare.delete(content);
      contents.set(element, content);
      element.dataset.index = index;
      shown.set(index, element);
      if (!element.isConnected) at("wall-sizer").insertBefore(element, after);
    }
    after = element;
    element.style.transform = `translate(${(index % columns) * (width + GAP)}px, ${Math.floor(index / columns) * height}px)`;
    element.style.width = `${width}px`;
    element.style.height = `${height - GAP}px`;
  }
  const of = newest[kind] || 0;
  if (wanted !== null && shown.has(wanted)) {
    const there = wanted;
    wanted = null;
    // Only while the reader has not gone elsewhere meanwhile.
    if (document.activeElement === document.body || box().contains(document.activeElement)) shown.get(there).focus({preventScroll: true});
  }
  at("wall-note").textContent = total === 0 ? "none yet" : total < of && !facet && !asker ? `the newest ${whole(total)} of ${whole(of)}` : `${whole(total)}`;
  arrived();
}

function arrived() {
  const more = Math.max(0, (newest[kind] || 0) - upTo);
  at("wall-new").hidden = !more || facet !== "" || asker !== "";
  at("wall-new").textContent = `${whole(more)} newer`;
}

/** Another wall: what is shown goes at once. */
function change() {
  pages = new Map();
  shown.forEach(element => element.remove());
  shown = new Map();
  upTo = 0;
  total = 0;
  followed = Date.now();
  box().scrollTop = 0;
  renew();
}

/** Tiles by what they show, so that a picture that stays isn't asked for again. */
function byContent(elements) {
  const found = new Map();
  for (const element of elements) {
    const content = contents.get(element);
    if (found.has(content)) element.remove();
    else found.set(content, element);
  }
  return found;
}

/** The same wall as it is now: the tiles stay until the newer ones have come. */
async function renew() {
  const mine = ++generation;
  wanted = null;
  try {
    const answer = await json(`/api/v1/recent/${kind}?${query(0, 0)}`);
    if (mine !== generation) return;
    // Pages of the older wall may still be on their way.
    generation++;
    const focused = document.activeElement?.closest?.("#wall .tile")?.dataset.index;
    spare = byContent(shown.values());
    pages = new Map();
    shown = new Map();
    keep(0, answer);
    spare.forEach(element => element.remove());
    spare = new Map();
    if (focused !== undefined && total && !box().contains(document.activeElement)) focus(Math.min(Number(focused), total - 1));
  } catch (error) {
    if (mine === generation) at("wall-note").textContent = error.message;
  }
}

export function showWall(wantedKind, wantedFacet, wantedAsker) {
  visible = true;
  const next = KINDS.includes(wantedKind) ? wantedKind : kind;
  const nextAsker = next === "curated" ? wantedAsker || "" : "";
  const changed = next !== kind || (wantedFacet || "") !== facet || nextAsker !== asker || total === 0;
  kind = next;
  facet = wantedFacet || "";
  asker = nextAsker;
  at("wall-asker").hidden = !asker;
  at("wall-asker").textContent = `retrieved for ${asker.slice(0, 12)}… · show all`;
  document.querySelectorAll("#wall-tabs [role=tab]").forEach(tab => {
    tab.setAttribute("aria-selected", String(tab.dataset.kind === kind));
    tab.tabIndex = tab.dataset.kind === kind ? 0 : -1;
  });
  box().setAttribute("aria-labelledby", `tab-${kind}`);
  if (changed) change();
  else lay();
}

/** The fragment of a wall, narrowed or not. */
export const wallAddress = (of, wantedFacet, wantedAsker) =>
  ["#/images", of, wantedFacet || "", wantedAsker || ""].map((part, i) => i ? encodeURIComponent(part) : part).join("/").replace(/\/+$/, "");

export const hideWall = () => {
  visible = false;
};

/** At the top the wall follows the stream, at most every four seconds; elsewhere it says what is new. */
let followed = 0;

export function wallNews(overview) {
  newest = overview.walls_newest;
  const withdrawn = overview.counts.revoked !== revoked;
  revoked = overview.counts.revoked;
  if (!visible) return;
  if (withdrawn && upTo) renew();
  const atTop = box().scrollTop < 8 && !box().contains(document.activeElement?.closest?.(".tile") || null);
  if (atTop && (newest[kind] || 0) > upTo && Date.now() - followed > 4000 && !facet && !asker) {
    followed = Date.now();
    renew();
  }
  arrived();
}

export function startWall() {
  box().addEventListener("scroll", () => requestAnimationFrame(lay), {passive: true});
  new ResizeObserver(lay).observe(box());
  at("wall-new").addEventListener("click", () => {
    box().scrollTop = 0;
    renew();
  });
  at("wall-facet").addEventListener("change", event => {
    location.hash = wallAddress(kind, event.target.value, asker);
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

/** Arrow keys go from tile to tile, the page keys a screen of rows, Home and End to the first and the last. */
function move(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !total) return;
  const current = wanted ?? event.target.closest(".tile")?.dataset.index;
  const {columns, height} = grid();
  const screen = columns * Math.max(1, Math.floor(box().clientHeight / height));
  const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, PageDown: screen, PageUp: -screen, Home: -Infinity, End: Infinity}[event.key];
  if (!step) return;
  event.preventDefault();
  const next = current === undefined && Number.isFinite(step) ? 0 : Number(current ?? 0) + step;
  if ((next < 0 || next >= total) && event.key.startsWith("Arrow")) return;
  focus(Math.min(Math.max(next, 0), total - 1));
}

/** Brings a tile into view and gives it the focus, at once or when its page has come. */
function focus(next) {
  const {columns, height} = grid();
  const top = Math.floor(next / columns) * height;
  if (top < box().scrollTop) box().scrollTop = top;
  if (top + height > box().scrollTop + box().clientHeight) box().scrollTop = top + height - box().clientHeight;
  wanted = next;
  // Not the tile goes that has the focus, before another has it.
  if (!shown.has(next)) box().focus({preventScroll: true});
  lay();
}

// ---------------------------------------------------------------- strips of the overview

const stripOf = {};

/** The newest of each verdict, fetched when there are newer ones. */
export async function showStrips(overview) {
  for (const which of ["unique", "duplicate", "curated"]) {
    const place = at(`strip-${which}`);
    const state = `${overview.walls_newest[which]}/${overview.counts.revoked}`;
    if (stripOf[which] === state) continue;
    stripOf[which] = state;
    const pair = which !== "unique";
    const room = Math.max(1, Math.floor((place.clientWidth + 8) / ((pair ? 168 : 88) + 8)));
    place.style.gridAutoRows = "";
    const rows = Math.max(1, Math.floor((place.clientHeight + 8) / (100 + 8)));
    // As many as fit share what is left over.
    place.style.gridAutoRows = `${(place.clientHeight - 8 * (rows - 1)) / rows}px`;
    try {
      const answer = await json(`/api/v1/recent/${which}?limit=${Math.min(60, room * rows)}`);
      const held = byContent(place.querySelectorAll(".tile"));
      place.replaceChildren(...answer.items.map(item => {
        const content = JSON.stringify(item);
        const element = held.get(content) || smallTile(which, item);
        contents.set(element, content);
        held.delete(content);
        return element;
      }));
      if (!answer.items.length) place.append(make("p", {className: "soft empty-note", textContent: "none yet"}));
    } catch (error) {
      delete stripOf[which];
      throw error;
    }
  }
}

export const forgetStrips = () => Object.keys(stripOf).forEach(which => delete stripOf[which]);
