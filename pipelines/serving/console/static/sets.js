// Answers of models that give several labels: the service writes them as one text, its cell, the separator alone for none.
import { el, table } from "./dom.js";
import { bar, span } from "./shapes.js";
import { named, number, t } from "./words.js";

export const several = (served) => served.separator !== undefined;

// The labels in a cell; of a model that gives one label, that one.
export const listed = (cell, separator) => ((separator === undefined ? [cell] : cell.split(separator)).filter(Boolean));

export const cellOf = (chosen, { labels, separator }) => labels.filter((one) => chosen.has(one)).join(separator) || separator;

export const toggled = (chosen, label) => new Set(chosen.delete(label) ? chosen : chosen.add(label));

// A cell in words.
export const told = (cell, separator) => listed(cell, separator).join(", ") || t("noneOfThese");

// That a cell is right, as the service is told it and what the page shows of that besides; an empty one: no label fits.
export function saying(message, cell, { separator }) {
  if (cell === message.label && cell) return [{ correct: true }, {}];
  if (separator !== undefined) return [{ labels: listed(cell, separator) }, { label: cell }];
  return cell ? [{ label: cell }, {}] : [{ none: true }, {}];
}

// What a version was decided on: everybody's scores, and the labels one by one.
export const judged = (sets) => [contestants(sets), labels(sets.per_label)];

function contestants(sets) {
  const rows = ["challenger", "champion", "tfidf", "commonest"].filter((who) => sets[who])
    .map((who) => ({ cells: [named("who", who), span(sets[who].macro_f1), span(sets[who].micro_f1), span(sets[who].accuracy)] }));
  return el("div", {}, el("h3", {}, t("compared")), table([[t("contestant")], [t("f1")], [t("microF1")], [t("exactSets")]], rows));
}

function labels(all) {
  const f1 = (one) => (2 * one.hits) / Math.max(1, one.answered + one.support);
  const rows = Object.entries(all).map(([label, one]) => ({ cells: [label, [bar(f1(one)), el("span", { class: "number" }, number(f1(one), 3))], number(one.support), number(one.answered), number(one.hits)] }));
  const heads = [[t("label")], [t("f1Short"), "barred"], [t("support"), "number"], [t("answeredSo"), "number"], [t("right"), "number"]];
  return el("div", {}, el("h3", {}, t("perLabel")), table(heads, rows));
}
