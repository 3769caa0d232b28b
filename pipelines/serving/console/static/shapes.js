// Small things that several pages show.
import { el } from "./dom.js";
import { ago, digitsBelow, moment, number, share, t } from "./words.js";

export const chip = (said, kind = "") => el("span", { class: `chip ${kind}` }, said);

export const when = (time) => el("time", { datetime: time, title: moment(time) }, ago(time));

export const bar = (value, kind = "", said = share(value)) =>
  el("span", { class: `bar ${kind}`, role: "img", "aria-label": said, vars: { share: Math.max(0, Math.min(1, value)) } });

export const empty = (title, advice, command) =>
  el("div", { class: "empty" }, el("h2", {}, title), el("p", {}, advice), command && el("code", {}, command));

export const failed = (error) => el("div", { class: "empty" }, el("h2", {}, t("failed")), el("p", {}, error.message));

export const press = (said, act, about = {}) => el("button", { type: "button", onclick: act, ...about }, said);

export const hint = (key) => el("kbd", { "aria-hidden": "true" }, key);

// What a paused model says to every text.
export const instead = (label) => (label ? t("fixedLabel", { label }) : t("abstains"));

// An answer without scores: the model was paused and not asked.
export const unasked = (answer) => Object.keys(answer.scores).length === 0;

// A score of an answer in percent: one that was too low never reads as if it had reached the threshold, or 100%.
export const percent = (answer, score) => share(score, answer.abstained ? digitsBelow(answer.score, answer.threshold || 1) : 0);

// What is said of an answer that nobody should act on; the threshold is known of the version that answers now.
export const tooLow = (answer) => [
  chip(t("abstained"), "warn"),
  answer.threshold > 0 && el("small", { class: "quiet" }, t("underThreshold", { threshold: percent(answer, answer.threshold) })),
];

// An answer with the threshold of the version that gave it, where that one is served.
export const withThreshold = (answer, version, served) => ({ ...answer, threshold: version === served.version ? served.threshold : null });

export const rule = (label) => el("span", { class: "chip warn", title: t(label ? "ruleWhy" : "pausedWhy") }, t(label ? "rule" : "pausedAnswer"));

export const FEELINGS = { negative: "bad", positive: "good", neutral: "plain" };

export const feeling = (label) => el("span", { class: `feeling ${FEELINGS[label] ?? ""}` }, label);

export function span(figure) {
  if (!figure) return el("span", { class: "quiet" }, t("unknown"));
  const interval = `${number(figure.low, 3)} – ${number(figure.high, 3)}`;
  return el("span", { class: "figure" }, el("b", {}, number(figure.value, 3)), el("small", {}, interval));
}

export function choose(options, chosen, act, name) {
  return el("div", { class: "segments", role: "group", "aria-label": name },
    options.map(([value, said]) => press(said, () => act(value), { "aria-pressed": String(value === chosen) })));
}

export const section = (title, ...inside) => el("section", { class: "panel" }, el("h2", {}, title), ...inside);

export const unmeasured = () => el("span", { class: "quiet" }, t("unmeasured"));
