/* From the pixels of a photograph to coloured pixels: what Colorizer.colorize does, a second time.

   Twice written and once tested: tests/test_your_photo.py colours the same picture in both and compares.
   The numbers that both need (SCALES, sigma, the bins) come from Python in `settings`. A plane is
   { data, height, width }, row by row, with one Float32 a pixel. No file, no network, no page here. */

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
const XYZ_TO_RGB = invert(RGB_TO_XYZ);

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
const level = (light) => COMPRESS[light <= 0 ? 0 : light >= 1 ? STEPS : Math.round(light * STEPS)];

/** One Lab colour into rgba, clipped to what a screen can show. */
function writeRgb(rgba, at, L, a, b) {
  const fy = (L + 16) / 116;
  const x = WHITE[0] * cube(fy + a / 500);
  const y = cube(fy);
  const z = WHITE[2] * cube(fy - b / 200);
  for (let channel = 0; channel < 3; channel++) {
    const m = XYZ_TO_RGB[channel];
    rgba[at + channel] = level(m[0] * x + m[1] * y + m[2] * z);
  }
  rgba[at + 3] = 255;
}

// ---------------------------------------------------------------- sizes, as in colorizer.py

/** A plane with its shorter side reduced to `side`, antialiased bicubic; the same plane if it is no longer. */
export function reduced(plane, side) {
  const shorter = Math.min(plane.height, plane.width);
  if (side >= shorter) return plane;
  const [height, width] = [plane.height, plane.width].map((edge) =>
    Math.max(1, Math.floor((edge * side) / shorter + 0.5)),
  );
  const { data } = alongColumns(alongRows(plane, width), height);
  for (let i = 0; i < data.length; i++) data[i] = Math.min(100, Math.max(0, data[i]));
  return { data, height, width };
}

/** For every output pixel along one side: the first input pixel, and the weights from there on. */
function bicubic(large, small) {
  const scale = large / small;
  const reach = 2 * scale;
  return Array.from({ length: small }, (_, i) => {
    const centre = scale * (i + 0.5);
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

/** What the network is shown: the plane in several sizes, or as it is if it is small. */
export function views(plane, { size, scales }) {
  const shorter = Math.min(plane.height, plane.width);
  if (size >= shorter) return [plane];
  const sides = scales.map((scale) => Math.floor(size * scale + 0.5));
  return sides.filter((side) => side < shorter).map((side) => reduced(plane, side));
}

/** A plane with sides that are multiples of 8, by repeating the last row and column. */
export function padded({ data, height, width }) {
  const [tall, wide] = [height, width].map((edge) => Math.ceil(edge / 8) * 8);
  const out = new Float32Array(tall * wide);
  for (let y = 0, i = 0; y < tall; y++) {
    const row = Math.min(y, height - 1) * width;
    for (let x = 0; x < wide; x++, i++) out[i] = data[row + Math.min(x, width - 1)];
  }
  return { data: out, height: tall, width: wide };
}

/** The mean of every 2x2 block, or of what there is of it at the rim: L where the network answers. */
function halved({ data, height, width }) {
  const [short, narrow] = [height, width].map((edge) => Math.ceil(edge / 2));
  const out = new Float32Array(short * narrow);
  for (let y = 0, i = 0; y < short; y++) {
    for (let x = 0; x < narrow; x++, i++) {
      let sum = 0;
      let count = 0;
      for (let v = 2 * y; v < Math.min(height, 2 * y + 2); v++) {
        for (let u = 2 * x; u < Math.min(width, 2 * x + 2); u++, count++) sum += data[v * width + u];
      }
      out[i] = sum / count;
    }
  }
  return { data: out, height: short, width: narrow };
}

// ---------------------------------------------------------------- decoding, as in gamut.py

/** log w of every bin for a lambda in (0, 1]: rebalancing after training. */
function logWeights(prior, lam) {
  const total = prior.reduce((sum, p) => sum + p, 0);
  return Float64Array.from(prior, (p) => -Math.log(((1 - lam) * p) / total + lam / prior.length));
}

/** The annealed mean: bin logits as the network returns them, (Q, tall, wide), to ab of its first height x width. */
function decode({ logits, tall, wide }, { height, width }, { centres, prior }, temperature, lam) {
  const extra = lam === 1 ? new Float64Array(prior.length) : logWeights(prior, lam);
  const z = new Float64Array(prior.length);
  const ab = [0, 1].map(() => new Float32Array(height * width));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let top = -Infinity;
      for (let q = 0, at = y * wide + x; q < z.length; q++, at += tall * wide) {
        z[q] = logits[at] + extra[q];
        if (z[q] > top) top = z[q];
      }
      let sum = 0;
      let a = 0;
      let b = 0;
      for (let q = 0; q < z.length; q++) {
        const p = Math.exp((z[q] - top) / temperature);
        sum += p;
        a += p * centres[q][0];
        b += p * centres[q][1];
      }
      ab[0][i] = a / sum;
      ab[1][i] = b / sum;
    }
  }
  return ab;
}

// ---------------------------------------------------------------- upsampling, as in bilateral.py and losses.py

/** The joint bilateral filter's Gaussian, and its floor, as a table over |difference of L| in 64ths. */
function likeness(sigma, floor) {
  return Float32Array.from({ length: 100 * 64 + 2 }, (_, i) => Math.exp((i / 64) ** 2 / (-2 * sigma ** 2)) + floor);
}

/** Along one side: which coarse pixels a fine one mixes, four at a time, and how near each is. */
function splineTaps(small, large) {
  return taps(small, large, -1, 4, (t) => (t < 1 ? 2 / 3 - t * t + (t * t * t) / 2 : Math.max(0, 2 - t) ** 3 / 6));
}

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
  return { index, weight, count };
}

