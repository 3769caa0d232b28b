// What stands above and below the messages of the inbox: which are shown, and the way to others.
import { el } from "./dom.js";
import { choose, press } from "./shapes.js";
import { number, t } from "./words.js";

export function above(inbox) {
  const names = inbox.models.map((one) => [one.model, one.model]);
  return el("div", { class: "tools" },
    el("h1", {}, t("inbox")),
    names.length > 1 && choose(names, inbox.model, (model) => inbox.go("inbox", model, inbox.view), t("model")),
    choose([["messages", t("messages")], ["review", t("review")]], inbox.view, (view) => inbox.go("inbox", inbox.model, view), t("view")),
    el("span", { class: "quiet grow" }, inbox.view === "review" ? t("reviewOrder") : ""));
}

export function below(inbox, size) {
  if (inbox.view === "review") return el("div", { class: "pager" }, press(t("again"), () => inbox.act(() => inbox.load())));
  const first = inbox.page * size;
  return el("div", { class: "pager" },
    press(t("newer"), () => inbox.act(() => inbox.turn(-1)), { disabled: inbox.page === 0 }),
    el("span", { class: "quiet" }, t("range", { from: number(first + 1), to: number(first + inbox.messages.length) })),
    press(t("older"), () => inbox.act(() => inbox.turn(1)), { disabled: !inbox.older }));
}
