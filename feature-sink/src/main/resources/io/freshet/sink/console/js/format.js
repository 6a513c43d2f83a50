/** Numbers and times as people read them. */

export const whole = value => Math.round(value || 0).toLocaleString("en-GB");

export const fixed = (value, digits) => value === null || value === undefined ? "–" : value.toFixed(digits);

/** 950, 12.4k, 3.1M: for places that have no room for all digits. */
export function short(value) {
  if (value < 10_000) return whole(value);
  if (value < 1_000_000) return `${(value / 1_000).toFixed(value < 100_000 ? 1 : 0)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 1) return `${Math.round(1000 * value)} ms`;
  if (value < 90) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  if (value < 5400) return `${Math.round(value / 60)} min`;
  if (value < 172_800) return `${Math.round(value / 3600)} h`;
  return `${Math.round(value / 86_400)} d`;
}

/** `of` names what there are so many of in a second. */
export const rate = (value, of = "") => !value ? `0 ${of}/s` : value < 0.1 ? `${(60 * value).toFixed(1)} ${of}/min` : `${value.toFixed(1)} ${of}/s`;

export const percent = (value, digits = 1) => value === null || value === undefined ? "–" : `${(100 * value).toFixed(digits)} %`;

export const ago = millis => `${seconds(Math.max(0, (Date.now() - millis) / 1000))} ago`;

export const clock = value => new Date(value).toLocaleString("en-GB", {dateStyle: "short", timeStyle: "medium"});

/** TOO_MANY_PIXELS as people write it. */
export const words = name => name.toLowerCase().replaceAll("_", " ");

export function bytes(value) {
  if (value < 1024) return `${value} B`;
  if (value < 1024 ** 2) return `${(value / 1024).toFixed(0)} KiB`;
  if (value < 1024 ** 3) return `${(value / 1024 ** 2).toFixed(1)} MiB`;
  return `${(value / 1024 ** 3).toFixed(2)} GiB`;
}
