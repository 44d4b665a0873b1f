/* The panel "Colour your own photo": an element <colour-photo files="…/"> on a page of the book.

   It holds the controls and the two canvases. The work is done in worker.mjs, which the first photograph
   starts: until then the page has loaded this file, two small ones, the settings and four small pictures.
   With it come the pins and swatches, too, which the panel shares with the explorer (pins.mjs).
   The dials stand in the address, as #T=0.38&lam=0.55, once the reader has turned one, and a painter that is not the
   first, as &painter=transfer. */

import { guessing } from "./guess.mjs";
import { kindOf } from "./kinds.mjs";
import { slide } from "./slide.mjs";

/** Photographs with more pixels are reduced to this many, to fit a browser's memory; with far more, refused. */
const MOST = 16_000_000;
const REFUSED = 120_000_000;
/** Of the two pictures of which one is to be guessed, so many each. */
const GUESSED = 160_000;
/** The temperature dial: this many stops, even in log T, from 0.01 to 1. */
const STOPS = 200;
/** Where on that dial a temperature is, between two stops as a rule. */
const stopOf = (T) => (STOPS / 2) * (2 + Math.log10(T));
/** Half a dial's thumb, in pixels: as far its middle stays from the ends. */
const THUMB = 12;
const FORMATS = { JPEG: ["image/jpeg", "jpg"], PNG: ["image/png", "png"] };
/** What to say of pictures that are none for this page, or for this browser. */
const ADVICE = "Save it as a JPEG or a PNG, and open that.";
const UNREADABLE = {
  HEIC: "This is a HEIC photo, as iPhones take them, and this browser cannot read those: Safari can. Or share it as a JPEG " +
    "(iPhone: Settings, Camera, Formats, Most Compatible) and open that.",
  TIFF: `This is a TIFF or a camera's raw file, which this browser cannot read. ${ADVICE} The command colorize reads TIFF.`,
  raw: `This is a camera's raw file, which browsers cannot read. ${ADVICE}`,
  SVG: `This is an SVG, a drawing of lines and shapes and not of pixels. ${ADVICE}`,
  PDF: `This is a PDF, a document and not a picture. ${ADVICE}`,
  film: "This is a film, and here are only photos coloured. Open a picture of it, as a JPEG or a PNG.",
};

