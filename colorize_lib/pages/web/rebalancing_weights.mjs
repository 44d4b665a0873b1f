/* The weights of rebalancing: slide lambda, and watch what each bin weighs and what a training is then made of. */

import { drawBins, logWeights } from "./bins.mjs";
import { line, makeVoice, powerOfTen, slider } from "./dials.mjs";
import { followLinks, make, redrawWith, whenThere } from "./page.mjs";

/** Where lambda stops: small steps where little changes much. */
const steps = (from, to, by) => Array.from({ length: Math.round((to - from) / by) + 1 }, (_, i) => +(from + i * by).toFixed(2));
export const STOPS = [...steps(0.03, 0.1, 0.01), ...steps(0.15, 1, 0.05)];

/** For one lambda: the weight of every bin, and the share of the loss that comes from it. */
export function weigh(prior, lam) {
  const weights = Float64Array.from(logWeights(prior, lam), Math.exp);
  const shares = weights.map((w, q) => w * prior[q]);
  const [least, most] = [Math.min(...weights), Math.max(...weights)];
  return { weights, shares, ratio: most / least, least, most };
}

/** How many bins hold half of a distribution. */
export function half(shares) {
  let sum = 0;
  return [...shares].sort((one, other) => other - one).filter((share) => (sum += share) - share < 0.5).length;
}

/** Powers of ten that the axes show. */
const SHARES = [-8, 0];
const WEIGHTS = [-2, 2];

/** Weight over share, both logarithmic: a dot a bin, and the bend where the two parts of the mixture are equal. */
function drawCurve(canvas, prior, weights, lam, ink) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.round((side || 300) * ratio));
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const [left, bottom, edge] = [34 * ratio, 34 * ratio, 10 * ratio];
  const inside = (value, [from, to]) => Math.min(1, Math.max(0, (Math.log10(value) - from) / (to - from)));
  const x = (share) => left + inside(share, SHARES) * (width - left - edge);
  const y = (weight) => height - bottom - inside(weight, WEIGHTS) * (height - bottom - edge);
  Object.assign(context, { fillStyle: ink, strokeStyle: ink, lineWidth: ratio, font: `${11 * ratio}px system-ui, sans-serif` });
  context.globalAlpha = 0.3;
  for (let power = WEIGHTS[0]; power <= WEIGHTS[1]; power++) {
    context.fillRect(left, y(10 ** power), width - left - edge, ratio * (power ? 0.5 : 1.5));
  }
  const bend = lam < 1 ? lam / ((1 - lam) * prior.length) : null;
  context.globalAlpha = 0.8;
  context.textAlign = "right";
  for (let power = WEIGHTS[0]; power <= WEIGHTS[1]; power++) context.fillText(String(+(10 ** power).toFixed(2)), left - 5 * ratio, y(10 ** power) + 4 * ratio);
  context.textAlign = "center";
  for (let power = SHARES[0]; power <= SHARES[1]; power += 2) {
    context.fillText(power ? powerOfTen(power) : "1", x(10 ** power), height - bottom + 14 * ratio);
  }
  context.fillText("share of pixels", (left + width) / 2, height - 5 * ratio);
  if (bend) {
    context.setLineDash([4 * ratio, 4 * ratio]);
    context.beginPath();
    context.moveTo(x(bend), edge);
    context.lineTo(x(bend), height - bottom);
    context.stroke();
    context.setLineDash([]);
  }
  context.globalAlpha = 0.55;
  for (let q = 0; q < prior.length; q++) {
    context.beginPath();
    context.arc(x(prior[q]), y(weights[q]), 3 * ratio, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Build it inside `element`. */
export function mountRebalancingWeights(element, bins, start) {
  const { prior } = bins;
  const grey = prior.indexOf(Math.max(...prior));
  let lam = start;
  const planes = ["the pixels: how common", "the loss: how much it counts"].map((title) => {
    const canvas = make("canvas", { role: "img" });
    const frame = make("div", { class: "page-plane" }, canvas);
    return { canvas, element: make("div", { class: "rw-part" }, frame, make("div", { class: "rw-title" }, title)) };
  });
  const curve = make("canvas", { class: "rw-curve", role: "img" });
  const dial = slider({
    title: "Rebalancing λ",
    min: 0,
    max: STOPS.length - 1,
    step: 1,
    ramp: "linear-gradient(90deg, #d9480f, #e69f00 30%, #00a06f 60%, #999)",
    shown: (i) => String(STOPS[i]),
    turn: (i) => {
      lam = STOPS[i];
      redraw();
    },
  });
  const numbers = [line("rarest : commonest"), line("weight of grey"), line("weight of the rarest"), line("half of the loss comes from")];
  const said = make("p", { class: "page-said" });
  const voice = makeVoice();
  const short = (x) => (x < 1 ? x.toFixed(2) : x < 10 ? x.toFixed(1) : Math.round(x).toLocaleString("en"));
  const redraw = () => {
    const { weights, shares, ratio, most } = weigh(prior, lam);
    dial.set(STOPS.reduce((best, stop, i) => (Math.abs(stop - lam) < Math.abs(STOPS[best] - lam) ? i : best), 0));
    drawBins(planes[0].canvas, bins, prior);
    drawBins(planes[1].canvas, bins, shares);
    drawCurve(curve, prior, weights, lam, getComputedStyle(element).color);
    [short(ratio), short(weights[grey]), short(most), `${half(shares)} bins`].forEach((value, i) => (numbers[i].value.textContent = value));
    said.textContent =
      lam === 1
        ? "λ = 1: all colours weigh alike, and the loss is made of what is common."
        : lam > 0.3
          ? "Grey counts for less, and colours that are seldom seen for more."
          : "Nearly every colour counts as much as any other, however seldom it is seen.";
    planes[0].canvas.setAttribute("aria-label", `The ab plane: half of the pixels are in ${half(prior)} bins around grey.`);
    planes[1].canvas.setAttribute("aria-label", `The ab plane: half of the loss comes from ${half(shares)} bins.`);
    curve.setAttribute("aria-label", `Weight over share of pixels: from ${short(most)} for the rarest down to ${short(weights[grey])} for grey.`);
    voice.say(`Lambda ${lam}. ${said.textContent} Rarest to commonest ${short(ratio)}; half of the loss comes from ${half(shares)} bins.`);
  };

  element.classList.add("colour-page", "rebalancing-weights");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "The weights of rebalancing");
  element.replaceChildren(
    dial.element,
    make("div", { class: "rw-planes" }, ...planes.map((plane) => plane.element)),
    make(
      "div",
      { class: "rw-below" },
      make("div", { class: "rw-part" }, curve, make("div", { class: "rw-title" }, "the weight of each bin")),
      make("div", { class: "page-numbers" }, ...numbers.map((number) => number.element), said),
    ),
    voice.element,
  );
  followLinks(element, ["lam"], (asked) => {
    const wanted = Number.parseFloat(asked.get("lam"));
    if (!Number.isFinite(wanted)) return;
    lam = STOPS.reduce((best, stop) => (Math.abs(stop - wanted) < Math.abs(best - wanted) ? stop : best));
    redraw();
  });
  redrawWith(element, redraw);
  redraw();
}

/** Put it wherever the page has a place with this id. */
export function rebalancingWeightsAt(id) {
  whenThere(id, mountRebalancingWeights);
}
