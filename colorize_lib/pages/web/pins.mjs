/* What a reader gives hints with, in the explorer and in the panel: pins on the picture, swatches, and buttons to take
   all of it back. What hints do is none of its business: see hints.mjs. Hints are [[x, y], "#rrggbb"], as in Python. */

import { colourName } from "./colour.mjs";
import { abToHex, hexToAb } from "./hints.mjs";
import { make, signed } from "./page.mjs";

/** So many others are proposed. */
export const OTHERS = 4;
/** Beyond these no colour is offered, and no more hints are taken. */
const SWATCHES = 5;
const MOST_HINTS = 200;

const inWords = (hex) => colourName(hexToAb(hex));
const shareInWords = (share) => `${share < 0.01 ? "less than 1" : Math.round(100 * share)} %`;

// ---------------------------------------------------------------- any bin of the plane

/** The bin (of 2 Q centres) that is the nearest to a place [a, b]. */
function binNearest(centres, [a, b]) {
  const far = (q) => Math.hypot(centres[2 * q] - a, centres[2 * q + 1] - b);
  let best = 0;
  for (let q = 1; q < centres.length / 2; q++) if (far(q) < far(best)) best = q;
  return best;
}

/** The bin nearest to bin `from` of those that lie more along a than along b, or the other way: [a, b] of a direction is
    one step of an axis. Bin `from` itself where there is none. */
export function binBeside(centres, from, [alongA, alongB]) {
  let best = { far: Infinity, bin: from };
  for (let q = 0; q < centres.length / 2; q++) {
    const [a, b] = [0, 1].map((c) => centres[2 * q + c] - centres[2 * from + c]);
    const far = Math.hypot(a, b);
    const ahead = alongA * a + alongB * b;
    const aside = Math.abs(alongA * b - alongB * a);
    if (ahead > 0 && aside <= ahead && far < best.far) best = { far, bin: q };
  }
  return best.bin;
}

/** An ab plane, drawn by `drawBins` on a canvas that stands in an element of the class "choosing" as large as it is. A click
    takes a bin; by key the arrows move a mark from bin to bin, and Enter takes it. `take([a, b])` is told which, and
    `say(words)` what is marked, for screen readers. */
