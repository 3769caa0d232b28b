// Promote and roll back: asked once more in a dialog, done by the command line, followed by the ledger.
import { of, tell } from "./api.js";
import { el } from "./dom.js";
import { dialog, toast } from "./frame.js";
import { press } from "./shapes.js";
import { t } from "./words.js";

export function promote(page, history, version, after) {
  const field = el("input", { id: "reason", maxlength: 500, autocomplete: "off" });
  const body = () => ({ version: version.version, champion: history.champion, ...(field.value.trim() ? { reason: field.value.trim() } : {}) });
  asked(t("promoteTitle", { version: version.version }), t("promoteWhy"), t("override"), field, () => tell(of(page.model, "promote"), body()), after);
}

export function rollBack(page, history, after) {
  const field = el("input", { id: "reason", maxlength: 500, required: true, autocomplete: "off" });
  const body = () => ({ champion: history.champion, to: history.back, reason: field.value.trim() });
  asked(t("rollBackTitle", { version: history.back }), t("rollBackWhy"), t("whyGoBack"), field, () => tell(of(page.model, "rollback"), body()), after);
}

function asked(title, why, label, field, send, after) {
  const form = el("form", { method: "dialog" }, el("p", {}, why), el("label", { for: "reason" }, label), field,
    el("div", { class: "acts" }, press(t("cancel"), () => made.close()), el("button", { type: "submit", class: "main" }, t("start"))));
  const made = dialog(title, form);
  form.addEventListener("submit", async () => {
    try {
      await send();
    } catch (error) {
      return toast(error.message, "bad");
    }
    await after();
  });
}

// How the last command of a model fares.
export function watched(task) {
  const what = t(task.what === "promote" ? "promoteIt" : "rollBack");
  if (task.code === null) return el("p", { class: "running", role: "status" }, t("running", { what }));
  const key = { 0: "ended_0", 3: "ended_3", [-1]: "ended_lost" }[task.code] ?? "ended_other";
  return el("p", { class: `running ${task.code === 0 ? "good" : "bad"}`, role: "status" }, t(key, { what, said: task.said }));
}
