/* What the interactive parts of the book share. No other file, no library, no network: Python puts this
   text in the place of the import line (colorize_lib/page.py), so each part is one module in one piece. */

/** An element with attributes, listeners (functions) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A slider or a radio button. JupyterLab leaves it its arrow keys, and a browser that comes back to the page leaves it
    as the script set it: a thumb moved by the browser alone would stand beside the wrong number. */
export function input(type, attributes) {
  const element = make("input", { type, autocomplete: "off", "data-lm-suppress-shortcuts": "true", ...attributes });
  if (type === "range") letFingersScroll(element);
  return element;
}

/** A finger has to travel this far, in CSS pixels, before it is known where it goes. */
const SLOP = 8;

/** A finger that lands on a slider may be on its way down the page, which the browser then tells by `pointercancel`.
    So the slider stays as it is until the finger goes sideways, or leaves without having gone anywhere. */
function letFingersScroll(slider) {
  let finger = null;
  const decide = () => {
    const { wanted } = finger;
    finger = null;
    if (wanted === slider.value) return;
    slider.value = wanted;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  slider.addEventListener("pointerdown", ({ pointerType, clientX }) => {
    finger = pointerType === "touch" ? { clientX, before: slider.value, wanted: slider.value } : null;
  });
  const hold = (event) => {
    if (!finger) return;
    finger.wanted = slider.value;
    slider.value = finger.before;
    event.stopImmediatePropagation();
  };
  slider.addEventListener("input", hold, { capture: true });
  slider.addEventListener("pointermove", ({ clientX }) => finger && Math.abs(clientX - finger.clientX) > SLOP && decide());
  slider.addEventListener("pointerup", () => finger && decide());
  slider.addEventListener("pointercancel", () => (finger = null));
}

/** Call `act` with the place that a mouse presses or drags over, or a finger taps or drags over sideways. */
export function onPoint(element, act) {
  let start = null;
  element.addEventListener("pointerdown", (event) => {
    start = event.pointerType === "touch" ? event.clientX : null;
    if (start === null) act(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (!event.buttons || (start !== null && Math.abs(event.clientX - start) <= SLOP)) return;
    start = null;
    act(event);
  });
  element.addEventListener("pointerup", (event) => start !== null && act(event));
}

/** The settings after "#" in the address, as in `#T=0.38&lam=0.5&image=5`. */
export function fromAddress(address = location.hash) {
  return new URLSearchParams(address.includes("=") ? address.slice(1) : "");
}

/** Put settings into the address: a copy of it, a reload and the way back lead to them. One that is
    null goes out of it; others that are there stay. */
export function toAddress(settings) {
  const all = fromAddress();
  for (const [name, value] of Object.entries(settings)) value === null ? all.delete(name) : all.set(name, value);
  try {
    history.replaceState(history.state, "", `#${all}`);
  } catch {
    // Some hosts show pages without an address of their own.
  }
}

/** Links of the class "set" in the text, to an address such as #T=0.38&lam=0.5, turn the dials of a part: those that
    name one of `keys`. `turn` gets the settings. The link keeps the focus, and the part comes into sight. Returns what ends it. */
export function followLinks(element, keys, turn) {
  const follow = (event) => {
    const link = event.target.closest?.("a.set");
    if (!link?.getAttribute("href").startsWith("#") || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const asked = fromAddress(link.hash);
    if (!keys.some((key) => asked.has(key))) return;
    event.preventDefault();
    turn(asked);
    element.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("click", follow); // Enter on a link is a click, too
  return () => document.removeEventListener("click", follow);
}

/** Call `redraw` when the element has another size, or the page another theme. It ends when the element has gone: that is
    a change of its size, too. */
export function redrawWith(element, redraw) {
  const theme = new MutationObserver(redraw);
  const size = new ResizeObserver(() => {
    if (element.isConnected) return redraw();
    theme.disconnect();
    size.disconnect();
  });
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  size.observe(element);
}

/** A number without its fraction, as one writes it. */
export const signed = (x) => (Math.round(x) < 0 ? "−" : "") + Math.abs(Math.round(x));

/** Put rgba on a canvas, one canvas pixel a pixel; the style sheet enlarges it. */
export function put(canvas, rgba, [height, width]) {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
}

/** Text to bytes. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Bytes that gzip packed, unpacked. */
export async function gunzip(bytes) {
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

/** The data that Python left to come later (colorize_lib/pages/page.py), as a promise. They are a script, in the page
    or in a file of their own, because a page from the disk may load that and nothing else. While a page is still coming
    in, what is in it may be there by half: so it is looked at when all of it is. */
export async function comeLater(id) {
  if (globalThis.colourPage?.[id]) return globalThis.colourPage[id];
  if (document.readyState === "loading") {
    await new Promise((go) => document.addEventListener("DOMContentLoaded", go, { once: true }));
  }
  const waiting = document.querySelector(`script[data-later="${id}"]`);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = () => resolve(globalThis.colourPage[id]);
    script.onerror = () => reject(new Error("it did not come"));
    if (waiting?.dataset.file) script.src = waiting.dataset.file;
    else script.textContent = waiting?.textContent ?? "";
    document.head.append(script);
    if (!script.src) (globalThis.colourPage?.[id] ? script.onload : script.onerror)();
  });
}

/** Call `mount` with every place marked with this id and the data that Python sent for it, as soon as both are there:
    some hosts run scripts first. */
export function whenThere(id, mount) {
  const data = globalThis.colourPage?.[id];
  const places = document.querySelectorAll(`[data-colour-page="${id}"]:not([data-mounted])`);
  if (!data || !places.length) return requestAnimationFrame(() => whenThere(id, mount));
  for (const place of places) {
    place.dataset.mounted = "";
    mount(place, ...data);
  }
}
