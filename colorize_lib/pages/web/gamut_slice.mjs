/* A slice of the gamut: at one lightness, which a and b a screen can show, and what becomes of the others. */

import { colourName, cssColour, labToRgb, rgbToLab } from "./colour.mjs";
import { buttons, line, makeVoice, slider } from "./dials.mjs";
import { make, onPoint, signed, whenThere } from "./page.mjs";

/** The plane goes from minus this to this. */
const REACH = 110;
/** How far outside of [0, 1] is still inside: rounding. */
const SLACK = 1e-4;

/** What a screen makes of [L, a, b]: whether it can show it, 8-bit RGB, and the Lab of what it shows. */
export function onScreen(lightness, a, b) {
  const asked = labToRgb(lightness, a, b);
  const shown = asked.map((c) => Math.min(1, Math.max(0, c)));
  const exists = asked.every((c) => c > -SLACK && c < 1 + SLACK);
  return { exists, rgb: shown.map((c) => Math.round(255 * c)), lab: rgbToLab(...shown) };
}

/** The plane at one lightness as rgba, a pixel a unit: transparent where there is no colour. And the share that exists. */
export function slice(lightness) {
  const side = 2 * REACH + 1;
  const rgba = new Uint8ClampedArray(4 * side * side);
  let count = 0;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const { exists, rgb } = onScreen(lightness, column - REACH, REACH - row);
      if (!exists) continue;
      rgba.set([...rgb, 255], 4 * (row * side + column));
      count += 1;
    }
  }
  return { rgba, side, share: count / side ** 2 };
}

/** Left and top of a place of the plane, in %. */
const place = (a, b) => ({ left: `${(100 * (a + REACH + 0.5)) / (2 * REACH + 1)}%`, top: `${(100 * (REACH - b + 0.5)) / (2 * REACH + 1)}%` });

/** Build it inside `element`. `start` is [L, a, b], and `marks` are names with such settings. */
export function mountGamutSlice(element, start, marks) {
  let state = [...start];
  let drawn = null;
  const canvas = make("canvas", { role: "img" });
  const asked = make("i", { class: "gs-asked", "aria-hidden": "true" });
  const got = make("i", { class: "gs-got", "aria-hidden": "true" });
  const words = ["green", "red", "yellow", "blue"].map((word) => make("span", { class: `gs-${word}`, "aria-hidden": "true" }, word));
  const plane = make("div", { class: "page-plane gs-plane" }, canvas, ...words, got, asked);
  const turn = (i) => (value) => change(state.map((old, k) => (k === i ? value : old)));
  const dials = [
    slider({ title: "Lightness L", min: 0, max: 100, step: 1, turn: turn(0), ramp: "linear-gradient(90deg, #000, #fff)" }),
    slider({ title: "a, green to red", min: -REACH, max: REACH, step: 1, turn: turn(1), shown: signed }),
    slider({ title: "b, blue to yellow", min: -REACH, max: REACH, step: 1, turn: turn(2), shown: signed }),
  ];
  const swatch = (name) => {
    const colour = make("i", {});
    return { colour, element: make("div", {}, colour, name) };
  };
  const swatches = [swatch("the screen shows"), swatch("the L asked for"), swatch("the L shown")];
  const numbers = [line("asked for"), line("shown"), line("of this square a screen can show")];
  const said = make("p", { class: "page-said" });
  const voice = makeVoice();

  const change = (next) => {
    state = next;
    redraw();
  };
  const redraw = () => {
    const [lightness, a, b] = state;
    if (drawn?.lightness !== lightness) {
      drawn = { lightness, ...slice(lightness) };
      Object.assign(canvas, { width: drawn.side, height: drawn.side });
      canvas.getContext("2d").putImageData(new ImageData(drawn.rgba, drawn.side, drawn.side), 0, 0);
    }
    dials.forEach((dial, i) => dial.set(state[i]));
    dials[1].paint(`linear-gradient(90deg, ${[-90, -45, 0, 45, 90].map((x) => cssColour(lightness, x, b)).join(", ")})`);
    dials[2].paint(`linear-gradient(90deg, ${[-90, -45, 0, 45, 90].map((x) => cssColour(lightness, a, x)).join(", ")})`);
    const { exists, rgb, lab } = onScreen(lightness, a, b);
    Object.assign(asked.style, place(a, b));
    Object.assign(got.style, place(lab[1], lab[2]));
    got.hidden = exists;
    swatches[0].colour.style.background = `rgb(${rgb.join(" ")})`;
    swatches[1].colour.style.background = cssColour(lightness, 0, 0);
    swatches[2].colour.style.background = cssColour(lab[0], 0, 0);
    const triple = (values) => values.map(signed).join(", ");
    numbers[0].value.textContent = triple(state);
    numbers[1].value.textContent = triple(lab);
    numbers[2].value.textContent = `${(100 * drawn.share).toFixed(0)} %`;
    const moved = Math.round(lab[0]) - Math.round(lightness);
    const light = moved ? `${Math.abs(moved)} ${moved > 0 ? "lighter" : "darker"}` : "as light";
    const result = exists
      ? `This colour exists: ${colourName([a, b])}, with red ${rgb[0]}, green ${rgb[1]}, blue ${rgb[2]}.`
      : `No screen has this colour. Cut off at 0 and 255 it is another one, ${light}.`;
    said.textContent = result;
    canvas.setAttribute("aria-label", `The ab plane at a lightness of ${lightness}: a screen can show ${numbers[2].value.textContent} of it.`);
    voice.say(`L ${lightness}, a ${signed(a)}, b ${signed(b)}. ${result} Shown: ${triple(lab)}.`);
  };
  onPoint(plane, ({ clientX, clientY }) => {
    const box = plane.getBoundingClientRect();
    const along = (share) => Math.min(REACH, Math.max(-REACH, Math.floor((2 * REACH + 1) * share) - REACH));
    change([state[0], along((clientX - box.left) / box.width), along((box.bottom - clientY) / box.height)]);
  });

  element.classList.add("colour-page", "gamut-slice");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "A slice of the gamut");
  const choices = marks.map(([text, ...setting]) => [text, () => change(setting)]);
  const results = make("div", { class: "page-numbers" }, ...numbers.map((number) => number.element), said);
  element.replaceChildren(
    make(
      "div",
      { class: "page-columns" },
      plane,
      make(
        "div",
        {},
        ...dials.map((dial) => dial.element),
        buttons("Colours to try", choices),
        make("div", { class: "page-swatches" }, ...swatches.map((one) => one.element)),
        results,
      ),
    ),
    voice.element,
  );
  redraw();
}

/** Put it wherever the page has a place with this id. */
export function gamutSliceAt(id) {
  whenThere(id, mountGamutSlice);
}
