/* Hints: a reader says what colour a place has, and the distributions of all cells are conditioned on it.

   As in colorize_lib/colour/hints.py and colorize_lib/inference/alternatives.py, where every step is explained: twice
   written and once tested (tests/pages/test_hints_maths.py). No page and no library here: the explorer and the worker of the
   panel import it alike.

   Flat arrays, the numbers of one cell side by side: log-probabilities (h w Q), centres (2 Q). Of n hints: places (2 n),
   x and y as shares of the picture's sides, their L (n), their colours (2 n). What each hint has to say in each cell is
   (n h w). A picture's cells are { cells: [h, w], light (h w), roots }: see `rootsOf`, null without a distribution. */

import { labToRgb, rgbToLab } from "./colour.mjs";

/** How far a hint reaches: `Reach` of hints.py. */
export const REACH = { near: 0.4, light: 35, overlap: 8, noise: 0.05, width: 20 };
/** What alternatives are made of: `THINGS`, `APART`, `LEAST` and the lattice of alternatives.py. A thing reaches further. */
export const THINGS = { most: 3, apart: 30, least: 0.25, lattice: 16, reach: { ...REACH, near: 1, light: 50 } };

// ---------------------------------------------------------------- hints as people give them: [[x, y], "#rrggbb"]

/** "#rrggbb" to [a, b]. The L of a hint is not used: the picture has its own. */
export function hexToAb(hex) {
  const [, a, b] = rgbToLab(...[1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16) / 255));
  return [a, b];
}

