/** Makes elements. Text goes in as text only: nothing from outside is ever parsed as HTML. */

export const at = id => document.getElementById(id);

/** An element with properties, `data-` attributes under `data`, other attributes under `attributes`. */
export function make(tag, properties = {}, ...children) {
  const {data = {}, attributes = {}, ...rest} = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A link to what a crawl found: http and https only, without referrer; else plain text. */
export function link(url) {
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return document.createTextNode(url || "");
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") return document.createTextNode(url);
  return make("a", {href: parsed.href, rel: "noopener noreferrer nofollow", target: "_blank", textContent: url, title: url});
}

/** A picture that is there; a failure leaves an empty frame. */
export const picture = (imageId, alt) => make("img", {
  src: `/api/v1/images/${encodeURIComponent(imageId)}/thumbnail`, alt: alt || "", decoding: "async", width: 160, height: 160,
});

/** The value of a CSS custom property. */
export const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The JSON of an answer; a refusal becomes an error with the server's own words. */
export async function json(path, options) {
  const response = await fetch(path, options);
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Said by the status.
  }
  if (!response.ok) {
    throw Object.assign(new Error(body?.error?.message || `the server answered ${response.status}`), {status: response.status});
  }
  return body;
}
