/* Real or coloured, with the reader's own photos: each is shown twice, once in its true colours and once painted, and
   somebody who does not know it says which is real. Who is asked for a pair, paints it (worker.mjs). */

/** So many photos make a game; more are left out. */
const MOST = 12;

function shuffled(list) {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const k = Math.floor(Math.random() * (i + 1));
    [copy[i], copy[k]] = [copy[k], copy[i]];
  }
  return copy;
}

/** What the game says at its end. */
export function result(fooled, rounds) {
  if (!rounds) return "None of these photos could be read and has colours, so there was nothing to guess.";
  const times = `${fooled} ${fooled === 1 ? "time" : "times"} in ${rounds}`;
  return `Fooled ${times}. Whoever only guesses is fooled in about half, and with so few photos chance does much.`;
}

/** Let the game happen inside `root`. `pair(file)` is a promise of { truth, painted, width, height }, rgba both, or of
    null for a photo that cannot be read or has no colours; `say` speaks to screen readers. */
export function guessing(root, { pair, say }) {
  const $ = (selector) => root.querySelector(selector);
  const sides = [...root.querySelectorAll(".side")];
  let game = null; // { pairs, rounds, fooled, left: whether the true one is, answered }

  const tell = (selector, text) => {
    $(selector).textContent = text;
    $(selector).hidden = !text;
    if (text) say(text);
  };
  const show = (canvas, rgba, { width, height }) => {
    Object.assign(canvas, { width, height });
    canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
  };
  /** The next photo that can be guessed; those that cannot are passed over. */
  const next = async () => {
    const own = game;
    $(".next").hidden = true;
    $(".sides").hidden = true;
    tell(".found", "");
    tell(".asked", "Painting the next photo.");
    let found = null;
    while (!found && own.pairs.length) found = await pair(own.pairs.shift());
    if (own !== game) return; // other photos were chosen meanwhile
    if (!found) return finish();
    Object.assign(game, { rounds: game.rounds + 1, left: Math.random() < 0.5, answered: false });
    sides.forEach((side, i) => {
      show(side.querySelector("canvas"), (i === 0) === game.left ? found.truth : found.painted, found);
      side.querySelector("span").textContent = "";
      side.removeAttribute("aria-disabled");
    });
    root.style.setProperty("--aspect-of-pair", found.width / found.height);
    $(".sides").hidden = false;
    tell(".asked", `Photo ${game.rounds}. Which one has its true colours?`);
    sides[0].focus({ preventScroll: true });
  };
  const answer = (left) => {
    if (game.answered) return; // a second click on the same pair
    game.answered = true;
    game.fooled += left !== game.left;
    sides.forEach((side, i) => {
      side.querySelector("span").textContent = (i === 0) === game.left ? "true" : "painted";
      side.setAttribute("aria-disabled", "true");
    });
    tell(".found", left === game.left ? "Right." : `Fooled: the ${game.left ? "left" : "right"} one is real.`);
    $(".next").textContent = game.pairs.length ? "Next photo" : "See how often";
    $(".next").hidden = false;
    $(".next").focus({ preventScroll: true });
  };
  const finish = () => {
    for (const part of [".sides", ".next", ".found"]) $(part).hidden = true;
    tell(".asked", result(game.fooled, game.rounds));
    $(".pick").focus({ preventScroll: true });
  };

  sides.forEach((side, i) => side.addEventListener("click", () => answer(i === 0)));
  $(".next").addEventListener("click", next);
  $(".pick").addEventListener("click", () => $(".photos").click());
  $(".photos").addEventListener("change", () => {
    if (!$(".photos").files.length) return;
    game = { pairs: shuffled($(".photos").files).slice(0, MOST), rounds: 0, fooled: 0 };
    $(".photos").value = "";
    next();
  });
}
