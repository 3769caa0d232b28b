// The page Try it: one message, the answers of all champions, and the words that mattered for each answer.
import { get, modelPath, post } from "./api.js";
import { el, fill } from "./dom.js";
import { bar, button, empty, failure, isUnasked, percent, ruleChip, underThreshold, withThreshold } from "./shapes.js";
import { number, t } from "./words.js";

const SHOWN = 5; // labels
const MIN_WEIGHT = 0.005; // a smaller weight would be shown as 0.00

export async function open(place, { still }) {
  const { models } = await get("/v1/models");
  if (!still()) return;
  if (!models.length) return void fill(place, empty(t("noModels"), t("noModelsWhy"), "needloop train MODEL"));
  const field = el("textarea", { id: "message", rows: 3, maxlength: 10000, required: true });
  const cards = el("div", { class: "cards", "aria-live": "polite" });
  const submit = () => field.value.trim() && predict(cards, models, field.value);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event.preventDefault());
  });
  const form = el("div", { class: "panel ask" }, el("label", { for: "message" }, t("tryText")), field,
    el("div", { class: "acts" }, button(t("ask"), submit, { class: "main" }), el("span", { class: "quiet" }, t("tryKept"))));
  fill(place, el("div", { class: "tools" }, el("h1", {}, t("tryit"))), form, cards);
  field.focus();
}

let requests = 0;

// Answers that arrive after the next message was sent are dropped.
async function predict(place, models, text) {
  const own = (requests += 1);
  place.setAttribute("aria-busy", "true");
  const cards = await Promise.all(models.map((served) => post(modelPath(served.model, "predict"), { texts: [text], explain: true }).then((response) => card(response, served), (error) => failure(error))));
  if (own !== requests) return;
  fill(place, cards);
  place.removeAttribute("aria-busy");
}

function card({ model, version, predictions: [prediction] }, served) {
  const answer = withThreshold(prediction, version, served);
  return el("section", { class: "panel card" },
    el("header", {}, el("h2", {}, model), el("span", { class: "quiet" }, `${t("version")} ${version}`)),
    isUnasked(answer) ? ruleAnswer(answer) : modelAnswer(answer));
}

const modelAnswer = (answer) => [
  el("p", { class: "verdict" }, el("b", {}, labelText(answer)), el("span", {}, answer.score === undefined ? "" : percent(answer, answer.score)), answer.abstained && underThreshold(answer)),
  scores(answer), el("h3", {}, t("words")), words(answer.why ?? []),
];

// The label, or the labels of a model that gives several.
const labelText = (answer) => answer.label ?? (answer.labels.join(", ") || t("noneOfThese"));

function ruleAnswer(answer) {
  const fixed = answer.abstained ? "" : labelText(answer);
  return [
    el("p", { class: "verdict" }, fixed && el("b", {}, fixed), ruleChip(fixed)),
    el("p", { class: "quiet" }, t(fixed ? "ruleWhy" : "pausedWhy")),
  ];
}

function scores(answer) {
  const best = Object.entries(answer.scores).sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return el("ul", { class: "scores" }, best.map(([label, score]) => el("li", {}, el("span", {}, label), bar(score, label === answer.label || answer.labels?.includes(label) ? "" : "quiet", percent(answer, score)), el("span", { class: "number" }, percent(answer, score)))));
}

function words(all) {
  const mattered = all.filter(({ weight }) => Math.abs(weight) >= MIN_WEIGHT);
  if (!mattered.length) return el("p", { class: "quiet" }, t("noWords"));
  const most = Math.max(...mattered.map(({ weight }) => Math.abs(weight)));
  return el("ul", { class: "words" }, mattered.map(({ word, weight }) => {
    const title = weight < 0 ? t("against") : "";
    return el("li", { class: weight < 0 ? "against" : "", title, vars: { weight: Math.abs(weight) / most } },
      word, el("small", {}, `${weight > 0 ? "+" : "−"}${number(Math.abs(weight), 2)}`));
  }));
}
