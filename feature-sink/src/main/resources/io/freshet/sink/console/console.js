/** The console: which view is shown, and what the server sends once a second. */

import {at, make} from "./js/dom.js";
import {clock} from "./js/format.js";
import {curve, showCurves, showFigures, showOverviewCurves} from "./js/training.js";
import {forgetStrips, hideWall, showStrips, showWall, startWall, wallNews} from "./js/wall.js";
import {redrawClusters, showCuration} from "./js/curation.js";
import {showFind, startFind} from "./js/find.js";
import {showFlow, showReasons} from "./js/flow.js";
import {showOverviewKnn, showReleases, startReleases} from "./js/releases.js";
import {showPatches} from "./js/patches.js";
import {startTheme} from "./js/theme.js";

const VIEWS = ["overview", "images", "training", "releases", "curation", "find"];
const RETRY_MILLIS = 30_000;
let view = "overview";
let overview = null;

const quietly = promise => promise.catch(error => console.warn(error.message));

/** What each view shows of an overview. */
const RENDER = {
  overview: async () => {
    showFlow(overview);
    showReasons(overview);
    showOverviewKnn(overview.releases);
    quietly(showStrips(overview));
    quietly(showPatches("overview-patches", overview.releases, 3, 6));
    showOverviewCurves(await curve(overview.training), overview.training);
  },
  images: async () => wallNews(overview),
  training: async () => {
    showFigures(overview.training);
    showCurves(await curve(overview.training));
  },
  releases: async () => {
    showReleases(overview.releases);
    await showPatches("patches", overview.releases, 12, 8);
  },
  curation: () => showCuration(overview),
  find: async () => {},
};

function render() {
  if (!overview || document.hidden) return;
  showAliases();
  quietly(RENDER[view]());
}

/** Where the champion is, and which aliases nobody can follow. */
function showAliases() {
  const altered = overview.altered_aliases;
  if (overview.champion) at("champion").replaceChildren(make("span", {className: "word", textContent: "champion "}), overview.champion);
  else at("champion").textContent = altered.includes("champion") ? "champion unknown" : "no model yet";
  at("altered").hidden = !altered.length;
  at("altered").textContent = altered.length ? `altered: ${altered.join(", ")}` : "";
}

function decoded(part) {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** The address's fragment says what is shown: `#/images/rejected/TRUNCATED`. */
function route() {
  const [, name, first, ...rest] = location.hash.split("/");
  view = VIEWS.includes(name) ? name : "overview";
  document.querySelectorAll("[data-view]").forEach(section => {
    section.hidden = section.id !== view;
  });
  document.querySelectorAll("header nav a").forEach(link => {
    if (link.getAttribute("href") === `#/${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  document.title = view === "overview" ? "Freshet" : `${view[0].toUpperCase()}${view.slice(1)} – Freshet`;
  if (view === "images") showWall(decoded(first), decoded(rest[0]), decoded(rest[1]));
  else hideWall();
  if (view === "find") showFind(first, decoded(rest.join("/")));
  if (view === "overview") forgetStrips();
  render();
}

/** 1 to 6 change the view, as the links above do. */
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const index = "123456".indexOf(event.key);
  if (index >= 0 && event.key.length === 1) location.hash = `#/${VIEWS[index]}`;
}

let events = null;

/** A page that isn't seen holds no connection: a browser has six for a server, and keeps pages that were left for a while. */
function listen() {
  if (events || document.hidden) return;
  const mine = new EventSource("/api/v1/events");
  events = mine;
  const say = (text, kind) => Object.assign(at("link"), {textContent: text, className: `pill ${kind}`});
  mine.addEventListener("error", () => {
    // A refusal ends the stream for good, a broken connection does not.
    const refused = mine.readyState === EventSource.CLOSED;
    say(refused ? "refused, trying again" : "reconnecting", "lost");
    if (refused && mine === events) {
      events = null;
      setTimeout(listen, RETRY_MILLIS);
    }
  });
  mine.addEventListener("overview", event => {
    overview = JSON.parse(event.data);
    if (overview.stale_since) say(`stale since ${clock(overview.stale_since)}`, "lost");
    else say("live", "live");
    render();
  });
}

function leave() {
  events?.close();
  events = null;
}

startTheme();
startWall();
startReleases();
startFind();
addEventListener("hashchange", route);
addEventListener("keydown", keys);
addEventListener("resize", () => {
  if (view === "curation") redrawClusters();
  if (view === "overview") forgetStrips();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) leave();
  else listen();
  render();
});
addEventListener("pagehide", leave);
addEventListener("pageshow", listen);
route();
listen();
