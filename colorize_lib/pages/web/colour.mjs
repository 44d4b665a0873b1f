/* Colour, as in colorize_lib/colour/lab.py: twice written and once tested (tests/pages/test_explorer_in_page.py). */

const RGB_TO_XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];
const WHITE = [0.95047, 1, 1.08883];
const KNEE = 0.008856;
const SLOPE = 7.787;
const XYZ_TO_RGB = invert(RGB_TO_XYZ);

/** Inverse of a 3x3 matrix, by cofactors. */
function invert(m) {
  const minor = (i, j) => {
    const [r, s] = [0, 1, 2].filter((k) => k !== i);
    const [c, d] = [0, 1, 2].filter((k) => k !== j);
    return (i + j) % 2 ? m[r][d] * m[s][c] - m[r][c] * m[s][d] : m[r][c] * m[s][d] - m[r][d] * m[s][c];
  };
  const determinant = [0, 1, 2].reduce((sum, j) => sum + m[0][j] * minor(0, j), 0);
  return [0, 1, 2].map((i) => [0, 1, 2].map((j) => minor(j, i) / determinant));
}

const expand = (c) => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92);
const compress = (c) => (c > 0.0031308 ? 1.055 * c ** (1 / 2.4) - 0.055 : 12.92 * c);
const cubeRoot = (t) => (t > KNEE ? Math.cbrt(t) : SLOPE * t + 16 / 116);
const cube = (f) => (f > Math.cbrt(KNEE) ? f ** 3 : (f - 16 / 116) / SLOPE);

/** sRGB in [0, 1] to [L, a, b]. */
export function rgbToLab(r, g, b) {
  const light = [expand(r), expand(g), expand(b)];
  const [fx, fy, fz] = RGB_TO_XYZ.map((m, i) =>
    cubeRoot((m[0] * light[0] + m[1] * light[1] + m[2] * light[2]) / WHITE[i]),
  );
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

/** [L, a, b] to sRGB; what no screen can show is clipped to [0, 1] by whoever stores it. */
export function labToRgb(lightness, a, b) {
  const fy = (lightness + 16) / 116;
  const x = WHITE[0] * cube(fy + a / 500);
  const y = WHITE[1] * cube(fy);
  const z = WHITE[2] * cube(fy - b / 200);
  return XYZ_TO_RGB.map((m) => compress(m[0] * x + m[1] * y + m[2] * z));
}

/** [L, a, b] as a style sheet writes colours, clipped to what a screen can show. */
export function cssColour(lightness, a, b) {
  return `rgb(${labToRgb(lightness, a, b).map((c) => Math.round(255 * Math.min(1, Math.max(0, c)))).join(" ")})`;
}

/** A plain word for a colour, for those who cannot see it: by its hue, in degrees from the a axis. */
export function colourName([a, b]) {
  const chroma = Math.hypot(a, b);
  if (chroma < 6) return "grey";
  const hue = ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
  const names = [
    [20, "pink"],
    [48, "red"],
    [78, "orange"],
    [108, "yellow"],
    [165, "green"],
    [225, "blue-green"],
    [300, "blue"],
    [335, "purple"],
    [360, "pink"],
  ];
  const name = names.find(([end]) => hue <= end)[1];
  return chroma < 18 ? `greyish ${name}` : name;
}
