/* Before and after: pictures of the same scene lie one over the other, and a line between them can be moved. */

import { input, make, whenThere } from "./page.mjs";

/** Bring the pictures inside `element` to life: `scenes` and `names` are what they show, in their order. */
export function mountBeforeAfter(element, scenes, names) {
  const root = element.querySelector(".before-after");
  const stages = [...root.children].map((stage) => ({ stage, sides: [...stage.children] }));
  let scene = 0;
  let right = 1;

  const range = input("range", { class: "ba-range", min: 0, max: 100, value: 50, input: () => draw() });
  const line = make("div", { class: "ba-line", "aria-hidden": "true" }, make("span", { class: "ba-knob" }, "◂ ▸"));
  const choice = (attributes, chosen, child) =>
    make("button", { type: "button", ...attributes, click: () => (chosen(), show()) }, child);
  const strip = scenes.map((name, i) => {
    const small = make("img", { src: stages[i].sides[1].querySelector("img").src, alt: "" });
    return choice({ class: "ba-small", "aria-label": name, title: name }, () => (scene = i), small);
  });
  const rights = names.slice(1).map((name, i) => choice({}, () => (right = i + 1), name));
  const bar = [strip, rights].filter((buttons) => buttons.length > 1);

  /** The line where the slider is. */
  const draw = () => {
    const split = Number(range.value);
    root.style.setProperty("--split", `${split}%`);
    range.setAttribute("aria-valuetext", `${split} % ${names[0]}, ${100 - split} % ${names[right]}`);
  };
  /** The chosen scene with the two chosen pictures, and the slider on top. */
  const show = () => {
    stages.forEach(({ stage, sides }, i) => {
      stage.hidden = i !== scene;
      sides.forEach((side, k) => (side.hidden = k !== 0 && k !== right));
    });
    strip.forEach((button, i) => button.setAttribute("aria-pressed", i === scene));
    rights.forEach((button, i) => button.setAttribute("aria-pressed", i + 1 === right));
    range.setAttribute("aria-label", `${scenes[scene]}: ${names[0]} at the left, ${names[right]} at the right`);
    stages[scene].stage.append(range, line);
    draw();
  };

  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `Compare ${names.join(", ")}`);
  // A page may let the pictures of hidden scenes wait. Once it is there they come too: no choice shall find a gap.
  const fetchAll = () => root.querySelectorAll("img").forEach((picture) => (picture.loading = "eager"));
  if (document.readyState === "complete") fetchAll();
  else addEventListener("load", fetchAll);
  if (bar.length) root.append(make("div", { class: "ba-bar" }, ...bar.map((part) => make("div", {}, ...part))));
  show();
}

/** Put the slider wherever the page has a place with this id. */
export function beforeAfterAt(id) {
  whenThere(id, mountBeforeAfter);
}
