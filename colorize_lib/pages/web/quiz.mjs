/* Real or coloured? Twenty rounds, two pictures each, one click each. What you answer stays in the browser. */

import { fromBase64, make, put, whenThere } from "./page.mjs";

/** How often the crowd of Zhang, Isola and Efros (ECCV 2016) took their network's picture for the real one, in %. */
const PAPER = 32;
const MEMORY = "colour-quiz";

/** A copy in random order. */
function shuffled(list, random) {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1));
    [copy[i], copy[k]] = [copy[k], copy[i]];
  }
  return copy;
}

/** Which picture, by which painter, with the true one on which side: no picture twice, painters in turn. */
export function deal(pictures, painters, rounds, random = Math.random) {
  const turns = shuffled([...Array(painters).keys()], random);
  const order = shuffled(Array.from({ length: rounds }, (_, i) => turns[i % painters]), random);
  return shuffled([...Array(pictures).keys()], random)
    .slice(0, rounds)
    .map((picture, i) => ({ picture, painter: order[i], trueLeft: random() < 0.5 }));
}

/** Wilson's 95 % interval of a share, in %. */
export function interval(hits, n) {
  const z = 1.96;
  const middle = (hits + z ** 2 / 2) / (n + z ** 2);
  const half = (z / (n + z ** 2)) * Math.sqrt((hits * (n - hits)) / n + z ** 2 / 4);
  return [middle - half, middle + half].map((share) => Math.round(100 * Math.min(1, Math.max(0, share))));
}

/** What earlier games left in this browser: rounds and fooled by painter. Without storage, nothing. */
function remember() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY)) || {};
  } catch {
    return {};
  }
}

function keep(totals) {
  try {
    localStorage.setItem(MEMORY, JSON.stringify(totals));
  } catch {
    // A browser that stores nothing still plays.
  }
}

