// The frame of every page: navigation, language, theme, notices and dialogs.
import { el, fill } from "./dom.js";
import { button, keyHint } from "./shapes.js";
import { language, setLanguage, t } from "./words.js";

export const PAGES = ["inbox", "models", "loop", "tryit"];
const LETTERS = { inbox: "i", models: "m", loop: "l", tryit: "t" };
const byId = (id) => document.getElementById(id);

export function frame(page, redraw, help) {
  fill(byId("skip"), t("skip"));
  byId("nav").setAttribute("aria-label", t("pages"));
  fill(byId("nav"), PAGES.map((name) =>
    el("a", { href: `#${name}`, "aria-current": name === page ? "page" : null, title: `g ${LETTERS[name]}` }, t(name))));
  document.title = `${t(page)} · Needloop`;
  setLanguage(language());
  const switchLanguage = () => (setLanguage(language() === "zh" ? "en" : "zh"), redraw());
  fill(byId("tools"),
    button(language() === "zh" ? "EN" : "中文", switchLanguage, { class: "plain", "aria-label": t("otherLanguage") }),
    button(isDark() ? "☀" : "☾", () => (switchTheme(), redraw()), { class: "plain", "aria-label": t("colours") }),
    button("?", help, { class: "plain", "aria-label": t("help") }));
}

const isDark = () => {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

function switchTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("needloop.theme", theme);
}

export function notice(text) {
  fill(byId("notice"), text);
  byId("notice").hidden = !text;
}

let timer;

export function toast(text, kind = "") {
  clearTimeout(timer);
  fill(byId("toast"), el("p", { class: kind }, text));
  timer = setTimeout(() => fill(byId("toast")), 6000);
}

export function dialog(title, ...content) {
  const box = el("dialog", { "aria-label": title, onclose: () => box.remove() }, el("h2", {}, title), ...content);
  document.body.append(box);
  box.showModal();
  return box;
}

const KEYS = [["j k", "keyMove"], ["1 2 3 …", "keyLabel"], ["c", "keyConfirm"], ["o", "keyNone"], ["u", "keyUndo"], ["n p", "keyPage"], ["v", "keyView"], ["r", "keyAgain"], ["g i · g m · g l · g t", "keyGo"], ["?", "keyHelp"], ["Esc", "keyClose"]];

export function help() {
  const lines = KEYS.map(([keys, text]) => [el("dt", {}, keys.split(" ").map((key) => (key === "·" ? " · " : keyHint(key)))), el("dd", {}, t(text))]);
  const box = dialog(t("help"), el("dl", { class: "keys" }, lines), button(t("close"), () => box.close(), { autofocus: true }));
}

export function signIn(done, cancelled) {
  if (document.querySelector("dialog.key")) return;
  const field = el("input", { type: "password", name: "key", required: true, autocomplete: "off", id: "secret", placeholder: "http://…/#token=… · nl_…" });
  const form = el("form", { method: "dialog" }, el("label", { for: "secret" }, t("key")), field,
    el("p", { class: "quiet" }, t("linkWhy")), el("p", { class: "quiet" }, t("keyWhy")), el("code", {}, "needloop keys create me --scope review --scope feedback --scope predict"),
    el("div", { class: "acts" }, el("button", { type: "submit", class: "main" }, t("signIn"))));
  const box = dialog(t("signIn"), form);
  box.classList.add("key");
  box.addEventListener("cancel", () => setTimeout(cancelled)); // after the dialog has closed
  form.addEventListener("submit", () => done(field.value.trim().replace(/^.*#token=/, "")));
}
