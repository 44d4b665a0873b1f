/* Sliders, buttons and the voice of the small parts, which all look and answer alike. */

import { input, make } from "./page.mjs";

/** A slider under its name and its number. `turn` hears what the reader sets; `set` shows what the page has set.
    `shown` writes a number as one reads it, and `ramp` paints the track. */
export function slider({ title, min, max, step, turn, shown = String, ramp = null }) {
  const value = make("span", { class: "page-value", "aria-hidden": "true" });
  const range = input("range", { class: "page-slider", min, max, step, input: () => turn(range.valueAsNumber) });
  const paint = (background) => background && range.style.setProperty("--page-ramp", background);
  paint(ramp);
  const name = make("span", { class: "page-title" }, make("span", {}, title), value);
  const set = (number) => {
    range.value = number;
    value.textContent = shown(number);
    range.setAttribute("aria-valuetext", shown(number));
  };
  return { element: make("label", { class: "page-dial" }, name, range), set, paint };
}

/** Buttons in a row: `[text, what to do]` each. */
export function buttons(title, choices) {
  const all = choices.map(([text, act]) => make("button", { type: "button", click: act }, text));
  return make("div", { class: "page-buttons", role: "group", "aria-label": title }, ...all);
}

/** A share as one writes it. */
export const percent = (p) => (p >= 0.995 ? "100" : p >= 0.1 ? (100 * p).toFixed(0) : (100 * p).toFixed(1)) + " %";

/** A power of ten as one writes it: 10⁻⁸. */
export function powerOfTen(exponent) {
  return `10${[...String(exponent)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("")}`;
}

/** A line of a small table: what it is, and a place for its number. */
export function line(name) {
  const title = make("span", {}, name);
  const value = make("strong", {});
  return { element: make("div", { class: "page-line" }, title, value), title, value };
}

/** Tell screen readers what changed, once the hand is still. What holds from the beginning is not said. */
export function makeVoice() {
  const element = make("div", { class: "page-voice", role: "status", "aria-live": "polite" });
  let timer;
  let last = null;
  const say = (text) => {
    const quiet = text === (last ??= text);
    last = text;
    if (quiet) return;
    clearTimeout(timer);
    timer = setTimeout(() => (element.textContent = text), 600);
  };
  return { element, say, stop: () => clearTimeout(timer) };
}
