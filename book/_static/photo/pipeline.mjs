/* From the pixels of a photograph to coloured pixels: what Colorizer.colorize does, a second time.

   Twice written and once tested: tests/photo/test_photo_pixels.py colours the same picture in both and compares.
   Every number that both need comes from Python in `settings`, which tools/photo_panel.py writes. The way:

     lightness -> views -> padded -> (the network, in worker.mjs) -> looks      once a photograph
       -> hinted (-> coarseColours)                                             at every turn of a dial
       -> painter                                                                for all of it, or a smaller copy

   A plane is { data, height, width }, row by row, with one Float32 a pixel. No file, no network, no page here. */

import { condition, correct, given, likeliest, logSoftmax, propose, rootsOf, sayOf } from "./hints.mjs";

// ---------------------------------------------------------------- colour, as in lab.py

const RGB_TO_XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];
const WHITE = [0.95047, 1, 1.08883];
const KNEE = 0.008856;
const SLOPE = 7.787;
const CUBE_KNEE = Math.cbrt(KNEE);
const M = Float64Array.from(invert(RGB_TO_XYZ).flat());

/** 8-bit sRGB to linear light. */
const EXPAND = Float64Array.from({ length: 256 }, (_, level) => {
  const c = level / 255;
  return c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92;
});
/** Linear light, in this many steps, to 8-bit sRGB: a twentieth of a level apart where it is steepest. */
const STEPS = 65535;
const COMPRESS = Uint8ClampedArray.from({ length: STEPS + 1 }, (_, step) => {
  const light = step / STEPS;
  return 255 * (light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : 12.92 * light);
});

/** The inverse of a 3x3 matrix, by cofactors. */
function invert(m) {
  const at = (i, j) => m[i % 3][j % 3];
  const cofactor = (i, j) => at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1);
  const determinant = cofactor(0, 0) * m[0][0] + cofactor(0, 1) * m[0][1] + cofactor(0, 2) * m[0][2];
  return [0, 1, 2].map((i) => [0, 1, 2].map((j) => cofactor(j, i) / determinant));
}

/** L in [0, 100] of every pixel of rgba. */
export function lightness({ data, width, height }) {
  const [r, g, b] = RGB_TO_XYZ[1];
  const plane = new Float32Array(width * height);
  for (let i = 0, at = 0; i < plane.length; i++, at += 4) {
    const y = r * EXPAND[data[at]] + g * EXPAND[data[at + 1]] + b * EXPAND[data[at + 2]];
    plane[i] = 116 * (y > KNEE ? Math.cbrt(y) : SLOPE * y + 16 / 116) - 16;
  }
  return { data: plane, height, width };
}

const cube = (f) => (f > CUBE_KNEE ? f * f * f : (f - 16 / 116) / SLOPE);
const level = (light) => COMPRESS[light <= 0 ? 0 : light >= 1 ? STEPS : (light * STEPS + 0.5) | 0];

/** One Lab colour into rgba, clipped to what a screen can show. */
function writeRgb(rgba, at, L, a, b) {
  const fy = (L + 16) / 116;
  const x = WHITE[0] * cube(fy + a / 500);
  const y = cube(fy);
  const z = WHITE[2] * cube(fy - b / 200);
  rgba[at] = level(M[0] * x + M[1] * y + M[2] * z);
  rgba[at + 1] = level(M[3] * x + M[4] * y + M[5] * z);
  rgba[at + 2] = level(M[6] * x + M[7] * y + M[8] * z);
  rgba[at + 3] = 255;
}

// ---------------------------------------------------------------- sizes, as in colorizer.py

/** A plane resized to so many pixels, antialiased bicubic where it shrinks; the same plane if it is so large. */
export function resized(plane, [height, width]) {
  if (height === plane.height && width === plane.width) return plane;
  const { data } = alongColumns(alongRows(plane, width), height);
  for (let i = 0; i < data.length; i++) data[i] = Math.min(100, Math.max(0, data[i]));
  return { data, height, width };
}

