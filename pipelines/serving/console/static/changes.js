// The held-out texts that two versions answer differently.
import { get, modelPath } from "./api.js";
import { el, fill, table } from "./dom.js";
import { chip, failure, section } from "./shapes.js";
import { named, number, reason, t } from "./words.js";

const KINDS = { gained: "good", lost: "bad", neither: "" };

export async function changes(model, history, chosen) {
  const others = history.versions.filter((version) => version !== chosen).map(({ version }) => version);
  if (!others.length) return section(t("changed"), el("p", { class: "quiet" }, t("oneVersion")));
  const champion = history.entries.find((entry) => entry.version === chosen.version && entry.event !== "rollback")?.champion;
  const before = others.includes(champion) ? champion : (others.find((version) => version < chosen.version) ?? others[0]);
  const place = el("div", { "aria-live": "polite" });
  const select = el("select", { id: "before", onchange: () => compare(place, model, Number(select.value), chosen.version) },
    others.map((version) => el("option", { value: version, selected: version === before }, `${version}`)));
  await compare(place, model, before, chosen.version);
  const choice = el("p", { class: "from" }, el("label", { for: "before" }, t("from")), select, t("to"), el("b", {}, `${chosen.version}`));
  return section(t("changed"), choice, place);
}

async function compare(place, model, before, after) {
  try {
    fill(place, comparison(await get(modelPath(model, "changes", before, after))));
  } catch (error) {
    fill(place, failure(error));
  }
}

function comparison(result) {
  if (result.why) return el("p", { class: "quiet" }, reason(result.why));
  if (!result.flips.length) return el("p", {}, t("flipsNone", { texts: number(result.texts) }));
  const counts = Object.fromEntries(["texts", "gained", "lost", "neither"].map((name) => [name, number(result[name])]));
  const rows = result.flips.map((flip) => ({ cells: [chip(named("change", flip.change), KINDS[flip.change]), flip.text, flip.label, flip.before, flip.after] }));
  const heads = [[""], [t("text"), "long"], [t("label")], [t("was")], [t("now")]];
  return [el("p", {}, t("flipsSaid", counts)), el("div", { class: "tall" }, table(heads, rows))];
}
