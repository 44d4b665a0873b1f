/* The worker of "Colour your own photo": it decodes, runs the networks and paints, so that the page never
   stalls. It is started by the first photograph, and fetches a network then; another when the reader asks for one.

   In, each with the number of its photograph as `job` and a network as `painter`: { kind: "open", photo, width, height,
   base }, { kind: "painter" }, { kind: "dials", temperature, lam, hints, quick }, { kind: "small", what, dials: [{ painter,
   temperature, lam, hints }, ...] }, { kind: "place", at, temperature, lam, hints }, { kind: "others", count },
   { kind: "save", temperature, lam, hints, type } and, for another photograph than that which is open, { kind: "pair", number,
   photo, width, height, temperature, lam }. Hints are [[x, y], "#rrggbb"] in pixels of the photograph.
   Out, with the same `job`: { kind: "opened" | "loading" | "ready" | "painter" | "coloured" | "small" | "placed" |
   "others" | "saved" | "pair" | "failed", ... }.

   Painting goes in short turns, so that a dial is answered while a file is painted. And the photograph
   that is open stays so until the next one can be coloured: what comes may be damaged. */

import { missingEnd } from "./kinds.mjs";
import { grey, hinted, lightness, look, painter, placed, proposed, resized, view } from "./pipeline.mjs";

/** While the dials turn and pins move at most this many pixels are painted, so that a hint is answered in about 50 ms, and
    after that so many; the file that is saved has all. */
const QUICK = 110_000;
const SHOWN = 1_000_000;
/** And of each of the nine settings, and by each painter, so many. */
const CELL = 40_000;
/** Milliseconds of painting before it is looked whether something else is wanted. */
const TURN = 25;

let engine = null; // a promise of { ort, settings, base }
const networks = new Map(); // by name, promises of sessions
let open = null; // the photograph: { job, plane, shown, quick, cell, looks }
let newest = 0; // the photograph that was read last
let latest = null; // what the dials asked for last
const smallest = {}; // and what small pictures: by what they show

/** What the page can say as it is. */
class Problem extends Error {}

self.onmessage = async ({ data: request }) => {
  const reply = (kind, more = {}, transfer = []) => postMessage({ kind, job: request.job, ...more }, transfer);
  try {
    const acts = { open: opening, painter: inviting, dials: turning, small: comparing, place: placing, others: proposing, save: saving,
      pair: pairing };
    await acts[request.kind](request, reply);
  } catch (error) {
    const known = error instanceof Problem;
    const message = known ? error.message : `Something went wrong here (${error.message ?? error}). Try again, or a smaller photo.`;
    reply("failed", { what: request.kind, number: request.number, painter: request.painter, message });
  }
};

async function opening({ job, photo, width, height, base, painter }, reply) {
  const { pixels, colourful, transparent } = await decoded(photo, width, height);
  if (job < newest) return; // another one was faster
  newest = job;
  const plane = lightness(pixels);
  const shown = withAtMost(plane, SHOWN);
  const quick = withAtMost(shown, QUICK);
  const before = grey(shown);
  const original = colourful ? await shrunk(pixels, shown) : null;
  const size = [plane.height, plane.width];
  reply("opened", { width: shown.width, height: shown.height, size, before, original, transparent }, [before.buffer]);

  engine ??= load(base, painter, (loaded, total) => reply("loading", { loaded, total }));
  await engine.catch(again);
  if (job !== newest) return;
  const photograph = { job, plane, shown, quick, cell: withAtMost(quick, CELL), looks: new Map() };
  await looked(photograph, painter).catch(again);
  if (job !== newest) return;
  open = photograph;
  reply("ready");
}

/** What did not start, or broke, is not used again: the next photograph gets another. */
function again(error) {
  engine = null;
  networks.clear();
  throw error;
}

/** Another painter looks at the photograph that is open. */
async function inviting(request, reply) {
  const photograph = opened(request);
  await looked(photograph, request.painter, (loaded, total) => reply("inviting", { painter: request.painter, loaded, total }));
  reply("painter", { painter: request.painter });
}

/** What a network says of a photograph, asked once: { said, settings }. */
async function looked(photograph, painter, progress = () => {}) {
  if (!photograph.looks.has(painter)) {
    const { ort, settings } = await engine;
    if (!networks.has(painter)) networks.set(painter, network(painter, progress));
    const session = await networks.get(painter).catch((error) => {
      networks.delete(painter);
      throw error;
    });
    const own = session.settings;
    const seen = view(photograph.plane, own);
    const input = new ort.Tensor("float32", seen.data, [1, 1, seen.height, seen.width]);
    const { logits } = await session.run({ lightness: input });
    photograph.looks.set(painter, { said: look(photograph.plane, seen, logits.data, own), settings: own });
  }
  return photograph.looks.get(painter);
}