/** For every output pixel along one side: the first input pixel, and the weights from there on. */
function bicubic(large, small) {
  const step = large / small;
  const scale = Math.max(1, step); // an enlarged plane is interpolated
  const reach = 2 * scale;
  return Array.from({ length: small }, (_, i) => {
    const centre = step * (i + 0.5);
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(large, Math.floor(centre + reach + 0.5));
    const weights = Float64Array.from({ length: last - first }, (_, j) => keys((first + j - centre + 0.5) / scale));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** The cubic convolution kernel with a = -1/2. */
function keys(t) {
  const x = Math.abs(t);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function alongRows({ data, height, width }, small) {
  const out = new Float32Array(height * small);
  bicubic(width, small).forEach(({ first, weights }, x) => {
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let j = 0, at = y * width + first; j < weights.length; j++, at++) sum += weights[j] * data[at];
      out[y * small + x] = sum;
    }
  });
  return { data: out, height, width: small };
}

function alongColumns({ data, height, width }, small) {
  const out = new Float32Array(small * width);
  bicubic(height, small).forEach(({ first, weights }, y) => {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let j = 0, at = first * width + x; j < weights.length; j++, at += width) sum += weights[j] * data[at];
      out[y * width + x] = sum;
    }
  });
  return { data: out, height: small, width };
}

/** What the network is shown: about `size` x `size` pixels in the plane's shape. */
export function view(plane, { size, multiple }) {
  const scale = size / Math.sqrt(plane.height * plane.width);
  const sides = [plane.height, plane.width].map((edge) =>
    Math.min(Math.max(multiple, multiple * halfToEven((edge * scale) / multiple)), 8 * size),
  );
  return resized(plane, sides);
}

/** Rounded as Python rounds. */
function halfToEven(x) {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2) : Math.round(x);
}

/** The mean of every block of `step` x `step`, or of what there is of it at the rim: L where the network answers. */
function pooled({ data, height, width }, step) {
  const [short, narrow] = [height, width].map((edge) => Math.ceil(edge / step));
  const out = new Float32Array(short * narrow);
  for (let y = 0, i = 0; y < short; y++) {
    for (let x = 0; x < narrow; x++, i++) {
      let sum = 0;
      let count = 0;
      for (let v = step * y; v < Math.min(height, step * (y + 1)); v++) {
        for (let u = step * x; u < Math.min(width, step * (x + 1)); u++, count++) sum += data[v * width + u];
      }
      out[i] = sum / count;
    }
  }
  return { data: out, height: short, width: narrow };
}

// ---------------------------------------------------------------- what the network said, as in colorizer.py

/** The answer of the network, kept for the dials: { guide, logits } or, of a network that predicts ab, { guide, ab }.

    `answer` is its own, (Q, h, w) or (2, h, w), to what it was shown of `plane`. It is turned, so that the numbers of
    one place lie side by side; logits are made log-probabilities; and it is smoothed along `guide`, which is L there.
    What a network that answers at half resolution says of a picture that it sees as it is, is taken as it is: `plain`. */
export function look(plane, seen, answer, settings) {
  const guide = pooled(seen, settings.reduction);
  const plain = settings.reduction <= 2 && seen.width === plane.width && seen.height === plane.height;
  const cells = guide.data.length;
  const channels = answer.length / cells;
  const turned = new Float32Array(answer.length);
  for (let q = 0, from = 0; q < channels; q++) {
    for (let to = q; to < turned.length; to += channels, from++) turned[to] = answer[from];
  }
  if (settings.centres) normalise(turned, channels);
  else for (let i = 0; i < turned.length; i++) turned[i] *= settings.scale;
  const said = plain ? turned : agreed(turned, guide, channels, settings.smoothing);
  if (settings.centres) return { guide, plain, logits: said };
  return { guide, plain, ab: [0, 1].map((c) => Float32Array.from({ length: cells }, (_, i) => said[2 * i + c])) };
}

/** Logits to log-probabilities, place by place. */
function normalise(logits, bins) {
  for (let start = 0; start < logits.length; start += bins) {
    const one = logits.subarray(start, start + bins);
    let top = -Infinity;
    for (let q = 0; q < bins; q++) if (one[q] > top) top = one[q];
    let sum = 0;
    for (let q = 0; q < bins; q++) sum += Math.exp(one[q] - top);
    const whole = top + Math.log(sum);
    for (let q = 0; q < bins; q++) one[q] -= whole;
  }
}

