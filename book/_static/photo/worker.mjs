/* The worker of "Colour your own photo": it decodes, runs the network and paints, so that the page never
   stalls. It is started by the first photograph, and fetches the network then.

   In: { kind: "open", job, photo, width, height, base }, { kind: "dials", job, temperature, lam } and
   { kind: "save", job, temperature, lam }. Out: the same `job` and { kind: "loading" | "opened" |
   "coloured" | "saved" | "failed", ... }. */

import { coloured, grey, lightness, padded, reduced, views } from "./pipeline.mjs";

/** While the dials turn, at most this many pixels are painted; the file that is saved has all. */
const SHOWN = 1_000_000;

let engine = null; // a promise of { ort, session, settings }
let open = null; // the photograph: { plane, shown, answers }

/** What the page can say as it is. */
class Problem extends Error {}

self.onmessage = async ({ data: request }) => {
  const reply = (kind, more = {}, transfer = []) => postMessage({ kind, job: request.job, ...more }, transfer);
  try {
    await { open: opening, dials: painting, save: saving }[request.kind](request, reply);
  } catch (error) {
    const known = error instanceof Problem;
    reply("failed", { message: known ? error.message : `Something went wrong here (${error.message ?? error}). Try again, or a smaller photo.` });
  }
};

async function opening({ photo, width, height, base }, reply) {
  open = null;
  const { pixels, colourful } = await decoded(photo, width, height);
  const plane = lightness(pixels);
  const side = Math.floor(Math.min(width, height) * Math.sqrt(SHOWN / (width * height)));
  const shown = reduced(plane, Math.max(1, side));
  const before = grey(shown);
  const original = colourful ? await shrunk(pixels, shown) : null;
  reply("opened", { width: shown.width, height: shown.height, before, original }, [before.buffer]);

  engine ??= load(base, (loaded, total) => reply("loading", { loaded, total }));
  const { ort, session, settings } = await engine.catch((error) => {
    engine = null; // so that the next photograph tries again
    throw error;
  });
  const answers = [];
  for (const view of views(plane, settings)) {
    const { data, height: tall, width: wide } = padded(view);
    const input = new ort.Tensor("float32", data, [1, 1, tall, wide]);
    const { logits } = await session.run({ lightness: input });
    answers.push({ view, logits: logits.data, tall: tall / 2, wide: wide / 2 });
  }
  open = { plane, shown, answers, settings };
  reply("ready");
}

function painting({ temperature, lam }, reply) {
  const { shown, answers, settings } = photograph();
  const rgba = coloured(shown, answers, settings, temperature, lam);
  reply("coloured", { rgba, width: shown.width, height: shown.height }, [rgba.buffer]);
}

async function saving({ temperature, lam }, reply) {
  const { plane, answers, settings } = photograph();
  const { width, height } = plane;
  const canvas = new OffscreenCanvas(width, height);
  const rgba = coloured(plane, answers, settings, temperature, lam);
  canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
  reply("saved", { file: await canvas.convertToBlob({ type: "image/png" }) });
}

function photograph() {
  if (!open) throw new Problem("There is no photo yet: choose one.");
  return open;
}

/** A picture file as rgba of this size, laid on white, and whether it has any colour. */
async function decoded(photo, width, height) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(photo);
  } catch {
    throw new Problem("This file is damaged: the photo in it cannot be read. Try another.");
  }
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const pixels = context.getImageData(0, 0, width, height);
  return { pixels, colourful: hasColour(pixels.data) };
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
async function shrunk(pixels, { width, height }) {
  const bitmap = await createImageBitmap(pixels, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  return bitmap;
}

/** The runtime and the network, fetched once. */
async function load(base, progress) {
  const [settings, bins] = await Promise.all(["settings.json", "bins.json"].map((name) => json(new URL(name, base))));
  const total = settings.files.reduce((sum, file) => sum + file.bytes, 0);
  const counts = settings.files.map(() => 0);
  const parts = await Promise.all(
    settings.files.map(async ({ part, name }, i) => {
      const count = (bytes) => {
        counts[i] = bytes;
        progress(counts.reduce((a, b) => a + b), total);
      };
      return [part, await bytesOf(new URL(name, base), count)];
    }),
  );
  const { network, runtime } = Object.fromEntries(parts);
  const folder = new URL("runtime/", base).href;
  const ort = await import(`${folder}ort.wasm.min.mjs`);
  // One thread needs no special headers of the server. This is a worker already: no proxy to another one.
  Object.assign(ort.env.wasm, { numThreads: 1, wasmPaths: folder, wasmBinary: runtime, proxy: false });
  const session = await ort.InferenceSession.create(network, { executionProviders: ["wasm"] });
  return { ort, session, settings: { ...settings, ...bins } };
}

async function fetched(url) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`answer ${response.status}`);
    return response;
  } catch (error) {
    throw new Problem(`The network could not be loaded (${error.message}). Check your connection and try again.`);
  }
}

const json = async (url) => (await fetched(url)).json();

/** The bytes of a file, telling how many have come. */
async function bytesOf(url, count) {
  const reader = (await fetched(url)).body.getReader();
  const parts = [];
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    count((bytes += part.value.length));
  }
  const whole = new Uint8Array(bytes);
  parts.reduce((at, part) => {
    whole.set(part, at);
    return at + part.length;
  }, 0);
  return whole;
}
