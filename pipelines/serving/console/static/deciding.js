// Promote and roll back: a dialog asks for confirmation, the service starts a command, and the ledger has its result.
import { modelPath, post } from "./api.js";
import { el } from "./dom.js";
import { dialog, toast } from "./frame.js";
import { button } from "./shapes.js";
import { reason, t } from "./words.js";

export function promote(page, history, version, after) {
  const field = el("input", { id: "reason", maxlength: 500, autocomplete: "off" });
  const body = () => ({ version: version.version, champion: history.champion, ...(field.value.trim() ? { reason: field.value.trim() } : {}) });
  confirm(t("promoteTitle", { version: version.version }), t("promoteWhy"), t("override"), field, () => post(modelPath(page.model, "promote"), body()), after);
}

export function rollBack(page, history, after) {
  const field = el("input", { id: "reason", maxlength: 500, required: true, autocomplete: "off" });
  const body = () => ({ champion: history.champion, to: history.back, reason: field.value.trim() });
  confirm(t("rollBackTitle", { version: history.back }), t("rollBackWhy"), t("whyGoBack"), field, () => post(modelPath(page.model, "rollback"), body()), after);
}

function confirm(title, explanation, label, field, send, after) {
  const form = el("form", { method: "dialog" }, el("p", {}, explanation), el("label", { for: "reason" }, label), field,
    el("div", { class: "acts" }, button(t("cancel"), () => box.close()), el("button", { type: "submit", class: "main" }, t("start"))));
  const box = dialog(title, form);
  form.addEventListener("submit", async () => {
    try {
      await send();
    } catch (error) {
      return toast(reason(error.message), "bad");
    }
    await after();
  });
}

// The state of the last command of a model.
export function commandStatus(task) {
  const what = t(task.what === "promote" ? "promoteIt" : "rollBack");
  if (task.code === null) return el("p", { class: "running", role: "status" }, t("running", { what }));
  const key = { 0: "ended_0", 3: "ended_3", [-1]: "ended_lost" }[task.code] ?? "ended_other";
  return el("p", { class: `running ${task.code === 0 ? "good" : "bad"}`, role: "status" }, t(key, { what, said: task.said }));
}