/** A function that writes one row of upsampled ab: `(row, a, b)`.

    With `fine` it is joint bilateral: a coarse colour counts the more, the less its L differs from the
    pixel's. Without, it is bilinear, as for a picture that the network saw as it is. */
function upsampler([coarseA, coarseB], coarse, { height, width }, fine, { sigma, floor }) {
  const side = fine ? splineTaps : (small, large) => taps(small, large, 0, 2, (t) => 1 - t);
  const rows = side(coarse.height, height);
  const columns = side(coarse.width, width);
  const alike = likeness(sigma, floor);
  const { count } = rows;
  return (y, a, b) => {
    for (let x = 0; x < width; x++) {
      const light = fine ? fine.data[y * width + x] : 0;
      let sumA = 0;
      let sumB = 0;
      let sum = 0;
      for (let j = 0; j < count; j++) {
        const start = rows.index[count * y + j] * coarse.width;
        for (let i = 0; i < count; i++) {
          const at = start + columns.index[count * x + i];
          let weight = rows.weight[count * y + j] * columns.weight[count * x + i];
          if (fine) weight *= alike[(Math.abs(light - coarse.data[at]) * 64 + 0.5) | 0];
          sumA += weight * coarseA[at];
          sumB += weight * coarseB[at];
          sum += weight;
        }
      }
      a[x] = sumA / sum;
      b[x] = sumB / sum;
    }
  };
}

/** The mean of what the network says about each view, as ab on the grid of the largest. */
function coarseColours(answers, settings, temperature, lam) {
  const guides = answers.map(({ view }) => halved(view));
  const largest = guides.at(-1);
  const mean = [0, 1].map(() => new Float32Array(largest.data.length));
  const row = [0, 1].map(() => new Float32Array(largest.width));
  answers.forEach((answer, i) => {
    const ab = decode(answer, guides[i], settings, temperature, lam);
    const write = guides[i] === largest ? null : upsampler(ab, guides[i], largest, largest, settings);
    for (let y = 0; y < largest.height; y++) {
      const start = y * largest.width;
      if (write) write(y, ...row);
      for (let x = 0; x < largest.width; x++) {
        for (const c of [0, 1]) mean[c][start + x] += (write ? row[c][x] : ab[c][start + x]) / answers.length;
      }
    }
  });
  return { ab: mean, guide: largest };
}

/** Colour L: rgba of its size.

    `answers` are the network's, one a view: { view, logits, tall, wide }. Where the only view is the
    plane itself, the colours are as fine as they need to be, and a plain stretch brings them there. */
export function coloured(plane, answers, settings, temperature, lam) {
  const { ab, guide } = coarseColours(answers, settings, temperature, lam);
  const fine = answers[0].view === plane ? null : plane;
  const write = upsampler(ab, guide, plane, fine, settings);
  const [a, b] = [0, 1].map(() => new Float32Array(plane.width));
  return painted(plane, (y) => {
    write(y, a, b);
    return [a, b];
  });
}

/** L without colours: rgba. */
export function grey(plane) {
  const none = new Float32Array(plane.width);
  return painted(plane, () => [none, none]);
}

function painted({ data, height, width }, colours) {
  const rgba = new Uint8ClampedArray(4 * height * width);
  for (let y = 0, i = 0; y < height; y++) {
    const [a, b] = colours(y);
    for (let x = 0; x < width; x++, i++) writeRgb(rgba, 4 * i, data[i], a[x], b[x]);
  }
  return rgba;
}
