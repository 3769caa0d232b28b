// What stands around every page: navigation, language, colours, notices, dialogs.
import { el, fill } from "./dom.js";
import { hint, press } from "./shapes.js";
import { language, speak, t } from "./words.js";

export const PAGES = ["inbox", "models", "loop", "tryit"];
const LETTERS = { inbox: "i", models: "m", loop: "l", tryit: "t" };
const at = (id) => document.getElementById(id);

export function frame(page, again, help) {
  fill(at("skip"), t("skip"));
  at("nav").setAttribute("aria-label", t("pages"));
  fill(at("nav"), PAGES.map((one) =>
    el("a", { href: `#${one}`, "aria-current": one === page ? "page" : null, title: `g ${LETTERS[one]}` }, t(one))));
  document.title = `${t(page)} · Needloop`;
  speak(language());
  const turn = () => (speak(language() === "zh" ? "en" : "zh"), again());
  fill(at("tools"),
    press(language() === "zh" ? "EN" : "中文", turn, { class: "plain", "aria-label": t("otherLanguage") }),
    press(dark() ? "☀" : "☾", () => (recolour(), again()), { class: "plain", "aria-label": t("colours") }),
    press("?", help, { class: "plain", "aria-label": t("help") }));
}

const dark = () => {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

function recolour() {
  const theme = dark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("needloop.theme", theme);
}

export function notice(said) {
  fill(at("notice"), said);
  at("notice").hidden = !said;
}

let fading;

export function toast(said, kind = "") {
  clearTimeout(fading);
  fill(at("toast"), el("p", { class: kind }, said));
  fading = setTimeout(() => fill(at("toast")), 6000);
}

export function dialog(title, ...inside) {
  const made = el("dialog", { "aria-label": title, onclose: () => made.remove() }, el("h2", {}, title), ...inside);
  document.body.append(made);
  made.showModal();
  return made;
}

const KEYS = [["j k", "keyMove"], ["1 2 3 …", "keyLabel"], ["c", "keyConfirm"], ["o", "keyNone"], ["u", "keyUndo"], ["n p", "keyPage"], ["v", "keyView"], ["r", "keyAgain"], ["g i · g m · g l · g t", "keyGo"], ["?", "keyHelp"], ["Esc", "keyClose"]];

export function help() {
  const lines = KEYS.map(([keys, said]) => [el("dt", {}, keys.split(" ").map((one) => (one === "·" ? " · " : hint(one)))), el("dd", {}, t(said))]);
  const made = dialog(t("help"), el("dl", { class: "keys" }, lines), press(t("close"), () => made.close(), { autofocus: true }));
}

export function signIn(done, left) {
  if (document.querySelector("dialog.key")) return;
  const field = el("input", { type: "password", name: "key", required: true, autocomplete: "off", id: "secret", placeholder: "http://…/#token=… · nl_…" });
  const form = el("form", { method: "dialog" }, el("label", { for: "secret" }, t("key")), field,
    el("p", { class: "quiet" }, t("linkWhy")), el("p", { class: "quiet" }, t("keyWhy")), el("code", {}, "needloop keys create me --scope review --scope feedback --scope predict"),
    el("div", { class: "acts" }, el("button", { type: "submit", class: "main" }, t("signIn"))));
  const made = dialog(t("signIn"), form);
  made.classList.add("key");
  made.addEventListener("cancel", () => setTimeout(left)); // once it is closed
  form.addEventListener("submit", () => done(field.value.trim().replace(/^.*#token=/, "")));
}