/** [a, b] as a colour of the screen: of those that are nearly it, the one whose L is nearest to this. */
export function abToHex([a, b], lightness) {
  let best = { miss: Infinity };
  for (const L of [lightness, ...Array.from({ length: 19 }, (_, i) => 5 + 5 * i)]) {
    const rgb = labToRgb(L, a, b).map((c) => Math.round(255 * Math.min(1, Math.max(0, c))));
    const hex = `#${rgb.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
    const [da, db] = hexToAb(hex).map((value, i) => value - [a, b][i]);
    const miss = Math.max(0, Math.hypot(da, db) - 2) + Math.abs(L - lightness) / 1e4; // two units are nearly it
    if (miss < best.miss) best = { miss, hex };
  }
  return best.hex;
}

/** Hints of a picture of [height, width] pixels, ready to work with. Of two at one pixel the later holds. */
export function given(hints, [height, width]) {
  const found = new Map();
  for (const [[x, y], hex] of hints) {
    const pixel = [Math.min(width - 1, Math.max(0, Math.floor(x))), Math.min(height - 1, Math.max(0, Math.floor(y)))];
    found.set(String(pixel), { pixel, ab: hexToAb(hex) });
  }
  const all = [...found.values()];
  return {
    pixels: all.map(({ pixel }) => pixel),
    places: Float64Array.from(all.flatMap(({ pixel: [x, y] }) => [(x + 0.5) / width, (y + 0.5) / height])),
    colours: Float64Array.from(all.flatMap(({ ab }) => ab)),
  };
}

// ---------------------------------------------------------------- what they have to say, as in hints.py

/** Logits (h w Q) to log-probabilities, cell by cell. */
export function logSoftmax(logits, bins) {
  const out = Float32Array.from(logits);
  for (let start = 0; start < out.length; start += bins) {
    let top = -Infinity;
    for (let q = start; q < start + bins; q++) if (out[q] > top) top = out[q];
    let sum = 0;
    for (let q = start; q < start + bins; q++) sum += Math.exp(out[q] - top);
    const whole = top + Math.log(sum);
    for (let q = start; q < start + bins; q++) out[q] -= whole;
  }
  return out;
}

/** The roots of probabilities: the overlap of two distributions is the sum of their products. */
export const rootsOf = (logP) => logP.map((z) => Math.exp(z / 2));

/** The cell that a place is in. */
const cellOf = (x, y, [h, w]) => Math.min(h - 1, Math.floor(y * h)) * w + Math.min(w - 1, Math.floor(x * w));

/** How surely each cell is the same thing as each place: k (n h w). */
export function closeness(places, theirLight, { cells, light, roots }, reach = REACH) {
  const [h, w] = cells;
  const [across, down] = [w, h].map((side) => side / Math.sqrt(w * h) / reach.near);
  const k = new Float64Array(theirLight.length * h * w);
  for (let hint = 0, at = 0; hint < theirLight.length; hint++) {
    const [x, y] = places.subarray(2 * hint, 2 * hint + 2);
    const own = cellOf(x, y, cells);
    for (let cell = 0; cell < h * w; cell++, at++) {
      const dx = across * (((cell % w) + 0.5) / w - x);
      const dy = down * ((Math.floor(cell / w) + 0.5) / h - y);
      const dL = (light[cell] - theirLight[hint]) / reach.light;
      k[at] = Math.exp(-Math.sqrt(dx * dx + dy * dy + dL * dL));
      if (roots && reach.overlap) k[at] *= overlap(roots, own, cell, roots.length / (h * w)) ** reach.overlap;
    }
  }
  return k;
}

function overlap(roots, one, other, bins) {
  let sum = 0;
  for (let q = 0, i = one * bins, j = other * bins; q < bins; q++, i++, j++) sum += roots[i] * roots[j];
  return Math.min(1, sum);
}

/** The same of the hints with each other: (n n). */
export function amongThem(places, theirLight, { cells, roots }, reach = REACH) {
  const [h, w] = cells;
  const [across, down] = [w, h].map((side) => side / Math.sqrt(w * h) / reach.near);
  const n = theirLight.length;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const [[x, y], [u, v]] = [i, j].map((hint) => places.subarray(2 * hint, 2 * hint + 2));
    const k = Math.exp(-Math.hypot(across * (x - u), down * (y - v), (theirLight[i] - theirLight[j]) / reach.light));
    if (!roots || !reach.overlap) return k;
    return k * overlap(roots, cellOf(x, y, cells), cellOf(u, v, cells), roots.length / (h * w)) ** reach.overlap;
  });
}

/** How much each hint has to say in each cell: (among + noise) say = k, by elimination. Hints of one thing share it. */
export function weights(k, among, noise = REACH.noise) {
  const n = Math.sqrt(among.length);
  const m = k.length / n;
  const left = Array.from({ length: n }, (_, i) => among.slice(i * n, (i + 1) * n));
  const right = Array.from({ length: n }, (_, i) => k.slice(i * m, (i + 1) * m));
  left.forEach((row, i) => (row[i] += noise));
  const less = (row, other, share) => {
    for (let j = 0; j < row.length; j++) row[j] -= share * other[j];
  };
  for (let i = 0; i < n; i++) { // the matrix is symmetric and positive: no pivots need be sought
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const share = left[j][i] / left[i][i];
      less(left[j], left[i], share);
      less(right[j], right[i], share);
    }
  }
  const say = new Float64Array(k.length);
  right.forEach((row, i) => say.set(row.map((value) => value / left[i][i]), i * m));
  return say;
}

/** What hints of a picture have to say, (n h w). `own` is L at their pixels. */
export function sayOf({ places }, own, grid, reach = REACH) {
  return weights(closeness(places, own, grid, reach), amongThem(places, own, grid, reach), reach.noise);
}

/** The distributions given the hints: every bin pays for its distance to them. As they were where no hint has a say. */
export function condition(logP, centres, say, colours, width = REACH.width) {
  const bins = centres.length / 2;
  const [cells, n] = [logP.length / bins, colours.length / 2];
  const out = logP.slice();
  for (let cell = 0; cell < cells; cell++) {
    let [total, a, b] = [0, 0, 0];
    for (let hint = 0; hint < n; hint++) {
      const own = Math.max(0, say[hint * cells + cell]); // no hint speaks against its own colour
      total += own;
      a += own * colours[2 * hint];
      b += own * colours[2 * hint + 1];
    }
    const share = 1 / (2 * width * width);
    for (let q = 0, at = cell * bins; q < bins; q++, at++) {
      const ca = centres[2 * q];
      const cb = centres[2 * q + 1];
      out[at] -= (total * (ca * ca + cb * cb) - 2 * (ca * a + cb * b)) * share;
    }
  }
  return out;
}

/** What is missing at the hints (2 n), brought to all cells: (2 h w). */
export function spread(say, error) {
  const n = error.length / 2;
  const cells = say.length / n;
  const ab = new Float64Array(2 * cells);
  for (let at = 0; at < say.length; at++) {
    const [cell, hint] = [at % cells, Math.floor(at / cells)];
    for (let c = 0; c < 2; c++) ab[2 * cell + c] += say[at] * error[2 * hint + c];
  }
  return ab;
}

/** Twice, because a pixel mixes cells that are not quite its own: `painted()` says what the pixels of the hints would be
    painted with (2 n), and `add` adds what is still missing to all cells (2 h w). */
export function correct(say, colours, painted, add) {
  for (let time = 0; time < 2; time++) {
    const now = painted();
    add(spread(say, colours.map((wanted, i) => wanted - now[i])));
  }
}

const farther = (centres, one, other, apart) =>
  (centres[2 * one] - centres[2 * other]) ** 2 + (centres[2 * one + 1] - centres[2 * other + 1]) ** 2 >= apart ** 2;

/** The likeliest bins that are not nearly the same colour, the likeliest first. */
export function modes(p, centres, count, apart = 20) {
  const left = Float64Array.from(p);
  return Array.from({ length: count }, () => {
    const best = left.reduce((most, value, q) => (value > left[most] ? q : most), 0);
    for (let q = 0; q < left.length; q++) if (!farther(centres, best, q, apart)) left[q] = -Infinity;
    return best;
  });
}

/** The likeliest few of one cell to choose from: [{ ab, share }]. A share is of all bins nearer than 20 units to this
    mode and to none before it; the largest comes first. */
export function likeliest(p, centres, count = 5) {
  const left = new Set(p.keys());
  const found = modes(p, centres, count).map((bin) => {
    let share = 0;
    for (const q of left) {
      if (farther(centres, bin, q, 20)) continue;
      share += p[q];
      left.delete(q);
    }
    return { ab: [centres[2 * bin], centres[2 * bin + 1]], share };
  });
  return found.sort((one, other) => other.share - one.share);
}

// ---------------------------------------------------------------- other colourings, as in alternatives.py

/** Hints for `n` colourings, the first of which is the usual one and has none: lists of { pixel, ab }. */
export function propose(logP, grid, centres, n, [height, width]) {
  const p = logP.map(Math.exp);
  const bins = centres.length / 2;
  const cells = grid.light.length;
  const things = findThings(p, grid, centres);
  for (const thing of things) {
    thing.whole = new Float64Array(bins);
    for (let cell = 0, at = 0; cell < cells; cell++) {
      for (let q = 0; q < bins; q++, at++) thing.whole[q] += thing.alike[cell] * p[at];
    }
    const sum = thing.whole.reduce((a, b) => a + b);
    thing.whole = thing.whole.map((value) => value / sum);
    thing.size = thing.alike.reduce((a, b) => a + b);
    thing.mean = [0, 1].map((c) => thing.whole.reduce((mean, share, q) => mean + share * centres[2 * q + c], 0));
    thing.choices = modes(thing.whole, centres, n, THINGS.apart).map((bin) => {
      const near = (share, q) => (farther(centres, bin, q, THINGS.apart / 2) ? 0 : share);
      return { ab: [centres[2 * bin], centres[2 * bin + 1]], share: thing.whole.map(near).reduce((a, b) => a + b) };
    });
  }
  const all = things.reduce((sum, { size }) => sum + size, 0);
  const gap = (one, other) =>
    Math.sqrt(things.reduce((sum, { size }, r) => sum + (size / all) * ((one[r][0] - other[r][0]) ** 2 + (one[r][1] - other[r][1]) ** 2), 0));
  const ways = things.reduce((before, { choices }) => before.flatMap((way) => choices.map((choice) => [...way, choice])), [[]]);
  const usual = things.map(({ mean }) => mean);
  const rows = ways.map((way) => {
    const colours = way.map(({ ab }) => ab);
    const likely = Math.exp(way.reduce((sum, { share }) => sum + Math.log(share), 0) / way.length);
    return { colours, likely, nearest: gap(colours, usual) };
  });
  const found = [[]];
  for (let i = 1; i < n; i++) {
    const best = rows.reduce((most, row) => (row.nearest * row.likely > most.nearest * most.likely ? row : most));
    found.push(things.map(({ x, y }, r) => ({ pixel: [Math.floor(x * width), Math.floor(y * height)], ab: best.colours[r] })));
    for (const row of rows) row.nearest = Math.min(row.nearest, gap(row.colours, best.colours));
  }
  return found;
}

/** Places that stand for the most doubt, each with how alike every cell is to it: [{ x, y, alike }]. */
function findThings(p, grid, centres) {
  const [h, w] = grid.cells;
  const cells = h * w;
  const bins = centres.length / 2;
  const doubt = Float64Array.from({ length: cells }, (_, cell) => {
    let [square, a, b] = [0, 0, 0];
    for (let q = 0, at = cell * bins; q < bins; q++, at++) {
      const [ca, cb] = [centres[2 * q], centres[2 * q + 1]];
      square += p[at] * (ca * ca + cb * cb);
      a += p[at] * ca;
      b += p[at] * cb;
    }
    return square - a * a - b * b;
  });
  const [ys, xs] = [h, w].map((side) => {
    const count = Math.min(side, THINGS.lattice);
    return Array.from({ length: count }, (_, i) => (count > 1 ? Math.round(((side - 1) * i) / (count - 1)) : 0));
  });
  const own = ys.flatMap((y) => xs.map((x) => y * w + x));
  const places = Float64Array.from(own.flatMap((cell) => [((cell % w) + 0.5) / w, (Math.floor(cell / w) + 0.5) / h]));
  const k = closeness(places, Float64Array.from(own, (cell) => grid.light[cell]), grid, THINGS.reach);
  const alikeOf = (i) => k.subarray(i * cells, (i + 1) * cells);
  const other = new Float64Array(own.length).fill(1); // how far a place is no thing chosen before
  const chosen = [];
  let first = null;
  while (chosen.length < Math.min(THINGS.most, own.length)) {
    const gains = own.map((_, i) => other[i] * alikeOf(i).reduce((sum, alike, cell) => sum + alike * doubt[cell], 0));
    const best = gains.reduce((most, gain, i) => (gain > gains[most] ? i : most), 0);
    first ??= gains[best];
    if (gains[best] < THINGS.least * first) break;
    const alike = alikeOf(best);
    chosen.push({ x: places[2 * best], y: places[2 * best + 1], alike });
    for (let cell = 0; cell < cells; cell++) doubt[cell] *= 1 - alike[cell];
    own.forEach((cell, i) => (other[i] *= 1 - alike[cell]));
  }
  return chosen;
}
