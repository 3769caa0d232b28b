// Which held-out texts two versions answer differently.
import { ask, of } from "./api.js";
import { el, fill, table } from "./dom.js";
import { chip, failed, section } from "./shapes.js";
import { named, number, t } from "./words.js";

const KINDS = { gained: "good", lost: "bad", neither: "" };

export async function changes(model, history, chosen) {
  const others = history.versions.filter((one) => one !== chosen).map((one) => one.version);
  if (!others.length) return section(t("changed"), el("p", { class: "quiet" }, t("oneVersion")));
  const beside = history.entries.find((one) => one.version === chosen.version && one.event !== "rollback")?.champion;
  const picked = others.includes(beside) ? beside : (others.find((one) => one < chosen.version) ?? others[0]);
  const told = el("div", { "aria-live": "polite" });
  const select = el("select", { id: "before", onchange: () => compared(told, model, Number(select.value), chosen.version) },
    others.map((one) => el("option", { value: one, selected: one === picked }, `${one}`)));
  await compared(told, model, picked, chosen.version);
  const asked = el("p", { class: "from" }, el("label", { for: "before" }, t("from")), select, t("to"), el("b", {}, `${chosen.version}`));
  return section(t("changed"), asked, told);
}

async function compared(place, model, before, after) {
  try {
    fill(place, shown(await ask(of(model, "changes", before, after))));
  } catch (error) {
    fill(place, failed(error));
  }
}

function shown(found) {
  if (found.why) return el("p", { class: "quiet" }, found.why);
  if (!found.flips.length) return el("p", {}, t("flipsNone", { texts: number(found.texts) }));
  const counts = Object.fromEntries(["texts", "gained", "lost", "neither"].map((name) => [name, number(found[name])]));
  const rows = found.flips.map((one) => ({ cells: [chip(named("change", one.change), KINDS[one.change]), one.text, one.label, one.before, one.after] }));
  const heads = [[""], [t("text"), "long"], [t("label")], [t("was")], [t("now")]];
  return [el("p", {}, t("flipsSaid", counts)), el("div", { class: "tall" }, table(heads, rows))];
}
