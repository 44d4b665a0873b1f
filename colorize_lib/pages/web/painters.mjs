/* The painters of the explorer, side by side: each a small picture at the same setting, and a button that has it paint
   the large one. Those that are not there yet say how much they weigh, and come when they are asked for. */

import { make, put } from "./page.mjs";

const weight = (bytes) => (bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** A row of painters: `{ name, bytes }` each, the first of which is there. `come(i)` is a promise of one; `choose(i)` is
    told which is to paint. `show` takes who is chosen and, for each that is there, a picture and its numbers. */
export function makePainters(painters, come, choose) {
  const cards = painters.map(({ name, bytes }, i) => {
    const canvas = make("canvas", { "aria-hidden": "true" });
    const numbers = make("span", { class: "ce-small" }, i ? `load ${weight(bytes)}` : "");
    const ask = async () => {
      if (card.state === "here") return choose(i);
      await bring(card);
      if (card.state === "here") choose(i);
    };
    const button = make("button", { type: "button", class: "ce-painter", click: ask }, canvas, make("b", {}, name), numbers);
    const card = { i, bytes, button, canvas, numbers, state: i ? "away" : "here" };
    return card;
  });
  const bring = async (card) => {
    if (card.state !== "away") return;
    card.state = "coming";
    card.numbers.textContent = "loading …";
    try {
      await come(card.i);
      card.state = "here";
    } catch {
      card.state = "away";
      card.numbers.textContent = "did not come: try again";
    }
    tell();
  };
  const all = make("button", { type: "button", click: async () => {
    await Promise.all(cards.map(bring));
    choose(null);
  } });
  const tell = () => {
    const away = cards.filter(({ state }) => state !== "here");
    all.textContent = `Load all (${weight(away.reduce((sum, { bytes }) => sum + bytes, 0))})`;
    all.hidden = !away.length;
    for (const { button, state } of cards) button.classList.toggle("ce-away", state !== "here");
  };
  tell();
  const element = make(
    "div",
    { class: "ce-painters", role: "group", "aria-label": "Painters side by side" },
    make("div", { class: "ce-title" }, make("span", {}, "Painters side by side"), all),
    make("div", { class: "ce-cards" }, ...cards.map(({ button }) => button)),
  );
  const show = (chosen, results, size) => {
    cards.forEach(({ button, canvas, numbers }, i) => {
      button.setAttribute("aria-pressed", String(i === chosen));
      if (!results[i]) return;
      put(canvas, results[i].rgba, size);
      const { ratio, rmse } = results[i];
      numbers.textContent = `colour\u00a0${Number.isFinite(ratio) ? ratio.toFixed(2) : "–"}, error\u00a0${rmse.toFixed(1)}`;
    });
  };
  return { element, show, bring: (i) => bring(cards[i]) };
}
