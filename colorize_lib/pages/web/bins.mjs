/* The bins of the ab plane, as in colorize_lib/colour/gamut.py: how they weigh, and how they are drawn. */

import { cssColour } from "./colour.mjs";

/** log w of every bin, for a lambda in (0, 1]: rebalancing after training. */
export function logWeights(prior, lam) {
  const w = Array.from(prior, (p) => 1 / ((1 - lam) * p + lam / prior.length));
  const mean = w.reduce((sum, weight, q) => sum + prior[q] * weight, 0);
  return Float64Array.from(w, (weight) => Math.log(weight / mean));
}

/** The ab plane: a square a bin, its area in proportion to `p`. Returns the context, how many dots of it are a pixel of
    the page, and where a and b are. */
export function drawBins(canvas, { centres, grid }, p) {
  const bins = centres.length / 2;
  const ratio = globalThis.devicePixelRatio || 1;
  const side = Math.round((canvas.clientWidth || 300) * ratio);
  Object.assign(canvas, { width: side, height: side });
  const reach = Math.max(...centres.map(Math.abs)) + 1.2 * grid;
  const scale = side / (2 * reach);
  const x = (a) => (a + reach) * scale;
  const y = (b) => (reach - b) * scale;
  const context = canvas.getContext("2d");
  const square = (q, edge) => {
    context.fillRect(x(centres[2 * q]) - edge / 2, y(centres[2 * q + 1]) - edge / 2, edge, edge);
  };
  context.fillStyle = "#3a3d42";
  for (let q = 0; q < bins; q++) square(q, 0.2 * grid * scale);
  context.strokeStyle = "#5a5e66";
  context.lineWidth = ratio;
  context.beginPath();
  context.moveTo(x(-reach), y(0));
  context.lineTo(x(reach), y(0));
  context.moveTo(x(0), y(-reach));
  context.lineTo(x(0), y(reach));
  context.stroke();

  const most = Math.max(...p);
  for (let q = 0; q < bins; q++) {
    context.fillStyle = cssColour(68, centres[2 * q], centres[2 * q + 1]);
    square(q, grid * scale * Math.sqrt(p[q] / most));
  }
  Object.assign(context, { fillStyle: "#c3c7ce", font: `${12 * ratio}px system-ui, sans-serif` });
  const label = (text, left, top, align) => {
    context.textAlign = align;
    context.fillText(text, left, top);
  };
  const edge = 6 * ratio;
  label("green", edge, side / 2 - edge, "left");
  label("red", side - edge, side / 2 - edge, "right");
  label("yellow", side / 2 + edge, 15 * ratio, "left");
  label("blue", side / 2 + edge, side - edge, "left");
  return { context, ratio, x, y };
}
