/* Follow a pointer from left to right over an element whose style is `touch-action: pan-y`.

   A mouse counts at once. A finger may want to scroll the page: it counts when it has gone sideways for a
   few pixels, or was lifted where it came down. If it turns out that it scrolls, all is put back.

   Where there is a `tap`, what comes down and is lifted there means that, and the slide counts from where it goes sideways. */

const ENOUGH = 6;

/** `begin()` returns what `cancel` gets back; `move(share)` is told how far from the left, 0 to 1; then `end()`. */
export function slide(element, { begin, move, end = () => {}, cancel, tap = null, inset = 0 }) {
  let held = null; // the pointer: { id, x, y, following, before }
  const follow = ({ clientX }) => {
    const { left, width } = element.getBoundingClientRect();
    move(Math.min(1, Math.max(0, (clientX - left - inset) / (width - 2 * inset))));
  };
  const on = (kind, act) =>
    element.addEventListener(kind, (event) => (kind === "pointerdown" ? !held : held?.id === event.pointerId) && act(event));

  element.addEventListener("mousedown", (event) => event.preventDefault()); // it would take the focus elsewhere
  on("pointerdown", (event) => {
    const before = event.button ? null : begin();
    if (before === null) return;
    const following = event.pointerType !== "touch" && !tap;
    held = { id: event.pointerId, x: event.clientX, y: event.clientY, following, before };
    element.setPointerCapture(event.pointerId);
    if (following) follow(event);
  });
  on("pointermove", (event) => {
    const [across, down] = [event.clientX - held.x, event.clientY - held.y].map(Math.abs);
    held.following ||= across > ENOUGH && across > down;
    if (held.following) follow(event);
  });
  on("pointerup", (event) => {
    const { following } = held;
    held = null;
    if (tap && !following) return tap(event);
    follow(event);
    end();
  });
  on("pointercancel", () => {
    const { before, following } = held;
    held = null;
    if (following) cancel(before);
  });
}
