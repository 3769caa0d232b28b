// The start of the console: shows the page of the address, asks for a sign-in, and handles a missing or wrong key.
import { apiKey, get, storeKey } from "./api.js";
import { el, fill } from "./dom.js";
import { frame, help, notice, PAGES, signIn } from "./frame.js";
import { listen, setPageKeys } from "./keys.js";
import { button, failure } from "./shapes.js";
import { loadReasons, t } from "./words.js";

const LINK_NAME = "sign-in link"; // the name that the service gives a caller who opened the sign-in link
const place = document.getElementById("page");
const address = () => {
  const [page, ...rest] = location.hash.slice(1).split("/").map(decode);
  return PAGES.includes(page) ? { page, rest } : { page: "inbox", rest: [] };
};

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return ""; // a mistyped address
  }
}

let turn = 0;
let shown = null; // the address of the page on the screen
let leave = () => {};

// Signs in by the link that `up` and `serve` print; its secret is removed from the address bar and the history.
function signInByLink() {
  const [, secret] = location.hash.match(/^#token=(.+)$/) ?? [];
  if (!secret) return;
  storeKey(secret);
  history.replaceState(null, "", location.pathname);
  document.querySelector("dialog.key")?.close();
}

async function show() {
  signInByLink();
  const own = (turn += 1);
  const { page, rest } = address();
  frame(page, show, help);
  leave();
  leave = () => {};
  setPageKeys(null);
  try {
    const [caller, module] = await Promise.all([get("/v1/caller"), import(`./${page}.js`), loadReasons()]);
    if (own !== turn) return;
    welcome(caller);
    leave = (await module.open(place, { rest, caller, go, still: () => own === turn })) ?? leave;
  } catch (error) {
    if (own === turn) fill(place, error.status === 401 ? signInPage() : failure(error));
  }
  if (own !== turn) return;
  if (location.hash !== shown) scrollTo(0, 0);
  shown = location.hash;
  performance.mark("needloop:shown");
}

// The page after the dialog was closed without a key.
function signInPage() {
  return el("div", { class: "empty" }, el("p", {}, t("signInWhy")), button(t("signIn"), askForKey, { class: "main", id: "sign-in" }));
}

function askForKey() {
  signIn((secret) => (storeKey(secret), show()), () => document.getElementById("sign-in")?.focus());
}

function welcome(caller) {
  const signOut = () => (storeKey(null), location.reload());
  const bar = document.getElementById("tools");
  if (caller.access === "open") {
    bar.prepend(button(t("signIn"), askForKey, { class: "plain" }));
    return notice(t("open"));
  }
  notice("");
  bar.prepend(el("span", { class: "quiet who" }, caller.name === LINK_NAME ? t("byLink") : caller.name), button(t("signOut"), signOut, { class: "plain" }));
}

function go(...parts) {
  const target = `#${parts.map(encodeURIComponent).join("/")}`;
  if (location.hash === target) show();
  else location.hash = target;
}

document.addEventListener("needloop:key", () => {
  const wrong = apiKey() !== null;
  storeKey(null);
  notice(t(wrong ? "wrongKey" : "needsKey"));
  askForKey();
});
addEventListener("hashchange", show);
listen(go, help);
show();
