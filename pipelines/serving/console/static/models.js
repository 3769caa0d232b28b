// The models: versions and why they stand where they stand, scorecards, what changed, decisions, the ledger.
import { ask, of } from "./api.js";
import { promote, rollBack, watched } from "./deciding.js";
import { el, fill, table } from "./dom.js";
import { changes } from "./changes.js";
import { scorecard } from "./scorecard.js";
import { chip, choose, empty, instead, press, section, span, when } from "./shapes.js";
import { named, t } from "./words.js";

const KINDS = { champion: "good", previous: "", past: "", refused: "bad", held: "warn", hold: "warn", pruned: "quiet", promote: "good", refuse: "bad", rollback: "warn", pause: "warn", shadow: "warn", canary: "warn", abort: "bad" };
const EVERY = 4000;

export async function open(place, context) {
  const { models } = await ask("/v1/loop");
  if (!context.still()) return;
  if (!models.length) return void fill(place, empty(t("noDeclared"), t("noDeclaredWhy")));
  const names = models.map((one) => one.model);
  const model = names.includes(context.rest[0]) ? context.rest[0] : (models.find((one) => one.champion)?.model ?? names[0]);
  const page = { ...context, place, model, names, seen: "" };
  await draw(page);
  const again = setInterval(() => draw(page).catch(() => null), EVERY);
  return () => clearInterval(again);
}

// Drawn anew only where something is new, so that nothing moves under the reader's hands.
async function draw(page) {
  const [history, work, { models }] = await Promise.all([ask(of(page.model, "history")), ask("/v1/work"), ask("/v1/models")]);
  const task = work.tasks.find((one) => one.model === page.model);
  const { paused, trial } = models.find((one) => one.model === page.model) ?? {};
  const now = { paused, trial: trial && { way: trial.way, version: trial.version } };
  const seen = JSON.stringify([history, task, now]);
  if (!page.still() || seen === page.seen || document.querySelector("dialog[open]")) return;
  page.seen = seen;
  const chosen = history.versions.find((one) => String(one.version) === page.rest[1]) ?? history.versions[0];
  const card = chosen && (await scorecard(page.model, chosen.version));
  const flips = chosen && (await changes(page.model, history, chosen));
  if (!page.still()) return;
  fill(page.place, tools(page, history), task && watched(task),
    chosen ? [versions(page, history, chosen, now), card, flips, ledger(history)] : empty(t("noVersions"), t("noVersionsWhy"), `needloop train ${page.model}`));
}

function tools(page, history) {
  const admin = page.caller.scopes.includes("admin");
  const back = history.back !== null && press(t("rollBack"), () => rollBack(page, history, () => draw(page)), gate(admin));
  return el("div", { class: "tools" }, el("h1", {}, t("models")),
    choose(page.names.map((one) => [one, one]), page.model, (model) => page.go("models", model), t("model")), el("span", { class: "grow" }), back);
}

const gate = (admin) => (admin ? {} : { disabled: true, title: t("adminOnly") });

function versions(page, history, chosen, now) {
  const admin = page.caller.scopes.includes("admin");
  const may = (one) => !["champion", "pruned"].includes(one.state);
  const rows = history.versions.map((one) => ({
    about: { "aria-current": one === chosen ? "true" : null },
    cells: [
      el("a", { href: `#models/${page.model}/${one.version}`, "aria-label": `${t("version")} ${one.version}` }, `${one.version}`),
      [chip(named("state", one.state), KINDS[one.state]), states(one, now)], span(one.macro_f1), span(one.accuracy), when(one.time),
      [one.override && chip(t("forced", { reason: one.override }), "warn"), one.reasons.join("; "), one.state === "champion" && halted(now.paused)],
      may(one) && press(t("promoteIt"), () => promote(page, history, one, () => draw(page)), { class: "small", ...gate(admin) }),
    ],
  }));
  const heads = [[t("version"), "number"], [t("state")], [t("f1")], [t("accuracy")], [t("judged")], [t("reason"), "long"], [el("span", { class: "hidden" }, t("promoteIt"))]];
  return section(t("versions"), table(heads, rows, { class: "stacked" }));
}

// What a version is besides: a paused champion, and who is on trial beside it.
function states(version, { paused, trial }) {
  if (version.state === "champion") return [paused && [" ", chip(t("pausedAnswer"), "warn")], trial && [" ", chip(t("beside", { way: named("trial", trial.way), version: trial.version }), "warn")]];
  return trial?.version === version.version && [" ", chip(named("trial", trial.way), "warn")];
}

const halted = (pause) => pause && el("p", { class: "halted" }, `${t("pausedAnswer")}: ${pause.reason} · ${instead(pause.answer)} · `, when(pause.since));

function ledger(history) {
  const rows = history.entries.map((one) => ({
    cells: [when(one.time), chip(named("event", one.event), KINDS[one.event]), `${one.version}`,
      [one.override && chip(t("forced", { reason: one.override }), "warn"), one.reasons.join("; ")], one.by],
  }));
  return section(t("ledger"), table([[t("head_time")], [t("event")], [t("version"), "number"], [t("reason"), "long"], [t("by")]], rows, { class: "stacked" }));
}
