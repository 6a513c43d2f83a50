/** Light, dark or as the system says; remembered by the browser. */

import {at} from "./dom.js";
import {recolour} from "./chart.js";

const CHOICES = ["auto", "light", "dark"];
const KEY = "freshet-theme";

function apply(choice) {
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  at("theme").textContent = choice;
  at("theme").setAttribute("aria-label", `Colours: ${choice}. Change`);
  requestAnimationFrame(recolour);
}

export function startTheme() {
  let choice = localStorage.getItem(KEY);
  if (!CHOICES.includes(choice)) choice = "auto";
  apply(choice);
  at("theme").addEventListener("click", () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    localStorage.setItem(KEY, choice);
    apply(choice);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(recolour));
}
