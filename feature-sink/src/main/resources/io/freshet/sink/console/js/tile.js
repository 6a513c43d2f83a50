/** An image and why it is where it is: the tiles of the walls and what opens when one is chosen. */

import {ago, clock, fixed, words} from "./format.js";
import {at, link, make, picture} from "./dom.js";

/** Two lines for a tile. */
export function captions(kind, item) {
  const image = item.image;
  switch (kind) {
    case "unique": return [item.found?.alt_text || "no text", `${image.width} × ${image.height}`];
    case "duplicate": return [`${words(image.method)} ${score(image)}`, item.found?.alt_text || "no text"];
    case "curated": return [image.dataset || words(image.strategy), `${words(image.strategy)} · cosine ${fixed(image.similarity, 2)}`];
    case "passed": return [words(image.reason), image.similarity === undefined ? "compared with no seed" : `${image.dataset || "a seed"} · cosine ${fixed(image.similarity, 2)}`];
    default: return [words(image.reason), image.url || image.detail || ""];
  }
}

/** A pair that no space was compared in is one of hashes, also where it is of a benchmark. */
const score = image => image.method === "HASH" || (image.method === "BENCHMARK" && !image.space_id) ? `${Math.round(image.score)} of ≤ ${Math.round(image.threshold)} bits`
  : image.method === "EXACT" ? "" : `${fixed(image.score, 3)} ≥ ${fixed(image.threshold, 3)}`;

const OTHER = {duplicate: "kept_image_id", curated: "query_id", passed: "seed_id"};
const otherOf = (kind, item) => item.has_picture && kind in OTHER ? item.image[OTHER[kind]] : null;

export function tile(kind, item, index) {
  const [first, second] = captions(kind, item);
  const other = otherOf(kind, item);
  const element = make("button", {className: `tile ${kind}`, type: "button", data: {index}, attributes: {"aria-label": `${first}, ${second}`}});
  if (kind === "rejected") {
    element.append(make("span", {className: "refusal"}, make("b", {textContent: first}), make("span", {textContent: item.image.detail || ""})));
  } else {
    const pictures = make("span", {className: "pictures"}, picture(item.image.image_id, ""));
    if (other) pictures.append(picture(other, ""));
    element.append(pictures);
  }
  if (kind !== "rejected") element.append(make("span", {className: "line", textContent: first}));
  element.append(make("span", {className: "line soft", textContent: second}));
  element.addEventListener("click", () => open(kind, item));
  return element;
}

/** A strip of the newest, for the overview. */
export function smallTile(kind, item) {
  const element = tile(kind, item, 0);
  element.classList.add("mini");
  return element;
}

const PASSED = {
  FAR: "no seed is as near as it takes",
  OUTBID: "a seed is near enough, and what it takes are nearer ones",
  BUDGET: "a seed asked for it, and no more are taken for its dataset or from its host",
  UNREADABLE: "its bytes were gone",
};

const FIELDS = {
  unique: image => [["Size", `${image.width} × ${image.height} pixels`]],
  duplicate: image => [["Found by", words(image.method)], ["Score", score(image) || "the same pixels"], ["Kept image", image.kept_image_id], ["Compared in", image.space_id]],
  curated: image => [["Dataset", image.dataset], ["Strategy", words(image.strategy)], ["Seed or cluster", image.query_id], ["Cosine", fixed(image.similarity, 4)],
    ["Rank", image.rank], ["Window", image.window], ["Compared in", image.space_id]],
  passed: image => [["Why not chosen", PASSED[image.reason] || words(image.reason)], ["Dataset", image.dataset], ["Nearest seed", image.seed_id],
    ["Cosine", image.similarity === undefined ? null : fixed(image.similarity, 4)], ["Neighbours from", fixed(image.threshold, 4)], ["Window", image.window],
    ["Compared in", image.space_id]],
  rejected: image => [["Stage", image.stage], ["Reason", words(image.reason)], ["Detail", image.detail]],
};

function open(kind, item) {
  const image = item.image;
  const other = otherOf(kind, item);
  const rows = [...FIELDS[kind](image).filter(([, value]) => value !== undefined && value !== null && value !== ""), ["When", `${clock(image.at)} (${ago(image.at)})`]];
  const list = make("dl", {className: "facts"}, ...rows.flatMap(([name, value]) => [make("dt", {textContent: name}), make("dd", {textContent: String(value)})]));
  const urls = [["Image", item.found?.url || image.url], ["Page", item.found?.page_url], [kind === "duplicate" ? "Kept from" : "Seed", item.beside?.url]];
  urls.filter(([, url]) => url).forEach(([name, url]) => list.append(make("dt", {textContent: name}), make("dd", {}, link(url))));
  if (item.found?.alt_text) list.append(make("dt", {textContent: "Alt text"}), make("dd", {textContent: item.found.alt_text}));
  if (image.image_id) list.append(make("dt", {textContent: "Image id"}), make("dd", {}, make("code", {textContent: image.image_id})));
  const target = image.image_id || image.url;
  const actions = make("p", {className: "actions"});
  if (target) actions.append(make("a", {className: "button", href: `#/find/explain/${encodeURIComponent(target)}`, textContent: "Explain"}));
  if (image.image_id) actions.append(make("a", {className: "button", href: `#/find/similar/${image.image_id}`, textContent: "Find similar"}));
  if (image.query_id) actions.append(make("a", {className: "button", href: `#/images/curated//${encodeURIComponent(image.query_id)}`,
    textContent: image.strategy === "SEED" ? "All of this seed" : "All of this cluster"}));
  const close = make("button", {type: "button", className: "quiet", textContent: "Close"});
  const dialog = at("image-dialog");
  close.addEventListener("click", () => dialog.close());
  actions.append(close);
  actions.addEventListener("click", event => event.target.closest("a") && dialog.close());
  const pictures = make("div", {className: "pictures large"});
  if (image.image_id) pictures.append(picture(image.image_id, item.found?.alt_text || "the image"));
  if (other) pictures.append(picture(other, kind === "duplicate" ? "what it duplicates" : "its seed"));
  const titles = {unique: "Fresh image", duplicate: "Duplicate", curated: "Curated image", passed: "Not chosen", rejected: "Refused request"};
  dialog.replaceChildren(make("h2", {id: "image-title", textContent: titles[kind]}), pictures, list, actions);
  dialog.showModal();
}
