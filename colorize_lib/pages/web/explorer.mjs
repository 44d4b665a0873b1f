/* The temperature explorer: pictures, two dials, and the distribution of one pixel.

   One core, `mount(element, data, model)`, and two ways in. anywidget calls `default.render` with a
   model whose traits Python shares. A page without a kernel calls `explorerAt`, with a `Store` instead.

   The arithmetic is that of colorize_lib: lab.py, gamut.py (`decode`, `rebalance`), losses.py
   (`upsample`) and metrics.py, twice written and once tested (tests/pages/test_explorer_in_page.py). Pictures are flat
   arrays: rgba (4 H W), ab (2 H W, interleaved), logits (h w Q, the bins of a pixel side by side). */

import { drawBins, logWeights } from "./bins.mjs";
import { colourName } from "./colour.mjs";
import { makeVoice, percent } from "./dials.mjs";
import { abToHex, condition, correct, given, likeliest, logSoftmax, propose, rootsOf, sayOf } from "./hints.mjs";
import { abRmse, meanOf, toRgba, trueColour, unpack, unpackPainter } from "./packed.mjs";
import { comeLater, followLinks, fromAddress, fromBase64, input, make, put, signed, toAddress, whenThere } from "./page.mjs";
import { makePainters } from "./painters.mjs";
import { makeChooser, makePins, OTHERS } from "./pins.mjs";
import { makePicker, makePicture } from "./pixels.mjs";

// ---------------------------------------------------------------- decoding, as in gamut.py and losses.py

/** What is left of one pixel's distribution: softmax((z + log w) / T), written into `p`. */
export function anneal(logits, pixel, logW, temperature, p) {
  const bins = p.length;
  const start = pixel * bins;
  let top = -Infinity;
  for (let q = 0; q < bins; q++) {
    p[q] = logits[start + q] + logW[q];
    if (p[q] > top) top = p[q];
  }
  let sum = 0;
  for (let q = 0; q < bins; q++) sum += p[q] = Math.exp((p[q] - top) / temperature);
  for (let q = 0; q < bins; q++) p[q] /= sum;
  return p;
}

/** The annealed mean of every pixel: logits (h w Q) and centres (2 Q) to ab (2 h w). */
export function decode(logits, centres, logW, temperature) {
  const bins = centres.length / 2;
  const p = new Float64Array(bins);
  const ab = new Float64Array((2 * logits.length) / bins);
  for (let pixel = 0; pixel < ab.length / 2; pixel++) {
    anneal(logits, pixel, logW, temperature, p);
    for (let q = 0; q < bins; q++) {
      ab[2 * pixel] += p[q] * centres[2 * q];
      ab[2 * pixel + 1] += p[q] * centres[2 * q + 1];
    }
  }
  return ab;
}

/** Where the pixels of a longer side lie between those of a shorter one: [first, second, share of second]. */
function between(small, large) {
  return Array.from({ length: large }, (_, i) => {
    const place = Math.max(0, ((i + 0.5) * small) / large - 0.5);
    const first = Math.min(Math.floor(place), small - 1);
    return [first, Math.min(first + 1, small - 1), place - first];
  });
}

/** Bilinear, as torch does it with align_corners=False: ab (2 h w) to (2 H W). */
export function upsample(ab, [h, w], [height, width]) {
  const out = new Float64Array(2 * height * width);
  const across = between(w, width);
  between(h, height).forEach(([top, bottom, down], row) => {
    across.forEach(([left, right, along], column) => {
      for (let c = 0; c < 2; c++) {
        const at = (r, k) => ab[2 * (r * w + k) + c];
        const upper = at(top, left) * (1 - along) + at(top, right) * along;
        const lower = at(bottom, left) * (1 - along) + at(bottom, right) * along;
        out[2 * (row * width + column) + c] = upper * (1 - down) + lower * down;
      }
    });
  });
  return out;
}

// ---------------------------------------------------------------- numbers, as in metrics.py

/** Hasler and Suesstrunk's M3 of rgba. */
export function colourfulness(rgba) {
  const n = rgba.length / 4;
  const sum = [0, 0];
  const squares = [0, 0];
  for (let i = 0; i < rgba.length; i += 4) {
    const [r, g, b] = [rgba[i], rgba[i + 1], rgba[i + 2]];
    [r - g, (r + g) / 2 - b].forEach((opponent, c) => {
      sum[c] += opponent;
      squares[c] += opponent ** 2;
    });
  }
  const mean = sum.map((s) => s / n);
  const variance = mean.map((m, c) => Math.max(0, squares[c] / n - m ** 2));
  return Math.sqrt(variance[0] + variance[1]) + 0.3 * Math.hypot(...mean);
}

