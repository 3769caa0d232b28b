// One listener for all keys. A page says what its own keys do; fields and open dialogs keep theirs.
const GO = { i: "inbox", m: "models", l: "loop", t: "tryit" };
const WAIT = 1500;

let awaiting = 0;
let page = () => false;

export const own = (act) => (page = act ?? (() => false));

export function listen(go, help) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || busy(event.target) || scrolls(event)) return;
    if (handled(event.key, go, help)) event.preventDefault();
  });
}

function handled(key, go, help) {
  const went = Date.now() - awaiting < WAIT;
  awaiting = 0;
  if (went && GO[key]) return go(GO[key]), true;
  if (key === "g") return (awaiting = Date.now()), true;
  if (key === "?") return help(), true;
  return page(key) === true;
}

// Arrows move what scrolls and has the focus.
const scrolls = (event) => event.key.startsWith("Arrow") && event.target.closest("[data-scrolls]") !== null;

const busy = (target) => document.querySelector("dialog[open]") !== null || target.closest("input, textarea, select") !== null;
