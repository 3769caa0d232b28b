// Small elements that several pages use.
import { el } from "./dom.js";
import { ago, digitsBelow, moment, number, reason, share, t } from "./words.js";

export const chip = (text, kind = "") => el("span", { class: `chip ${kind}` }, text);

export const when = (time) => el("time", { datetime: time, title: moment(time) }, ago(time));

export const bar = (value, kind = "", label = share(value)) =>
  el("span", { class: `bar ${kind}`, role: "img", "aria-label": label, vars: { share: Math.max(0, Math.min(1, value)) } });

export const empty = (title, advice, command) =>
  el("div", { class: "empty" }, el("h2", {}, title), el("p", {}, advice), command && el("code", {}, command));

export const failure = (error) => el("div", { class: "empty" }, el("h2", {}, t("failed")), el("p", {}, reason(error.message)));

export const button = (text, act, attributes = {}) => el("button", { type: "button", onclick: act, ...attributes }, text);

export const keyHint = (key) => el("kbd", { "aria-hidden": "true" }, key);

// The answer of a paused model to every text.
export const pausedAnswer = (label) => (label ? t("fixedLabel", { label }) : t("abstains"));

// True for an answer without scores: the model was paused and not asked.
export const isUnasked = (answer) => Object.keys(answer.scores).length === 0;

// A score in percent, with enough digits to show that the score of an abstained answer is below its threshold.
export const percent = (answer, score) => share(score, answer.abstained ? digitsBelow(answer.score, answer.threshold || 1) : 0);

// The mark of an abstained answer; its threshold is known only for the version that is served now.
export const underThreshold = (answer) => [
  chip(t("abstained"), "warn"),
  answer.threshold > 0 && el("small", { class: "quiet" }, t("underThreshold", { threshold: percent(answer, answer.threshold) })),
];

// An answer with the threshold of its version, if that version is served.
export const withThreshold = (answer, version, served) => ({ ...answer, threshold: version === served.version ? served.threshold : null });

export const ruleChip = (label) => el("span", { class: "chip warn", title: t(label ? "ruleWhy" : "pausedWhy") }, t(label ? "rule" : "pausedAnswer"));

export const SENTIMENTS = { negative: "bad", positive: "good", neutral: "plain" };

export const sentiment = (label) => el("span", { class: `feeling ${SENTIMENTS[label] ?? ""}` }, label);

export function interval(figure) {
  if (!figure) return el("span", { class: "quiet" }, t("unknown"));
  const bounds = `${number(figure.low, 3)} – ${number(figure.high, 3)}`;
  return el("span", { class: "figure" }, el("b", {}, number(figure.value, 3)), el("small", {}, bounds));
}

export function segments(options, chosen, act, name) {
  return el("div", { class: "segments", role: "group", "aria-label": name },
    options.map(([value, text]) => button(text, () => act(value), { "aria-pressed": String(value === chosen) })));
}

export const section = (title, ...content) => el("section", { class: "panel" }, el("h2", {}, title), ...content);

export const unmeasured = () => el("span", { class: "quiet" }, t("unmeasured"));
