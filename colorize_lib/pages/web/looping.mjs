/* Films that play side by side, in step, round and round. */

import { fromBase64, input, make, whenThere } from "./page.mjs";

/** Bring the first frames inside `element` to life: `strips` are WebP files with all frames of a film, one below the
    other, of `count` frames of `height` by `width`, shown `rate` a second. */
export async function mountLooping(element, strips, [count, height, width], rate) {
  const root = element.querySelector(".looping");
  const films = await Promise.all(
    strips.map((strip) => createImageBitmap(new Blob([fromBase64(strip)], { type: "image/webp" }))),
  );
  const brushes = [...root.querySelectorAll("img")].map((still) => {
    const canvas = make("canvas", { width, height, "aria-hidden": "true" });
    still.replaceWith(canvas);
    return canvas.getContext("2d");
  });
  let frame = 0;
  let playing = false;
  let seen = false;
  let due = 0;

  const draw = () => {
    brushes.forEach((brush, i) => brush.drawImage(films[i], 0, frame * height, width, height, 0, 0, width, height));
    slider.value = frame;
    slider.setAttribute("aria-valuetext", `${frame + 1} of ${count}`);
  };
  /** Called with each picture of the screen, as long as the films play and are in sight. */
  const tick = (now) => {
    if (!playing || !seen || !element.isConnected) return;
    if (now >= due) {
      frame = (frame + 1) % count;
      due = Math.max(due + 1000 / rate, now);
      draw();
    }
    requestAnimationFrame(tick);
  };
  const set = (wanted) => {
    playing = wanted;
    button.textContent = playing ? "Pause" : "Play";
    if (playing && seen) requestAnimationFrame(tick);
  };
  const button = make("button", { type: "button", click: () => set(!playing) }, "Play");
  // It stops as soon as the slider is taken hold of, also where that leaves the frame as it is: Home at the first one.
  const hold = () => set(false);
  const slider = input("range", { min: 0, max: count - 1, value: 0, "aria-label": "Frame",
    pointerdown: ({ pointerType }) => pointerType !== "touch" && hold(), // a finger may only be scrolling
    keydown: ({ key }) => key !== "Tab" && hold(),
    input: () => {
      hold();
      frame = Number(slider.value);
      draw();
    } });
  root.append(make("div", { class: "lo-bar" }, button, slider));
  draw();
  new IntersectionObserver(([entry]) => {
    const before = seen;
    seen = entry.isIntersecting;
    if (playing && seen && !before) requestAnimationFrame(tick);
  }).observe(root);
  set(!matchMedia("(prefers-reduced-motion: reduce)").matches);
}

/** Play the films wherever the page has a place with this id. */
export function loopingAt(id) {
  whenThere(id, mountLooping);
}
