/** What releases see: the same few images, a row a release. Pictures are made once, in the background of the server. */

import {at, json, make, picture} from "./dom.js";

const ready = new Map();
const AGAIN_MILLIS = 60_000;
let images = [];
let asked = 0;

const key = release => `${release.name}/${release.version}`;

/** Asks for a release's pictures until they are there or can't be made. */
async function fetchState(release) {
  if (ready.has(key(release))) return;
  const state = await json(`/api/v1/patches/${encodeURIComponent(release.name)}/${release.version}`);
  if (!state.pending) ready.set(key(release), state);
}

const ids = () => images.map(image => image.image_id).join();

/** EVALUATION images may be registered while the page is open: pictures of others are asked for again, as is what failed. */
async function fetchImages() {
  asked = Date.now();
  const before = ids();
  images = (await json("/api/v1/patches")).images;
  for (const [name, state] of ready) if (state.failure || ids() !== before) ready.delete(name);
}

/** In the order in which they were published: they come by name. */
const trained = releases => releases.filter(release => release.step > 0 && release.metrics && !release.aliases.includes("bootstrap"))
  .sort((one, two) => Date.parse(one.published_at) - Date.parse(two.published_at));

function row(release, count, withName) {
  const state = ready.get(key(release));
  const has = new Set(state?.images || []);
  const cells = images.slice(0, count).map(image => has.has(image.image_id)
    ? make("img", {className: "patch", width: 96, height: 96, alt: `${image.label} as ${release.name}@${release.version} sees it`,
      src: `/api/v1/patches/${encodeURIComponent(release.name)}/${release.version}/${image.image_id}`})
    : make("span", {className: "patch empty"}));
  const champion = release.aliases.includes("champion");
  const name = make("p", {className: "patch-name"}, make("b", {textContent: `${withName ? release.name : ""}@${release.version}`}),
    make("span", {className: "soft", textContent: state?.failure || (state ? `step ${release.step}` : "being made")}));
  if (champion) name.append(make("span", {className: "tag champion", textContent: "champion"}));
  return [name, ...cells];
}

/**
 * @param id of the place
 * @param releases as the overview has them, oldest first
 * @param rows most releases to show
 * @param count most images to show
 */
export async function showPatches(id, releases, rows, count) {
  if (!images.length || Date.now() - asked > AGAIN_MILLIS) await fetchImages();
  const place = at(id);
  const all = trained(releases);
  if (!images.length || !all.length) {
    place.replaceChildren(make("p", {className: "soft empty-note", textContent: images.length ? "no release yet" : "no EVALUATION images are registered"}));
    return;
  }
  const chosen = spread(all, rows);
  await Promise.all(chosen.slice(-3).map(fetchState));
  if (chosen.slice(-3).every(release => ready.has(key(release)))) await Promise.all(chosen.map(fetchState));
  const state = JSON.stringify([id, chosen.map(release => [key(release), release.aliases, ready.get(key(release)) ?? null]), ids(), count]);
  if (place.dataset.state === state) return;
  place.dataset.state = state;
  place.style.setProperty("--columns", Math.min(count, images.length));
  place.replaceChildren(
    make("p", {className: "patch-name soft", textContent: "images"}), ...images.slice(0, count).map(image => {
      const original = picture(image.image_id, image.label);
      original.className = "patch original";
      original.title = `${image.dataset}: ${image.label}`;
      return original;
    }),
    ...chosen.slice().reverse().flatMap(release => row(release, count, new Set(all.map(each => each.name)).size > 1)));
}

/** The first, the newest, and some evenly between. */
function spread(releases, rows) {
  if (releases.length <= rows) return releases;
  return Array.from({length: rows}, (_, i) => releases[Math.round(i * (releases.length - 1) / (rows - 1))]);
}
