// The inbox: pages of messages, the review queue, and labels by one key.
import { ask, of } from "./api.js";
import { again, last, say, takeBack } from "./deeds.js";
import { el, fill } from "./dom.js";
import { toast } from "./frame.js";
import { own } from "./keys.js";
import { heads, KEYS, row, spoken } from "./message.js";
import { choose, empty, press } from "./shapes.js";
import { number, t } from "./words.js";

const SIZE = 50;

export async function open(place, { rest, go, still }) {
  const { models } = await ask("/v1/models");
  if (!still()) return;
  if (!models.length) return void fill(place, empty(t("noModels"), t("noModelsWhy"), "needloop train MODEL"));
  const chosen = models.find((one) => one.model === rest[0]) ?? models.find((one) => one.model === "sentiment") ?? models[0];
  const inbox = new Inbox(place, chosen, rest[1] === "review" ? "review" : "messages", models, go, still);
  await inbox.load();
  own((key) => inbox.key(key));
}

class Inbox {
  constructor(place, served, view, models, go, still) {
    Object.assign(this, { place, model: served.model, labels: served.labels, view, models, go, still });
    // Where each page begins: only its first message's place is kept, and the page itself is asked again.
    Object.assign(this, { starts: [null], page: 0, at: 0, messages: [], older: null, loading: false });
  }

  async load(at = 0, page = this.page) {
    const before = this.starts[page];
    this.loading = true;
    try {
      const found = await ask(`${of(this.model, this.view)}?limit=${SIZE}${before ? `&before=${encodeURIComponent(before)}` : ""}`);
      if (this.still()) this.take(found, at, page);
    } finally {
      this.loading = false;
    }
  }

  take(found, at, page) {
    this.messages = found.messages.map((one) => ({ ...one, model: this.model }));
    this.older = found.older;
    this.page = page;
    this.at = at < 0 ? this.messages.length - 1 : at;
    this.draw();
  }

  draw() {
    this.lines = this.messages.map((_, at) => this.line(at));
    const none = this.view === "review" ? empty(t("allReviewed"), t("allReviewedWhy")) : empty(t("noMessages"), t("noMessagesWhy"));
    const list = el("ol", { class: "messages", "aria-label": t(this.view) }, this.lines);
    fill(this.place, this.tools(), this.lines.length ? [el("div", { class: `inbox ${this.model === "sentiment" ? "" : "wide"}` }, heads(this.model), list), this.pager()] : none);
    this.focus();
  }

  tools() {
    const names = this.models.map((one) => [one.model, one.model]);
    return el("div", { class: "tools" },
      el("h1", {}, t("inbox")),
      names.length > 1 && choose(names, this.model, (model) => this.go("inbox", model, this.view), t("model")),
      choose([["messages", t("messages")], ["review", t("review")]], this.view, (view) => this.go("inbox", this.model, view), t("view")),
      el("span", { class: "quiet grow" }, this.view === "review" ? t("reviewOrder") : ""));
  }

  pager() {
    if (this.view === "review") return el("div", { class: "pager" }, press(t("again"), () => this.act(() => this.load())));
    const first = this.page * SIZE;
    return el("div", { class: "pager" },
      press(t("newer"), () => this.act(() => this.turn(-1)), { disabled: this.page === 0 }),
      el("span", { class: "quiet" }, t("range", { from: number(first + 1), to: number(first + this.messages.length) })),
      press(t("older"), () => this.act(() => this.turn(1)), { disabled: !this.older }));
  }

  line(at) {
    const message = this.messages[at];
    const acts = {
      choose: () => at !== this.at && this.move(at), say: (label) => this.say(label), confirm: () => this.say(message.label),
      undo: () => this.undo(), takeBack: (one) => this.takeBack(message, one),
    };
    return row(message, { chosen: at === this.at, labels: this.labels, said: spoken(message), acts });
  }

  redraw(...places) {
    for (const at of new Set(places)) {
      if (!this.lines[at]) continue;
      const fresh = this.line(at);
      this.lines[at].replaceWith(fresh);
      this.lines[at] = fresh;
    }
    this.focus();
  }

  focus() {
    const line = this.lines[this.at]?.querySelector(".line");
    line?.focus({ preventScroll: true });
    this.lines[this.at]?.scrollIntoView({ block: "nearest" });
  }

  move(at) {
    if (at >= this.messages.length) return this.act(() => (this.view === "review" ? this.load() : this.turn(1)));
    if (at < 0) return this.act(() => this.turn(-1, -1));
    const before = this.at;
    this.at = at;
    this.redraw(before, at);
  }

  async turn(step, at = 0) {
    if (this.loading || (step > 0 ? !this.older : this.page === 0)) return;
    if (step > 0) this.starts[this.page + 1] = this.older;
    await this.load(at, this.page + step);
    scrollTo(0, 0);
  }

  // The next message is chosen at once; what was said is taken off again if the service did not keep it.
  say(label) {
    const at = this.at;
    const message = this.messages[at];
    if (!message || !label) return;
    const kept = say(message, label === message.label ? { correct: true } : { label });
    if (at + 1 < this.messages.length) this.move(at + 1);
    else this.redraw(at);
    kept.catch((error) => this.failed(error, message));
  }

  async undo() {
    const deed = await last();
    if (!deed) return toast(t("nothingToUndo"));
    // The page may have been asked for again since then.
    const message = this.messages.find((one) => one.id === deed.message.id) ?? deed.message;
    const kept = await this.takeBack(message, message.said.find((one) => one.id === deed.reaction.id) ?? deed.reaction);
    if (!kept) again(deed);
  }

  async takeBack(message, reaction) {
    if (reaction.id === null) return true; // it was never kept
    try {
      await takeBack(message, reaction);
    } catch (error) {
      this.failed(error, message);
      return false;
    }
    toast(t("undone"));
    this.show(message);
    return true;
  }

  failed(error, message) {
    toast(error.message, "bad");
    if (message) this.show(message);
  }

  show(message) {
    const at = this.messages.indexOf(message);
    if (at >= 0) this.move(at);
  }

  key(key) {
    const label = this.labels[KEYS.indexOf(key)];
    const acts = {
      j: () => this.move(this.at + 1), ArrowDown: () => this.move(this.at + 1),
      k: () => this.move(this.at - 1), ArrowUp: () => this.move(this.at - 1),
      c: () => this.say(this.messages[this.at]?.label), u: () => this.undo(), r: () => this.load(),
      n: () => this.turn(1), p: () => this.turn(-1),
      v: () => this.go("inbox", this.model, this.view === "review" ? "messages" : "review"),
    };
    const act = KEYS.includes(key) ? label && (() => this.say(label)) : acts[key];
    if (!act) return false;
    this.act(act);
    return true;
  }

  async act(deed) {
    try {
      await deed();
    } catch (error) {
      this.failed(error);
    }
  }
}