/** What hints need to know of the cells of an answer, found once: their L, and of a distribution its logarithm. */
function gridOf(picture, answer) {
  if (answer.grid) return answer.grid;
  const [rows, columns] = answer.cells;
  const light = Float64Array.from({ length: rows * columns }, (_, cell) => {
    return meanOf(picture, answer.cells, [Math.floor(cell / columns), cell % columns], picture.lightness, 1)[0];
  });
  const logP = answer.logits && logSoftmax(answer.logits, answer.logits.length / light.length);
  return (answer.grid = { cells: answer.cells, light, logP, roots: logP && rootsOf(logP) });
}

/** ab (2 h w) of the cells under hints, and the logits they then have: as `Guided` in inference/hints.py. */
function guide(picture, { centres }, answer, hints, paint) {
  const grid = gridOf(picture, answer);
  const told = given(hints, picture.size);
  const at = told.pixels.map(([x, y]) => y * picture.size[1] + x);
  const say = sayOf(told, at.map((i) => picture.lightness[i]), grid);
  const logits = centres && condition(grid.logP, centres, say, told.colours);
  const cellAb = paint(logits);
  const painted = () => {
    const ab = upsample(cellAb, answer.cells, picture.size);
    return at.flatMap((i) => [ab[2 * i], ab[2 * i + 1]]);
  };
  correct(say, told.colours, painted, (more) => more.forEach((value, i) => (cellAb[i] += value)));
  return { cellAb, logits };
}

/** A picture coloured by a painter at one setting of the dials, and its numbers. `answer` is what the painter said of
    it: { cells, logits }, or { cells, ab } of one without bins. */
export function colour(picture, painter, answer, temperature, lam, hints = []) {
  const { centres, prior } = painter;
  const logW = centres && logWeights(prior, lam);
  const paint = (logits) => (centres ? decode(logits, centres, logW, temperature) : Float64Array.from(answer.ab));
  const { cellAb, logits } = hints.length
    ? guide(picture, painter, answer, hints, paint)
    : { cellAb: paint(answer.logits), logits: answer.logits };
  const ab = upsample(cellAb, answer.cells, picture.size);
  const rgba = toRgba(picture.lightness, ab);
  const ratio = colourfulness(rgba) / colourfulness(picture.truth);
  return { logW, cellAb, logits, rgba, ratio, rmse: abRmse(ab, picture.trueAb) };
}

// ---------------------------------------------------------------- the dials

const steps = (from, to, by) => Array.from({ length: Math.round((to - from) / by) + 1 }, (_, i) => +(from + i * by).toFixed(2));
/** Where the dials stop: small steps where little changes much. */
const TEMPERATURES = [...steps(0.01, 0.1, 0.01), ...steps(0.12, 0.5, 0.02), ...steps(0.53, 0.98, 0.03), 1];
const LAMBDAS = [...steps(1, 0.8, -0.02), ...steps(0.75, 0.1, -0.05)];
const DIALS = {
  temperature: {
    title: "Temperature T",
    stops: TEMPERATURES,
    ends: ["the likeliest colour", "the mean colour"],
    marks: [
      [0.38, "the paper"],
      [0.89, "the poster"],
      [1, "the mean"],
    ],
  },
  lam: {
    title: "Rebalancing λ",
    stops: LAMBDAS,
    ends: ["common colours win", "rare colours count more"],
    marks: [
      [1, "as trained"],
      [0.5, "the paper"],
      [0.1, "most vivid"],
    ],
  },
};

/** The stop nearest to a value. */
function nearest(stops, value) {
  return stops.reduce((best, stop, i) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best), 0);
}

// ---------------------------------------------------------------- small things for the page

/** The ab plane of one pixel: the bins, and where its colours are. Returns where a and b are. */
function drawPlane(canvas, bins, p, painted, truth) {
  const { context, ratio, x, y } = drawBins(canvas, bins, p);
  // Twice, a dark line under a light one: they show on every colour.
  for (const [style, width] of [["#000", 5 * ratio], ["#fff", 2.5 * ratio]]) {
    Object.assign(context, { strokeStyle: style, lineWidth: width });
    context.beginPath();
    context.arc(x(truth[0]), y(truth[1]), 8 * ratio, 0, 2 * Math.PI);
    context.stroke();
    const arm = 6 * ratio;
    context.beginPath();
    for (const slope of [1, -1]) {
      context.moveTo(x(painted[0]) - arm, y(painted[1]) - slope * arm);
      context.lineTo(x(painted[0]) + arm, y(painted[1]) + slope * arm);
    }
    context.stroke();
  }
  return { x, y };
}

