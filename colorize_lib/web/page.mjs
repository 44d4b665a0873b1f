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

/** Put rgba on a canvas, one canvas pixel a pixel; the style sheet enlarges it. */
export function put(canvas, rgba, [height, width]) {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
}

/** Text to bytes. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Hand every place marked with this id to `mount`, as soon as there is one: some hosts run scripts first. */
export function whenThere(id, mount) {
  const places = document.querySelectorAll(`[data-colour-page="${id}"]:not([data-mounted])`);
  if (!places.length) requestAnimationFrame(() => whenThere(id, mount));
  for (const place of places) {
    place.dataset.mounted = "";
    mount(place);
  }
}
