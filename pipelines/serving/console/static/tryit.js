// Try it: one message, every champion's answer, and the words that mattered for each.
import { ask, of, tell } from "./api.js";
import { el, fill } from "./dom.js";
import { bar, empty, failed, percent, press, rule, tooLow, unasked, withThreshold } from "./shapes.js";
import { number, t } from "./words.js";

const SHOWN = 5;
const LEAST = 0.005; // less is shown as 0.00

export async function open(place, { still }) {
  const { models } = await ask("/v1/models");
  if (!still()) return;
  if (!models.length) return void fill(place, empty(t("noModels"), t("noModelsWhy"), "needloop train MODEL"));
  const field = el("textarea", { id: "message", rows: 3, maxlength: 10000, required: true });
  const told = el("div", { class: "cards", "aria-live": "polite" });
  const answer = () => field.value.trim() && answers(told, models, field.value);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) answer(event.preventDefault());
  });
  const form = el("div", { class: "panel ask" }, el("label", { for: "message" }, t("tryText")), field,
    el("div", { class: "acts" }, press(t("ask"), answer, { class: "main" }), el("span", { class: "quiet" }, t("tryKept"))));
  fill(place, el("div", { class: "tools" }, el("h1", {}, t("tryit"))), form, told);
  field.focus();
}

let asked = 0;

// An answer that comes after the next question was asked is dropped.
async function answers(place, models, text) {
  const mine = (asked += 1);
  place.setAttribute("aria-busy", "true");
  const cards = await Promise.all(models.map((served) => tell(of(served.model, "predict"), { texts: [text], explain: true }).then((found) => card(found, served), (error) => failed(error))));
  if (mine !== asked) return;
  fill(place, cards);
  place.removeAttribute("aria-busy");
}

function card({ model, version, predictions: [answer] }, served) {
  const one = withThreshold(answer, version, served);
  return el("section", { class: "panel card" },
    el("header", {}, el("h2", {}, model), el("span", { class: "quiet" }, `${t("version")} ${version}`)),
    unasked(one) ? instead(one) : found(one));
}

const found = (one) => [
  el("p", { class: "verdict" }, el("b", {}, given(one)), el("span", {}, one.score === undefined ? "" : percent(one, one.score)), one.abstained && tooLow(one)),
  scores(one), el("h3", {}, t("words")), words(one.why ?? []),
];

// The label, or the labels of a model that gives several.
const given = (one) => one.label ?? (one.labels.join(", ") || t("noneOfThese"));

function instead(one) {
  const fixed = one.abstained ? "" : given(one);
  return [
    el("p", { class: "verdict" }, fixed && el("b", {}, fixed), rule(fixed)),
    el("p", { class: "quiet" }, t(fixed ? "ruleWhy" : "pausedWhy")),
  ];
}

function scores(one) {
  const best = Object.entries(one.scores).sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return el("ul", { class: "scores" }, best.map(([label, score]) => el("li", {}, el("span", {}, label), bar(score, label === one.label || one.labels?.includes(label) ? "" : "quiet", percent(one, score)), el("span", { class: "number" }, percent(one, score)))));
}

function words(all) {
  const why = all.filter((one) => Math.abs(one.weight) >= LEAST);
  if (!why.length) return el("p", { class: "quiet" }, t("noWords"));
  const most = Math.max(...why.map((one) => Math.abs(one.weight)));
  return el("ul", { class: "words" }, why.map((one) => {
    const about = one.weight < 0 ? t("against") : "";
    return el("li", { class: one.weight < 0 ? "against" : "", title: about, vars: { weight: Math.abs(one.weight) / most } },
      one.word, el("small", {}, `${one.weight > 0 ? "+" : "−"}${number(Math.abs(one.weight), 2)}`));
  }));
}
