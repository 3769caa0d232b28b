// What one version was decided on.
import { ask, of, picture, save } from "./api.js";
import { el, table } from "./dom.js";
import { dialog, toast } from "./frame.js";
import { judged } from "./sets.js";
import { bar, press, section, span } from "./shapes.js";
import { named, number, share, t } from "./words.js";

export async function scorecard(model, version) {
  const found = await ask(of(model, "versions", version));
  const title = t("scorecard", { version });
  const card = found.scorecard;
  if (!card) return section(title, el("p", { class: "quiet" }, t("noScorecard"), ": ", found.version.faults.join("; ")));
  const about = el("p", { class: "quiet" }, t("heldOut", { rows: number(card.rows), uses: number(card.uses) }));
  const kept = found.card && press(t("card"), () => save(of(model, "versions", version, "card"), `${model}-${version}.html`), { class: "small" });
  return section(title, about, kept, facts(card), el("div", { class: "columns" }, ...(card.sets ? judged(card.sets) : [contestants(card), labels(card)]), parts(card), behaviour(card)), measures(card), await pictures(model, version, found.pictures));
}

function facts(card) {
  const told = [
    card.trust && [t("calibrationError"), number(card.trust.error, 3)],
    card.burden && [t("milliseconds"), t("milli", { ms: number(card.burden.milliseconds, 1) })],
    card.burden && [t("megabytes"), `${number(card.burden.bytes / 1e6, 1)} MB`],
    card.scope && [t("scopeRecall"), share(card.scope.recall)],
  ].filter(Boolean);
  return el("dl", { class: "facts" }, told.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function contestants(card) {
  const rows = ["challenger", "champion", "tfidf", "majority"].filter((who) => card[who])
    .map((who) => ({ cells: [named("who", who), span(card[who].macro_f1), span(card[who].accuracy)] }));
  return el("div", {}, el("h3", {}, t("compared")), table([[t("contestant")], [t("f1")], [t("accuracy")]], rows));
}

function labels(card) {
  const rows = Object.entries(card.per_label).filter(([, one]) => one.support)
    .map(([label, one]) => ({ cells: [label, [bar(one.f1), el("span", { class: "number" }, number(one.f1, 3))], number(one.precision, 3), number(one.recall, 3), number(one.support)] }));
  const heads = [[t("label")], [t("f1Short"), "barred"], [t("precision"), "number"], [t("recall"), "number"], [t("support"), "number"]];
  return el("div", {}, el("h3", {}, t("perLabel")), table(heads, rows));
}

function parts(card) {
  if (!card.slices?.length) return null;
  const rows = card.slices.map((one) => ({
    cells: [one.name, number(one.texts), one.enough ? share(one.right / one.texts) : el("span", { class: "quiet" }, t("fewTexts")), one.enough && one.champion !== null ? share(one.champion / one.texts) : "–"],
  }));
  return el("div", {}, el("h3", {}, t("parts")), table([[t("part")], [t("support"), "number"], [t("right"), "number"], [t("who_champion"), "number"]], rows));
}

function behaviour(card) {
  if (!card.behaviour?.length) return null;
  const rows = card.behaviour.map((one) => ({ cells: [one.name, number(one.cases), number(one.failed), [bar(one.failed / Math.max(one.cases, 1), "bad"), el("span", { class: "number" }, share(one.failed / Math.max(one.cases, 1)))]] }));
  return el("div", {}, el("h3", {}, t("behaviour")), table([[t("capability")], [t("cases"), "number"], [t("failedCases"), "number"], ["", "barred"]], rows));
}

// There may be hundreds of these, and a table of their own shows them.
const ELSEWHERE = ["test.f1.", "slice."];

// Every figure, each with what the gate of then asked of it; an older version did not keep that.
function measures(card) {
  if (!card.measures.some((one) => one.direction)) return null;
  const listed = card.measures.filter((one) => one.direction || (one.value !== null && !ELSEWHERE.some((name) => one.name.startsWith(name))));
  const rows = listed.map((one) => ({ cells: [one.name, figure(one.value), one.direction ? `${named("direction", one.direction.replaceAll(" ", "_"))} ${figure(one.limit)}` : "–", kept(one)] }));
  const heads = [[t("measure")], [t("value"), "number"], [t("asked"), "number"], [t("keeps")]];
  return el("details", {}, el("summary", {}, t("measures")), table(heads, rows));
}

const figure = (value) => (value === null ? t("unknown") : number(value, Number.isInteger(value) ? 0 : 3));

const kept = (one) => (one.direction ? el("span", { class: one.held ? "quiet" : "chip bad", title: one.reason }, t(one.held ? "yes" : "no")) : "–");

const image = async (path, said) => el("img", { src: await picture(path), alt: said, onload: (event) => URL.revokeObjectURL(event.target.src) });

async function enlarge(path, said) {
  try {
    const shown = await image(path, said);
    const made = dialog(said, el("figure", { class: "full", role: "region", tabindex: "0", "aria-label": said }, shown),
      el("div", { class: "acts" }, press(t("close"), () => made.close(), { autofocus: true })));
    made.classList.add("large");
  } catch (error) {
    toast(error.message, "bad");
  }
}

async function pictures(model, version, names) {
  if (!names.length) return null;
  const shown = await Promise.all(names.map(async (name) => {
    const said = named("picture", name);
    const path = of(model, "versions", version, "pictures", name);
    return el("figure", {}, press(await image(path, said), () => enlarge(path, said), { class: "picture", "aria-label": t("enlarge", { what: said }) }), el("figcaption", {}, said));
  }));
  return el("div", { class: "pictures" }, shown);
}
