// The bars above and below the messages of the inbox: choice of model and list, and the pages.
import { el } from "./dom.js";
import { button, segments } from "./shapes.js";
import { number, t } from "./words.js";

export function toolbar(inbox) {
  const names = inbox.models.map(({ model }) => [model, model]);
  return el("div", { class: "tools" },
    el("h1", {}, t("inbox")),
    names.length > 1 && segments(names, inbox.model, (model) => inbox.go("inbox", model, inbox.view), t("model")),
    segments([["messages", t("messages")], ["review", t("review")]], inbox.view, (view) => inbox.go("inbox", inbox.model, view), t("view")),
    el("span", { class: "quiet grow" }, inbox.view === "review" ? t("reviewOrder") : ""));
}

export function pager(inbox, size) {
  if (inbox.view === "review") return el("div", { class: "pager" }, button(t("again"), () => inbox.act(() => inbox.load())));
  const first = inbox.page * size;
  return el("div", { class: "pager" },
    button(t("newer"), () => inbox.act(() => inbox.turn(-1)), { disabled: inbox.page === 0 }),
    el("span", { class: "quiet" }, t("range", { from: number(first + 1), to: number(first + inbox.messages.length) })),
    button(t("older"), () => inbox.act(() => inbox.turn(1)), { disabled: !inbox.older }));
}
