// The page Models: versions with their reasons, scorecards, changed answers, decisions and the ledger.
import { get, modelPath } from "./api.js";
import { changes } from "./changes.js";
import { commandStatus, promote, rollBack } from "./deciding.js";
import { el, fill, table } from "./dom.js";
import { scorecard } from "./scorecard.js";
import { button, chip, empty, interval, pausedAnswer, section, segments, when } from "./shapes.js";
import { named, reason, reasons, t } from "./words.js";

const KINDS = { champion: "good", previous: "", past: "", refused: "bad", held: "warn", hold: "warn", pruned: "quiet", promote: "good", refuse: "bad", rollback: "warn", pause: "warn", shadow: "warn", canary: "warn", abort: "bad" };
const EVERY = 4000; // milliseconds

export async function open(place, context) {
  const { models } = await get("/v1/loop");
  if (!context.still()) return;
  if (!models.length) return void fill(place, empty(t("noDeclared"), t("noDeclaredWhy")));
  const names = models.map(({ model }) => model);
  const model = names.includes(context.rest[0]) ? context.rest[0] : (models.find(({ champion }) => champion)?.model ?? names[0]);
  const page = { ...context, place, model, names, shown: "" };
  await draw(page);
  const timer = setInterval(() => draw(page).catch(() => null), EVERY);
  return () => clearInterval(timer);
}

// Draws only if the data changed, so that the page does not move while a person reads it.
async function draw(page) {
  const [history, work, { models }] = await Promise.all([get(modelPath(page.model, "history")), get("/v1/work"), get("/v1/models")]);
  const task = work.tasks.find(({ model }) => model === page.model);
  const { paused, trial } = models.find(({ model }) => model === page.model) ?? {};
  const serving = { paused, rollout: trial && { mode: trial.mode, version: trial.version } };
  const state = JSON.stringify([history, task, serving]);
  if (!page.still() || state === page.shown || document.querySelector("dialog[open]")) return;
  page.shown = state;
  const chosen = history.versions.find(({ version }) => String(version) === page.rest[1]) ?? history.versions[0];
  const card = chosen && (await scorecard(page.model, chosen.version));
  const flips = chosen && (await changes(page.model, history, chosen));
  if (!page.still()) return;
  fill(page.place, toolbar(page, history), task && commandStatus(task),
    chosen ? [versions(page, history, chosen, serving), card, flips, ledger(history)] : empty(t("noVersions"), t("noVersionsWhy"), `needloop train ${page.model}`));
}

function toolbar(page, history) {
  const admin = page.caller.scopes.includes("admin");
  const back = history.back !== null && button(t("rollBack"), () => rollBack(page, history, () => draw(page)), adminOnly(admin));
  return el("div", { class: "tools" }, el("h1", {}, t("models")),
    segments(page.names.map((name) => [name, name]), page.model, (model) => page.go("models", model), t("model")), el("span", { class: "grow" }), back);
}

const adminOnly = (admin) => (admin ? {} : { disabled: true, title: t("adminOnly") });

function versions(page, history, chosen, serving) {
  const admin = page.caller.scopes.includes("admin");
  const canPromote = ({ state }) => !["champion", "pruned"].includes(state);
  const rows = history.versions.map((version) => ({
    about: { "aria-current": version === chosen ? "true" : null },
    cells: [
      el("a", { href: `#models/${page.model}/${version.version}`, "aria-label": `${t("version")} ${version.version}` }, `${version.version}`),
      [chip(named("state", version.state), KINDS[version.state]), servingChips(version, serving)], interval(version.macro_f1), interval(version.accuracy), when(version.time),
      [overrideChip(version), reasons(version.reasons), version.state === "champion" && pauseNote(serving.paused)],
      canPromote(version) && button(t("promoteIt"), () => promote(page, history, version, () => draw(page)), { class: "small", ...adminOnly(admin) }),
    ],
  }));
  const heads = [[t("version"), "number"], [t("state")], [t("f1")], [t("accuracy")], [t("judged")], [t("reason"), "long"], [el("span", { class: "hidden" }, t("promoteIt"))]];
  return section(t("versions"), table(heads, rows, { class: "stacked" }));
}

const overrideChip = ({ override }) => override && chip(t("forced", { reason: override }), "warn");

// Further chips of a version: a paused champion, and a shadow or canary beside it.
function servingChips(version, { paused, rollout }) {
  if (version.state === "champion") return [paused && [" ", chip(t("pausedAnswer"), "warn")], rollout && [" ", chip(t("beside", { way: named("trial", rollout.mode), version: rollout.version }), "warn")]];
  return rollout?.version === version.version && [" ", chip(named("trial", rollout.mode), "warn")];
}

const pauseNote = (pause) => pause && el("p", { class: "halted" }, `${t("pausedAnswer")}: ${reason(pause.reason)} · ${pausedAnswer(pause.answer)} · `, when(pause.since));

function ledger(history) {
  const rows = history.entries.map((entry) => ({
    cells: [when(entry.time), chip(named("event", entry.event), KINDS[entry.event]), `${entry.version}`, [overrideChip(entry), reasons(entry.reasons)], entry.by],
  }));
  return section(t("ledger"), table([[t("head_time")], [t("event")], [t("version"), "number"], [t("reason"), "long"], [t("by")]], rows, { class: "stacked" }));
}