/** The few colours of a pixel that are likeliest, whatever T and the hints say. */
function likeliestOf({ bins, centres }, { logits, cells }, [row, column], logW) {
  return likeliest(anneal(logits, row * cells[1] + column, logW, 1, new Float64Array(bins)), centres);
}

// ---------------------------------------------------------------- the explorer

let count = 0;

/** One dial: a slider over its stops, and buttons for the marks. */
function makeDial(name, model) {
  const { title, stops, ends, marks } = DIALS[name];
  const id = `colour-explorer-${name}-${count}`;
  const turn = (value) => {
    model.set(name, value);
    model.save_changes();
  };
  const value = make("output", { class: "ce-value", for: id, "aria-hidden": "true" });
  const slider = input("range", {
    id,
    class: `page-slider ce-slider ce-${name}`,
    min: 0,
    max: stops.length - 1,
    step: 1,
    input: () => turn(stops[slider.value]),
  });
  const ticks = marks.map(([stop]) => {
    const share = stops.indexOf(stop) / (stops.length - 1);
    return make("i", { style: `left: calc(11px + (100% - 22px) * ${share})` });
  });
  const buttons = marks.map(([stop, text]) =>
    make("button", { type: "button", class: "ce-mark", click: () => turn(stop) }, make("b", {}, String(stop)), ` ${text}`),
  );
  const show = () => {
    const now = model.get(name);
    slider.value = nearest(stops, now);
    value.textContent = String(+now.toFixed(3));
    slider.setAttribute("aria-valuetext", `${+now.toFixed(3)}`);
    marks.forEach(([stop], i) => buttons[i].setAttribute("aria-pressed", String(stop === now)));
  };
  const element = make(
    "div",
    { class: "ce-dial" },
    make("div", { class: "ce-title" }, make("label", { for: id }, title), value),
    make("div", { class: "ce-track" }, slider, make("div", { class: "ce-ticks", "aria-hidden": "true" }, ...ticks)),
    make("div", { class: "ce-ends", "aria-hidden": "true" }, ...ends.map((end) => make("span", {}, end))),
    make("div", { class: "ce-marks", role: "group", "aria-label": `Marks of ${title}` }, ...buttons),
  );
  return { element, show };
}

/** The three pictures. A click or a drag on any, or an arrow key on the second, chooses the pixel whose distribution is shown. */
function makePictures(model, cells, pins) {
  const choose = (pixel) => {
    model.set("pixel", pixel);
    model.save_changes();
  };
  const parts = ["grey", "coloured", "truth"].map((kind) => {
    const view = makePicture(cells, choose, kind === "coloured");
    if (kind === "coloured") view.element.append(pins);
    const caption = make("div", { class: "ce-caption" }, kind);
    return { kind, view, caption, element: make("div", { class: `ce-${kind}` }, view.element, caption) };
  });
  const element = make("div", { class: "ce-pictures" }, ...parts.map((part) => part.element));
  const show = (picture, rgba, pixel) => {
    const shown = { ...picture, coloured: rgba };
    for (const { kind, view } of parts) view.show(`${picture.name}, ${kind}`, shown[kind], picture.size, pixel);
  };
  const sign = (painter) => (parts[1].caption.textContent = `coloured by ${painter}`);
  return { element, show, sign, focus: () => parts[1].view.focus() };
}

/** The two numbers of the picture, and a bar for the first. */
function makeNumbers() {
  const ratio = make("strong", { class: "ce-ratio" });
  const rmse = make("strong", { class: "ce-rmse" });
  const grey = make("span", { class: "ce-grey-rmse" });
  const bar = make("i", { class: "ce-bar" });
  const line = (name, ...value) => make("div", { class: "ce-number" }, make("span", {}, name), make("span", {}, ...value));
  const element = make(
    "div",
    { class: "ce-numbers" },
    line("Colourfulness", ratio, " of the truth’s"),
    make("div", { class: "ce-meter", "aria-hidden": "true" }, bar, make("i", { class: "ce-one" })),
    line("Error in ab (RMSE)", rmse, grey),
  );
  const show = (picture, result) => {
    const known = Number.isFinite(result.ratio);
    ratio.textContent = known ? result.ratio.toFixed(2) : "–";
    rmse.textContent = result.rmse.toFixed(1);
    grey.textContent = ` (grey: ${picture.greyRmse.toFixed(1)})`;
    bar.style.width = `${known ? Math.min(100, 50 * result.ratio) : 0}%`;
    return `colourfulness ${known ? `${ratio.textContent} of the truth's` : "unknown"}, error ${rmse.textContent}.`;
  };
  return { element, show };
}

