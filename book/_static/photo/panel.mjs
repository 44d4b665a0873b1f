/* The panel "Colour your own photo": an element <colour-photo files="…/"> on a page of the book.

   It holds the controls and the two canvases. The work is done in worker.mjs, which the first photograph
   starts: until then the page has loaded this file, the settings and four small pictures. */

/** Photographs with more pixels are reduced to this many, to fit a browser's memory; with far more, refused. */
const MOST = 16_000_000;
const REFUSED = 120_000_000;
/** The temperature dial: this many stops, even in log T, from 0.01 to 1. */
const STOPS = 200;

const STYLE = `
:host {
  --accent: #0072b2; --on-accent: #fff; --line: rgb(128 128 128 / 40%); --soft: rgb(128 128 128 / 12%);
  --paper: #fff; --wrong: #b3261e;
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
button:disabled { opacity: 0.5; cursor: default; }
button.main { border-color: transparent; background: var(--accent); color: var(--on-accent); font-weight: 600; }
button.main:hover:enabled { filter: brightness(1.1); }

.stage { position: relative; margin: 0 auto; overflow: hidden; background: var(--soft); touch-action: pan-y; user-select: none;
  -webkit-user-select: none; }
.stage.ready { cursor: ew-resize; }
.stage canvas { position: absolute; inset: 0; display: block; width: 100%; height: 100%; }
.stage.tiny canvas { image-rendering: pixelated; }
.before { clip-path: inset(0 calc(100% - var(--split)) 0 0); }
.bar { position: absolute; inset: 0 auto 0 var(--split); width: 2px; margin-left: -1px; background: #fff;
  box-shadow: 0 0 6px rgb(0 0 0 / 60%); pointer-events: none; }
.knob { position: absolute; top: 50%; left: 50%; display: grid; place-items: center; width: 42px; height: 42px;
  margin: -21px 0 0 -21px; border-radius: 50%; background: #fff; color: #222; box-shadow: 0 1px 8px rgb(0 0 0 / 45%); }
.split:focus-visible + .bar .knob { outline: 3px solid var(--accent); outline-offset: 3px; }
.tag { position: absolute; bottom: 0.6rem; padding: 0.1rem 0.6rem; border-radius: 99px; background: rgb(0 0 0 / 60%);
  color: #fff; font-size: 0.82em; pointer-events: none; }
.tag.left { left: 0.6rem; }
.tag.right { right: 0.6rem; }
.split, .file, .voice { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }

.loading { display: grid; gap: 0.4rem; }
progress { width: 100%; height: 10px; accent-color: var(--accent); }
.dials { display: grid; grid-template-columns: 1fr 1fr; gap: 0.9rem 2rem; }
.title { display: flex; justify-content: space-between; gap: 1rem; align-items: baseline; font-weight: 600; }
.title output { font-variant-numeric: tabular-nums; white-space: nowrap; }
.title small { font-weight: 400; opacity: 0.8; }
.dial input { appearance: none; -webkit-appearance: none; display: block; width: 100%; height: 34px; margin: 0; background: none;
  cursor: pointer; border-radius: 8px; }
.dial input::-webkit-slider-runnable-track { height: 8px; border-radius: 4px; background: var(--ramp); }
.dial input::-moz-range-track { height: 8px; border-radius: 4px; background: var(--ramp); }
.dial input::-webkit-slider-thumb { appearance: none; -webkit-appearance: none; width: 24px; height: 24px; margin-top: -8px;
  border: 4px solid var(--accent); border-radius: 50%; background: var(--paper); }
.dial input::-moz-range-thumb { box-sizing: border-box; width: 24px; height: 24px; border: 4px solid var(--accent); border-radius: 50%;
  background: var(--paper); }
.temperature { --ramp: linear-gradient(90deg, #56b4e9, #c9a9c0 55%, #d55e00); }
.vividness { --ramp: linear-gradient(90deg, #999 5%, #7d93a8 30%, #2d8fb5 55%, #00a06f 70%, #e69f00 85%, #d9480f); }
.ends { display: flex; justify-content: space-between; font-size: 0.85em; opacity: 0.8; }
.actions { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; }
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
  .dials { grid-template-columns: 1fr; }
  .actions .versus { margin-left: 0; }
  .actions .main { flex: 1 0 100%; }
  .panel.busy .start { grid-template-columns: 1fr; justify-items: center; }
  .panel.busy .ours { justify-self: center; }
}
@media (hover: none) { .start .drop { display: none; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;

const BODY = `
<section class="panel" aria-label="Colour your own photo">
  <p class="problem" role="alert" hidden></p>
  <div class="work" hidden>
    <div class="stage">
      <canvas class="after" role="img" aria-label="The coloured photo"></canvas>
      <canvas class="before" role="img" aria-label="The photo before"></canvas>
      <span class="tag left">grey</span><span class="tag right" hidden>coloured</span>
      <input class="split" type="range" min="0" max="100" value="100" disabled aria-label="How much of the photo is shown uncoloured">
      <span class="bar" hidden><span class="knob" aria-hidden="true">◂ ▸</span></span>
    </div>
    <div class="pad below">
      <div class="loading"><progress aria-label="Loading the network"></progress><p class="quiet loaded">Reading the photo.</p></div>
      <p class="note" hidden></p>
      <div class="dials" hidden>
        <div class="dial temperature">
          <div class="title"><label for="t">Temperature <small>T</small></label><output for="t"></output></div>
          <input id="t" type="range" min="0" max="${STOPS}" value="158">
          <div class="ends"><span>the likeliest colour</span><span>a mix of all</span></div>
        </div>
        <div class="dial vividness">
          <div class="title"><label for="v">Vividness</label><output for="v"></output></div>
          <input id="v" type="range" min="0" max="100" value="50">
          <div class="ends"><span>cautious</span><span>vivid</span></div>
        </div>
      </div>
      <div class="actions" hidden>
        <button class="main save" type="button">Download the photo</button>
        <label class="versus" hidden><input type="checkbox"> beside the true colours</label>
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
  #job = 0;
  #worker = null;
  #name = "photo";
  #painting = false; // a picture is on its way from the worker
  #stale = false; // and the dials have moved since
  #original = null;

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
    this.#listen();
    this.#showDials();
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
    const megabytes = this.settings.files.reduce((sum, file) => sum + file.bytes, 0) / 1e6;
    this.$(".cost").textContent =
      `The network comes to your photo: the first one loads it, once (about ${Math.round(megabytes)} MB), ` +
      "and all is worked out in this page.";
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

  #listen() {
    const file = this.$(".file");
    this.$(".choose").addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      if (file.files[0]) this.open(file.files[0]);
      file.value = ""; // so that the same file can be chosen again
    });
    this.#listenForDrops();
    document.addEventListener("paste", ({ clipboardData }) => {
      if (clipboardData.files[0]) this.open(clipboardData.files[0]);
    });
    for (const dial of ["#t", "#v"]) {
      this.$(dial).addEventListener("input", () => this.#showDials() || this.#paint());
      this.$(dial).addEventListener("change", () => this.#say(`Temperature ${this.temperature}, vividness ${this.vividness}.`));
    }
    this.$(".save").addEventListener("click", () => this.#save());
    this.$(".versus input").addEventListener("change", () => this.#showBefore());
    this.#listenForTheHandle();
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
      if (event.dataTransfer.files[0]) this.open(event.dataTransfer.files[0]);
    });
  }

  #listenForTheHandle() {
    const stage = this.$(".stage");
    const split = this.$(".split");
    const follow = ({ clientX }) => {
      const { left, width } = stage.getBoundingClientRect();
      this.#split((100 * (clientX - left)) / width);
    };
    stage.addEventListener("pointerdown", (event) => {
      if (split.disabled || event.button) return;
      stage.setPointerCapture(event.pointerId);
      follow(event);
    });
    stage.addEventListener("pointermove", (event) => stage.hasPointerCapture(event.pointerId) && follow(event));
    split.addEventListener("input", () => this.#split(split.valueAsNumber));
  }

  /** T, to two digits, as the dial shows it. */
  get temperature() {
    return Number((10 ** ((2 * this.$("#t").valueAsNumber) / STOPS - 2)).toPrecision(2));
  }

  get vividness() {
    return this.$("#v").valueAsNumber;
  }

  /** As vividness_to_lambda of the command line has it. */
  get lambda() {
    const [most, least] = this.settings.lambdas;
    return most + ((least - most) * this.vividness) / 100;
  }

  #showDials() {
    const lam = Number(this.lambda.toFixed(3));
    this.$("output[for=t]").textContent = this.temperature;
    this.$("output[for=v]").innerHTML = `${this.vividness} <small>λ = ${lam}</small>`;
    this.$("#t").setAttribute("aria-valuetext", `${this.temperature}`);
    this.$("#v").setAttribute("aria-valuetext", `${this.vividness}, lambda ${lam}`);
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

  /** Colour a picture file. */
  async open(photo) {
    const job = ++this.#job;
    this.$(".problem").hidden = true;
    this.#name = photo.name?.replace(/\.[^.]*$/, "") || "photo";
    try {
      const size = await this.#measure(photo);
      if (job !== this.#job) return; // another photo came meanwhile
      this.#expect(size);
      this.#start().postMessage({ kind: "open", job, photo, base: this.base.href, ...size });
    } catch (error) {
      if (job === this.#job) this.#fail(error.message);
    }
  }

  /** The size to work at; throws a sentence for what cannot be coloured. */
  async #measure(photo) {
    if (typeof WebAssembly !== "object" || typeof OffscreenCanvas !== "function") {
      throw new Error("This browser cannot run the network (it has no WebAssembly): try another, or the command colorize.");
    }
    const image = new Image();
    image.src = URL.createObjectURL(photo);
    try {
      await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject }));
    } catch {
      throw new Error("This is not a picture that your browser can read. Try a JPEG or a PNG.");
    } finally {
      URL.revokeObjectURL(image.src);
    }
    const { naturalWidth: width, naturalHeight: height } = image;
    if (!width || !height) throw new Error("This picture has no size of its own. Try a JPEG or a PNG.");
    const pixels = width * height;
    if (pixels > REFUSED) {
      throw new Error(`This photo has ${Math.round(pixels / 1e6)} megapixels, too many for a browser. Reduce it to ${REFUSED / 1e6}.`);
    }
    const scale = Math.min(1, Math.sqrt(MOST / pixels));
    const [small, low] = [width, height].map((edge) => Math.max(1, Math.floor(edge * scale)));
    this.$(".note").hidden = scale === 1;
    this.$(".note").textContent =
      `Your photo has ${Math.round(pixels / 1e6)} megapixels. It was reduced to ${small} × ${low} to fit a browser's memory; ` +
      "the command colorize keeps them all.";
    return { width: small, height: low };
  }

  /** Make room for a photo of this shape. */
  #expect({ width, height }) {
    this.$(".panel").classList.add("busy");
    this.$(".work").hidden = false;
    this.$(".stage").style.aspectRatio = `${width} / ${height}`;
    this.$(".stage").style.width = `min(100%, calc(75vh * ${width / height}))`;
    this.$(".stage").classList.toggle("tiny", Math.min(width, height) < 100);
    this.$(".stage").classList.remove("ready");
    for (const canvas of this.shadowRoot.querySelectorAll("canvas")) Object.assign(canvas, { width: 1, height: 1 });
    for (const part of [".dials", ".actions", ".bar", ".tag.right"]) this.$(part).hidden = true;
    this.$(".loading").hidden = false;
    this.$("progress").removeAttribute("value");
    this.$(".loaded").textContent = "Reading the photo.";
    this.$(".split").disabled = true;
    this.#painting = this.#stale = false;
    this.#split(100);
    this.#say("Colouring the photo.");
  }

  #start() {
    if (!this.#worker) {
      this.#worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
      this.#worker.onmessage = ({ data }) => data.job === this.#job && this.#receive(data);
      this.#worker.onerror = (event) => {
        event.preventDefault();
        this.#worker.terminate();
        this.#worker = null;
        this.#fail("The part of the page that colours has stopped. Try again, or a smaller photo.");
      };
    }
    return this.#worker;
  }

  #receive({ kind, ...data }) {
    const answers = {
      opened: () => this.#showGrey(data),
      loading: () => this.#showLoading(data),
      ready: () => this.#paint(),
      coloured: () => this.#showColoured(data),
      saved: () => this.#offer(data.file),
      failed: () => this.#fail(data.message),
    };
    answers[kind]();
  }

  #showGrey({ width, height, before, original }) {
    this.grey = new ImageData(before, width, height);
    this.#original = original;
    this.$(".versus").hidden = !original;
    this.#showBefore();
    this.$(".loaded").textContent = "Looking at the photo.";
  }

  #showBefore() {
    const canvas = this.$(".before");
    const truth = this.#original && this.$(".versus input").checked;
    Object.assign(canvas, { width: this.grey.width, height: this.grey.height });
    if (truth) canvas.getContext("2d").drawImage(this.#original, 0, 0);
    else canvas.getContext("2d").putImageData(this.grey, 0, 0);
    this.$(".tag.left").textContent = truth ? "true colours" : "grey";
  }

  #showLoading({ loaded, total }) {
    Object.assign(this.$("progress"), { max: total, value: loaded });
    const [some, all] = [loaded, total].map((bytes) => Math.round(bytes / 1e6));
    this.$(".loaded").textContent = loaded < total ? `Loading the network, once: ${some} of ${all} MB.` : "Starting the network.";
  }

  /** Ask for the picture at this setting, unless one is on its way: then once more when it has come. */
  #paint() {
    if (this.#painting) this.#stale = true;
    else {
      this.#painting = true;
      this.#send("dials");
    }
  }

  #send(kind) {
    this.#worker.postMessage({ kind, job: this.#job, temperature: this.temperature, lam: this.lambda });
  }

  #showColoured({ rgba, width, height }) {
    const canvas = this.$(".after");
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
    if (!this.$(".loading").hidden) this.#reveal();
    this.#painting = false;
    if (this.#stale) {
      this.#stale = false;
      this.#paint();
    }
  }

  /** The first picture of a photo: the handle moves in from the right. */
  #reveal() {
    this.$(".loading").hidden = true;
    for (const part of [".dials", ".actions", ".bar", ".tag.right"]) this.$(part).hidden = false;
    this.$(".stage").classList.add("ready");
    this.$(".split").disabled = false;
    this.#say("The photo is coloured. Two dials change its colours.");
    const [job, from, to] = [this.#job, performance.now(), 30];
    const time = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 900;
    const step = (now) => {
      const done = time ? Math.min(1, Math.max(0, (now - from) / time)) : 1;
      if (job !== this.#job || this.$(".stage").matches(":active")) return;
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
    this.$(".save").disabled = true;
    this.$(".save").textContent = "Painting all of it …";
    this.#send("save");
  }

  #offer(file) {
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(file),
      download: `${this.#name}-coloured.png`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.#restore();
    this.#say("The photo is downloaded.");
  }

  #restore() {
    this.$(".save").disabled = false;
    this.$(".save").textContent = "Download the photo";
  }

  /** Say what went wrong, and be ready for the next photo. */
  #fail(message) {
    this.#painting = this.#stale = false;
    this.#restore();
    if (!this.$(".loading").hidden) {
      this.$(".work").hidden = true;
      this.$(".panel").classList.remove("busy");
    }
    this.$(".problem").textContent = message;
    this.$(".problem").hidden = false;
  }

  /** For screen readers. */
  #say(text) {
    this.$(".voice").textContent = text;
  }
}

customElements.define("colour-photo", ColourPhoto);
