/* The mean of colours: drag them, change their shares, and the cheapest guess and its greyness follow. */

import { colourName, cssColour } from "./colour.mjs";
import { buttons, line, makeVoice, slider } from "./dials.mjs";
import { input, make, redrawWith, whenThere } from "./page.mjs";

/** The plane goes from minus this to this; chroma from 0 to this. */
const REACH = 85;
/** The lightness at which colours are shown. */
const LIGHT = 60;

/** The mean of colours [a, b] with shares in any unit, the mean of their chromas, and how much chroma the mean keeps. */
export function meanColour(colours, shares) {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const mean = [0, 1].map((c) => colours.reduce((sum, colour, i) => sum + (shares[i] / total) * colour[c], 0));
  const average = colours.reduce((sum, colour, i) => sum + (shares[i] / total) * Math.hypot(...colour), 0);
  const chroma = Math.hypot(...mean);
  const cost = colours.reduce(
    (sum, [a, b], i) => sum + (shares[i] / total) * ((a - mean[0]) ** 2 + (b - mean[1]) ** 2),
    0,
  );
  return { mean, chroma, average, kept: average ? chroma / average : 1, cost };
}

let count = 0;

/** Build it inside `element`. `scenes` are [what to call it, [[a, b], ...]], all of one length. */
export function mountMeanColour(element, scenes) {
  count += 1;
  let things = [];
  let chosen = 0;
  const canvas = make("canvas", { role: "img" });
  const cross = make("i", { class: "mc-cross", "aria-hidden": "true" }, "✕");
  const plane = make("div", { class: "page-plane mc-plane" }, canvas, cross);
  const handles = scenes[0][1].map((_, i) => make("i", { class: "mc-handle", "aria-hidden": "true", ...dragging(i) }));
  plane.append(...handles);
  const radios = scenes[0][1].map((_, i) => input("radio", { name: `mean-colour-${count}`, change: () => choose(i) }));
  const names = radios.map(() => make("span", {}));
  const chips = radios.map((radio, i) => make("label", { class: "mc-chip" }, radio, make("i", { "aria-hidden": "true" }), names[i]));
  const polar = ([a, b]) => [((Math.atan2(b, a) * 180) / Math.PI + 360) % 360, Math.hypot(a, b)];
  const at = (hue, chroma) => [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const wheel = Array.from({ length: 13 }, (_, i) => cssColour(LIGHT, ...at(30 * i, 55))).join(", ");
  const dials = [
    slider({ title: "Hue", min: 0, max: 360, step: 1, shown: (x) => `${Math.round(x)}°`, ramp: `linear-gradient(90deg, ${wheel})`, turn: (x) => turn({ hue: x }) }),
    slider({ title: "Chroma", min: 0, max: REACH, step: 1, shown: (x) => String(Math.round(x)), turn: (x) => turn({ chroma: x }) }),
    slider({ title: "Parts", min: 0, max: 10, step: 1, turn: (x) => turn({ share: x }) }),
  ];
  const bar = make("div", { class: "mc-bar", "aria-hidden": "true" }, ...handles.map(() => make("i", {})));
  const guess = make("div", { class: "mc-guess" }, make("span", {}, "the cheapest guess"));
  const numbers = [line("their mean chroma"), line("chroma of their mean"), line("colour that the mean keeps")];
  const said = make("p", { class: "page-said" });
  const voice = makeVoice();

  /** A finger or a mouse takes hold of a colour. The rest of the plane leaves fingers their way down the page. */
  function dragging(i) {
    const move = (event) => {
      if (!event.currentTarget.hasPointerCapture(event.pointerId)) return; // pressed elsewhere, and only passing
      const box = plane.getBoundingClientRect();
      const along = (share) => Math.min(REACH, Math.max(-REACH, REACH * (2 * share - 1)));
      const [hue, chroma] = polar([along((event.clientX - box.left) / box.width), along((box.bottom - event.clientY) / box.height)]);
      turn({ hue, chroma: Math.min(REACH, chroma) });
    };
    const grip = (event) => {
      if (event.button) return;
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      choose(i);
    };
    return { pointerdown: grip, pointermove: move };
  }
  function turn(part) {
    Object.assign(things[chosen], part);
    if (things.every(({ share }) => share === 0)) things[chosen].share = 1; // something there must be
    redraw();
  }
  function choose(i) {
    chosen = i;
    redraw();
  }
  function play([, colours]) {
    things = colours.map((colour) => {
      const [hue, chroma] = polar(colour);
      return { hue, chroma, share: 1 };
    });
    redraw();
  }
  /** The plane in its faint colours; rings of equal cost around the mean; and what pulls at it. */
  const draw = (colours, shares, mean) => {
    const ratio = globalThis.devicePixelRatio || 1;
    const side = Math.round((canvas.clientWidth || 300) * ratio);
    if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
    const context = canvas.getContext("2d");
    const [x, y] = [(a) => (side * (a + REACH)) / (2 * REACH), (b) => (side * (REACH - b)) / (2 * REACH)];
    context.clearRect(0, 0, side, side);
    const cells = 34;
    context.globalAlpha = 0.3;
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        const [a, b] = [column, cells - 1 - row].map((k) => ((2 * k + 1) / cells - 1) * REACH);
        context.fillStyle = cssColour(LIGHT, a, b);
        const [left, right, top, bottom] = [column, column + 1, row, row + 1].map((k) => Math.round((k * side) / cells));
        context.fillRect(left, top, right - left, bottom - top);
      }
    }
    context.globalAlpha = 1;
    const ink = getComputedStyle(element).color;
    Object.assign(context, { strokeStyle: ink, lineWidth: ratio });
    context.globalAlpha = 0.35;
    context.beginPath();
    context.moveTo(0, y(0));
    context.lineTo(side, y(0));
    context.moveTo(x(0), 0);
    context.lineTo(x(0), side);
    for (let ring = 1; ring < 6; ring++) {
      const radius = (side * 16 * ring) / (2 * REACH);
      context.moveTo(x(mean[0]) + radius, y(mean[1]));
      context.arc(x(mean[0]), y(mean[1]), radius, 0, 2 * Math.PI);
    }
    context.stroke();
    const most = Math.max(...shares);
    context.globalAlpha = 0.9;
    colours.forEach((colour, i) => {
      if (!shares[i]) return;
      context.lineWidth = ratio * (1 + (4 * shares[i]) / most);
      context.beginPath();
      context.moveTo(x(mean[0]), y(mean[1]));
      context.lineTo(x(colour[0]), y(colour[1]));
      context.stroke();
    });
    context.globalAlpha = 1;
  };
  const redraw = () => {
    const colours = things.map(({ hue, chroma }) => at(hue, chroma));
    const shares = things.map(({ share }) => share);
    const total = shares.reduce((sum, share) => sum + share, 0);
    const { mean, chroma, average, kept } = meanColour(colours, shares);
    const css = colours.map((colour) => cssColour(LIGHT, ...colour));
    const put = (thing, [a, b]) =>
      Object.assign(thing.style, { left: `${(50 * (a + REACH)) / REACH}%`, top: `${(50 * (REACH - b)) / REACH}%` });
    things.forEach(({ share }, i) => {
      put(handles[i], colours[i]);
      handles[i].style.background = css[i];
      handles[i].classList.toggle("mc-chosen", i === chosen);
      radios[i].checked = i === chosen;
      chips[i].querySelector("i").style.background = css[i];
      names[i].textContent = `${colourName(colours[i])}, ${Math.round((100 * share) / total)} %`;
      Object.assign(bar.children[i].style, { flexGrow: share, background: css[i] });
    });
    put(cross, mean);
    const { hue, chroma: far, share } = things[chosen];
    [hue, far, share].forEach((value, i) => dials[i].set(value));
    dials[1].paint(`linear-gradient(90deg, ${[0, REACH / 2, REACH].map((c) => cssColour(LIGHT, ...at(hue, c))).join(", ")})`);
    guess.style.background = cssColour(LIGHT, ...mean);
    numbers[0].value.textContent = average.toFixed(1);
    numbers[1].value.textContent = chroma.toFixed(1);
    numbers[2].value.textContent = `${(100 * kept).toFixed(0)} %`;
    said.textContent = `The cheapest guess is ${colourName(mean)}.`;
    draw(colours, shares, mean);
    const list = names.map((name) => name.textContent).join("; ");
    canvas.setAttribute("aria-label", `The ab plane with ${list}, and their mean.`);
    voice.say(`${list}. ${said.textContent} The mean keeps ${numbers[2].value.textContent} of the colour.`);
  };

  element.classList.add("colour-page", "mean-colour");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "The mean of colours");
  const choices = scenes.map((scene) => [scene[0], () => play(scene)]);
  element.replaceChildren(
    make(
      "div",
      { class: "page-columns" },
      plane,
      make(
        "div",
        {},
        buttons("Where to start", choices),
        make("div", { class: "mc-chips", role: "radiogroup", "aria-label": "Which colour the dials move" }, ...chips),
        ...dials.map((dial) => dial.element),
        make("div", { class: "mc-result" }, bar, guess),
        make("div", { class: "page-numbers" }, ...numbers.map((number) => number.element), said),
      ),
    ),
    voice.element,
  );
  play(scenes[0]);
  // The plane is drawn for the size that it has, and in the ink of the page.
  redrawWith(plane, redraw);
}

/** Put it wherever the page has a place with this id. */
export function meanColourAt(id) {
  whenThere(id, (place, scenes) => mountMeanColour(place, scenes));
}