/** A copy with no more than so many pixels, or the plane itself. */
function withAtMost(plane, most) {
  const { width, height } = plane;
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  return resized(plane, [height, width].map((edge) => Math.max(1, Math.floor(edge * scale))));
}

async function turning(request, reply) {
  latest = request;
  const photograph = opened(request);
  const plane = request.quick ? photograph.quick : photograph.shown;
  const rgba = await painted(photograph, plane, request, () => latest === request);
  if (!rgba) return; // the dials have moved on
  reply("coloured", { rgba, width: plane.width, height: plane.height, rough: plane !== photograph.shown }, [rgba.buffer]);
}

/** The photograph in several settings or by several painters, small, one after another, as long as it is open and
    nothing newer of the kind is asked for. */
async function comparing(request, reply) {
  const photograph = opened(request);
  const { width, height } = photograph.cell;
  const { what } = request;
  smallest[what] = request;
  const wanted = () => open === photograph && smallest[what] === request;
  for (const [index, dials] of request.dials.entries()) {
    await turn();
    if (!wanted()) return;
    const rgba = await painted(photograph, photograph.cell, dials, wanted);
    if (!rgba || !wanted()) return;
    reply("small", { what, index, painter: dials.painter, rgba, width, height }, [rgba.buffer]);
  }
}

/** What the network says of one place. */
async function placing(request, reply) {
  const photograph = opened(request);
  const { said, settings } = await looked(photograph, request.painter);
  const { temperature, lam, hints, at } = request;
  reply("placed", { at, ...placed(said, settings, temperature, lam, hints, photograph.plane, at) });
}

/** Hints for other colourings. */
async function proposing(request, reply) {
  const photograph = opened(request);
  const { said, settings } = await looked(photograph, request.painter);
  reply("others", { lists: proposed(said, settings, request.count, photograph.plane) });
}

async function saving(request, reply) {
  const photograph = opened(request);
  const { width, height } = photograph.plane;
  const rgba = await painted(photograph, photograph.plane, request, () => true);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
  reply("saved", { file: await canvas.convertToBlob({ type: request.type, quality: 0.92 }) });
}

/** A photograph in its true colours and painted, at one size: so no sharpness tells one from the other. */
async function pairing(request, reply) {
  const { number, photo, width, height } = request;
  const { pixels, colourful } = await decoded(photo, width, height);
  if (!colourful) return reply("pair", { number });
  const plane = lightness(pixels);
  const rgba = await painted({ plane, looks: new Map() }, plane, request, () => true);
  reply("pair", { number, truth: pixels.data, painted: rgba, width, height }, [rgba.buffer, pixels.data.buffer]);
}

function opened({ job }) {
  if (open?.job !== job) throw new Problem("This photo is no longer open: choose it again.");
  return open;
}

/** rgba of a plane of the photograph; null if it stops being wanted on the way. */
async function painted(photograph, plane, { temperature, lam, hints, painter: name }, wanted) {
  const { said, settings } = await looked(photograph, name);
  const paint = painter(plane, hinted(said, settings, temperature, lam, hints, photograph.plane), settings);
  const rgba = new Uint8ClampedArray(4 * plane.width * plane.height);
  let started = performance.now();
  for (let y = 0; y < plane.height; y++) {
    paint(rgba, y);
    if (performance.now() - started < TURN) continue;
    await turn();
    if (!wanted()) return null;
    started = performance.now();
  }
  return rgba;
}

