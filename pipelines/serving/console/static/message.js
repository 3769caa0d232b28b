// One message of the inbox: a line, and below it, while it is chosen, what can be said about it.
import { el } from "./dom.js";
import { listed, told } from "./sets.js";
import { bar, chip, feeling, hint, percent, press, rule, tooLow, unasked, when } from "./shapes.js";
import { named, number, t } from "./words.js";

const LONG = 400; // characters: some four lines of a desk's screen, nine of a telephone's
// Digits first, then letters that mean nothing else here.
export const KEYS = [..."1234567890qweasdfxyb"];
export const NONE = "o";

export function row(message, { chosen, labels, said, acts }) {
  const { model } = message;
  return el("li", { "aria-current": chosen ? "true" : null, class: [said !== null && "said", long(message) && "long"].filter(Boolean).join(" ") },
    el("div", { class: "line", role: "button", tabindex: chosen ? "0" : "-1", "aria-expanded": String(chosen), onclick: acts.choose },
      el("span", { class: "text" }, message.text),
      el("span", { class: "answer" }, answer(message, said)),
      el("span", { class: "sure" }, sure(message)),
      model !== "sentiment" && el("span", { class: "felt" }, message.also.sentiment ? feeling(message.also.sentiment) : el("span", { class: "quiet" }, "–")),
      el("span", { class: "time" }, when(message.time))),
    chosen && details(message, labels, said, acts));
}

// What is long is read below its line, in a place that scrolls and takes the focus.
const long = (message) => message.text.length > LONG;

const whole = (message) => el("div", { class: "whole", role: "region", tabindex: "0", "aria-label": t("head_text"), "data-scrolls": true }, message.text);

function answer(message, said) {
  const open = said === null;
  const wrong = open && message.said.some((one) => one.correct === false);
  if (unasked(message) && open) return [message.label && chips(message, message.label), rule(message.label), wrong && mark("✗", "bad", "saidWrong")];
  const given = message.model === "sentiment" && message.label ? feeling(message.label) : message.label ? chips(message, message.label) : unasked(message) && chip(t("pausedAnswer"));
  if (open && message.tied) return [given, el("span", { class: "chip warn", title: t("tiedWhy") }, t("tied")), el("small", {}, votes(message))];
  if (open) return [given, message.abstained && tooLow(message), wrong && mark("✗", "bad", "saidWrong")];
  return said && said === message.label ? [given, mark("✓", "good", "confirmed")] : [message.label && el("s", {}, told(message.label, message.separator)), chips(message, said, "good")];
}

const chips = ({ separator }, cell, kind = "") => {
  const labels = listed(cell, separator);
  return labels.length ? labels.map((one) => chip(one, kind)) : chip(told(cell, separator), kind || "plain");
};

const votes = ({ votes: labels, separator }) => Object.entries(labels).map(([label, n]) => `${told(label, separator)} ${number(n)}`).join(" · ");

const mark = (sign, kind, said) => el("span", { class: `mark-${kind}`, role: "img", title: t(said), "aria-label": t(said) }, sign);

const sure = (message) => (message.label && !unasked(message) ? [bar(message.score, message.abstained ? "warn" : "", percent(message, message.score)), el("span", { class: "number" }, percent(message, message.score))] : "");

// The labels that are chosen of a message: those a person is choosing, else what was said, else the answer.
export const chosenOf = (message) => new Set(message.chosen ?? (spoken(message) || message.label ? listed(spoken(message) || message.label, message.separator) : []));

function details(message, labels, said, acts) {
  const { label, separator } = message;
  const answered = label ? listed(label, separator) : [];
  const pressed = separator === undefined ? new Set([said]) : chosenOf(message);
  return el("div", { class: "details" },
    long(message) && whole(message),
    el("div", { class: "labels", role: "group", "aria-label": t("whichLabel") },
      labels.map((one, at) => el("button", { type: "button", class: answered.includes(one) ? "predicted" : "", "aria-pressed": String(pressed.has(one)), onclick: () => acts.say(one) },
        KEYS[at] && hint(KEYS[at]), one, el("small", {}, message.scores[one] === undefined ? "" : percent(message, message.scores[one]))))),
    el("div", { class: "acts" },
      (label || message.chosen) && press([hint("c"), t(message.chosen ? "keepLabels" : "confirm")], acts.confirm, { class: "main" }),
      labels.length > 0 && press([hint(NONE), t("noneOfThese")], acts.none, { "aria-pressed": String(separator === undefined ? said === "" : (said !== null || message.chosen !== undefined) && pressed.size === 0) }),
      press([hint("u"), t("undo")], acts.undo),
      el("span", { class: "quiet" }, t("madeBy", { version: message.version }))),
    message.said.length > 0 && el("ul", { class: "reactions" }, message.more > 0 && el("li", { class: "quiet" }, t("moreSaid", { n: number(message.more) })),
      message.said.map((one) => el("li", {}, reaction(one, separator), press(t("takeBack"), () => acts.takeBack(one), { class: "plain" })))));
}

function reaction(one, separator) {
  const parts = [
    one.label && t("saidLabel", { label: told(one.label, separator) }),
    one.correct === true && t("saidRight"),
    one.none && t("saidNone"),
    one.correct === false && !one.none && t("saidWrong"),
    one.rating && t("saidStars", { stars: number(one.rating) }),
    one.comment && t("saidComment", { comment: one.comment }),
    author(one),
  ];
  return el("span", {}, parts.filter(Boolean).join(" · "), " ", when(one.time));
}

// Whose word it is: a reviewer's decides over the votes of customers.
function author(one) {
  if (one.review) return one.key ? t("byReviewer", { name: one.key }) : t("byAReviewer");
  return [one.customer && t("byCustomer", { customer: one.customer }), one.key && t("byKey", { name: one.key })].filter(Boolean).join(", ");
}

export function heads(model) {
  const names = ["text", "answer", "sure", model !== "sentiment" && "felt", "time"].filter(Boolean);
  return el("div", { class: "line heads", "aria-hidden": "true" }, names.map((name) => el("span", { class: name }, named("head", name))));
}

// The label of a message's text: what was said in this tab since the page came, else what the votes of people gave it;
// empty where none fits, null where nobody named one.
export function spoken(message) {
  return message.said.reduce((last, one) => (one.mine ? one.label ?? (one.none ? "" : one.correct ? message.label : last) : last), message.taught);
}
