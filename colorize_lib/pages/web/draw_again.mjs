/* Draw again: what else twenty such pictures could have given, and how often coins fall as unevenly as two classifiers. */

import { buttons, line, makeVoice } from "./dials.mjs";
import { make, whenThere } from "./page.mjs";

/** Most pictures that are shown one by one. */
const TILES = 60;

/** `n` pictures drawn with replacement from as many, of which `hits` are right: which ones, and how many are right. */
export function resample(hits, n, random = Math.random) {
  const drawn = Array.from({ length: n }, () => Math.floor(random() * n));
  return { drawn, right: drawn.filter((picture) => picture < hits).length };
}

/** `n` coins tossed: how many show heads. */
export function toss(n, random = Math.random) {
  let heads = 0;
  for (let i = 0; i < n; i++) heads += random() < 0.5;
  return heads;
}

/** The middle 95 % of counted outcomes: the lowest and the highest that are left when 2.5 % are cut off at either end. */
export function middle(counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const at = (share) => {
    let sum = 0;
    return counts.findIndex((count) => (sum += count) >= share * total && sum > 0);
  };
  return [at(0.025), at(0.975)];
}

/** McNemar's p of a split: how likely coins fall at least so unevenly. */
export function mcnemar(b, c) {
  const n = b + c;
  if (!n) return 1;
  let [term, sum] = [0.5 ** n, 0];
  for (let k = 0; k <= Math.min(b, c); k++) {
    sum += term;
    term *= (n - k) / (k + 1);
  }
  return Math.min(1, 2 * sum);
}

const whole = (share) => `${(100 * share).toFixed(0)} %`;
const thousands = (count) => count.toLocaleString("en");

/** Bars of counted outcomes, with those outside of `inside` in grey. */
function makeBars(outcomes, label) {
  const bars = Array.from({ length: outcomes }, () => make("i", {}));
  const element = make("div", { class: "da-bars", role: "img" }, ...bars);
  const show = (counts, inside, name) => {
    const most = Math.max(1, ...counts);
    counts.forEach((count, i) => {
      bars[i].style.height = `${(100 * count) / most}%`;
      bars[i].classList.toggle("da-inside", inside(i));
    });
    element.setAttribute("aria-label", name);
  };
  return { element: make("div", { class: "da-plot" }, element, make("div", { class: "da-axis", "aria-hidden": "true" }, ...label)), show };
}

/** Pictures drawn with replacement. */
function makeBootstrap(hits, n, say) {
  const tiles = Array.from({ length: Math.min(n, TILES) }, () => make("i", { "aria-hidden": "true" }));
  const counts = Array(n + 1).fill(0);
  const bars = makeBars(n + 1, [make("span", {}, "none right"), make("span", {}, "all right")]);
  const numbers = [line("this draw"), line("draws so far"), line("their middle 95 %")];
  const draw = (times) => {
    let last;
    for (let i = 0; i < times; i++) {
      last = resample(hits, n);
      counts[last.right] += 1;
    }
    show(last);
  };
  const clear = () => {
    counts.fill(0);
    show({ drawn: [...Array(n).keys()], right: hits }, true);
  };
  const show = ({ drawn, right }, asTheyAre = false) => {
    const times = Array(n).fill(0);
    drawn.forEach((picture) => (times[picture] += 1));
    tiles.forEach((tile, i) => {
      tile.textContent = `${i < hits ? "✓" : "✗"}${times[i] > 1 ? times[i] : ""}`;
      tile.className = `${i < hits ? "da-right" : "da-wrong"}${times[i] ? "" : " da-out"}`;
    });
    const total = counts.reduce((sum, count) => sum + count, 0);
    const [low, high] = total ? middle(counts) : [hits, hits];
    bars.show(counts, (i) => low <= i && i <= high, `How often each number was right, in ${thousands(total)} draws.`);
    numbers[0].value.textContent = `${right} of ${n} right, ${whole(right / n)}`;
    numbers[1].value.textContent = thousands(total);
    numbers[2].value.textContent = total ? `${whole(low / n)} to ${whole(high / n)}` : "–";
    const left = times.filter((count) => !count).length;
    say(asTheyAre ? `The ${n} pictures as they are: ${hits} right.` : `${numbers[0].value.textContent}; ${left} pictures were not drawn. ${numbers[2].value.textContent}.`);
  };
  clear();
  return make(
    "section",
    {},
    make("p", { class: "da-title" }, `${n} pictures, drawn again`),
    make("div", { class: "da-tiles" }, ...tiles),
    buttons("Draw pictures", [["Draw again", () => draw(1)], ["1,000 times", () => draw(1000)], ["Start over", clear]]),
    bars.element,
    make("div", { class: "page-numbers" }, ...numbers.map((number) => number.element)),
  );
}

/** Coins: one for each picture that only one of two versions gets right. */
function makeCoins([b, c], names, say) {
  const n = b + c;
  const counts = Array(n + 1).fill(0);
  const end = (side, name) => make("span", {}, make("i", { class: `da-coin ${side}` }), ` all for ${name}`);
  const bars = makeBars(n + 1, [end("da-first", names[0]), end("da-second", names[1])]);
  const uneven = (heads) => Math.min(heads, n - heads) <= Math.min(b, c);
  const coins = Array.from({ length: Math.min(n, TILES) }, () => make("i", { "aria-hidden": "true" }));
  const numbers = [line("this toss"), line("tosses so far"), line("as uneven as what was found"), line("p, by the formula")];
  const show = (heads, found = false) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const extreme = counts.filter((_, heads) => uneven(heads)).reduce((sum, count) => sum + count, 0);
    coins.forEach((coin, i) => (coin.className = i < n - heads ? "da-first" : "da-second"));
    bars.show(counts, (i) => !uneven(i), `How often the coins fell how, in ${thousands(total)} tosses.`);
    numbers[0].title.textContent = found ? "what was found" : "this toss";
    numbers[0].value.textContent = `${names[0]} ${n - heads}, ${names[1]} ${heads}`;
    numbers[1].value.textContent = thousands(total);
    numbers[2].value.textContent = total ? whole(extreme / total) : "–";
    numbers[3].value.textContent = whole(mcnemar(b, c));
    say(found ? `Found: ${b} to ${c}.` : `${numbers[0].value.textContent}. As uneven as what was found: ${numbers[2].value.textContent} of ${thousands(total)} tosses.`);
  };
  const draw = (times) => {
    let heads = 0;
    for (let i = 0; i < times; i++) counts[(heads = toss(n))] += 1;
    show(heads);
  };
  const clear = () => {
    counts.fill(0);
    show(c, true);
  };
  clear();
  return make(
    "section",
    {},
    make("p", { class: "da-title" }, `A coin for each of the ${n} in doubt`),
    make("div", { class: "da-tiles" }, ...coins),
    buttons("Toss coins", [["Toss them", () => draw(1)], ["1,000 times", () => draw(1000)], ["What was found", clear]]),
    bars.element,
    make("div", { class: "page-numbers" }, ...numbers.map((number) => number.element)),
  );
}

/** Build it inside `element`: `hits` of `n` pictures are right, and `split` is how many only the first and only the
    second of two `names` gets right. */
export function mountDrawAgain(element, [hits, n], split, names) {
  const voice = makeVoice();
  element.classList.add("colour-page", "draw-again");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Draw again");
  element.replaceChildren(
    make("div", { class: "da-two" }, makeBootstrap(hits, n, voice.say), makeCoins(split, names, voice.say)),
    voice.element,
  );
}

/** Put it wherever the page has a place with this id. */
export function drawAgainAt(id) {
  whenThere(id, mountDrawAgain);
}
