/* The pictures and logits that Python packed (colorize_lib/pages/packed.py), and what follows from the pictures alone.

   Flat arrays: rgba (4 H W), ab (2 H W, interleaved), logits (h w Q, the bins of a pixel side by side). */

import { labToRgb, rgbToLab } from "./colour.mjs";
import { fromBase64, gunzip } from "./page.mjs";

/** L (H W) and ab (2 H W; null for grey) to rgba. A clamped array clips and rounds as torch does. */
export function toRgba(lightness, ab) {
  const rgba = new Uint8ClampedArray(4 * lightness.length).fill(255);
  lightness.forEach((l, i) => {
    const rgb = ab ? labToRgb(l, ab[2 * i], ab[2 * i + 1]) : labToRgb(l, 0, 0);
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = 255 * rgb[c];
  });
  return rgba;
}

/** Root of the mean over pixels of da^2 + db^2, in Lab units. */
export function abRmse(ab, truth) {
  let sum = 0;
  for (let i = 0; i < ab.length; i++) sum += (ab[i] - truth[i]) ** 2;
  return Math.sqrt((2 * sum) / ab.length);
}

/** What `pack` packed, unpacked: bins, and for each picture L, ab, rgba and logits. */
export function unpack({ centres, grid, prior, levels, shift, pictures, bytes }) {
  const bins = centres.length / 2;
  let start = 0;
  const take = (length) => bytes.subarray(start, (start += length));
  const unpacked = pictures.map(({ name, size, cells }) => {
    const rgb = take(3 * size[0] * size[1]);
    return { name, size, cells, ...fromTruth(rgb), logits: toLogits(take(bins * cells[0] * cells[1]), levels, shift) };
  });
  return { centres, grid, prior, bins, pictures: unpacked };
}

const toLogits = (codes, levels, shift) => Float32Array.from(codes, (u, i) => levels[u] - shift[i % shift.length]);

/** What `pack_painter` packed, unpacked: bins, and for each picture the cells and the logits; or no bins, and ab. */
export async function unpackPainter({ name, centres, grid, prior, levels, shift, steps, cells, bytes }) {
  const all = await gunzip(typeof bytes === "string" ? fromBase64(bytes) : bytes);
  const channels = centres ? centres.length / 2 : 4; // two numbers of two bytes
  let start = 0;
  const answers = cells.map(([h, w]) => {
    const part = all.slice(start, (start += channels * h * w));
    if (centres) return { cells: [h, w], logits: toLogits(part, levels, shift) };
    const view = new DataView(part.buffer);
    return { cells: [h, w], ab: Float64Array.from({ length: 2 * h * w }, (_, i) => view.getInt16(2 * i, true) / steps) };
  });
  return { name, centres, grid, prior, bins: centres ? channels : 0, answers };
}

/** A true picture (3 H W, interleaved) as rgba, L and ab, and what it is without colour. */
function fromTruth(rgb) {
  const n = rgb.length / 3;
  const truth = new Uint8ClampedArray(4 * n).fill(255);
  const lightness = new Float64Array(n);
  const trueAb = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    const pixel = rgb.subarray(3 * i, 3 * i + 3);
    truth.set(pixel, 4 * i);
    [lightness[i], trueAb[2 * i], trueAb[2 * i + 1]] = rgbToLab(pixel[0] / 255, pixel[1] / 255, pixel[2] / 255);
  }
  const greyRmse = abRmse(new Float64Array(2 * n), trueAb);
  return { truth, lightness, trueAb, grey: toRgba(lightness, null), greyRmse };
}

/** Mean true ab of the pixels that one predicted pixel covers. */
export function trueColour({ size, cells, trueAb }, place) {
  return meanOf({ size }, cells, place, trueAb, 2);
}

/** Mean over the pixels that one predicted pixel covers of values that lie `channels` to a pixel. */
export function meanOf({ size }, cells, [row, column], values, channels) {
  const span = (i, axis) => [Math.floor((i * size[axis]) / cells[axis]), Math.ceil(((i + 1) * size[axis]) / cells[axis])];
  const [top, bottom] = span(row, 0);
  const [left, right] = span(column, 1);
  const mean = Array(channels).fill(0);
  for (let r = top; r < bottom; r++) {
    for (let k = left; k < right; k++) {
      for (let c = 0; c < channels; c++) {
        mean[c] += values[channels * (r * size[1] + k) + c] / ((bottom - top) * (right - left));
      }
    }
  }
  return mean;
}