const STYLE = `
:host {
  --accent: #0072b2; --on-accent: #fff; --line: rgb(128 128 128 / 40%); --soft: rgb(128 128 128 / 12%);
  --paper: #fff; --wrong: #b3261e; --page-accent: var(--accent);
  display: block; container-type: inline-size; max-width: 56rem; margin: 1rem 0 1.5rem; color: inherit;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-size: 0.95rem; line-height: 1.4;
}
:host(.dark) { color-scheme: dark; --accent: #56b4e9; --on-accent: #10141a; --paper: #1b1d21; --wrong: #ff8a80; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
p { margin: 0; }
.panel { overflow: hidden; border: 1px solid var(--line); border-radius: 14px; }
.pad { padding: clamp(0.8rem, 3cqi, 1.25rem); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }

.start { display: grid; gap: 1rem; justify-items: center; margin: clamp(0.6rem, 2cqi, 1rem); border: 2px dashed var(--line);
  border-radius: 10px; text-align: center; transition: background 0.15s, border-color 0.15s; }
.panel.over .start { border-color: var(--accent); background: var(--soft); }
.headline { font-size: 1.35em; font-weight: 650; }
.quiet { font-size: 0.9em; opacity: 0.8; }
.ours { display: flex; flex-wrap: wrap; gap: 0.6rem; justify-content: center; margin: 0; padding: 0; list-style: none; }
.ours button { display: block; width: 72px; height: 72px; min-height: 0; padding: 0; overflow: hidden; border-radius: 10px; }
.ours img { display: block; width: 100%; height: 100%; object-fit: cover; transition: transform 0.2s; }
.ours button:hover img { transform: scale(1.07); }

button { min-height: 40px; padding: 0.35rem 1.1rem; border: 1px solid var(--line); border-radius: 99px; background: none;
  color: inherit; font: inherit; cursor: pointer; }
button:hover { background: var(--soft); }
button[aria-disabled="true"] { opacity: 0.5; cursor: default; }
button.main { border-color: transparent; background: var(--accent); color: var(--on-accent); font-weight: 600; }
button.main:not([aria-disabled="true"]):hover { filter: brightness(1.1); }

.show { display: grid; justify-items: center; --width: min(100%, 75vh * var(--aspect)); }
.stage { position: relative; width: var(--width); min-width: 48px; min-height: 48px; max-height: 75vh;
  aspect-ratio: var(--aspect); background: var(--soft); touch-action: pan-y; user-select: none; -webkit-user-select: none; }
.stage.ready { cursor: crosshair; }
.stage.ready .knob { pointer-events: auto; cursor: ew-resize; }
.spot { position: absolute; width: 14px; height: 14px; margin: -7px 0 0 -7px; border-radius: 4px; border: 2px solid #fff; box-shadow: 0 0 0 2px #000, inset 0 0 0 2px #000;
  opacity: 0; pointer-events: none; }
.spot:focus, .chosen .spot { opacity: 1; }
.stage canvas { position: absolute; inset: 0; display: block; width: 100%; height: 100%; object-fit: contain; }
.stage.tiny canvas { image-rendering: pixelated; }
.before { clip-path: inset(0 calc(100% - var(--split)) 0 0); }
.bar { position: absolute; inset: 0 auto 0 var(--split); width: 2px; margin-left: -1px; background: #fff;
  box-shadow: 0 0 6px rgb(0 0 0 / 60%); pointer-events: none; }
.knob { position: absolute; top: 50%; left: 50%; display: grid; place-items: center; width: 42px; height: 42px;
  margin: -21px 0 0 -21px; border-radius: 50%; background: #fff; color: #222; box-shadow: 0 1px 8px rgb(0 0 0 / 45%); }
.split:focus-visible + .bar .knob { outline: 3px solid var(--accent); outline-offset: 3px; }
.tags { display: flex; justify-content: space-between; gap: 1rem; width: max(var(--width), min(100%, 13rem)); padding: 0.15rem 0.6rem 0;
  font-size: 0.85em; }
.guess { display: grid; gap: 0.6rem; }
.sides { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.6rem; }
.side { display: grid; gap: 0.3rem; align-content: start; justify-items: center; padding: 6px; border-radius: 10px; }
.side[aria-disabled="true"] { opacity: 1; }
.side canvas { display: block; width: min(100%, 22rem * var(--aspect-of-pair)); min-width: 8px; min-height: 8px; aspect-ratio: var(--aspect-of-pair);
  border-radius: 5px; }
.side span { min-height: 1.4em; font-size: 0.9em; font-weight: 600; }
.split, .file, .photos, .voice { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }

.loading { display: grid; gap: 0.4rem; }
progress { width: 100%; height: 10px; accent-color: var(--accent); }
.dials { display: grid; grid-template-columns: 1fr 1fr; gap: 0.9rem 2rem; }
.title { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; align-items: baseline; font-weight: 600; }
.title .value { font-variant-numeric: tabular-nums; white-space: nowrap; }
.title small { font-weight: 400; opacity: 0.8; }
.turn { touch-action: pan-y; cursor: pointer; }
.dial input { pointer-events: none; appearance: none; -webkit-appearance: none; display: block; width: 100%; height: 34px; margin: 0; background: none;
  border-radius: 8px; }
.dial input::-webkit-slider-runnable-track { height: 8px; border-radius: 4px; background: var(--ramp); }
.dial input::-moz-range-track { height: 8px; border-radius: 4px; background: var(--ramp); }
.dial input::-webkit-slider-thumb { appearance: none; -webkit-appearance: none; width: ${2 * THUMB}px; height: ${2 * THUMB}px; margin-top: -8px;
  border: 4px solid var(--accent); border-radius: 50%; background: var(--paper); }
.dial input::-moz-range-thumb { box-sizing: border-box; width: ${2 * THUMB}px; height: ${2 * THUMB}px; border: 4px solid var(--accent); border-radius: 50%;
  background: var(--paper); }
.temperature { --ramp: linear-gradient(90deg, #56b4e9, #c9a9c0 55%, #d55e00); }
.vividness { --ramp: linear-gradient(90deg, #999 5%, #7d93a8 30%, #2d8fb5 55%, #00a06f 70%, #e69f00 85%, #d9480f); }
.ends { display: flex; justify-content: space-between; font-size: 0.85em; opacity: 0.8; }
.hinting { display: grid; gap: 0.7rem; }
.about { display: grid; grid-template: "plane seen" auto "plane saying" 1fr / 11rem minmax(0, 24rem); gap: 0.4rem 1rem; }
.about .choosing { grid-area: plane; align-self: start; }
.about .plane { display: block; width: 100%; aspect-ratio: 1; border-radius: 8px; background: #1b1d21; cursor: crosshair; }
.about .seen { grid-area: seen; align-self: start; font-size: 0.9em; }
.about .saying { grid-area: saying; }
.about.one { grid-template: "seen" / minmax(0, 1fr); }
.about.one .choosing { display: none; }
.swatches button.swatch { line-height: 1.3; }
.chips button.chip { padding-inline: 0.7rem; }
.others canvas { aspect-ratio: var(--aspect); object-fit: contain; background: var(--soft); }
.others button[aria-pressed="true"] { padding: calc(0.35rem - 2px); border: 3px solid var(--accent); }
.actions { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; }
.actions select { min-height: 40px; padding: 0 0.5rem; border: 1px solid var(--line); border-radius: 8px; background: var(--paper);
  color: inherit; font: inherit; }
.nine { display: grid; gap: 0.5rem; }
.cells { display: grid; grid-template-columns: repeat(3, minmax(0, 15rem)); gap: 0.5rem; justify-content: center; }
.cells button { display: grid; gap: 0.25rem; align-content: start; justify-items: center; padding: 5px; border-radius: 10px; }
.cells button[aria-pressed="true"] { padding: 3px; border: 3px solid var(--accent); }
.painters { display: grid; gap: 0.5rem; }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.5rem; }
.row button { display: grid; gap: 0.25rem; align-content: start; justify-items: center; padding: 5px; border-radius: 10px; line-height: 1.3; }
.row button[aria-pressed="true"] { padding: 3px; border: 3px solid var(--accent); }
.row small { font-size: 0.82em; }
.row .away canvas { border: 2px dashed var(--line); background: none; }
.row canvas, .cells canvas { display: block; width: min(100%, 11rem * var(--aspect)); min-width: 8px; min-height: 8px; aspect-ratio: var(--aspect);
  object-fit: contain; border-radius: 5px; background: var(--soft); }
.label { display: flex; flex-wrap: wrap; gap: 0 0.5em; justify-content: center; font-size: 0.85em; line-height: 1.3; }
.label span { white-space: nowrap; }
.actions .versus { display: inline-flex; gap: 0.45rem; align-items: center; min-height: 40px; margin-left: auto; cursor: pointer; }
.versus input { width: 18px; height: 18px; margin: 0; accent-color: var(--accent); }
.work .below { display: grid; gap: 1.1rem; }
.problem { margin: clamp(0.6rem, 2cqi, 1rem); padding: 0.7rem 0.9rem; border: 1px solid var(--wrong); border-left-width: 5px;
  border-radius: 8px; }
.note { font-size: 0.9em; }
.promise { padding: 0.7rem clamp(0.8rem, 3cqi, 1.25rem); border-top: 1px solid var(--line); background: var(--soft);
  font-size: 0.88em; }

/* Once there is a photo, choosing another takes one line. */
.panel.busy .start { grid-template-columns: auto 1fr; align-items: center; justify-items: start; margin-top: 0; text-align: left; }
.panel.busy .start .lead { display: none; }
.panel.busy .choose { border-color: var(--line); background: none; color: inherit; font-weight: 400; }
.panel.busy .ours { justify-content: flex-end; justify-self: end; }
.panel.busy .ours button { width: 48px; height: 48px; }
@container (max-width: 34rem) {
  .about { grid-template: "plane seen" auto "saying saying" auto / 8.5rem minmax(0, 1fr); }
  .dials { grid-template-columns: 1fr; }
  .actions .versus { margin-left: 0; }
  .actions .main { flex: 1 0 100%; }
  .panel.busy .start { grid-template-columns: 1fr; justify-items: center; }
  .panel.busy .ours { justify-self: center; }
}
@media (forced-colors: active) { .dial input, .bar, .knob { forced-color-adjust: none; } }
@media (hover: none) { .start .drop { display: none; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;

const BODY = `
<section class="panel" aria-label="Colour your own photo">
  <p class="problem" role="alert" hidden></p>
  <div class="work" hidden>
    <div class="show">
    <div class="stage">
      <canvas class="after" role="img" aria-label="The coloured photo"></canvas>
      <canvas class="before" role="img" aria-label="The photo before"></canvas>
      <input class="split" type="range" min="0" max="100" value="100" autocomplete="off" disabled aria-label="How much of the photo is shown uncoloured">
      <span class="bar" hidden><span class="knob" aria-hidden="true">◂ ▸</span></span>
      <div class="spot" tabindex="0" role="application" aria-roledescription="photo" aria-label="A place in the photo. The arrow keys choose another" hidden></div>
    </div>
    <p class="tags" aria-hidden="true"><span class="left">grey</span><span class="right" hidden>coloured</span></p>
    </div>
    <div class="pad below">
      <div class="loading"><progress aria-label="Loading the network"></progress><p class="quiet loaded">Reading the photo.</p></div>
      <p class="note" hidden></p>
      <div class="hinting" role="group" aria-labelledby="hinting" hidden>
        <p class="title" id="hinting">You know its colour? <small>Click on a thing in the photo, then on a colour.</small></p>
        <div class="about" hidden><div class="choosing"><canvas class="plane"></canvas></div><p class="seen"></p></div>
      </div>
      <div class="dials" hidden>
        <div class="dial temperature">
          <div class="title"><label for="t">Temperature <small>T</small></label><span class="value" id="t-value"></span></div>
          <div class="turn"><input id="t" type="range" min="0" max="${STOPS}" autocomplete="off"></div>
          <div class="ends"><span>the likeliest colour</span><span>a mix of all</span></div>
        </div>
        <div class="dial vividness">
          <div class="title"><label for="v">Vividness</label><span class="value" id="v-value"></span></div>
          <div class="turn"><input id="v" type="range" min="0" max="100" autocomplete="off"></div>
          <div class="ends"><span>cautious</span><span>vivid</span></div>
        </div>
      </div>
      <p class="note dull" hidden>This painter predicts one colour for each spot, so the dials have nothing to choose from.</p>
      <div class="actions" hidden>
        <button class="main save" type="button">Download the photo</button>
        <select class="format" aria-label="Format of the file" autocomplete="off">
          <option value="JPEG">as JPEG</option><option value="PNG">as PNG</option>
        </select>
        <label class="versus" hidden><input type="checkbox"> beside the true colours</label>
      </div>
      <div class="painters" role="group" aria-labelledby="painters" hidden>
        <p class="title" id="painters">Painters side by side <small>Choose one, and it paints the large picture.</small></p>
        <div class="row"></div>
        <p class="quiet">All but photo learned from pictures of 32 by 32 pixels, and see yours in about as many.</p>
      </div>
      <div class="nine" role="group" aria-labelledby="nine" hidden>
        <p class="title" id="nine">Nine settings <small>Choose one, and the dials turn to it.</small></p>
        <div class="cells"></div>
      </div>
      <div class="guess" role="group" aria-labelledby="guess" hidden>
        <p class="title" id="guess">Real or coloured? <small>For somebody who does not know your photos.</small></p>
        <p class="quiet">Choose photos that have colours. Each is painted by this painter, as the dials stand, and shown beside
          its true colours. They stay in this page, as all of your photos do.</p>
        <p class="asked" hidden></p>
        <div class="sides" hidden>
          <button class="side" type="button" aria-label="The left picture is real"><canvas width="1" height="1" aria-hidden="true"></canvas><span></span></button>
          <button class="side" type="button" aria-label="The right picture is real"><canvas width="1" height="1" aria-hidden="true"></canvas><span></span></button>
        </div>
        <p class="found" hidden></p>
        <div class="actions">
          <button class="next main" type="button" hidden></button>
          <button class="pick" type="button">Choose photos to guess</button>
          <input class="photos" type="file" accept="image/*" multiple tabindex="-1" aria-hidden="true">
        </div>
      </div>
    </div>
  </div>
  <div class="start pad">
    <p class="headline lead drop">Drop a photo here</p>
    <p class="lead drop">or paste one, or</p>
    <button class="main choose" type="button">Choose a photo</button>
    <input class="file" type="file" accept="image/*" tabindex="-1" aria-hidden="true">
    <p class="quiet lead">None at hand? Take one of ours.</p>
    <ul class="ours" aria-label="Photos of ours"></ul>
  </div>
  <p class="promise"><strong>Nothing is uploaded.</strong> <span class="cost"></span></p>
  <p class="voice" role="status"></p>
