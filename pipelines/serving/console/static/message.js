// One message of the inbox: a line, and below it, while it is chosen, what can be said about it.
import { el } from "./dom.js";
import { bar, chip, feeling, hint, press, rule, unasked, when } from "./shapes.js";
import { named, number, share, t } from "./words.js";

const LONG = 400; // characters: some four lines of a desk's screen, nine of a telephone's
// Digits first, then letters that mean nothing else here.
export const KEYS = [..."1234567890qweasdfxyb"];

export function row(message, { chosen, labels, said, acts }) {
  const { model, label } = message;
  return el("li", { "aria-current": chosen ? "true" : null, class: [said && "said", long(message) && "long"].filter(Boolean).join(" ") },
    el("div", { class: "line", role: "button", tabindex: chosen ? "0" : "-1", "aria-expanded": String(chosen), onclick: acts.choose },
      el("span", { class: "text" }, message.text),
      el("span", { class: "answer" }, answer(message, said)),
      el("span", { class: "sure" }, sure(message)),
      model !== "sentiment" && el("span", { class: "felt" }, message.also.sentiment ? feeling(message.also.sentiment) : el("span", { class: "quiet" }, "–")),
      el("span", { class: "time" }, when(message.time))),
    chosen && details(message, labels, said, acts, label));
}

// What is long is read below its line, in a place that scrolls and takes the focus.
const long = (message) => message.text.length > LONG;

const whole = (message) => el("div", { class: "whole", role: "region", tabindex: "0", "aria-label": t("head_text"), "data-scrolls": true }, message.text);

function answer(message, said) {
  const wrong = !said && message.said.some((one) => one.correct === false);
  if (unasked(message) && !said) return [message.label && chip(message.label), rule(message.label), wrong && mark("✗", "bad", "saidWrong")];
  const given = message.model === "sentiment" && message.label ? feeling(message.label) : chip(message.label || t("pausedAnswer"));
  if (!said) return [given, message.abstained && el("span", { class: "chip warn" }, t("abstained")), wrong && mark("✗", "bad", "saidWrong")];
  return said === message.label ? [given, mark("✓", "good", "confirmed")] : [el("s", {}, message.label), chip(said, "good")];
}

const mark = (sign, kind, said) => el("span", { class: `mark-${kind}`, role: "img", title: t(said), "aria-label": t(said) }, sign);

const sure = (message) => (message.label && !unasked(message) ? [bar(message.score, message.abstained ? "warn" : ""), el("span", { class: "number" }, share(message.score))] : "");

function details(message, labels, said, acts, label) {
  return el("div", { class: "details" },
    long(message) && whole(message),
    el("div", { class: "labels", role: "group", "aria-label": t("whichLabel") },
      labels.map((one, at) => el("button", { type: "button", class: one === label ? "predicted" : "", "aria-pressed": String(one === said), onclick: () => acts.say(one) },
        KEYS[at] && hint(KEYS[at]), one, el("small", {}, message.scores[one] === undefined ? "" : share(message.scores[one]))))),
    el("div", { class: "acts" },
      label && press([hint("c"), t("confirm")], acts.confirm, { class: "main" }),
      press([hint("u"), t("undo")], acts.undo),
      el("span", { class: "quiet" }, t("madeBy", { version: message.version }))),
    message.said.length > 0 && el("ul", { class: "reactions" }, message.said.map((one) => el("li", {}, reaction(one), press(t("takeBack"), () => acts.takeBack(one), { class: "plain" })))));
}

function reaction(one) {
  const parts = [
    one.label && t("saidLabel", { label: one.label }),
    one.correct === true && t("saidRight"),
    one.correct === false && t("saidWrong"),
    one.rating && t("saidStars", { stars: number(one.rating) }),
    one.comment && t("saidComment", { comment: one.comment }),
  ];
  return el("span", {}, parts.filter(Boolean).join(" · "), " ", when(one.time));
}

export function heads(model) {
  const names = ["text", "answer", "sure", model !== "sentiment" && "felt", "time"].filter(Boolean);
  return el("div", { class: "line heads", "aria-hidden": "true" }, names.map((name) => el("span", { class: name }, named("head", name))));
}

// What the newest word on a message says, if any says a label.
export function spoken(message) {
  return message.said.reduce((last, one) => one.label ?? (one.correct ? message.label : last), null);
}
