// The loop: what waits, what was decided, what comes next; what nobody measured is called so.
import { ask } from "./api.js";
import { el, fill } from "./dom.js";
import { bar, chip, empty, instead, section, unmeasured, when } from "./shapes.js";
import { language, moment, named, number, share, t } from "./words.js";

const EVERY = 5000;

export async function open(place, { still }) {
  let seen = "";
  const draw = async () => {
    const [found, { models }] = await Promise.all([ask("/v1/loop"), ask("/v1/models")]);
    const told = JSON.stringify([found, models]);
    if (!still() || told === seen) return;
    seen = told;
    const trials = Object.fromEntries(models.map((one) => [one.model, one.trial]));
    fill(place, el("div", { class: "tools" }, el("h1", {}, t("loop"))), alerts(found), circuits(found.models, trials), links(found.links));
  };
  await draw();
  const again = setInterval(() => draw().catch(() => null), EVERY);
  return () => clearInterval(again);
}

function alerts({ alerts: found, audit, models }) {
  const schedules = Object.fromEntries(models.map((one) => [one.model, one.schedule]));
  const said = (one) => one.kind === "schedule" ? overdue(schedules[one.about] ?? { state: "unanswered" }) : one.said;
  const lines = found.map((one) => el("li", {}, chip(one.title[language()], one.severity), one.about && el("b", {}, one.about),
    el("span", {}, said(one)), one.kind === "paused" && el("span", {}, instead(one.answer))));
  const audited = audit ? sentence("auditWas", when(audit.time)) : t("auditNever");
  return section(t("alerts"), lines.length ? el("ul", { class: "alerts" }, lines) : el("p", {}, t("noAlerts")), el("p", { class: "quiet" }, audited));
}

// A sentence with a node in the place of its only value.
function sentence(key, node) {
  const [before, after] = t(key, { when: "\u0000" }).split("\u0000");
  return [before, node, after];
}

function circuits(models, trials) {
  if (!models.length) return empty(t("noDeclared"), t("noDeclaredWhy"));
  return el("div", { class: "cards" }, models.map((one) => circuit(one, trials[one.model])));
}

function circuit(one, trial) {
  const champion = one.champion ? el("a", { href: `#models/${one.model}` }, `${t("champion")} ${one.champion}`) : el("span", { class: "quiet" }, `${t("champion")}: ${t("noChampion")}`);
  const lines = [[t("waiting"), waiting(one)], [t("lastDecision"), last(one.last)], trial && [t("trial"), onTrial(trial)], [t("nextRun"), next(one)], [t("satisfaction"), rated(one.ratings)], [t("drift"), one.drift ?? unmeasured()], [t("needs"), one.needs ?? unmeasured()]];
  return el("section", { class: "panel card" }, el("header", {}, el("h2", {}, one.model), champion),
    el("dl", {}, lines.filter(Boolean).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}

function waiting(one) {
  const said = t("waitingOf", { n: number(one.waiting), of: number(one.threshold) });
  return [bar(one.waiting / one.threshold), el("small", {}, said), one.ties > 0 && el("p", {}, el("a", { href: `#inbox/${one.model}/review` }, t("tiesOf", { n: number(one.ties) })))];
}

function last(entry) {
  if (!entry) return el("span", { class: "quiet" }, t("noDecision"));
  const kind = { promote: "good", refuse: "bad" }[entry.event] ?? "warn";
  return [el("p", {}, chip(named("event", entry.event), kind), ` ${t("version")} ${entry.version} · `, when(entry.time)), el("small", {}, entry.reasons.join("; "))];
}

const VERDICTS = { running: "running", "no harm seen": "unharmed" };

function onTrial(one) {
  const seen = one.way === "canary"
    ? t("canarySaid", { share: share(one.share), hours: number(one.hours), verdict: named("verdict", VERDICTS[one.verdict] ?? "little") })
    : one.answers ? t("shadowSaid", { share: share(one.agreement), n: number(one.answers) }) : t("shadowNone");
  return [el("p", {}, chip(named("trial", one.way), "warn"), ` ${t("trialOf", { version: one.version })} `, when(one.since)), el("small", {}, `${seen} · ${one.reason}`)];
}

const UNSURE = { late: "bad", missing: "bad", unanswered: "bad", paused: "warn", queued: "warn" };

// What Prefect says; a state that a person should know of has its name before its sentence.
function next({ schedule }) {
  const { state, time, cron } = schedule;
  if (state === "scheduled") return [el("p", {}, when(time)), el("small", {}, `${moment(time)} · ${cron ? t("nextBy", { cron }) : t("nextByHand")}`)];
  const said = el("small", {}, overdue(schedule));
  return UNSURE[state] ? [el("p", {}, chip(named("schedule", state), UNSURE[state])), said] : said;
}

function overdue({ state, time }) {
  return t(`next_${state}`, { when: time ? moment(time) : "" });
}

function rated(ratings) {
  if (!ratings.count) return el("span", { class: "quiet" }, t("unrated"));
  return t("rated", { mean: number(ratings.mean, 1), n: number(ratings.count) });
}

function links({ prefect, mlflow }) {
  const to = (address, said) => address && /^https?:/.test(address) && el("li", {}, el("a", { href: address, rel: "noreferrer", target: "_blank" }, said));
  const found = [to(prefect, t("runs")), to(mlflow && `${mlflow}/#/experiments?workflowType=machine_learning`, t("experiments"))].filter(Boolean);
  return section(t("elsewhere"), found.length ? el("ul", {}, found) : el("p", { class: "quiet" }, t("nowhere")));
}
