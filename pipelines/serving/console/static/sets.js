// Label sets: a model of several labels answers with one text, its cell; the separator alone means no label.
import { el, table } from "./dom.js";
import { bar, interval } from "./shapes.js";
import { named, number, t } from "./words.js";

export const givesSets = (served) => served.separator !== undefined;

// The labels in a cell; without a separator the cell is one label.
export const labelsIn = (cell, separator) => ((separator === undefined ? [cell] : cell.split(separator)).filter(Boolean));

export const cellOf = (chosen, { labels, separator }) => labels.filter((label) => chosen.has(label)).join(separator) || separator;

export const toggle = (chosen, label) => new Set(chosen.delete(label) ? chosen : chosen.add(label));

// A cell as text for people.
export const formatCell = (cell, separator) => labelsIn(cell, separator).join(", ") || t("noneOfThese");

// The feedback that calls a cell right: the body for the service, and further fields for the page.
export function feedbackFor(message, cell, { separator }) {
  if (cell === message.label && cell) return [{ correct: true }, {}];
  if (separator !== undefined) return [{ labels: labelsIn(cell, separator) }, { label: cell }];
  return cell ? [{ label: cell }, {}] : [{ none: true }, {}];
}

// The scorecard's tables: the scores of all contestants, and of each label.
export const setTables = (sets) => [contestants(sets), labels(sets.per_label)];

function contestants(sets) {
  const rows = ["challenger", "champion", "tfidf", "commonest"].filter((name) => sets[name])
    .map((name) => ({ cells: [named("who", name), interval(sets[name].macro_f1), interval(sets[name].micro_f1), interval(sets[name].accuracy)] }));
  return el("div", {}, el("h3", {}, t("compared")), table([[t("contestant")], [t("f1")], [t("microF1")], [t("exactSets")]], rows));
}

function labels(perLabel) {
  const f1 = (counts) => (2 * counts.hits) / Math.max(1, counts.answered + counts.support);
  const rows = Object.entries(perLabel).map(([label, counts]) => ({ cells: [label, [bar(f1(counts)), el("span", { class: "number" }, number(f1(counts), 3))], number(counts.support), number(counts.answered), number(counts.hits)] }));
  const heads = [[t("label")], [t("f1Short"), "barred"], [t("support"), "number"], [t("answeredSo"), "number"], [t("right"), "number"]];
  return el("div", {}, el("h3", {}, t("perLabel")), table(heads, rows));
}
