// The page Loop: for each model pending feedback, the last decision and the next retraining; alerts and links.
import { get } from "./api.js";
import { el, fill } from "./dom.js";
import { bar, chip, empty, pausedAnswer, section, unmeasured, when } from "./shapes.js";
import { language, moment, named, number, reason, reasons, share, t } from "./words.js";

const EVERY = 5000; // milliseconds

export async function open(place, { still }) {
  let shown = "";
  const draw = async () => {
    const [status, { models }] = await Promise.all([get("/v1/loop"), get("/v1/models")]);
    const state = JSON.stringify([status, models]);
    if (!still() || state === shown) return;
    shown = state;
    const rollouts = Object.fromEntries(models.map(({ model, trial }) => [model, trial]));
    fill(place, el("div", { class: "tools" }, el("h1", {}, t("loop"))), alerts(status), cards(status.models, rollouts), links(status.links));
  };
  await draw();
  const timer = setInterval(() => draw().catch(() => null), EVERY);
  return () => clearInterval(timer);
}

function alerts({ alerts: rows, audit, models }) {
  const schedules = Object.fromEntries(models.map(({ model, schedule }) => [model, schedule]));
  const text = (alert) => alert.kind === "schedule" ? scheduleText(schedules[alert.about] ?? { state: "unanswered" }) : reason(alert.said);
  const lines = rows.map((alert) => el("li", {}, chip(alert.title[language()], alert.severity), alert.about && el("b", {}, alert.about),
    el("span", {}, text(alert)), alert.kind === "paused" && el("span", {}, pausedAnswer(alert.answer))));
  const lastAudit = audit ? withNode("auditWas", when(audit.time)) : t("auditNever");
  return section(t("alerts"), lines.length ? el("ul", { class: "alerts" }, lines) : el("p", {}, t("noAlerts")), el("p", { class: "quiet" }, lastAudit));
}

// A sentence whose value `when` is replaced by a node.
function withNode(key, node) {
  const [before, after] = t(key, { when: "\u0000" }).split("\u0000");
  return [before, node, after];
}

function cards(models, rollouts) {
  if (!models.length) return empty(t("noDeclared"), t("noDeclaredWhy"));
  return el("div", { class: "cards" }, models.map((status) => card(status, rollouts[status.model])));
}

function card(status, rollout) {
  const champion = status.champion ? el("a", { href: `#models/${status.model}` }, `${t("champion")} ${status.champion}`) : el("span", { class: "quiet" }, `${t("champion")}: ${t("noChampion")}`);
  const lines = [[t("waiting"), pendingLabels(status)], [t("lastDecision"), lastDecision(status.last)], rollout && [t("trial"), rolloutStatus(rollout)], [t("nextRun"), nextRetraining(status)], [t("satisfaction"), satisfaction(status.ratings)], [t("drift"), status.drift ?? unmeasured()], [t("needs"), status.needs ?? unmeasured()]];
  return el("section", { class: "panel card" }, el("header", {}, el("h2", {}, status.model), champion),
    el("dl", {}, lines.filter(Boolean).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}

function pendingLabels({ model, waiting, threshold, ties }) {
  const text = t("waitingOf", { n: number(waiting), of: number(threshold) });
  return [bar(waiting / threshold), el("small", {}, text), ties > 0 && el("p", {}, el("a", { href: `#inbox/${model}/review` }, t("tiesOf", { n: number(ties) })))];
}

function lastDecision(entry) {
  if (!entry) return el("span", { class: "quiet" }, t("noDecision"));
  const kind = { promote: "good", refuse: "bad" }[entry.event] ?? "warn";
  return [el("p", {}, chip(named("event", entry.event), kind), ` ${t("version")} ${entry.version} · `, when(entry.time)), el("small", {}, reasons(entry.reasons))];
}

const VERDICTS = { running: "running", "no harm seen": "unharmed" };

function rolloutStatus(rollout) {
  const figures = rollout.mode === "canary"
    ? t("canarySaid", { share: share(rollout.share), hours: number(rollout.hours), verdict: named("verdict", VERDICTS[rollout.verdict] ?? "little") })
    : rollout.answers ? t("shadowSaid", { share: share(rollout.agreement), n: number(rollout.answers) }) : t("shadowNone");
  return [el("p", {}, chip(named("trial", rollout.mode), "warn"), ` ${t("trialOf", { version: rollout.version })} `, when(rollout.since)), el("small", {}, `${figures} · ${reason(rollout.reason)}`)];
}

const ATTENTION = { late: "bad", missing: "bad", unanswered: "bad", paused: "warn", queued: "warn" };

// The next retraining as Prefect reports it; a state that needs attention has a chip before its sentence.
function nextRetraining({ schedule }) {
  const { state, time, cron } = schedule;
  if (state === "scheduled") return [el("p", {}, when(time)), el("small", {}, `${moment(time)} · ${cron ? t("nextBy", { cron }) : t("nextByHand")}`)];
  const text = el("small", {}, scheduleText(schedule));
  return ATTENTION[state] ? [el("p", {}, chip(named("schedule", state), ATTENTION[state])), text] : text;
}

function scheduleText({ state, time }) {
  return t(`next_${state}`, { when: time ? moment(time) : "" });
}

function satisfaction(ratings) {
  if (!ratings.count) return el("span", { class: "quiet" }, t("unrated"));
  return t("rated", { mean: number(ratings.mean, 1), n: number(ratings.count) });
}

function links({ prefect, mlflow }) {
  const link = (address, text) => address && /^https?:/.test(address) && el("li", {}, el("a", { href: address, rel: "noreferrer", target: "_blank" }, text));
  const items = [link(prefect, t("runs")), link(mlflow && `${mlflow}/#/experiments?workflowType=machine_learning`, t("experiments"))].filter(Boolean);
  return section(t("elsewhere"), items.length ? el("ul", {}, items) : el("p", { class: "quiet" }, t("nowhere")));
}
