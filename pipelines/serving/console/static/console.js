// Where it begins: which page is asked for, who asks, and what to do without a key.
import { ask, key, remember } from "./api.js";
import { el, fill } from "./dom.js";
import { frame, help, notice, PAGES, signIn } from "./frame.js";
import { listen, own } from "./keys.js";
import { failed, press } from "./shapes.js";
import { t } from "./words.js";

const BY_LINK = "sign-in link"; // as the service names whoever opened it
const place = document.getElementById("page");
const here = () => {
  const [page, ...rest] = location.hash.slice(1).split("/").map(plain);
  return PAGES.includes(page) ? { page, rest } : { page: "inbox", rest: [] };
};

function plain(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return ""; // an address somebody mistyped
  }
}

let turn = 0;
let shown = null; // the address of the page that is there
let leave = () => {};

// The link that `up` and `serve` print. What it carries leaves the address bar and the history at once.
function admit() {
  const [, secret] = location.hash.match(/^#token=(.+)$/) ?? [];
  if (!secret) return;
  remember(secret);
  history.replaceState(null, "", location.pathname);
  document.querySelector("dialog.key")?.close();
}

async function show() {
  admit();
  const mine = (turn += 1);
  const { page, rest } = here();
  frame(page, show, help);
  leave();
  leave = () => {};
  own(null);
  try {
    const [caller, module] = await Promise.all([ask("/v1/caller"), import(`./${page}.js`)]);
    if (mine !== turn) return;
    welcome(caller);
    leave = (await module.open(place, { rest, caller, go, still: () => mine === turn })) ?? leave;
  } catch (error) {
    if (mine === turn) fill(place, error.status === 401 ? closed() : failed(error));
  }
  if (mine !== turn) return;
  if (location.hash !== shown) scrollTo(0, 0);
  shown = location.hash;
  performance.mark("needloop:shown");
}

// What is left where the dialog was closed without a key.
function closed() {
  return el("div", { class: "empty" }, el("p", {}, t("signInWhy")), press(t("signIn"), askForKey, { class: "main", id: "sign-in" }));
}

function askForKey() {
  signIn((secret) => (remember(secret), show()), () => document.getElementById("sign-in")?.focus());
}

function welcome(caller) {
  const out = () => (remember(null), location.reload());
  const bar = document.getElementById("tools");
  if (caller.access === "open") {
    bar.prepend(press(t("signIn"), askForKey, { class: "plain" }));
    return notice(t("open"));
  }
  notice("");
  bar.prepend(el("span", { class: "quiet who" }, caller.name === BY_LINK ? t("byLink") : caller.name), press(t("signOut"), out, { class: "plain" }));
}

function go(...parts) {
  const wanted = `#${parts.map(encodeURIComponent).join("/")}`;
  if (location.hash === wanted) show();
  else location.hash = wanted;
}

document.addEventListener("needloop:key", () => {
  const wrong = key() !== null;
  remember(null);
  notice(t(wrong ? "wrongKey" : "needsKey"));
  askForKey();
});
addEventListener("hashchange", show);
listen(go, help);
show();
