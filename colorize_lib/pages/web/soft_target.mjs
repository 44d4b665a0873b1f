/* One pixel: the five bins that share it, what the network believes of it, and what that costs. */

import { drawBins } from "./bins.mjs";
import { colourName, cssColour } from "./colour.mjs";
import { line, makeVoice, percent } from "./dials.mjs";
import { trueColour, unpack } from "./packed.mjs";
import { fromBase64, make, redrawWith, signed, whenThere } from "./page.mjs";
import { makePicker, makePicture } from "./pixels.mjs";

/** The `k` bins nearest to a colour and their shares, nearest first, as in gamut.py (`encode`). */
export function encode([a, b], centres, k = 5, sigma = 5) {
  const squared = Array.from({ length: centres.length / 2 }, (_, q) => (centres[2 * q] - a) ** 2 + (centres[2 * q + 1] - b) ** 2);
  const index = [...squared.keys()].sort((one, other) => squared[one] - squared[other]).slice(0, k);
  const bells = index.map((q) => Math.exp((squared[index[0]] - squared[q]) / (2 * sigma ** 2)));
  const sum = bells.reduce((total, bell) => total + bell, 0);
  return { index, shares: bells.map((bell) => bell / sum) };
}

/** The probabilities of one pixel, and the cross-entropy with its target in nats, as in losses.py. */
export function surprise(logits, { index, shares }) {
  const top = Math.max(...logits);
  const whole = top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
  const p = Float64Array.from(logits, (z) => Math.exp(z - whole));
  return { p, nats: index.reduce((sum, q, i) => sum - shares[i] * (logits[q] - whole), 0) };
}

/** Build it inside `element`, from what Python packed. `start` is [picture, row, column] of the half resolution. */
export function mountSoftTarget(element, data, start) {
  const bins = unpack({ ...data, bytes: fromBase64(data.bytes) });
  let [chosen, ...pixel] = start;
  const picker = makePicker(bins.pictures, (i) => choose(i, pixel));
  const picture = makePicture(() => bins.pictures[chosen].cells, (place) => choose(chosen, place));
  const plane = make("canvas", { role: "img" });
  const rows = Array.from({ length: data.neighbours }, () => {
    const swatch = make("i", {});
    const [place, share, belief] = [make("td", {}), make("td", {}), make("td", {})];
    return { swatch, place, share, belief, element: make("tr", {}, make("td", {}, swatch), place, share, belief) };
  });
  const heads = ["bin (a, b)", "target z", "belief p"].map((name) => make("th", { scope: "col" }, name));
  heads.unshift(make("td", {}));
  const numbers = [line("its true colour"), line("surprise ℓ")];
  const voice = makeVoice();

  function choose(i, [row, column]) {
    const [most, farthest] = bins.pictures[i].cells;
    chosen = i;
    pixel = [Math.min(most - 1, Math.max(0, row)), Math.min(farthest - 1, Math.max(0, column))];
    redraw();
  }
  const redraw = () => {
    const now = bins.pictures[chosen];
    const [most, farthest] = now.cells;
    const start = (pixel[0] * farthest + pixel[1]) * bins.bins;
    const truth = trueColour(now, pixel);
    const target = encode(truth, bins.centres, data.neighbours, data.sigma);
    const { p, nats } = surprise(now.logits.subarray(start, start + bins.bins), target);
    picker.show(chosen);
    picture.show(now.name, now.truth, now.size, pixel);
    const { context, ratio, x, y } = drawBins(plane, bins, p);
    const edge = x(bins.grid) - x(0);
    target.index.forEach((q, i) => {
      const side = edge * Math.max(0.25, Math.sqrt(target.shares[i]));
      for (const [style, width] of [["#000", 4 * ratio], ["#fff", 2 * ratio]]) {
        Object.assign(context, { strokeStyle: style, lineWidth: width });
        context.strokeRect(x(bins.centres[2 * q]) - side / 2, y(bins.centres[2 * q + 1]) - side / 2, side, side);
      }
      const [a, b] = [bins.centres[2 * q], bins.centres[2 * q + 1]];
      rows[i].swatch.style.background = cssColour(68, a, b);
      rows[i].place.textContent = `${signed(a)}, ${signed(b)}`;
      rows[i].share.textContent = target.shares[i].toFixed(2);
      rows[i].belief.textContent = percent(p[q]);
    });
    numbers[0].value.textContent = `a ${signed(truth[0])}, b ${signed(truth[1])}, ${colourName(truth)}`;
    numbers[1].value.textContent = `${nats.toFixed(1)} nats`;
    const sentence = `Row ${pixel[0] + 1}, column ${pixel[1] + 1}: ${numbers[0].value.textContent}. Surprise ${numbers[1].value.textContent}.`;
    plane.setAttribute("aria-label", `The ab plane: the network's belief, and the bins that share the pixel. ${sentence}`);
    voice.say(sentence);
  };

  element.classList.add("colour-page", "soft-target");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "The target of a pixel");
  element.replaceChildren(
    picker.element,
    make(
      "div",
      { class: "st-stage" },
      picture.element,
      make("div", { class: "page-plane" }, plane),
      make(
        "div",
        { class: "page-numbers" },
        ...numbers.map((number) => number.element),
        make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows.map((row) => row.element))),
      ),
    ),
    voice.element,
  );
  redrawWith(element, redraw);
  redraw();
}

/** Put it wherever the page has a place with this id. */
export function softTargetAt(id) {
  whenThere(id, mountSoftTarget);
}