/** Build the quiz inside `element`, from what Python sent. */
export function mountQuiz(element, { painters: names, pictures, size, rounds, bytes }) {
  const painters = names.map((name) => name.replaceAll(" = ", "\u00a0=\u00a0")); // no line ends in a formula
  const rgb = fromBase64(bytes);
  const length = 3 * size[0] * size[1];
  /** rgba of picture n: the true one, or a painter's. */
  const rgba = (n, painter = -1) => {
    const start = ((painter + 1) * pictures + n) * length;
    const picture = new Uint8ClampedArray((length / 3) * 4).fill(255);
    for (let i = 0; i < length; i++) picture[Math.floor(i / 3) * 4 + (i % 3)] = rgb[start + i];
    return picture;
  };

  let game;
  let round;
  let answers;
  const progress = make("p", { class: "cq-progress" });
  const said = make("p", { class: "cq-said", role: "status", "aria-live": "polite" });
  const sides = ["left", "right"].map((side) => {
    const canvas = make("canvas", { "aria-hidden": "true" });
    const tag = make("span", { class: "cq-tag", "aria-hidden": "true" });
    const choose = () => answer(side === "left");
    const button = make("button", { type: "button", class: "cq-side", click: choose }, canvas, tag);
    button.setAttribute("aria-label", `The ${side} picture is real`);
    return { canvas, tag, button };
  });
  const next = make("button", { type: "button", class: "cq-next", click: () => advance() });
  const pair = make("div", { class: "cq-pair" }, ...sides.map((side) => side.button));
  const end = make("div", { class: "cq-end", tabindex: -1 });

  const show = () => {
    const { picture, painter, trueLeft } = game[round];
    progress.textContent = `Round ${round + 1} of ${rounds}. Which one has its true colours?`;
    const left = rgba(picture, trueLeft ? -1 : painter);
    const right = rgba(picture, trueLeft ? painter : -1);
    put(sides[0].canvas, left, size);
    put(sides[1].canvas, right, size);
    reveal(false);
  };
  /** Whether each picture says what it is, and the only way is on. */
  const reveal = (open) => {
    sides.forEach(({ tag, button }, i) => {
      tag.textContent = open ? ["true", "painted"][Number((i === 0) !== game[round].trueLeft)] : "";
      button.setAttribute("aria-disabled", open);
    });
    next.hidden = !open;
    next.textContent = round + 1 < rounds ? "Next pair" : "See how often you were fooled";
  };
  const answer = (left) => {
    if (answers.length > round) return; // a second click on the same pair
    const { painter, trueLeft } = game[round];
    const fooled = left !== trueLeft;
    answers.push(fooled);
    const verdict = fooled ? "Fooled! You took the painted one for real" : "Right. The other was painted";
    said.textContent = `${verdict}: ${painters[painter]}.`;
    reveal(true);
    next.focus({ preventScroll: true });
  };
  const advance = () => {
    round += 1;
    if (round === rounds) return finish();
    said.textContent = "";
    show();
    sides[0].button.focus({ preventScroll: true });
  };
  const start = () => {
    [game, round, answers] = [deal(pictures, painters.length, rounds), 0, []];
    said.textContent = "Click on it.";
    pair.hidden = progress.hidden = said.hidden = false;
    end.replaceChildren();
    show();
  };
  /** The table is long and the pair is short: what follows is where the reader looks. */
  const again = () => {
    start();
    sides[0].button.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  };

  /** The table by painter, this game and all games, and the pictures that fooled. */
  const finish = () => {
    const before = remember();
    const now = {};
    game.forEach(({ painter }, i) => {
      const [n, fooled] = now[painters[painter]] || [0, 0];
      now[painters[painter]] = [n + 1, fooled + answers[i]];
    });
    const all = Object.fromEntries(
      painters.map((name) => [name, [0, 1].map((i) => (before[name]?.[i] || 0) + (now[name]?.[i] || 0))]),
    );
    keep({ ...before, ...all });
    pair.hidden = progress.hidden = said.hidden = next.hidden = true;
    const fooled = answers.filter(Boolean).length;
    const [low, high] = interval(fooled, rounds);
    const share = ([n, hits] = [0, 0]) => (n ? `${hits} of ${n}` : "–");
    const line = (name, ...cells) =>
      make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)));
    const heads = ["painter", "this game", "all your games"].map((name) => make("th", { scope: "col" }, name));
    const caught = game.filter((_, i) => answers[i]);
    end.replaceChildren(
      make("p", { class: "cq-result" }, make("strong", {}, `You were fooled ${fooled} times in ${rounds}.`)),
      make(
        "p",
        {},
        `That is ${Math.round((100 * fooled) / rounds)} %, and with so few rounds it may as well be ${low} to ${high} %. ` +
          `Pictures that no one can tell from real ones reach 50 %. In the crowd test of the paper it was ${PAPER} %, ` +
          "with pictures of 256 by 256 pixels that were shown for one second.",
      ),
      make(
        "table",
        {},
        make("caption", {}, "How often each painter fooled you"),
        make("thead", {}, make("tr", {}, ...heads)),
        make("tbody", {}, ...painters.map((name) => line(name, share(now[name]), share(all[name])))),
      ),
      ...(caught.length ? [make("p", {}, "What fooled you, and under it the truth:"), gallery(caught)] : []),
      make(
        "p",
        { class: "cq-again" },
        make("button", { type: "button", click: again }, "Play again"),
        make("button", { type: "button", click: forget }, "Forget all my games"),
      ),
    );
    end.focus();
  };
  const gallery = (caught) => {
    const column = ({ picture, painter }) => {
      const canvases = [painter, -1].map((who) => {
        const name = who < 0 ? "truth" : painters[who];
        const canvas = make("canvas", { role: "img", "aria-label": name, title: name });
        put(canvas, rgba(picture, who), size);
        return canvas;
      });
      return make("div", {}, ...canvases);
    };
    return make("div", { class: "cq-caught" }, ...caught.map(column));
  };
  const forget = () => {
    keep({});
    again();
  };

  element.classList.add("colour-page", "colour-quiz");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Real or coloured?");
  element.replaceChildren(progress, pair, said, next, end);
  start();
}

/** Put a quiz wherever the page has a place with this id. */
export function quizAt(id) {
  whenThere(id, mountQuiz);
}