/** Log-probabilities of every place, averaged with those of neighbours that are about as light: bilateral.py. */
function agreed(values, { data: light, height, width }, bins, { reach, near, alike }) {
  const out = new Float32Array(values.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const mean = out.subarray(i * bins, (i + 1) * bins);
      let weights = 0;
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
          const j = v * width + u;
          const far = ((v - y) ** 2 + (u - x) ** 2) / near ** 2;
          const weight = Math.exp(-(far + ((light[j] - light[i]) / alike) ** 2) / 2);
          weights += weight;
          for (let q = 0, at = j * bins; q < bins; q++, at++) mean[q] += weight * values[at];
        }
      }
      for (let q = 0; q < bins; q++) mean[q] /= weights;
    }
  }
  return out;
}

// ---------------------------------------------------------------- decoding, as in gamut.py

/** Bins whose share is less than e to this power, of the likeliest one's, are left out of the mean. */
const NEGLIGIBLE = -20;

/** log w of every bin for a lambda in (0, 1]: rebalancing after training. */
function logWeights(prior, lam) {
  if (lam === 1) return new Float64Array(prior.length);
  const total = prior.reduce((sum, p) => sum + p, 0);
  return Float64Array.from(prior, (p) => -Math.log(((1 - lam) * p) / total + lam / prior.length));
}

/** The annealed mean of one look: a and b, a plane's data each. */
function annealed({ guide, logits }, { centres, prior }, temperature, lam) {
  const extra = logWeights(prior, lam);
  const [as, bs] = [0, 1].map((c) => Float64Array.from(centres, (centre) => centre[c]));
  const z = new Float64Array(centres.length);
  const ab = [0, 1].map(() => new Float32Array(guide.data.length));
  const least = NEGLIGIBLE * temperature;
  for (let i = 0, at = 0; i < guide.data.length; i++) {
    let top = -Infinity;
    for (let q = 0; q < z.length; q++, at++) {
      z[q] = logits[at] + extra[q];
      if (z[q] > top) top = z[q];
    }
    let sum = 0;
    let a = 0;
    let b = 0;
    for (let q = 0; q < z.length; q++) {
      if (z[q] - top < least) continue;
      const p = Math.exp((z[q] - top) / temperature);
      sum += p;
      a += p * as[q];
      b += p * bs[q];
    }
    ab[0][i] = a / sum;
    ab[1][i] = b / sum;
  }
  return ab;
}

/** The colours of a look, { ab, guide, plain }, paler where the light of the whole photograph hardly varies. */
function coarseColours(one, settings, temperature, lam) {
  const { guide, plain } = one;
  const ab = one.logits ? annealed(one, settings, temperature, lam) : one.ab;
  if (plain) return { ab, guide, plain };
  const mean = guide.data.reduce((sum, L) => sum + L, 0) / guide.data.length;
  const spread = Math.sqrt(guide.data.reduce((sum, L) => sum + (L - mean) ** 2, 0) / guide.data.length);
  const share = Math.min(1, spread / settings.flat);
  return { ab: ab.map((part) => part.map((value) => value * share)), guide, plain };
}

// ---------------------------------------------------------------- hints, as in inference/hints.py

/** The bins as hints.mjs has them, side by side; null for a network that predicts ab. */
const flat = ({ centres }) => centres && Float64Array.from(centres.flat());

/** What hints need to know of a look, found once. */
function gridOf(one, { centres }) {
  if (one.grid) return one.grid;
  const { guide, logits } = one;
  const logP = logits && logSoftmax(logits, centres.length);
  return (one.grid = { cells: [guide.height, guide.width], light: guide.data, logP, roots: logP && rootsOf(logP) });
}