/** The ab plane of the chosen pixel with a line of text under it. A painter without bins leaves it empty; of others,
    `take` is told the bin that is chosen, and `say` what is to be read out before that. */
function makePlane(first, take, say) {
  const canvas = make("canvas", { class: "ce-plane" });
  const text = make("div", { class: "ce-pixel" });
  const element = make("div", { class: "ce-about" }, make("div", { class: "choosing" }, canvas), text);
  const chooser = makeChooser(canvas, { take, say });
  const show = (picture, painter, answer, result, [row, column], temperature) => {
    const pixel = row * answer.cells[1] + column;
    const bins = painter.centres ? painter : first;
    const p = new Float64Array(bins.bins);
    if (painter.centres) anneal(result.logits, pixel, result.logW, temperature, p);
    const painted = [...result.cellAb.subarray(2 * pixel, 2 * pixel + 2)];
    const truth = trueColour({ ...picture, cells: answer.cells }, [row, column]);
    const places = drawPlane(canvas, bins, p, painted, truth);
    const most = Math.max(...p);
    const place = ([a, b]) => `a ${signed(a)}, b ${signed(b)}, ${colourName([a, b])}`;
    const q = p.indexOf(most);
    const likeliest = painter.centres
      ? `likeliest bin ${percent(most)}: ${colourName(bins.centres.slice(2 * q, 2 * q + 2))}`
      : "no distribution: it predicts one colour, and no dial moves it";
    text.replaceChildren(
      make("span", {}, make("b", { "aria-hidden": "true" }, "✕ "), `painted: ${place(painted)}`),
      make("span", {}, make("b", { "aria-hidden": "true" }, "◯ "), `true: ${place(truth)}`),
      make("span", {}, make("b", { "aria-hidden": "true" }, "■ "), likeliest),
    );
    const sentence = `Row ${row + 1}, column ${column + 1}. ${[...text.children].map((s) => s.lastChild.data).join(". ")}.`;
    chooser.show(painter.centres ? { centres: bins.centres, p, ...places } : null, sentence, [picture, painter, row, column]);
    canvas.classList.toggle("ce-open", Boolean(painter.centres));
    return sentence;
  };
  return { element, show };
}

/** Build the explorer inside `element`; returns what takes it down again.

    `data` is what Python packed, with `bytes` as an array or in base64. `model` has `get`, `set`,
    `save_changes`, `on` and `off` for temperature, lam, image, pixel, painter and hints. `come(number)` is a promise of what
    Python packed of another painter. */
