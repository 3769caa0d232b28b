// The scorecard of one version.
import { download, get, modelPath, picture } from "./api.js";
import { el, table } from "./dom.js";
import { dialog, toast } from "./frame.js";
import { setTables } from "./sets.js";
import { bar, button, interval, section } from "./shapes.js";
import { name, named, number, reason, reasons, share, t } from "./words.js";

export async function scorecard(model, version) {
  const evidence = await get(modelPath(model, "versions", version));
  const title = t("scorecard", { version });
  const card = evidence.scorecard;
  if (!card) return section(title, el("p", { class: "quiet" }, t("noScorecard"), ": ", reasons(evidence.version.faults)));
  const about = el("p", { class: "quiet" }, t("heldOut", { rows: number(card.rows), uses: number(card.uses) }));
  const file = evidence.card && button(t("card"), () => download(modelPath(model, "versions", version, "card"), `${model}-${version}.html`), { class: "small" });
  const tables = card.sets ? setTables(card.sets) : [contestants(card), labels(card)];
  return section(title, about, file, facts(card), el("div", { class: "columns" }, ...tables, slices(card), behaviour(card)), measures(card), await pictures(model, version, evidence.pictures));
}

function facts(card) {
  const figures = [
    card.trust && [t("calibrationError"), number(card.trust.error, 3)],
    card.burden && [t("milliseconds"), t("milli", { ms: number(card.burden.milliseconds, 1) })],
    card.burden && [t("megabytes"), `${number(card.burden.bytes / 1e6, 1)} MB`],
    card.scope && [t("scopeRecall"), share(card.scope.recall)],
  ].filter(Boolean);
  return el("dl", { class: "facts" }, figures.map(([title, value]) => el("div", {}, el("dt", {}, title), el("dd", {}, value))));
}

function contestants(card) {
  const rows = ["challenger", "champion", "tfidf", "majority"].filter((who) => card[who])
    .map((who) => ({ cells: [named("who", who), interval(card[who].macro_f1), interval(card[who].accuracy)] }));
  return el("div", {}, el("h3", {}, t("compared")), table([[t("contestant")], [t("f1")], [t("accuracy")]], rows));
}

function labels(card) {
  const rows = Object.entries(card.per_label).filter(([, scores]) => scores.support)
    .map(([label, scores]) => ({ cells: [label, [bar(scores.f1), el("span", { class: "number" }, number(scores.f1, 3))], number(scores.precision, 3), number(scores.recall, 3), number(scores.support)] }));
  const heads = [[t("label")], [t("f1Short"), "barred"], [t("precision"), "number"], [t("recall"), "number"], [t("support"), "number"]];
  return el("div", {}, el("h3", {}, t("perLabel")), table(heads, rows));
}

function slices(card) {
  if (!card.slices?.length) return null;
  const rows = card.slices.map((slice) => ({
    cells: [name(slice.name), number(slice.texts), slice.enough ? share(slice.right / slice.texts) : el("span", { class: "quiet" }, t("fewTexts")), slice.enough && slice.champion !== null ? share(slice.champion / slice.texts) : "–"],
  }));
  return el("div", {}, el("h3", {}, t("parts")), table([[t("part")], [t("support"), "number"], [t("right"), "number"], [t("who_champion"), "number"]], rows));
}

function behaviour(card) {
  if (!card.behaviour?.length) return null;
  const rows = card.behaviour.map((capability) => {
    const rate = capability.failed / Math.max(capability.cases, 1);
    return { cells: [name(capability.name), number(capability.cases), number(capability.failed), [bar(rate, "bad"), el("span", { class: "number" }, share(rate))]] };
  });
  return el("div", {}, el("h3", {}, t("behaviour")), table([[t("capability")], [t("cases"), "number"], [t("failedCases"), "number"], ["", "barred"]], rows));
}

// There may be hundreds of these measures, and other tables show them.
const ELSEWHERE = ["test.f1.", "slice."];

// All measures with the limit of the gate at that time; scorecards of old versions have no limits.
function measures(card) {
  if (!card.measures.some(({ direction }) => direction)) return null;
  const listed = card.measures.filter((measure) => measure.direction || (measure.value !== null && !ELSEWHERE.some((prefix) => measure.name.startsWith(prefix))));
  const rows = listed.map((measure) => ({ cells: [measure.name, figure(measure.value), measure.direction ? `${named("direction", measure.direction.replaceAll(" ", "_"))} ${figure(measure.limit)}` : "–", met(measure)] }));
  const heads = [[t("measure")], [t("value"), "number"], [t("asked"), "number"], [t("keeps")]];
  return el("details", {}, el("summary", {}, t("measures")), table(heads, rows));
}

const figure = (value) => (value === null ? t("unknown") : number(value, Number.isInteger(value) ? 0 : 3));

const met = (measure) => (measure.direction ? el("span", { class: measure.held ? "quiet" : "chip bad", title: reason(measure.reason) }, t(measure.held ? "yes" : "no")) : "–");

const image = async (path, title) => el("img", { src: await picture(path), alt: title, onload: (event) => URL.revokeObjectURL(event.target.src) });

async function enlarge(path, title) {
  try {
    const full = await image(path, title);
    const box = dialog(title, el("figure", { class: "full", role: "region", tabindex: "0", "aria-label": title }, full),
      el("div", { class: "acts" }, button(t("close"), () => box.close(), { autofocus: true })));
    box.classList.add("large");
  } catch (error) {
    toast(reason(error.message), "bad");
  }
}

async function pictures(model, version, names) {
  if (!names.length) return null;
  const figures = await Promise.all(names.map(async (kind) => {
    const title = named("picture", kind);
    const path = modelPath(model, "versions", version, "pictures", kind);
    return el("figure", {}, button(await image(path, title), () => enlarge(path, title), { class: "picture", "aria-label": t("enlarge", { what: title }) }), el("figcaption", {}, `${title} (${named("caption", kind)})`));
  }));
  return el("div", { class: "pictures" }, figures);
}
