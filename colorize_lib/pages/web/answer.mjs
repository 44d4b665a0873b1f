/* The answer to an exercise: a number or one of a few words, and what `check` says of it (exercises/in_page.py).

   What is said comes packed and is unpacked with the first answer, so that who looks at the page does not see it. */

import { fromBase64, gunzip, input, make, whenThere } from "./page.mjs";

/** A number as people write it: 0.25, 0,25, 1/4, 25 %, 1e-3, 1,000. Not a number where it is none. */
export function parse(text) {
  const plain = text.trim().replace(/^(-?[1-9]\d{0,2}(?:,\d{3})+)(?=\.|$)/, (all) => all.replaceAll(",", "")).replace("−", "-");
  const [, value, below, percent] = plain.replace(",", ".").match(/^([^/%]+?)\s*(?:\/\s*([^/%]+?))?\s*(%?)$/) ?? [];
  if (!value) return NaN;
  return Number(value) / (below ? Number(below) : 1) / (percent ? 100 : 1);
}

/** What the table says of a number: which stretch it lies in. */
export function lookUp({ changes, which, words }, value) {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return words[which[low]].replace("{}", String(Number(value.toPrecision(6))));
}

let count = 0;

/** Build it inside `element`. */
export function mountAnswer(element, exercise, choices, packed) {
  count += 1;
  const id = `answer-${count}`;
  let table = null;
  const said = make("p", { class: "an-said", role: "status" });
  const say = (text) => {
    said.textContent = text;
    said.className = `an-said ${text.startsWith("✓") ? "an-right" : "an-not-yet"}`;
  };
  const judge = async (find) => {
    table ??= JSON.parse(new TextDecoder().decode(await gunzip(fromBase64(packed))));
    say(find());
  };
  const field = input("text", { id, class: "an-field", inputmode: "decimal", size: 10 });
  const radios = choices.map((name, i) => {
    const radio = input("radio", { name: id, change: () => judge(() => table.words[i]) });
    return make("label", { class: "an-choice" }, radio, ` ${name}`);
  });
  const submit = (event) => {
    event.preventDefault();
    const value = parse(field.value);
    if (!field.value.trim()) say("✗ Not yet. Write your number into the field.");
    else if (!Number.isFinite(value)) say("✗ Not yet. That is not a number: write it as 0.25, 1/4 or 25 %.");
    else judge(() => lookUp(table, value));
  };
  const ask = choices.length
    ? make("fieldset", {}, make("legend", {}, `Your answer to ${exercise}`), ...radios)
    : make(
        "form",
        { submit },
        make("label", { for: id }, `Your answer to ${exercise}`),
        field,
        make("button", { type: "submit" }, "Check"),
      );
  element.classList.add("colour-page", "answer-here");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `Answer exercise ${exercise} here`);
  element.replaceChildren(ask, said);
}

/** Put it wherever the page has a place with this id. */
export function answerAt(id) {
  whenThere(id, mountAnswer);
}