</section>
`;

class ColourPhoto extends HTMLElement {
  #asked = 0; // the number of the photo that was chosen last
  #reading = false; // and it is not known yet whether it can be read
  #job = 0; // of the one that is shown; 0 for none
  #chosen = new Map(); // what is known of a photo by its number: { name, kind, notes }
  #saving = new Map(); // the files on their way, by photo: their names
  #worker = null;
  #alive = false; // the worker has answered
  #cells = []; // the nine settings: { temperature, vividness, button }
  #cellsAsked = false; // for this photo
  #painters = []; // { name, bytes, state: "here" | "away" | "coming", button, weight }
  #painter = ""; // the name of the one that paints
  #wanted = ""; // and of the one that was chosen last: it may be on its way
  #pairs = new Map(); // the photos that are painted for the game, by number: who waits for them
  #asking = 0; // the number of the last of them
  #painting = null; // on its way from the worker: a "quick" picture, or a "full" one
  #stale = false; // and the dials have moved since
  #original = null;
  #gliding = false; // the handle moves by itself
  #pins = null; // what hints are given with, once it is here
  #chooser = null; // and the plane whose bins are chosen
  #hints = []; // [[x, y], "#rrggbb"] each, in pixels of the photo
  #size = [1, 1]; // of the photo, height and width
  #at = null; // the place whose colours are shown, [x, y]
  #proposed = () => {}; // who waits for other colourings
  #seen = null; // what the network says of the place
  #told = ""; // of the hints: said again with what follows from it

  async connectedCallback() {
    if (this.shadowRoot) return;
    this.base = new URL(this.getAttribute("files"), document.baseURI);
    this.attachShadow({ mode: "open" }).innerHTML = `<style>${STYLE}</style>${BODY}`;
    this.$ = (selector) => this.shadowRoot.querySelector(selector);
    this.#followTheme();
    this.settings = await this.#readSettings();
    if (this.settings.missing) {
      this.#fail(this.settings.missing);
      this.$(".start").hidden = true;
      this.$(".promise").hidden = true;
      return;
    }
    this.#offerPhotographs();
    this.#offerSettings();
    this.#offerPainters();
    this.#listen();
    this.#readAddress();
    this.toggleAttribute("ready", true); // for tests
  }

  async #readSettings() {
    try {
      return await (await fetch(new URL("settings.json", this.base))).json();
    } catch {
      return { missing: "This copy of the page came without its files: build the book with make book." };
    }
  }

  #followTheme() {
    const root = document.documentElement;
    const follow = () => this.classList.toggle("dark", root.dataset.theme === "dark");
    new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
    follow();
  }

  #offerPhotographs() {
    for (const { name, caption } of this.settings.photographs) {
      const image = Object.assign(new Image(144, 144), { alt: "", src: new URL(`${name}-small.jpg`, this.base), loading: "lazy" });
      const button = Object.assign(document.createElement("button"), { type: "button", title: caption });
      button.setAttribute("aria-label", `Colour ours: ${caption}`);
      button.append(image);
      button.addEventListener("click", () => this.#openOurs(name));
      const item = document.createElement("li");
      item.append(button);
      this.$(".ours").append(item);
    }
  }

  /** The nine of colorize --sheet, from top to bottom and from left to right. Each is a button with a small picture. */
  #offerSettings() {
    const { temperatures, vividnesses } = this.settings.sheet;
    this.#cells = temperatures.flatMap((temperature) => vividnesses.map((vividness) => ({ temperature, vividness })));
    for (const cell of this.#cells) {
      const { temperature, vividness } = cell;
      const start = temperature === this.settings.temperature && vividness === this.settings.vividness;
      cell.button = Object.assign(document.createElement("button"), { type: "button" });
      cell.button.innerHTML = `<canvas width="1" height="1"></canvas><span class="label"><span>T ${temperature}</span> ` +
        `<span>vividness ${vividness}</span>${start ? " <span>as it starts</span>" : ""}</span>`;
      cell.button.addEventListener("click", () => {
        this.#turnTo(temperature, vividness);
        this.#settled();
      });
      this.$(".cells").append(cell.button);
    }
  }

  /** The first is there with the first photo. Another says what it weighs, and comes when it is chosen. */
  #offerPainters() {
    this.#painters = this.settings.painters.map(({ name, caption, bytes }, i) => {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.innerHTML = `<canvas width="1" height="1"></canvas><strong>${name}</strong><small>${caption}</small><small class="weight"></small>`;
      button.addEventListener("click", () => this.#choosePainter(name));
      this.$(".row").append(button);
      return { name, bytes, button, weight: button.querySelector(".weight"), state: i ? "away" : "here" };
    });
    this.#beginWith(this.#painters[0].name);
  }

  /** Nothing is there yet: this painter comes with the first photo. */
  #beginWith(name) {
    for (const one of this.#painters) one.state = one.name === name ? "here" : "away";
    this.#painter = this.#wanted = name;
    const megabytes = (this.settings.machine.bytes + this.#painters.find((one) => one.name === name).bytes) / 1e6;
    this.$(".cost").textContent =
      `The network comes to your photo: the first one loads it, once (about ${Math.round(megabytes)} MB), ` +
      "and all is worked out in this page.";
    this.#showPainters();
  }

  #showPainters(coming = "") {
    for (const { name, bytes, button, weight, state } of this.#painters) {
      button.setAttribute("aria-pressed", name === this.#painter);
      button.classList.toggle("away", state !== "here");
      const megabytes = `${Math.round(bytes / 1e6)} MB`;
      weight.textContent = { here: "", away: `load ${megabytes}`, coming: coming && name === this.#wanted ? coming : "loading …" }[state];
    }
    const dull = this.settings.painters.find(({ name }) => name === this.#painter).prior === null;
    this.$(".dull").hidden = !dull;
    this.#pins?.allow(!dull);
    this.$(".nine").hidden = dull || this.$(".dials").hidden;
  }

  /** Once it is there. Only the painter that was chosen last then paints. */
  #choosePainter(name) {
    this.#wanted = name;
    const painter = this.#painters.find((one) => one.name === name);
    if (painter.state === "here") return this.#paintBy(name);
    if (painter.state === "coming") return;
    painter.state = "coming";
    this.#showPainters();
    this.$(".problem").hidden = true;
    this.#say(`Loading ${name}.`);
    this.#worker.postMessage({ kind: "painter", job: this.#job, painter: name });
  }

  #arrived(name) {
    this.#painters.find((one) => one.name === name).state = "here";
    this.#showPainters();
    if (name === this.#wanted) this.#paintBy(name);
    else this.#askForPainters();
  }

  #paintBy(name) {
    if (name === this.#painter) return;
    this.#painter = name;
    this.#cellsAsked = false;
    this.#writeAddress();
    this.#showPainters();
    this.#say(`Painted by ${name}.`);
    this.#paint();
  }

  /** Pins and swatches come with the first photo. */
  async #bringPins() {
    const [pins, bins, colour, hints] = await Promise.all(["pins", "bins", "colour", "hints"].map((name) => import(`./${name}.mjs`)));
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("pins.css", import.meta.url) });
    this.shadowRoot.prepend(style); // what stands in this file goes before it
    this.kit = { ...bins, ...colour, ...pins, ...hints };
    const { OTHERS, abToHex } = this.kit;
    this.#pins = pins.makePins({
      get: () => this.#hints,
      set: (given) => this.#tell(given),
      size: () => this.#size,
      cells: () => this.#steps(),
      where: () => this.#at,
      choose: (place) => this.#choose(place),
      back: () => this.$(".spot").focus({ preventScroll: true }),
      say: (words) => {
        this.#say(words);
        this.#told = `${words} `;
        setTimeout(() => (this.#told = ""), 1000);
      },
      others: async () => {
        const lists = await new Promise((resolve) => {
          this.#proposed = resolve;
          this.#send("others", { count: OTHERS });
        });
        return lists.map((list) => list.map(({ pixel, ab, lightness }) => [pixel, abToHex(ab, lightness)]));
      },
    });
    this.$(".stage").append(this.#pins.layer);
    this.$(".about").append(this.#pins.swatches);
    this.$(".hinting").append(this.#pins.tools);
    const spot = this.$(".spot");
    spot.addEventListener("focus", () => this.#at || this.#choose(this.#size.map((edge) => Math.floor(edge / 2)).reverse()));
    spot.addEventListener("keydown", (event) => this.#walk(event));
    this.#chooser = pins.makeChooser(this.$(".plane"), {
      take: (ab) => this.#pins.give(abToHex(ab, this.#seen.lightness)),
      say: (words) => this.#say(words),
    });
    new ResizeObserver(() => this.#drawPlane()).observe(this.$(".plane"));
  }

  /** How many places a key can stand on, down and across: about as many as the network has cells. */
  #steps() {
    const shape = Math.sqrt(this.#size[0] / this.#size[1]);
    return this.#size.map((edge, axis) => Math.min(edge, Math.max(1, Math.round(48 * (axis ? 1 / shape : shape)))));
  }

  #walk(event) {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!step || !this.#at) return;
    event.preventDefault();
    const [[height, width], [rows, columns]] = [this.#size, this.#steps()];
    const [x, y] = [this.#at[0] + (step[0] * width) / columns, this.#at[1] + (step[1] * height) / rows];
    this.#choose([Math.min(width - 1, Math.max(0, Math.round(x))), Math.min(height - 1, Math.max(0, Math.round(y)))]);
  }

  /** A click or a tap on the photo. Where it is still grey the handle makes way. */
  #tap({ clientX, clientY }) {
    const { left, top, width, height } = this.$(".stage").getBoundingClientRect();
    const [x, y] = [(clientX - left) / width, (clientY - top) / height].map((share) => Math.min(0.9999, Math.max(0, share)));
    if (!this.#pins) return;
    if (100 * x < this.$(".split").valueAsNumber) this.#split(100 * x - 12);
    this.#choose([Math.floor(x * this.#size[1]), Math.floor(y * this.#size[0])]);
  }

  #choose(place) {
    this.#at = place;
    const [height, width] = this.#size;
    const [x, y] = [(100 * (place[0] + 0.5)) / width, (100 * (place[1] + 0.5)) / height];
    Object.assign(this.$(".spot").style, { left: `${x}%`, top: `${y}%` });
    this.$(".stage").classList.add("chosen");
    this.#askForPlace();
  }

  #askForPlace() {
    if (this.#at) this.#send("place", { at: this.#at });
  }

  /** What the network says of the chosen place: drawn, offered as swatches, and said. */
  #showPlace({ at, painted, lightness, centres, p, likely }) {
    if (String(at) !== String(this.#at)) return; // another one is asked for
    const news = String(this.#seen?.at) !== String(at);
    this.#seen = { at, painted, lightness, centres, p, words: "" };
    this.$(".about").hidden = false;
    this.$(".about").classList.toggle("one", !centres);
    this.#pins.offer(likely ?? null, lightness);
    const { colourName } = this.kit;
    const best = centres && p.reduce((most, share, q) => (share > p[most] ? q : most), 0);
    const words = `Painted ${colourName(painted)}.` + (centres
      ? ` The likeliest bin is ${colourName(centres.slice(2 * best, 2 * best + 2))}, with ${Math.round(100 * p[best])} %.`
      : " This painter predicts one colour and has no others to offer. It follows the hints that there are.");
    this.$(".seen").textContent = this.#seen.words = words;
    this.#drawPlane();
    const [x, y] = at.map((place, axis) => Math.round((100 * place) / this.#size[1 - axis]));
    if (news) this.#say(`${this.#told}${x} % from the left, ${y} % from the top. ${words}`);
  }

  /** The bins, as large as they are likely, and a cross where the place is painted. */
  #drawPlane() {
    const { at, centres, p, painted, words } = this.#seen ?? {};
    if (!centres || !this.$(".plane").clientWidth) return;
    const places = this.kit.drawBins(this.$(".plane"), { centres, grid: this.settings.grid }, p);
    this.#chooser.show({ centres, p, ...places }, words, [this.#job, this.#painter, ...at]);
    const { context, ratio, x, y } = places;
    const [left, top, arm] = [x(painted[0]), y(painted[1]), 5 * ratio];
    for (const [style, width] of [["#000", 5], ["#fff", 2.5]]) {
      Object.assign(context, { strokeStyle: style, lineWidth: width * ratio });
      context.beginPath();
      for (const slope of [1, -1]) {
        context.moveTo(left - arm, top - slope * arm);
        context.lineTo(left + arm, top + slope * arm);
      }
      context.stroke();
    }
  }

  /** These are the hints now. */
  #tell(hints) {
    const same = hints === this.#hints;
    this.#hints = hints;
    this.#pins.show(this.#job);
    if (same) return this.#askForOthers();
    this.#cellsAsked = false;
    this.#paint();
  }

  /** The other colourings that are shown, at this setting. */
  #askForOthers() {
    const others = this.#pins?.others() ?? [];
    if (!others.length) return;
    const [painter, temperature, lam] = [this.#painter, this.temperature, this.lambda];
    this.#send("small", { what: "other", dials: others.map(({ hints }) => ({ painter, temperature, lam, hints })) });
  }

  #listen() {
    const file = this.$(".file");
    this.$(".choose").addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      this.#openFirst(file.files);
      file.value = ""; // so that the same file can be chosen again
    });
    this.#listenForDrops();
    document.addEventListener("paste", ({ clipboardData }) => this.#openFirst(clipboardData.files));
    for (const dial of [this.$("#t"), this.$("#v")]) this.#listenForADial(dial);
    addEventListener("hashchange", () => /[#&](T|lam|painter)=/.test(location.hash) && this.#readAddress());
    this.$(".save").addEventListener("click", () => this.#save());
    this.$(".versus input").addEventListener("change", () => this.#showBefore());
    this.#listenForTheHandle();
    guessing(this.$(".guess"), { pair: (photo) => this.#pairOf(photo), say: (text) => this.#say(text) });
  }

  /** A photo may land anywhere on the page: beside the panel, the browser would leave the page for it. */
  #listenForDrops() {
    const panel = this.$(".panel");
    const files = (event) => event.dataTransfer?.types.includes("Files");
    document.addEventListener("dragover", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      panel.classList.add("over");
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) panel.classList.remove("over");
    });
    document.addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      panel.classList.remove("over");
      this.#openFirst(event.dataTransfer.files);
    });
  }

  #listenForADial(dial) {
    dial.addEventListener("input", () => this.#turned());
    dial.addEventListener("change", () => this.#settled());
    const put = (value) => {
      if (value === dial.valueAsNumber) return;
      dial.value = value;
      dial.dispatchEvent(new Event("input"));
    };
    slide(dial.parentElement, {
      inset: THUMB,
      begin: () => {
        dial.focus({ preventScroll: true });
        return dial.valueAsNumber;
      },
      move: (share) => put(Math.round(share * dial.max)),
      end: () => dial.dispatchEvent(new Event("change")),
      cancel: put,
    });
  }

  #listenForTheHandle() {
    const split = this.$(".split");
    slide(this.$(".stage"), {
      begin: () => {
        this.#gliding = false;
        return split.disabled ? null : split.valueAsNumber;
      },
      move: (share) => this.#split(100 * share),
      cancel: (value) => this.#split(value),
      tap: (event) => this.#tap(event),
    });
    split.addEventListener("input", () => {
      this.#gliding = false;
      this.#split(split.valueAsNumber);
    });
  }

  /** T, to two digits, as the dial shows it; where it stands at first, exactly what it is to stand at. */
  get temperature() {
    const stop = this.$("#t").valueAsNumber;
    const { temperature } = this.settings;
    if (stop === Math.round(stopOf(temperature))) return temperature;
    return Number((10 ** ((2 * stop) / STOPS - 2)).toPrecision(2));
  }

  get vividness() {
    return this.$("#v").valueAsNumber;
  }

  get lambda() {
    return this.#lambdaOf(this.vividness);
  }

  /** As vividness_to_lambda of the command line has it. */
  #lambdaOf(vividness) {
    const [most, least] = this.settings.lambdas;
    return most + ((least - most) * vividness) / 100;
  }

  #turnTo(temperature, vividness) {
    this.$("#t").value = stopOf(temperature); // a range keeps to its ends and stops
    this.$("#v").value = vividness;
    this.#turned();
  }

  #turned() {
    const lam = Number(this.lambda.toFixed(3));
    this.$("#t-value").textContent = this.temperature;
    this.$("#v-value").innerHTML = `${this.vividness} <small>λ = ${lam}</small>`;
    this.$("#t").setAttribute("aria-valuetext", `${this.temperature}`);
    this.$("#v").setAttribute("aria-valuetext", `${this.vividness}, lambda ${lam}`);
    for (const { temperature, vividness, button } of this.#cells) {
      button.setAttribute("aria-pressed", temperature === this.temperature && vividness === this.vividness);
    }
    this.#paint();
  }

  /** The hand has left the dials. */
  #settled() {
    this.#say(`Temperature ${this.temperature}, vividness ${this.vividness}.`);
    this.#writeAddress();
  }

  /** Turn the dials to what the address says, or else to where they belong; and the same with the painter. */
  #readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const { temperature, vividness, lambdas } = this.settings;
    const [most, least] = lambdas;
    const [T, lam] = ["T", "lam"].map((name) => Number.parseFloat(asked.get(name)));
    this.#turnTo(T > 0 ? T : temperature, Number.isFinite(lam) ? (100 * (lam - most)) / (least - most) : vividness);
    const { name } = this.#painters.find((one) => one.name === asked.get("painter")) ?? this.#painters[0];
    if (!this.#worker) this.#beginWith(name);
    else if (this.$(".dials").hidden) this.#wanted = name; // as soon as the photo is there
    else this.#choosePainter(name);
  }

  #writeAddress() {
    const painter = this.#painter === this.#painters[0].name ? "" : `&painter=${this.#painter}`;
    history.replaceState(history.state, "", `#T=${this.temperature}&lam=${Number(this.lambda.toFixed(3))}${painter}`);
  }

  async #openOurs(name) {
    try {
      const response = await fetch(new URL(`${name}.jpg`, this.base));
      if (!response.ok) throw new Error(`answer ${response.status}`);
      await this.open(new File([await response.blob()], `${name}.jpg`));
    } catch (error) {
      this.#fail(`This photo could not be loaded (${error.message}). Check your connection and try again.`);
    }
  }

  #openFirst(files) {
    const [photo, second] = files;
    if (photo) this.open(photo, second ? [`One photo at a time: of ${files.length} files this is the first.`] : []);
  }

  /** Colour a picture file. What is shown stays, until it is known that this one can be read. */
  async open(photo, notes = []) {
    const job = ++this.#asked;
    this.#reading = true;
    this.$(".problem").hidden = true;
    this.#chosen.set(job, { name: photo.name?.replace(/\.[^.]*$/, "") || "photo", notes });
    this.#expect();
    try {
      const kind = kindOf(new Uint8Array(await firstBytes(photo)));
      const size = await this.#measure(photo, kind, notes);
      Object.assign(this.#chosen.get(job), { kind });
      if (job !== this.#asked) return; // another photo came meanwhile
      if (!this.#job) this.#shape(size);
      this.#start().postMessage({ kind: "open", job, photo, base: this.base.href, painter: this.#painter, ...size });
    } catch (error) {
      if (job === this.#asked) this.#fail(error.message);
    }
  }

  /** The size to work at; throws a sentence for what cannot be coloured. */
  async #measure(photo, kind, notes) {
    if (typeof WebAssembly !== "object" || typeof OffscreenCanvas !== "function" || typeof DecompressionStream !== "function") {
      throw new Error("This browser cannot run the network (it has no WebAssembly, or an old one): try another, or the command colorize.");
    }
    if (kind === "SVG") throw new Error(UNREADABLE.SVG);
    const { width, height } = await naturalSize(photo).catch(() => {
      throw new Error(UNREADABLE[kind] ?? (kind ? `This ${kind} file is damaged, or of a sort that your browser cannot read. ${ADVICE}`
        : `This is not a picture that your browser can read. ${ADVICE}`));
    });
    const pixels = width * height;
    if (pixels > REFUSED) {
      throw new Error(`This photo has ${Math.round(pixels / 1e6)} megapixels, too many for a browser. Reduce it to ${REFUSED / 1e6}.`);
    }
    const { width: small, height: low } = withAtMost({ width, height }, MOST);
    if (pixels > MOST) {
      notes.push(
        `Your photo has ${Math.round(pixels / 1e6)} megapixels. It was reduced to ${small} × ${low} to fit a browser's memory; ` +
          "the command colorize keeps them all.",
      );
    }
    return { width: small, height: low };
  }

  /** Say that a photo is being read. */
  #expect() {
    this.$(".panel").classList.add("busy");
    this.$(".work").hidden = false;
    this.$(".show").hidden = !this.#job;
    this.$(".loading").hidden = false;
    this.$("progress").removeAttribute("value");
    this.$(".loaded").textContent = "Reading the photo.";
    this.#say("Reading the photo.");
  }

  /** Make room for a photo of this shape. */
  #shape({ width, height }) {
    this.$(".show").hidden = false;
    this.$(".work").style.setProperty("--aspect", width / height);
    this.$(".stage").classList.toggle("tiny", Math.min(width, height) < 100);
    this.$(".stage").classList.remove("ready");
    for (const canvas of this.shadowRoot.querySelectorAll("canvas:not(.guess canvas)")) Object.assign(canvas, { width: 1, height: 1 });
    for (const part of [".dials", ".actions", ".hinting", ".painters", ".nine", ".guess", ".bar", ".right", ".spot"]) this.$(part).hidden = true;
    this.$(".nine").classList.remove("ready");
    this.#cellsAsked = false;
    this.$(".split").disabled = true;
    this.#split(100);
  }

  #start() {
    if (!this.#worker) {
      this.#worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
      this.#alive = false;
      this.#worker.onmessage = ({ data }) => this.#receive(data);
      this.#worker.onerror = (event) => {
        event.preventDefault();
        this.#stop();
      };
    }
    return this.#worker;
  }

  /** The worker did not come, or has died, and what it held with it. */
  #stop() {
    this.#worker.terminate();
    this.#worker = null;
    this.#job = 0;
    this.#saving.clear();
    for (const number of this.#pairs.keys()) this.#showPair({ number });
    this.#beginWith(this.#painter);
    this.#fail(
      this.#alive
        ? "The part of the page that colours has stopped. Try again, or a smaller photo."
        : "The part of the page that colours could not be loaded. Check your connection and try again.",
    );
  }

  #receive({ kind, job, ...data }) {
    this.#alive = true;
    if (kind === "opened" && job > this.#job) this.#opened(job, data);
    else if (kind === "saved") this.#offer(job, data.file);
    else if (kind === "failed") this.#failed(job, data);
    else if (kind === "painter") this.#arrived(data.painter); // it is there for the next photo, too
    else if (kind === "pair") this.#showPair(data);
    else if (kind === "inviting") this.#showInviting(data);
    else if (job === this.#job) {
      ({ loading: () => this.#showLoading(data), ready: () => this.#ready(), coloured: () => this.#showColoured(data),
        small: () => this.#showSmall(data), placed: () => this.#showPlace(data), others: () => this.#proposed(data.lists) })[kind]?.();
    }
  }

  /** This photo can be read: it takes the place of the one before. */
  #opened(job, { width, height, size, before, original, transparent }) {
    const { kind, notes } = this.#chosen.get(job);
    this.#job = job;
    if (job === this.#asked) this.#reading = false;
    for (const one of this.#chosen.keys()) if (one < job && !this.#saving.has(one)) this.#chosen.delete(one);
    this.#painting = null;
    this.#stale = false;
    this.#hints = []; // they were of the photo before
    this.#at = this.#seen = null;
    this.#size = size;
    this.$(".about").hidden = true;
    this.$(".stage").classList.remove("chosen");
    this.#restore();
    this.#shape({ width, height });
    if (transparent) notes.push("Where the photo is transparent it was laid on white.");
    this.$(".note").textContent = notes.join(" ");
    this.$(".note").hidden = !notes.length;
    this.$(".format").value = ["JPEG", "HEIC", "WebP", "AVIF"].includes(kind) ? "JPEG" : "PNG"; // as exact as it came
    this.grey = new ImageData(before, width, height);
    this.#original = original;
    this.$(".versus").hidden = !original;
    this.#showBefore();
    if (!this.#reading) this.$(".loaded").textContent = "Looking at the photo.";
  }

  #showBefore() {
    const canvas = this.$(".before");
    const truth = this.#original && this.$(".versus input").checked;
    Object.assign(canvas, { width: this.grey.width, height: this.grey.height });
    if (truth) canvas.getContext("2d").drawImage(this.#original, 0, 0);
    else canvas.getContext("2d").putImageData(this.grey, 0, 0);
    this.$(".left").textContent = truth ? "true colours" : "grey";
  }

  #showLoading({ loaded, total }) {
    Object.assign(this.$("progress"), { max: total, value: loaded });
    const [some, all] = [loaded, total].map((bytes) => Math.round(bytes / 1e6));
    this.$(".loaded").textContent = loaded < total ? `Loading the network, once: ${some} of ${all} MB.` : "Starting the network.";
  }

  async #ready() {
    const job = this.#job;
    this.$(".loading").hidden = !this.#reading;
    for (const part of [".dials", ".actions", ".painters", ".guess"]) this.$(part).hidden = false;
    this.#showPainters();
    this.#paint();
    if (this.#wanted !== this.#painter) this.#choosePainter(this.#wanted); // the address asked for it meanwhile
    try {
      await (this.pinsCome ??= this.#bringPins());
    } catch { // without them the rest goes on
      this.pinsCome = null;
      return;
    }
    if (job !== this.#job) return;
    this.#pins.show(job);
    this.#pins.allow(this.$(".dull").hidden);
    for (const part of [".hinting", ".spot"]) this.$(part).hidden = false;
  }

  /** A photo of the game in its true colours and painted; null if it cannot be read, or has no colours. */
  async #pairOf(photo) {
    try {
      const kind = kindOf(new Uint8Array(await firstBytes(photo)));
      const size = withAtMost(await this.#measure(photo, kind, []), GUESSED);
      const number = ++this.#asking;
      this.#send("pair", { number, photo, hints: [], ...size });
      return await new Promise((resolve) => this.#pairs.set(number, resolve));
    } catch {
      return null;
    }
  }

  #showPair({ number, ...pair }) {
    this.#pairs.get(number)?.(pair.truth ? pair : null);
    this.#pairs.delete(number);
  }

  /** Ask for the picture at this setting: a smaller one first, and when the hand rests the whole. */
  #paint() {
    if (!this.#job || this.$(".dials").hidden) return;
    if (this.#painting === "quick") this.#stale = true;
    else this.#send("dials", { quick: true }); // what the worker paints for an older setting, it leaves
  }

  #send(kind, more) {
    if (kind === "dials") this.#painting = more.quick ? "quick" : "full";
    this.#worker.postMessage({ kind, job: this.#job, painter: this.#painter, temperature: this.temperature, lam: this.lambda, hints: this.#hints, ...more });
  }

  #showColoured({ rgba, width, height, rough }) {
    const canvas = this.$(".after");
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
    if (!this.$(".stage").matches(".ready")) this.#reveal();
    this.#painting = null;
    this.#askForPlace();
    if (this.#stale) {
      this.#stale = false;
      this.#paint();
    } else if (rough) this.#send("dials", { quick: false });
    else {
      this.#askForPainters();
      this.#askForOthers();
      if (!this.#cellsAsked && !this.$(".nine").hidden) this.#askForCells();
    }
    this.toggleAttribute("rough", Boolean(rough)); // for tests
  }

  /** Once a photo and painter, after the first whole picture: the nine small ones. */
  #askForCells() {
    this.#cellsAsked = true;
    this.$(".nine").classList.remove("ready");
    const painter = this.#painter;
    const hints = this.#hints;
    const dials = this.#cells.map(({ temperature, vividness }) => ({ painter, temperature, lam: this.#lambdaOf(vividness), hints }));
    this.#send("small", { what: "cell", dials });
  }

  /** After every whole picture: what the painters that are there make of the photo at this setting. */
  #askForPainters() {
    const [temperature, lam, hints] = [this.temperature, this.lambda, this.#hints];
    const here = this.#painters.filter(({ state }) => state === "here");
    this.$(".painters").classList.remove("ready");
    this.#send("small", { what: "painter", dials: here.map(({ name: painter }) => ({ painter, temperature, lam, hints })) });
  }

  #showSmall({ what, index, painter, rgba, width, height }) {
    const canvas = {
      cell: () => this.#cells[index].button.querySelector("canvas"),
      painter: () => this.#painters.find(({ name }) => name === painter).button.querySelector("canvas"),
      other: () => this.#pins.others()[index]?.canvas,
    }[what]();
    if (!canvas) return; // they have been closed
    Object.assign(canvas, { width, height });
    canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
    if (what === "other") return;
    const cell = what === "cell";
    const last = cell ? this.#cells.length : this.#painters.filter(({ state }) => state === "here").length;
    this.$(cell ? ".nine" : ".painters").classList.toggle("ready", index === last - 1); // for tests
  }

  #showInviting({ loaded, total }) {
    const [some, all] = [loaded, total].map((bytes) => Math.round(bytes / 1e6));
    this.#showPainters(loaded < total ? `${some} of ${all} MB` : "starting");
  }

  /** The first picture of a photo: the handle moves in from the right. */
  #reveal() {
    for (const part of [".bar", ".right"]) this.$(part).hidden = false;
    this.$(".stage").classList.add("ready");
    this.$(".split").disabled = false;
    this.#say("The photo is coloured. Two dials change its colours.");
    this.#gliding = true;
    const [job, from, to] = [this.#job, performance.now(), 30];
    const time = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 900;
    const step = (now) => {
      const done = time ? Math.min(1, Math.max(0, (now - from) / time)) : 1;
      if (job !== this.#job || !this.#gliding) return; // the reader has taken it
      this.#split(100 + (to - 100) * (1 - (1 - done) ** 3));
      if (done < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Show this much of the photo, in percent from the left, uncoloured. */
  #split(percent) {
    const value = Math.min(100, Math.max(0, percent));
    this.$(".stage").style.setProperty("--split", `${value}%`);
    this.$(".split").value = value;
    this.$(".split").setAttribute("aria-valuetext", `${Math.round(value)} percent`);
  }

  #save() {
    if (this.#saving.has(this.#job)) return;
    const [type, suffix] = FORMATS[this.$(".format").value];
    this.#saving.set(this.#job, `${this.#chosen.get(this.#job).name}-coloured.${suffix}`);
    this.$(".save").setAttribute("aria-disabled", "true"); // it keeps the focus, as one that is disabled would not
    this.$(".save").textContent = "Painting all of it …";
    this.#say("Painting all of it.");
    this.#send("save", { type });
  }

  /** Another photo may be shown by now: what was asked for comes all the same. */
  #offer(job, file) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: this.#saving.get(job) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.#saving.delete(job);
    if (job === this.#job) this.#restore();
    this.#say("The photo is downloaded.");
  }

  #restore() {
    this.$(".save").removeAttribute("aria-disabled");
    this.$(".save").textContent = "Download the photo";
  }

  #failed(job, { what, number, painter, message }) {
    if (what === "pair") this.#showPair({ number });
    else if (what === "save") {
      this.#saving.delete(job);
      if (job === this.#job) this.#restore();
      this.#warn(message);
    } else if (what === "dials" && job === this.#job) {
      this.#painting = null;
      this.#warn(message);
    } else if (what === "painter") {
      for (const one of this.#painters) if (one.name === painter) one.state = "away";
      this.#wanted = this.#painter;
      this.#showPainters();
      this.#warn(message);
    } else if (what === "open") {
      if (job === this.#job) this.#job = 0; // it could be read, but not coloured
      if (job === this.#asked) this.#fail(message);
    }
  }

  /** Say why a photo cannot be coloured, and go back to what there was. */
  #fail(message) {
    this.#reading = false;
    this.$(".loading").hidden = !this.#job || !this.$(".dials").hidden;
    this.$(".work").hidden = !this.#job;
    this.$(".panel").classList.toggle("busy", Boolean(this.#job));
    this.#warn(message);
  }

  #warn(message) {
    this.$(".problem").textContent = message;
    this.$(".problem").hidden = false;
  }

  /** For screen readers. */
  #say(text) {
    this.$(".voice").textContent = text;
  }
}

/** The size of a picture reduced to no more than so many pixels. */
function withAtMost({ width, height }, most) {
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  const [small, low] = [width, height].map((edge) => Math.max(1, Math.floor(edge * scale)));
  return { width: small, height: low };
}

async function firstBytes(photo) {
  try {
    return await photo.slice(0, 4096).arrayBuffer();
  } catch {
    throw new Error("This cannot be opened as a file: it may be a folder, or no longer where it was.");
  }
}

/** The size of a picture file, turned upright, as the browser reads it. */
async function naturalSize(photo) {
  const image = new Image();
  image.src = URL.createObjectURL(photo);
  try {
    await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject }));
    const { naturalWidth: width, naturalHeight: height } = image;
    if (!width || !height) throw new Error("a picture without a size of its own");
    return { width, height };
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

customElements.define("colour-photo", ColourPhoto);
