/* What a training costs on the reader's own GPU: hours and money, from six fields. */

import { buttons, line, makeVoice, powerOfTen } from "./dials.mjs";
import { make, whenThere } from "./page.mjs";

/** GPU hours, hours from start to end and money, as in colorize_lib/training/cost.py. `density` is FLOPs a pixel. */
export function cost({ density, pixels, pictures, peak, utilisation, gpus, price }) {
  const total = density * pixels ** 2 * pictures;
  const gpuHours = total / (peak * utilisation) / 3600;
  return { total, gpuHours, hours: gpuHours / gpus, money: gpuHours * price };
}

/** A time in the unit that one says it in. */
export function duration(hours) {
  const units = [[24 * 365, "year"], [24, "day"], [1, "hour"], [1 / 60, "minute"], [1 / 3600, "second"]];
  const [unit, name] = units.find(([size]) => hours >= 1.995 * size) || units.at(-1); // 30 hours are no 1.2 days
  const count = rounded(hours / unit);
  return `${count} ${name}${count === "1" ? "" : "s"}`;
}

/** Three digits are as many as such a sum is worth. */
export function rounded(x) {
  if (x >= 1e12) {
    const power = Math.floor(Math.log10(x));
    return `${(x / 10 ** power).toFixed(2)} × ${powerOfTen(power)}`;
  }
  const short = x >= 100 ? Number(x.toPrecision(3)) : Number(x.toPrecision(2));
  return short.toLocaleString("en", { maximumFractionDigits: 3 });
}

/** The fields: key, what stands before it and after it, how much of the unit the sum wants, and least and most. */
const FIELDS = [
  ["pixels", "Pixels a side", "", 1, 8, 4096],
  ["pictures", "Pictures seen, all passes", "million", 1e6, 1e-6, 1e9],
  ["peak", "Speed of a GPU, at its peak", "TFLOP/s", 1e12, 1e-6, 1e9],
  ["utilisation", "Share of it that you get", "%", 0.01, 0.01, 100],
  ["gpus", "GPUs", "", 1, 1, 1e6],
  ["price", "Price of a GPU hour", "", 1, 0, 1e6],
];

/** Build it inside `element`. `trainings` are [name, FLOPs a picture, pixels a side, pictures]; `machines` are
    [name, FLOP/s, share]; `rest` has the price and how many. */
export function mountTrainingCost(element, trainings, machines, rest) {
  let training = trainings.length - 1;
  const change = () => redraw();
  const select = make("select", { change: () => take(Number(select.value)) });
  trainings.forEach(([name], i) => select.append(make("option", { value: i }, name)));
  const field = ([key, title, unit, scale, min, max]) => {
    const number = make("input", { type: "number", inputmode: "decimal", autocomplete: "off", min, max, step: "any", "data-lm-suppress-shortcuts": "true", input: change });
    const box = make("span", { class: "tc-box" }, number, unit && make("span", {}, unit));
    const read = () => (number.validity.valid && number.value !== "" ? number.valueAsNumber * scale : NaN);
    const set = (value) => (number.value = Number((value / scale).toPrecision(4)));
    return { key, read, set, element: make("label", {}, make("span", {}, title), box) };
  };
  const fields = FIELDS.map(field);
  const set = (values) => {
    for (const { key, set: write } of fields) if (key in values) write(values[key]);
  };
  /** The training of that number: its pictures and their size. */
  const take = (i) => {
    training = i;
    const [, , pixels, pictures] = trainings[i];
    set({ pixels, pictures });
    redraw();
  };
  const hire = ([, peak, utilisation]) => {
    set({ peak, utilisation });
    redraw();
  };
  const bar = make("i", {});
  const numbers = [line("operations"), line("GPU hours"), line("from start to end, at best"), line("cost, in your money")];
  const said = make("p", { class: "page-said" });
  const voice = makeVoice();
  const redraw = () => {
    select.value = String(training);
    const [name, flops, side] = trainings[training];
    const values = Object.fromEntries(fields.map(({ key, read }) => [key, read()]));
    const result = cost({ density: flops / side ** 2, ...values });
    const known = Number.isFinite(result.hours + result.money);
    const shown = [rounded(result.total), rounded(result.gpuHours), duration(result.hours), rounded(result.money)];
    numbers.forEach((number, i) => (number.value.textContent = known ? shown[i] : "–"));
    said.textContent = known
      ? `The network of “${name}” would learn for ${shown[2]} and cost ${shown[3]}.`
      : "One of the fields is empty, or what stands there cannot be.";
    bar.style.width = `${known ? Math.min(100, Math.max(1, (100 * Math.log10(result.hours * 3600)) / 9)) : 0}%`;
    voice.say(said.textContent);
  };

  element.classList.add("colour-page", "training-cost");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "What a training costs");
  const marks = ["second", "minute", "hour", "day", "year"];
  const at = [1, 60, 3600, 86400, 31536000].map((seconds) => (100 * Math.log10(seconds)) / 9);
  const scale = marks.map((mark, i) => make("span", { style: `left: ${at[i]}%` }, mark));
  element.replaceChildren(
    make(
      "div",
      { class: "tc-columns" },
      make("label", { class: "tc-which" }, make("span", {}, "Network"), select),
      ...fields.map((one) => one.element),
    ),
    buttons("Speeds to try", machines.map((machine) => [machine[0], () => hire(machine)])),
    make("div", { class: "tc-meter", "aria-hidden": "true" }, make("div", {}, bar), ...scale),
    make("div", { class: "page-numbers" }, ...numbers.map((number) => number.element), said),
    voice.element,
  );
  set(rest);
  hire(machines[0]);
  take(training);
}

/** Put it wherever the page has a place with this id. */
export function trainingCostAt(id) {
  whenThere(id, mountTrainingCost);
}