/** The hints of a photograph at a look, { pixels, colours, say, logits }: kept until there are others. */
function toldBy(one, settings, hints, plane) {
  const key = JSON.stringify(hints);
  if (one.told?.key !== key) {
    const { pixels, places, colours } = given(hints, [plane.height, plane.width]);
    const grid = gridOf(one, settings);
    const say = sayOf({ places }, Float64Array.from(pixels, ([x, y]) => plane.data[y * plane.width + x]), grid);
    one.told = { key, pixels, colours, say, logits: grid.logP && condition(grid.logP, flat(settings), say, colours) };
  }
  return one.told;
}

/** The colours of a look under hints, [[x, y], "#rrggbb"] in pixels of the whole plane: { ab, guide, plain }. */
export function hinted(one, settings, temperature, lam, hints, plane) {
  if (!hints?.length) return coarseColours(one, settings, temperature, lam);
  const { pixels, colours, say, logits } = toldBy(one, settings, hints, plane);
  const coarse = coarseColours({ ...one, logits }, settings, temperature, lam);
  coarse.ab = coarse.ab.map((part) => part.slice());
  const write = writer(plane, coarse, settings);
  const [a, b] = [0, 1].map(() => new Float32Array(plane.width));
  const painted = () =>
    pixels.flatMap(([x, y]) => {
      write(y, a, b, x, x + 1);
      return [a[x], b[x]];
    });
  correct(say, colours, painted, (more) => {
    for (let i = 0; i < more.length; i++) coarse.ab[i % 2][i >> 1] += more[i];
  });
  return coarse;
}

/** What a look says of a place [x, y] under hints: { painted, p, likely, centres }, the likeliest whatever T and hints say. */
export function placed(one, settings, temperature, lam, hints, plane, [x, y]) {
  const { guide } = one;
  const [row, column] = [(y * guide.height) / plane.height, (x * guide.width) / plane.width].map(Math.floor);
  const cell = row * guide.width + column;
  const { ab } = hinted(one, settings, temperature, lam, hints, plane);
  const painted = [ab[0][cell], ab[1][cell]];
  const lightness = plane.data[y * plane.width + x];
  const centres = flat(settings);
  if (!centres) return { painted, lightness };
  const extra = logWeights(settings.prior, lam);
  const softmax = (logits, T) => {
    const z = extra.map((weight, q) => (logits[cell * extra.length + q] + weight) / T);
    const top = z.reduce((most, value) => Math.max(most, value));
    const p = z.map((value) => Math.exp(value - top));
    const sum = p.reduce((total, value) => total + value);
    return p.map((value) => value / sum);
  };
  const told = hints.length ? toldBy(one, settings, hints, plane).logits : one.logits;
  return { painted, lightness, centres, p: softmax(told, temperature), likely: likeliest(softmax(one.logits, 1), centres) };
}

/** Hints for other colourings of a photograph, with L of each: see `propose`. */
export function proposed(one, settings, count, plane) {
  const grid = gridOf(one, settings);
  const lists = propose(grid.logP, grid, flat(settings), count + 1, [plane.height, plane.width]).slice(1);
  return lists.map((hints) => hints.map((hint) => ({ ...hint, lightness: plane.data[hint.pixel[1] * plane.width + hint.pixel[0]] })));
}

// ---------------------------------------------------------------- upsampling, as in bilateral.py

/** Along one side: which coarse pixels a fine one mixes, `count` at a time, and how near each is. */
function taps(small, large, before, count, kernel) {
  const index = new Int32Array(count * large);
  const weight = new Float32Array(count * large);
  for (let i = 0; i < large; i++) {
    const place = (i + 0.5) * (small / large) - 0.5;
    for (let k = 0; k < count; k++) {
      const tap = Math.floor(place) + before + k;
      index[count * i + k] = Math.min(small - 1, Math.max(0, tap));
      weight[count * i + k] = kernel(Math.abs(tap - place));
    }
  }
  return { index, weight };
}

/** Differences of L come in 64ths; this many to each side of none. */
const SHADES = 100 * 64 + 1;

/** The joint bilateral filter's Gaussian and its floor, as a table over (difference of L) * 64 + SHADES. */
function likeness(sigma, floor) {
  return Float32Array.from({ length: 2 * SHADES + 1 }, (_, i) => {
    return Math.exp(((i - SHADES) / 64) ** 2 / (-2 * sigma ** 2)) + floor;
  });
}