export function mount(element, data, model, come) {
  count += 1;
  const bytes = typeof data.bytes === "string" ? fromBase64(data.bytes) : data.bytes;
  const bins = unpack({ ...data, bytes });
  const all = [{ name: data.name, bytes: 0 }, ...(data.beside ?? [])];
  const painters = [{ ...bins, name: data.name, answers: bins.pictures }];
  const bring = async (i) => (painters[i] ??= await unpackPainter(await come(i)));
  /** Who paints: the one that is asked for, as soon as it is there. */
  const who = () => (painters[model.get("painter") ?? 0] ? (model.get("painter") ?? 0) : 0);
  const answer = () => painters[who()].answers[model.get("image")];
  const current = () => bins.pictures[model.get("image")];
  const dials = [makeDial("temperature", model), makeDial("lam", model)];
  const picker = makePicker(bins.pictures, (i) => {
    if (hints().length) model.set("hints", []); // they were of the picture before
    set("image", i);
  });
  const voice = makeVoice();
  let news = ""; // of the hints, said with what has changed, however often that is drawn
  let old;
  const set = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const hints = () => model.get("hints") ?? [];
  // Another picture may be smaller: the chosen pixel stays inside.
  const chosen = () => model.get("pixel").map((place, axis) => Math.min(place, answer().cells[axis] - 1));
  const along = (place, axis) => ((place + 0.5) * current().size[axis]) / answer().cells[axis];
  const where = () => [1, 0].map((axis) => Math.floor(along(chosen()[axis], axis)));
  const lightAt = ([x, y]) => current().lightness[y * current().size[1] + x];
  const pins = makePins({
    get: hints,
    set: (value) => set("hints", value),
    size: () => current().size,
    cells: () => answer().cells,
    where,
    choose: ([x, y]) => set("pixel", [y, x].map((place, axis) => Math.floor(((place + 0.5) * answer().cells[axis]) / current().size[axis]))),
    back: () => pictures.focus(),
    say: (words) => {
      news = `${words} `;
      clearTimeout(old);
      old = setTimeout(() => (news = ""), 500);
    },
    others: async () => {
      const [picture, { centres }, said] = [current(), painters[who()], answer()];
      const grid = gridOf(picture, said);
      const lists = propose(grid.logP, grid, centres, OTHERS + 1, picture.size).slice(1);
      return lists.map((list) => list.map(({ pixel, ab }) => [pixel, abToHex(ab, lightAt(pixel))]));
    },
  });
  const pictures = makePictures(model, () => answer().cells, pins.layer);
  const numbers = makeNumbers();
  const plane = makePlane(bins, (ab) => pins.give(abToHex(ab, lightAt(where()))), voice.say);
  const row = makePainters(all, bring, (i) => {
    if (i === null) return redraw();
    model.set("painter", i);
    model.save_changes();
  });
  row.element.hidden = all.length === 1;

  let next = 0;
  const redraw = () => {
    const [temperature, lam] = [model.get("temperature"), model.get("lam")];
    const [picture, painter, said] = [current(), painters[who()], answer()];
    const pixel = chosen();
    const result = colour(picture, painter, said, temperature, lam, hints());
    dials.forEach((dial) => dial.show());
    picker.show(model.get("image"));
    pictures.show(picture, result.rgba, pixel);
    if (all.length > 1) pictures.sign(painter.name);
    const measured = numbers.show(picture, result);
    const seen = plane.show(picture, painter, said, result, pixel, temperature);
    pins.allow(Boolean(painter.centres));
    pins.show(picture);
    pins.offer(painter.centres ? likeliestOf(painter, said, pixel, result.logW) : null, lightAt(where()));
    const name = all.length > 1 ? `${painter.name}, t` : "T";
    voice.say(`${news}${name}emperature ${+temperature.toFixed(3)}, lambda ${+lam.toFixed(3)}: ${measured} ${seen}`);
    cancelAnimationFrame(next);
    next = requestAnimationFrame(() => {
      const image = model.get("image");
      const results = all.map((_, i) => {
        if (i === who()) return result;
        return painters[i] && colour(picture, painters[i], painters[i].answers[image], temperature, lam, hints());
      });
      row.show(who(), results, picture.size);
      for (const other of pins.others()) {
        put(other.canvas, colour(picture, painter, said, temperature, lam, other.hints).rgba, picture.size);
      }
    });
  };
  /** An address or Python may ask for a painter that is not here yet. */
  const change = async () => {
    const wanted = model.get("painter") ?? 0;
    if (!painters[wanted]) await row.bring(wanted);
    redraw();
  };

  element.classList.add("colour-page", "colour-explorer");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Temperature explorer");
  element.replaceChildren(
    picker.element,
    make(
      "div",
      { class: "ce-stage" },
      pictures.element,
      make("div", { class: "ce-controls" }, ...dials.map((dial) => dial.element), numbers.element),
      plane.element,
      pins.swatches,
      pins.tools,
    ),
    row.element,
    voice.element,
  );
  const changes = ["temperature", "lam", "image", "pixel", "hints"].map((name) => `change:${name}`);
  changes.forEach((name) => model.on(name, redraw));
  model.on("change:painter", change);
  // The plane is drawn for the size that it has on the page.
  let width = 0;
  const watch = new ResizeObserver(() => {
    if (element.clientWidth !== width) redraw();
    width = element.clientWidth;
  });
  watch.observe(element);
  change();
  return () => {
    watch.disconnect();
    voice.stop();
    changes.forEach((name) => model.off(name, redraw));
    model.off("change:painter", change);
  };
}

// ---------------------------------------------------------------- without a kernel

/** What anywidget's model is, without a kernel behind it. */
export class Store {
  constructor(state) {
    this.state = { ...state };
    this.listeners = {};
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    this.state[name] = value;
    (this.listeners[`change:${name}`] || []).forEach((listener) => listener());
  }