export function makeChooser(canvas, { take, say }) {
  const mark = make("i", { class: "bin-mark", hidden: "" });
  canvas.after(mark);
  let shown = null; // { centres, p, x, y }
  let place = [];
  let marked = 0;
  const abOf = (q) => [...shown.centres.slice(2 * q, 2 * q + 2)];
  const point = () => {
    const [a, b] = abOf(marked);
    const [left, top] = [shown.x(a) / canvas.width, shown.y(b) / canvas.height];
    Object.assign(mark.style, { left: `${100 * left}%`, top: `${100 * top}%` });
  };
  const tell = () => {
    const [a, b] = abOf(marked);
    say(`Marked: ${colourName([a, b])}, a ${signed(a)}, b ${signed(b)}, ${shareInWords(shown.p[marked])}.`);
  };
  const click = (event) => {
    if (!shown) return;
    const box = canvas.getBoundingClientRect();
    const { centres, x, y } = shown;
    const [left, top] = [event.clientX - box.left, event.clientY - box.top].map((at) => (at * canvas.width) / box.width);
    marked = binNearest(centres, [(left - x(0)) / (x(1) - x(0)), (top - y(0)) / (y(1) - y(0))]);
    mark.hidden = true;
    point();
    take(abOf(marked));
  };
  const steps = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const press = (event) => {
    const step = steps[event.key];
    if (!shown || event.ctrlKey || event.metaKey || event.altKey || (!step && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    mark.hidden = false;
    if (step) {
      marked = binBeside(shown.centres, marked, step);
      point();
      tell();
    } else if (!event.repeat) take(abOf(marked));
  };
  const focus = () => {
    if (!shown || !canvas.matches(":focus-visible")) return; // a click shows itself
    mark.hidden = false;
    tell();
  };
  for (const [event, act] of Object.entries({ click, keydown: press, focus, blur: () => (mark.hidden = true) })) {
    canvas.addEventListener(event, act);
  }
  /** What has been drawn: `bins` is { centres, p, x, y } or, without a distribution, null. The mark stays until there is
      another place, an array that tells it from others; then it is at the likeliest bin. `words` are of the place. */
  const show = (bins, words, at) => {
    shown = bins;
    const keys = bins ? " The arrow keys mark a bin, Enter takes its colour" : "";
    const about = { role: bins ? "application" : "img", "aria-label": `The ab plane. ${words}${keys}` };
    for (const [name, value] of Object.entries(about)) canvas.setAttribute(name, value);
    const byKey = { tabindex: "0", "aria-roledescription": "plane", "data-lm-suppress-shortcuts": "true" };
    for (const [name, value] of Object.entries(byKey)) bins ? canvas.setAttribute(name, value) : canvas.removeAttribute(name);
    if (!bins) {
      mark.hidden = true;
      return;
    }
    const same = marked < bins.p.length && at.length === place.length && at.every((one, i) => one === place[i]);
    if (!same) marked = bins.p.indexOf(Math.max(...bins.p));
    place = at;
    point();
  };
  return { show };
}

// ---------------------------------------------------------------- pins, swatches, buttons

/** Pins, swatches and buttons. The `host` has
    - `get()` and `set(hints)`; whoever sets them calls `show` then;
    - `size()`, [height, width] of the picture in pixels, and `cells()`, [rows, columns] that a key steps over;
    - `where()`, the chosen place [x, y], `choose([x, y])`, and `back()`, which gives the focus to the picture;
    - `say(words)` for screen readers;
    - `others()`, a promise of lists of hints. `show` is told how to paint them. */
export function makePins(host) {
  let past = []; // hints as they were before each gesture
  let picture = null;

  const change = (hints, words) => {
    past.push(host.get());
    host.say(words);
    host.set(hints);
  };
  const cellOf = ([x, y]) => {
    const [[height, width], [rows, columns]] = [host.size(), host.cells()];
    return [Math.floor((x * columns) / width), Math.floor((y * rows) / height)];
  };
  /** The chosen place has this colour, whatever was said of its cell before. */
  const give = (hex) => {
    const place = host.where();
    const others = host.get().filter(([other]) => String(cellOf(other)) !== String(cellOf(place)));
    if (others.length >= MOST_HINTS) return host.say("These are as many hints as there can be.");
    change([...others, [place, hex]], `Hint ${others.length + 1}: ${inWords(hex)}.`);
  };
  const remove = (i, next) => {
    const hints = host.get();
    change(hints.filter((_, k) => k !== i), `The hint ${inWords(hints[i][1])} is removed.`);
    const left = [...next.children].filter(({ hidden }) => !hidden);
    if (left.length) left[Math.min(i, left.length - 1)].focus();
    else host.back();
  };
  const inside = ([x, y]) => {
    const [height, width] = host.size();
    return [Math.min(width - 1, Math.max(0, Math.floor(x))), Math.min(height - 1, Math.max(0, Math.floor(y)))];
  };
  const moved = (i, place) => host.get().map((hint, k) => (k === i ? [place, hint[1]] : hint));

  // ---- pins

  const layer = make("div", { class: "pins", role: "group", "aria-label": "Hints on the picture" });
  const makePin = (i) => {
    let held = null; // a pointer: whether it has moved, and where it took hold of the pin
    const drag = (event) => {
      const box = layer.getBoundingClientRect();
      const [height, width] = host.size();
      const to = inside([((event.clientX - held.left - box.left) * width) / box.width, ((event.clientY - held.top - box.top) * height) / box.height]);
      if (String(to) === String(host.get()[i][0])) return;
      if (held.moved) host.set(moved(i, to));
      else change(moved(i, to), `The hint ${inWords(host.get()[i][1])} is moved.`);
      held.moved = true;
      host.choose(to);
    };
    const keys = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const pin = make("button", {
      type: "button",
      class: "pin",
      "data-lm-suppress-shortcuts": "true",
      pointerdown: (event) => {
        event.stopPropagation(); // beneath it is a picture that follows pointers, too
        if (event.button) return;
        const box = pin.getBoundingClientRect();
        held = { moved: false, left: event.clientX - box.left - box.width / 2, top: event.clientY - box.top - box.height / 2 };
        pin.setPointerCapture(event.pointerId);
      },
      pointermove: (event) => held && drag(event),
      pointerup: () => (held = null),
      pointercancel: () => (held = null),
      click: () => host.choose(host.get()[i][0]),
      keydown: (event) => {
        const step = keys[event.key];
        if (!step && !["Delete", "Backspace"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        if (!step) return remove(i, layer);
        const [[height, width], [rows, columns]] = [host.size(), host.cells()];
        const [x, y] = host.get()[i][0];
        const to = inside([x + (step[0] * width) / columns, y + (step[1] * height) / rows]);
        if (String(to) === String([x, y])) return;
        change(moved(i, to), `The hint ${inWords(host.get()[i][1])} is moved.`);
        host.choose(to);
      },
    });
    return pin;
  };

  // ---- swatches

  const shades = Array.from({ length: SWATCHES }, (_, i) => {
    const share = make("span", { "aria-hidden": "true" });
    const colour = make("i", {});
    const button = make("button", { type: "button", class: "swatch", click: () => give(shades[i].hex) }, colour, share);
    return { button, colour, share, hex: "" };
  });
  const row = make("div", { class: "swatches", role: "group", "aria-label": "Say its colour: the likeliest" }, ...shades.map(({ button }) => button));
  const swatches = make("div", { class: "saying" }, make("p", { class: "saying-title", "aria-hidden": "true" }, "Say its colour"), row);
  /** The likeliest of the chosen place, as `likeliest` has them, at its L; null where there is no distribution. */
  const offer = (likely, lightness) => {
    swatches.hidden = !likely;
    shades.forEach((shade, i) => {
      const { ab, share } = likely?.[i] ?? {};
      shade.button.hidden = !ab;
      if (!ab) return;
      shade.hex = abToHex(ab, lightness);
      shade.colour.style.background = shade.hex;
      shade.share.textContent = shareInWords(share).replace("less than 1", "<1");
      shade.button.setAttribute("aria-label", `${colourName(ab)}, ${shareInWords(share)}`);
      shade.button.title = `${colourName(ab)}, ${shareInWords(share)}`;
    });
  };

  // ---- buttons

  const undo = make("button", { type: "button", click: () => {
    if (!past.length) return;
    const before = past.pop();
    host.say("Undone.");
    host.set(before);
  } }, "Undo");
  const again = make("button", { type: "button", click: () => host.get().length && change([], "All hints are removed.") }, "Start again");
  const chips = make("div", { class: "chips", role: "group", "aria-label": "Hints, to remove" });
  const makeChip = (i) => make("button", { type: "button", class: "chip", click: () => remove(i, chips) }, make("i", {}), make("span", {}), "✕");

  let proposed = []; // lists of hints, one for each other colouring
  let asking = 0;
  const cards = Array.from({ length: OTHERS }, (_, i) => {
    const canvas = make("canvas", { "aria-hidden": "true", width: 1, height: 1 });
    const take = () => change(proposed[i], `Another colouring: ${proposed[i].map(([, hex]) => inWords(hex)).join(", ")}.`);
    const name = `Colouring ${i + 1} of ${OTHERS}`;
    return { name, canvas, button: make("button", { type: "button", class: "other", "aria-label": name, click: take }, canvas) };
  });
  const group = make("div", { class: "others", role: "group", "aria-label": "Four other colourings" }, ...cards.map(({ button }) => button));
  group.hidden = true;
  const toggle = make("button", { type: "button", "aria-expanded": "false", click: () => (group.hidden ? open() : close()) }, "Four others");
  const close = () => {
    asking += 1;
    proposed = [];
    group.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
  };
  const open = async () => {
    const mine = ++asking;
    toggle.setAttribute("aria-expanded", "true");
    const lists = await host.others();
    if (mine !== asking) return; // another picture came meanwhile, or they were closed
    proposed = lists;
    cards.forEach(({ name, button }, i) => {
      button.setAttribute("aria-label", `${name}: ${proposed[i].map(([, hex]) => inWords(hex)).join(", ")}`);
    });
    group.hidden = false;
    host.say("Four other colourings are shown.");
    host.set(host.get());
  };
  const tools = make("div", { class: "hint-tools" }, make("div", { class: "hint-buttons" }, undo, again, toggle, chips), group);

  const fill = (place, count, one) => {
    while (place.children.length < count) place.append(one(place.children.length));
    while (place.children.length > count) place.lastChild.remove();
    return [...place.children];
  };
  /** Draw the hints of a picture, told from others by any value. Of another one nothing is taken back. */
  const show = (which) => {
    if (which !== picture) {
      past = [];
      close();
    }
    picture = which;
    const [hints, [height, width]] = [host.get(), host.size()];
    fill(layer, hints.length, makePin).forEach((pin, i) => {
      const [[x, y], hex] = hints[i];
      Object.assign(pin.style, { left: `${(100 * (x + 0.5)) / width}%`, top: `${(100 * (y + 0.5)) / height}%`, background: hex });
      const [column, line] = cellOf([x, y]);
      pin.setAttribute("aria-label", `Hint ${i + 1}: ${inWords(hex)}, row ${line + 1}, column ${column + 1}. Arrow keys move it, Delete removes it`);
    });
    fill(chips, hints.length, makeChip).forEach((chip, i) => {
      const [dot, name] = chip.children;
      dot.style.background = hints[i][1];
      name.textContent = inWords(hints[i][1]);
      chip.setAttribute("aria-label", `${inWords(hints[i][1])}, hint ${i + 1}: remove`);
    });
    undo.setAttribute("aria-disabled", String(!past.length)); // they keep the focus, as disabled ones would not
    again.setAttribute("aria-disabled", String(!hints.length));
    cards.forEach(({ button }, i) => button.setAttribute("aria-pressed", String(JSON.stringify(proposed[i]) === JSON.stringify(hints))));
  };
  /** Whether there can be others, for a painter with a distribution. */
  const allow = (others) => {
    toggle.hidden = !others;
    if (!others) close();
  };
  return { layer, swatches, tools, give, offer, show, allow, close, others: () => proposed.map((hints, i) => ({ hints, canvas: cards[i].canvas })) };
}
