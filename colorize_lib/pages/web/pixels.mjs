/* Pictures to choose from, and a pixel to choose in them. */

import { input, make, onPoint, put } from "./page.mjs";

/** A row of small pictures: radio buttons, so arrow keys work. `choose` hears the number of the one that is chosen. */
export function makePicker(pictures, choose) {
  const group = `page-picker-${Math.random()}`; // no other part of the page has it
  const choices = pictures.map(({ name, truth, size }, i) => {
    const radio = input("radio", { name: group, change: () => choose(i) });
    const canvas = make("canvas", { "aria-hidden": "true" });
    put(canvas, truth, size);
    return { radio, element: make("label", { class: "page-choice", title: name }, radio, canvas, make("span", {}, name)) };
  });
  const element = make("div", { class: "page-picker", role: "radiogroup", "aria-label": "Picture" });
  element.append(...choices.map((choice) => choice.element));
  return { element, show: (i) => (choices[i].radio.checked = true) };
}

/** A picture with a frame around one of its pixels. `choose` hears [row, column] of the one that a click or a drag
    chooses, or an arrow key if the picture has `keys`: of several that show the same, one has. `cells` returns how many
    rows and columns there are. */
export function makePicture(cells, choose, keys = true) {
  let pixel = [0, 0];
  const go = (...place) => choose(place.map((at, axis) => Math.max(0, Math.min(cells()[axis] - 1, at))));
  const walk = (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    go(pixel[0] + move[0], pixel[1] + move[1]);
  };
  const canvas = make("canvas", {
    class: "page-picture",
    role: keys ? "application" : "img",
    tabindex: keys ? 0 : null,
    "aria-roledescription": keys ? "picture" : null,
    keydown: keys ? walk : null,
  });
  onPoint(canvas, ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    const [rows, columns] = cells();
    go(Math.floor((rows * (clientY - box.top)) / box.height), Math.floor((columns * (clientX - box.left)) / box.width));
  });
  const marker = make("i", { class: "page-marker" });
  const show = (name, rgba, size, [row, column]) => {
    pixel = [row, column];
    const [rows, columns] = cells();
    put(canvas, rgba, size);
    canvas.setAttribute("aria-label", keys ? `${name}. The arrow keys choose a pixel` : name);
    Object.assign(marker.style, {
      left: `${(100 * column) / columns}%`,
      top: `${(100 * row) / rows}%`,
      width: `${100 / columns}%`,
      height: `${100 / rows}%`,
    });
  };
  return { element: make("div", { class: "page-frame" }, canvas, marker), show, focus: () => canvas.focus() };
}