  on(event, listener) {
    (this.listeners[event] ||= []).push(listener);
  }

  off(event, listener) {
    this.listeners[event] = (this.listeners[event] || []).filter((other) => other !== listener);
  }

  save_changes() {}
}

/** What the settings of the model are called in the address. A painter stands there by its name. */
const IN_ADDRESS = { temperature: "T", lam: "lam", image: "image", painter: "painter", hints: "hint" };

/** Hints as they stand in the address, x-y-rrggbb each; what is none there is left out. */
const writeHints = (hints) => hints.map(([[x, y], hex]) => `${x}-${y}-${hex.slice(1)}`).join("_");
const readHints = (text) =>
  text.split("_").map((one) => /^(\d+)-(\d+)-([0-9a-f]{6})$/.exec(one)).filter(Boolean).map(([, x, y, rgb]) => [[+x, +y], `#${rgb}`]);

/** Take the settings from the address, as far as they are there, and from then on keep it at them. Links in the text of
    the page set them, too. */
function followAddress(place, store, pictures, painters) {
  const ends = { temperature: TEMPERATURES, lam: LAMBDAS, image: [0, pictures.length - 1] };
  const turn = (asked) => {
    const before = store.get("image");
    for (const [name, stops] of Object.entries(ends)) {
      const value = Number.parseFloat(asked.get(IN_ADDRESS[name]));
      if (!Number.isFinite(value)) continue;
      const inside = Math.min(Math.max(...stops), Math.max(Math.min(...stops), value));
      store.set(name, name === "image" ? Math.round(inside) : inside);
    }
    if (painters.includes(asked.get("painter"))) store.set("painter", painters.indexOf(asked.get("painter")));
    const [height, width] = pictures[store.get("image")].size;
    const hints = readHints(asked.get(IN_ADDRESS.hints) ?? "").filter(([[x, y]]) => x < width && y < height);
    if (asked.has(IN_ADDRESS.hints) || store.get("image") !== before) store.set("hints", hints);
    return Object.values(IN_ADDRESS).some((key) => asked.has(key));
  };
  const read = () => turn(fromAddress());
  let timer;
  const write = () => {
    const { temperature, lam, image, painter, hints } = store.state;
    const hint = hints?.length ? writeHints(hints) : null;
    toAddress({ T: temperature, lam, image, painter: painter ? painters[painter] : null, hint });
  };
  const asked = read();
  addEventListener("hashchange", read);
  followLinks(place, Object.values(IN_ADDRESS), turn);
  for (const name of Object.keys(IN_ADDRESS)) {
    store.on(`change:${name}`, () => {
      clearTimeout(timer);
      timer = setTimeout(write, 300); // a browser may refuse a new address a hundred times a second
    });
  }
  return asked;
}

/** Put an explorer without a kernel behind it wherever the page has a place with this id. */
export function explorerAt(id) {
  whenThere(id, (place, data, state) => {
    const store = new Store(state);
    const painters = [data, ...(data.beside ?? [])];
    const asked = followAddress(place, store, data.pictures, painters.map(({ name }) => name));
    mount(place, data, store, (i) => comeLater(painters[i].id));
    // Who was sent here by an address with settings wants to see them. A reload scrolls by itself.
    const [way] = performance.getEntriesByType("navigation");
    if (asked && way?.type === "navigate") place.scrollIntoView({ block: "nearest" });
  });
}

// ---------------------------------------------------------------- with a kernel: anywidget

export default {
  render({ model, el }) {
    const element = document.createElement("div");
    el.append(element);
    let unmount = null;
    const waiting = new Map(); // the painters that were asked for, by number: who waits for them
    // The pictures come as a message, not as a trait: no page or notebook has to carry them twice.
    const receive = (message, buffers) => {
      if (!["data", "painter"].includes(message.kind)) return;
      if (message.kind === "data" && unmount) return; // for another view
      const { buffer, byteOffset, byteLength } = buffers[0];
      const data = { ...message, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
      if (message.kind === "painter") return waiting.get(message.number)?.(data);
      unmount = mount(element, data, model, come);
    };
    const come = (number) =>
      new Promise((resolve) => {
        waiting.set(number, resolve);
        model.send({ kind: "painter", number });
      });
    model.on("msg:custom", receive);
    model.send({ kind: "data" });
    return () => {
      model.off("msg:custom", receive);
      unmount?.();
    };
  },
};