/** A function that writes one row of ab stretched to the size of a plane, or a part of it: `(row, a, b, from, to)`.
    Joint bilateral: a coarse colour counts the more, the less its L differs from the pixel's. */
function alongEdges({ ab: [coarseA, coarseB], guide }, { data, height, width }, { sigma, floor }) {
  const spline = (t) => (t < 1 ? 2 / 3 - t * t + (t * t * t) / 2 : Math.max(0, 2 - t) ** 3 / 6);
  const rows = taps(guide.height, height, -1, 4, spline);
  const { index, weight } = taps(guide.width, width, -1, 4, spline);
  const alike = likeness(sigma, floor);
  const light = guide.data.map((L) => 64 * L);
  return (y, a, b, from = 0, to = width) => {
    // All that a dial's turn costs is spent here, so the four rows are written out: twice as fast as a loop.
    const [row0, row1, row2, row3] = rows.index.subarray(4 * y, 4 * y + 4).map((row) => row * guide.width);
    const [near0, near1, near2, near3] = rows.weight.subarray(4 * y, 4 * y + 4);
    for (let x = from, i = 4 * from; x < to; x++) {
      const own = 64 * data[y * width + x] + SHADES + 0.5;
      let sumA = 0;
      let sumB = 0;
      let sum = 0;
      for (const end = i + 4; i < end; i++) {
        const [column, near] = [index[i], weight[i]];
        let at = row0 + column;
        let share = near * near0 * alike[(own - light[at]) | 0];
        sumA += share * coarseA[at];
        sumB += share * coarseB[at];
        sum += share;
        at = row1 + column;
        share = near * near1 * alike[(own - light[at]) | 0];
        sumA += share * coarseA[at];
        sumB += share * coarseB[at];
        sum += share;
        at = row2 + column;
        share = near * near2 * alike[(own - light[at]) | 0];
        sumA += share * coarseA[at];
        sumB += share * coarseB[at];
        sum += share;
        at = row3 + column;
        share = near * near3 * alike[(own - light[at]) | 0];
        sumA += share * coarseA[at];
        sumB += share * coarseB[at];
        sum += share;
      }
      a[x] = sumA / sum;
      b[x] = sumB / sum;
    }
  };
}

/** The same, plainly: bilinear, as in resolution.py. */
function stretched({ ab: [coarseA, coarseB], guide }, { height, width }) {
  const line = (t) => Math.max(0, 1 - t);
  const rows = taps(guide.height, height, 0, 2, line);
  const { index, weight } = taps(guide.width, width, 0, 2, line);
  return (y, a, b, from = 0, to = width) => {
    for (let x = from; x < to; x++) {
      a[x] = b[x] = 0;
      for (let v = 2 * y; v < 2 * y + 2; v++) {
        for (let u = 2 * x; u < 2 * x + 2; u++) {
          const at = rows.index[v] * guide.width + index[u];
          const share = rows.weight[v] * weight[u];
          a[x] += share * coarseA[at];
          b[x] += share * coarseB[at];
        }
      }
    }
  };
}

// ---------------------------------------------------------------- painting

/** A function that colours one row of `plane` into rgba of its size: `(rgba, row)`. */
export function painter(plane, coarse, settings) {
  const write = writer(plane, coarse, settings);
  const [a, b] = [0, 1].map(() => new Float32Array(plane.width));
  return (rgba, y) => {
    write(y, a, b);
    writeRow(rgba, plane, y, a, b);
  };
}

const writer = (plane, coarse, settings) => (coarse.plain ? stretched(coarse, plane) : alongEdges(coarse, plane, settings));

/** L without colours: rgba. */
export function grey(plane) {
  const rgba = new Uint8ClampedArray(4 * plane.data.length);
  const none = new Float32Array(plane.width);
  for (let y = 0; y < plane.height; y++) writeRow(rgba, plane, y, none, none);
  return rgba;
}

function writeRow(rgba, { data, width }, y, a, b) {
  for (let x = 0, i = y * width; x < width; x++, i++) writeRgb(rgba, 4 * i, data[i], a[x], b[x]);
}
