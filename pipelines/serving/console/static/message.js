// One message of the inbox: a line, and below the chosen line the buttons and the feedback.
import { el } from "./dom.js";
import { formatCell, labelsIn } from "./sets.js";
import { bar, button, chip, isUnasked, keyHint, percent, ruleChip, sentiment, underThreshold, when } from "./shapes.js";
import { named, number, t } from "./words.js";

const LONG = 400; // characters: some four lines on a desktop screen, nine on a phone
// Digits first, then letters without another meaning on this page.
export const KEYS = [..."1234567890qweasdfxyb"];
export const NONE = "o";

export function row(message, { chosen, labels, given, acts }) {
  const { model } = message;
  return el("li", { "aria-current": chosen ? "true" : null, class: [given !== null && "said", isLong(message) && "long"].filter(Boolean).join(" ") },
    el("div", { class: "line", role: "button", tabindex: chosen ? "0" : "-1", "aria-expanded": String(chosen), onclick: acts.choose },
      el("span", { class: "text" }, message.text),
      el("span", { class: "answer" }, answer(message, given)),
      el("span", { class: "sure" }, confidence(message)),
      model !== "sentiment" && el("span", { class: "felt" }, message.also.sentiment ? sentiment(message.also.sentiment) : el("span", { class: "quiet" }, "–")),
      el("span", { class: "time" }, when(message.time))),
    chosen && details(message, labels, given, acts));
}

// A long text is shown below its line, in an element that scrolls and takes the focus.
const isLong = (message) => message.text.length > LONG;

const wholeText = (message) => el("div", { class: "whole", role: "region", tabindex: "0", "aria-label": t("head_text"), "data-scrolls": true }, message.text);

function answer(message, given) {
  const unlabelled = given === null;
  const wrong = unlabelled && message.said.some((reaction) => reaction.correct === false);
  if (isUnasked(message) && unlabelled) return [message.label && chips(message, message.label), ruleChip(message.label), wrong && mark("✗", "bad", "saidWrong")];
  const predicted = message.model === "sentiment" && message.label ? sentiment(message.label) : message.label ? chips(message, message.label) : isUnasked(message) && chip(t("pausedAnswer"));
  if (unlabelled && message.tied) return [predicted, el("span", { class: "chip warn", title: t("tiedWhy") }, t("tied")), el("small", {}, votes(message))];
  if (unlabelled) return [predicted, message.abstained && underThreshold(message), wrong && mark("✗", "bad", "saidWrong")];
  return given && given === message.label ? [predicted, mark("✓", "good", "confirmed")] : [message.label && el("s", {}, formatCell(message.label, message.separator)), chips(message, given, "good")];
}

const chips = ({ separator }, cell, kind = "") => {
  const labels = labelsIn(cell, separator);
  return labels.length ? labels.map((label) => chip(label, kind)) : chip(formatCell(cell, separator), kind || "plain");
};

const votes = ({ votes: counts, separator }) => Object.entries(counts).map(([label, n]) => `${formatCell(label, separator)} ${number(n)}`).join(" · ");

const mark = (sign, kind, key) => el("span", { class: `mark-${kind}`, role: "img", title: t(key), "aria-label": t(key) }, sign);

const confidence = (message) => (message.label && !isUnasked(message) ? [bar(message.score, message.abstained ? "warn" : "", percent(message, message.score)), el("span", { class: "number" }, percent(message, message.score))] : "");

// The chosen labels of a message: those a person is choosing, else those of the feedback, else those of the answer.
export const chosenLabels = (message) => new Set(message.chosen ?? (labelOf(message) || message.label ? labelsIn(labelOf(message) || message.label, message.separator) : []));

function details(message, labels, given, acts) {
  const { label, separator } = message;
  const predicted = label ? labelsIn(label, separator) : [];
  const pressed = separator === undefined ? new Set([given]) : chosenLabels(message);
  return el("div", { class: "details" },
    isLong(message) && wholeText(message),
    el("div", { class: "labels", role: "group", "aria-label": t("whichLabel") },
      labels.map((name, at) => el("button", { type: "button", class: predicted.includes(name) ? "predicted" : "", "aria-pressed": String(pressed.has(name)), onclick: () => acts.label(name) },
        KEYS[at] && keyHint(KEYS[at]), name, el("small", {}, message.scores[name] === undefined ? "" : percent(message, message.scores[name]))))),
    el("div", { class: "acts" },
      (label || message.chosen) && button([keyHint("c"), t(message.chosen ? "keepLabels" : "confirm")], acts.confirm, { class: "main" }),
      labels.length > 0 && button([keyHint(NONE), t("noneOfThese")], acts.none, { "aria-pressed": String(separator === undefined ? given === "" : (given !== null || message.chosen !== undefined) && pressed.size === 0) }),
      button([keyHint("u"), t("undo")], acts.undo),
      el("span", { class: "quiet" }, t("madeBy", { version: message.version }))),
    message.said.length > 0 && el("ul", { class: "reactions" }, message.more > 0 && el("li", { class: "quiet" }, t("moreSaid", { n: number(message.more) })),
      message.said.map((reaction) => el("li", {}, feedback(reaction, separator), button(t("takeBack"), () => acts.undoRow(reaction), { class: "plain" })))));
}

function feedback(reaction, separator) {
  const parts = [
    reaction.label && t("saidLabel", { label: formatCell(reaction.label, separator) }),
    reaction.correct === true && t("saidRight"),
    reaction.none && t("saidNone"),
    reaction.correct === false && !reaction.none && t("saidWrong"),
    reaction.rating && t("saidStars", { stars: number(reaction.rating) }),
    reaction.comment && t("saidComment", { comment: reaction.comment }),
    author(reaction),
  ];
  return el("span", {}, parts.filter(Boolean).join(" · "), " ", when(reaction.time));
}

// The author of feedback: a reviewer's label overrules the votes of customers.
function author({ review, key, customer }) {
  if (review) return key ? t("byReviewer", { name: key }) : t("byAReviewer");
  return [customer && t("byCustomer", { customer }), key && t("byKey", { name: key })].filter(Boolean).join(", ");
}

export function heads(model) {
  const names = ["text", "answer", "sure", model !== "sentiment" && "felt", "time"].filter(Boolean);
  return el("div", { class: "line heads", "aria-hidden": "true" }, names.map((name) => el("span", { class: name }, named("head", name))));
}

// The label of a message's text: from feedback of this tab since the page was loaded, else by votes; empty if no label
// fits, null if there is none.
export function labelOf(message) {
  return message.said.reduce((last, reaction) => (reaction.mine ? reaction.label ?? (reaction.none ? "" : reaction.correct ? message.label : last) : last), message.taught);
}
