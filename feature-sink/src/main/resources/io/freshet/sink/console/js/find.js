/** Search by image, uploaded or stored, and the life of one image. */

import {at, json, link, make, picture} from "./dom.js";
import {clock, fixed, whole} from "./format.js";

/** Longest side of the picture that was asked with, pixels. */
const QUERY_SIDE = 320;

const say = text => {
  at("find-status").textContent = text;
};

async function spaces() {
  const {champion, features} = await json("/api/v1/spaces");
  const names = Object.keys(features).sort((a, b) => features[b] - features[a]);
  if (champion && !names.includes(champion)) names.unshift(champion);
  const before = at("search-space").value;
  at("search-space").replaceChildren(...names.map(name => make("option", {value: name, textContent: `${name}${name === champion ? ", champion" : ""}: ${whole(features[name] || 0)} features`})));
  at("search-space").disabled = !names.length;
  if (!names.length) at("search-space").append(make("option", {value: "", textContent: "no features yet"}));
  const best = features[champion] ? champion : names[0];
  at("search-space").value = names.includes(before) ? before : best || "";
}

function show(found, queryPicture) {
  at("life").hidden = true;
  say(`${whole(found.matches.length)} nearest of ${whole(found.compared)} features in ${found.space}`);
  at("matches").replaceChildren(
    ...(queryPicture ? [make("figure", {className: "match query"}, queryPicture, make("figcaption", {textContent: "what was asked with"}))] : []),
    ...found.matches.map(match => make("figure", {className: "match"},
      make("a", {href: `#/find/similar/${match.image_id}`, attributes: {"aria-label": `find similar to ${match.found?.alt_text || match.image_id}`}}, picture(match.image_id, match.found?.alt_text)),
      make("figcaption", {}, make("b", {textContent: fixed(match.cosine, 3)}), " ", match.found?.url ? link(match.found.url) : "", make("span", {className: "soft block", textContent: match.found?.alt_text || ""}),
        make("a", {href: `#/find/explain/${match.image_id}`, textContent: "explain"})))));
}

/** Counts what was asked for: an answer that comes after a newer question is not shown. */
let question = 0;

/** A canvas with a picture from this machine: neither decoded by the server nor given an address. Null where the browser can't. */
async function canvasOf(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, QUERY_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = make("canvas", {width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)),
      attributes: {role: "img", "aria-label": "the image that was asked with"}});
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas;
  } catch {
    return null;
  }
}

/** Runs a search and shows what it found, unless another question was asked meanwhile. */
async function search(find, queryPicture) {
  const mine = ++question;
  at("life").hidden = true;
  at("matches").replaceChildren();
  try {
    const [found, shown] = await Promise.all([find(), queryPicture()]);
    if (mine === question) show(found, shown);
  } catch (error) {
    if (mine === question) say(error.message);
  }
}

const options = () => new URLSearchParams({space: at("search-space").value, limit: 48});

function upload(file) {
  say(`embedding ${file.name || "the image"} …`);
  return search(() => json(`/api/v1/search?${options()}`, {method: "POST", headers: {"Content-Type": "application/octet-stream"}, body: file}),
    () => canvasOf(file));
}

function similar(imageId, refresh = spaces) {
  say("searching …");
  return search(async () => {
    await refresh();
    return json(`/api/v1/images/${encodeURIComponent(imageId)}/similar?${options()}`);
  }, async () => picture(imageId, "the image that was asked with"));
}

async function explain(target) {
  const mine = ++question;
  at("explain-target").value = target;
  at("matches").replaceChildren();
  at("life").hidden = true;
  say(`reading the topics for ${target} …`);
  try {
    const {events} = await json(`/api/v1/explain?${new URLSearchParams({target})}`);
    if (mine !== question) return;
    say(events.length ? `${whole(events.length)} records tell of ${target}` : `no record names ${target}`);
    at("life").replaceChildren(...events.map(event => make("li", {data: {topic: event.topic}},
      make("p", {className: "when"}, make("time", {dateTime: event.at, textContent: clock(event.at)})),
      make("p", {className: "where"}, make("b", {textContent: event.topic}), make("code", {className: "soft", textContent: `${event.partition}:${event.offset}`})),
      make("p", {className: "what", textContent: event.verdict}))));
    at("life").hidden = events.length === 0;
    const id = events.map(event => event.verdict.match(/\b[0-9a-f]{64}\b/)?.[0]).find(Boolean) || (/^[0-9a-f]{64}$/.test(target) ? target : null);
    if (id) at("matches").replaceChildren(make("figure", {className: "match"}, picture(id, "the image")));
  } catch (error) {
    if (mine === question) say(error.message);
  }
}

let current = "";

/** What the address asks for: nothing, `similar/ID` or `explain/TARGET`. */
export function showFind(what, target) {
  const asked = `${what || ""}/${target || ""}`;
  if (asked === current) return;
  current = asked;
  if (what === "similar" && target) {
    similar(target);
    return;
  }
  spaces().catch(error => say(error.message));
  if (what === "explain" && target) explain(target);
}

export function startFind() {
  at("search-form").addEventListener("submit", event => event.preventDefault());
  at("explain-form").addEventListener("submit", event => {
    event.preventDefault();
    const target = at("explain-target").value.trim();
    const hash = `#/find/explain/${encodeURIComponent(target)}`;
    if (location.hash === hash) explain(target);
    else location.hash = hash;
  });
  const drop = at("drop");
  at("search-file").addEventListener("change", event => {
    if (event.target.files[0]) upload(event.target.files[0]);
    event.target.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, event => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", event => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files[0]) upload(event.dataTransfer.files[0]);
  });
  addEventListener("paste", event => {
    if (at("find").hidden) return;
    const file = [...(event.clipboardData?.files || [])].find(each => each.type.startsWith("image/"));
    if (file) upload(file);
  });
  at("search-space").addEventListener("change", () => {
    const [, , what, target] = location.hash.split("/");
    if (what === "similar" && target) similar(target, async () => {});
  });
}