/** Lets what has come in meanwhile go first. A timer would wait longer each time. */
function turn() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A picture file as rgba of this size, laid on white; whether it has any colour, and whether one could see through it. */
async function decoded(photo, width, height) {
  checkCanvas();
  const bytes = await photo.arrayBuffer().catch(() => {
    throw new Problem("This file can no longer be opened. Choose it again.");
  });
  if (missingEnd(new Uint8Array(bytes))) {
    throw new Problem("This file is damaged: it breaks off before its end. Copy it again from where it came from.");
  }
  const bitmap = await createImageBitmap(photo).catch(() => {
    throw new Problem("This file is damaged: the photo in it cannot be read. Try another.");
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  let pixels = context.getImageData(0, 0, width, height);
  const transparent = seeThrough(pixels.data);
  if (transparent) {
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    pixels = context.getImageData(0, 0, width, height);
  }
  return { pixels, colourful: hasColour(pixels.data), transparent };
}

/** Some browsers guard against fingerprints: what a page reads from a picture is then noise. */
function checkCanvas() {
  const side = 16;
  const drawn = new Uint8ClampedArray(4 * side * side).map((_, i) => (i % 4 === 3 ? 255 : (37 * i) % 256));
  const context = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  context.putImageData(new ImageData(drawn, side, side), 0, 0);
  const read = context.getImageData(0, 0, side, side).data;
  const apart = read.reduce((sum, value, i) => sum + Math.abs(value - drawn[i]), 0) / read.length;
  if (apart > 2) { // a level here and there does no harm
    throw new Problem(
      "Your browser gives this page noise instead of your photo: it guards against fingerprints. Allow the page to " +
        "read pictures (canvas data: see the address bar), or use another browser, or the command colorize.",
    );
  }
}

function seeThrough(rgba) {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] < 255) return true;
  return false;
}

/** Whether some pixel is not grey, JPEG's rounding aside. */
function hasColour(rgba) {
  for (let at = 0; at < rgba.length; at += 4) {
    const [r, g, b] = [rgba[at], rgba[at + 1], rgba[at + 2]];
    if (Math.max(r, g, b) - Math.min(r, g, b) > 12) return true;
  }
  return false;
}

/** The photograph as it came, at the size in which it is shown. */
function shrunk(pixels, { width, height }) {
  return createImageBitmap(pixels, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
}

/** The runtime and the first network, fetched once and together. */
async function load(base, painter, progress) {
  const [settings, centres] = await Promise.all(["settings.json", "bins.json"].map((name) => json(new URL(name, base))));
  const first = settings.painters.find(({ name }) => name === painter);
  const [model, machine] = await together([first, settings.machine], base, progress);
  const ort = await import(new URL(settings.runtime, base)).catch(unreachable);
  // One thread needs no special headers of the server. This is a worker already: no proxy to another one.
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: machine, proxy: false });
  const engine = { ort, base, settings: { ...settings, centres } };
  networks.set(painter, session(engine, painter, model));
  await networks.get(painter);
  return engine;
}

/** One more network. */
async function network(painter, progress) {
  const ready = await engine;
  const [model] = await together([ready.settings.painters.find(({ name }) => name === painter)], ready.base, progress);
  return session(ready, painter, model);
}

/** A network that runs, { run, settings }: what is shared, and what is its own. */
async function session({ ort, base, settings }, painter, model) {
  const own = settings.painters.find(({ name }) => name === painter);
  const prior = own.prior && (await json(new URL(own.prior, base)));
  const running = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const centres = prior ? settings.centres : null;
  return { run: (input) => running.run(input), settings: { ...settings, ...own, prior, centres } };
}

/** Files, unpacked; `progress` is told how many bytes of all have come. */
async function together(files, base, progress) {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const counts = files.map(() => 0);
  const bytes = files.map(({ file, bytes }, i) => {
    const count = (come) => {
      counts[i] = Math.min(come, bytes); // a server may have unpacked it
      progress(counts.reduce((a, b) => a + b), total);
    };
    return bytesOf(new URL(file, base), count).then(unpacked);
  });
  return Promise.all(bytes);
}

function unreachable(error) {
  throw new Problem(`The network could not be loaded (${error.message}). Check your connection and try again.`);
}

async function fetched(url) {
  const response = await fetch(url).catch(unreachable);
  if (!response.ok) unreachable(new Error(`answer ${response.status}`));
  return response;
}

const json = async (url) => (await fetched(url)).json();

/** The bytes of a file, telling how many have come. */
async function bytesOf(url, count) {
  const reader = (await fetched(url)).body.getReader();
  const parts = [];
  let bytes = 0;
  for (let part = await reader.read().catch(unreachable); !part.done; part = await reader.read().catch(unreachable)) {
    parts.push(part.value);
    count((bytes += part.value.length));
  }
  return new Blob(parts);
}

/** What a gzip file holds. A server that says what it sends is gzip has had the browser unpack it already. */
async function unpacked(blob) {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const packed = first === 0x1f && second === 0x8b;
  const stream = packed ? blob.stream().pipeThrough(new DecompressionStream("gzip")) : blob.stream();
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
