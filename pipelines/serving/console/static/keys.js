// One listener for all keyboard shortcuts. A page adds its own; in fields and open dialogs shortcuts are off.
const PAGE_OF = { i: "inbox", m: "models", l: "loop", t: "tryit" };
const WAIT = 1500; // milliseconds between g and the letter of a page

let lastG = 0;
let pageKeys = () => false;

export const setPageKeys = (handler) => (pageKeys = handler ?? (() => false));

export function listen(go, help) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || scrolls(event)) return;
    if (handle(event.key, go, help)) event.preventDefault();
  });
}

function handle(key, go, help) {
  const afterG = Date.now() - lastG < WAIT;
  lastG = 0;
  if (afterG && PAGE_OF[key]) return go(PAGE_OF[key]), true;
  if (key === "g") return (lastG = Date.now()), true;
  if (key === "?") return help(), true;
  return pageKeys(key) === true;
}

// Arrow keys scroll the focused element if it scrolls.
const scrolls = (event) => event.key.startsWith("Arrow") && event.target.closest("[data-scrolls]") !== null;

const isTyping = (target) => document.querySelector("dialog[open]") !== null || target.closest("input, textarea, select") !== null;
