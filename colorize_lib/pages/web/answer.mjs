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

/** Build it inside `element`: radio buttons for `choices`, or a field for each of `names`, which is "" where it is alone. */
export function mountAnswer(element, exercise, { choices = [], names = [] }, packed) {
  const id = `answer-${exercise}`; // each part is a module of its own, so a count would begin anew
  let tables = null;
  const said = make("p", { class: "an-said", role: "status" });
  const say = (text) => {
    said.textContent = text;
    said.className = `an-said ${text.startsWith("✓") ? "an-right" : "an-not-yet"}`;
  };
  const judge = async (find) => {
    tables ??= JSON.parse(new TextDecoder().decode(await gunzip(fromBase64(packed))));
    say(find());
  };
  const radios = choices.map((name, i) => {
    const radio = input("radio", { name: id, change: () => judge(() => tables[0].words[i]) });
    return make("label", { class: "an-choice" }, radio, ` ${name}`);
  });
  const fields = names.map((name, i) => input("text", { id: `${id}-${i}`, class: "an-field", inputmode: "decimal", size: 10 }));
  const submit = (event) => {
    event.preventDefault();
    const values = fields.map(({ value }) => parse(value));
    const which = (i) => (names[i] ? ` in the place of ${names[i]}` : "");
    const blank = fields.findIndex(({ value }) => !value.trim());
    const odd = values.findIndex((value) => !Number.isFinite(value));
    if (blank >= 0) say(`✗ Not yet. Write your number into the field${names[blank] && ` of ${names[blank]}`}.`);
    else if (odd >= 0) say(`✗ Not yet. That is not a number${which(odd)}: write it as 0.25, 1/4 or 25 %.`);
    else {
      judge(() => {
        const words = tables.map((table, i) => lookUp(table, values[i]));
        return words.find((text) => !text.startsWith("✓")) ?? words[0];
      });
    }
  };
  const legend = `Your answer to ${exercise}`;
  const pairs = fields.map((field, i) =>
    make("span", { class: "an-pair" }, make("label", { for: field.id }, names[i] || legend), field),
  );
  const check = make("button", { type: "submit" }, "Check");
  const ask = choices.length
    ? make("fieldset", {}, make("legend", {}, legend), ...radios)
    : make("form", { submit }, ...(fields.length > 1 ? [make("span", { class: "an-legend" }, legend)] : []), ...pairs, check);
  element.classList.add("colour-page", "answer-here");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `Answer exercise ${exercise} here`);
  element.replaceChildren(ask, said);
}

/** Put it wherever the page has a place with this id. */
export function answerAt(id) {
  whenThere(id, mountAnswer);
}
