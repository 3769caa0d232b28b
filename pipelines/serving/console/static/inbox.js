// The inbox: pages of messages, the review queue, and labels by one key.
import { restoreAction, sendFeedback, takeLastAction, undoFeedback } from "./actions.js";
import { get, modelPath } from "./api.js";
import { pager, toolbar } from "./around.js";
import { el, fill } from "./dom.js";
import { toast } from "./frame.js";
import { setPageKeys } from "./keys.js";
import { chosenLabels, heads, KEYS, labelOf, NONE, row } from "./message.js";
import { cellOf, feedbackFor, givesSets, toggle } from "./sets.js";
import { empty, withThreshold } from "./shapes.js";
import { reason, t } from "./words.js";

const SIZE = 50;

export async function open(place, { rest, go, still }) {
  const { models } = await get("/v1/models");
  if (!still()) return;
  if (!models.length) return void fill(place, empty(t("noModels"), t("noModelsWhy"), "needloop train MODEL"));
  const chosen = models.find(({ model }) => model === rest[0]) ?? models.find(({ model }) => model === "sentiment") ?? models[0];
  const inbox = new Inbox(place, chosen, rest[1] === "review" ? "review" : "messages", models, go, still);
  await inbox.load();
  setPageKeys((key) => inbox.key(key));
}

class Inbox {
  constructor(place, served, view, models, go, still) {
    Object.assign(this, { place, served, model: served.model, labels: served.labels, view, models, go, still });
    // `starts` has the first message of each page; the pages themselves are requested again.
    Object.assign(this, { starts: [null], page: 0, at: 0, messages: [], older: null, loading: false });
  }

  async load(at = 0, page = this.page) {
    const before = this.starts[page];
    this.loading = true;
    try {
      const response = await get(`${modelPath(this.model, this.view)}?limit=${SIZE}${before ? `&before=${encodeURIComponent(before)}` : ""}`);
      if (this.still()) this.setPage(response, at, page);
    } finally {
      this.loading = false;
    }
  }

  setPage(response, at, page) {
    this.messages = response.messages.map((message) => ({ ...withThreshold(message, message.version, this.served), model: this.model, separator: this.served.separator }));
    this.older = response.older;
    this.page = page;
    this.at = at < 0 ? this.messages.length - 1 : at;
    this.draw();
  }

  draw() {
    this.lines = this.messages.map((_, at) => this.line(at));
    const none = this.view === "review" ? empty(t("allReviewed"), t("allReviewedWhy")) : empty(t("noMessages"), t("noMessagesWhy"));
    const list = el("ol", { class: "messages", "aria-label": t(this.view) }, this.lines);
    fill(this.place, toolbar(this), this.lines.length ? [el("div", { class: `inbox ${this.model === "sentiment" ? "" : "wide"}` }, heads(this.model), list), pager(this, SIZE)] : none);
    this.focus();
  }

  line(at) {
    const message = this.messages[at];
    const acts = {
      choose: () => at !== this.at && this.move(at), label: (label) => this.chooseLabel(label), confirm: () => this.confirm(), none: () => this.none(),
      undo: () => this.undoLast(), undoRow: (reaction) => this.undo(message, reaction),
    };
    return row(message, { chosen: at === this.at, labels: this.labels, given: labelOf(message), acts });
  }

  redraw(...places) {
    for (const at of new Set(places)) {
      if (!this.lines[at]) continue;
      const line = this.line(at);
      this.lines[at].replaceWith(line);
      this.lines[at] = line;
    }
    this.focus();
  }

  focus() {
    this.lines[this.at]?.querySelector(".line")?.focus({ preventScroll: true });
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

  // A single label is sent at once; a set of labels is first chosen label by label, then confirmed.
  chooseLabel(label) {
    if (!givesSets(this.served)) return this.send(label);
    const message = this.messages[this.at];
    if (message) message.chosen = toggle(chosenLabels(message), label);
    this.redraw(this.at);
  }

  confirm() {
    const message = this.messages[this.at];
    if (message?.chosen || message?.label) this.send(message.chosen ? cellOf(message.chosen, this.served) : message.label);
  }

  none() {
    if (this.labels.length) this.send(this.served.separator ?? "");
  }

  // Moves to the next message at once; if the service does not save the feedback, it is removed again.
  send(cell) {
    const [at, message] = [this.at, this.messages[this.at]];
    if (!message) return;
    const response = sendFeedback(message, ...feedbackFor(message, cell, this.served));
    delete message.chosen;
    if (at + 1 < this.messages.length) this.move(at + 1);
    else this.redraw(at);
    response.catch((error) => this.failed(error, message));
  }

  async undoLast() {
    const action = await takeLastAction();
    if (!action) return toast(t("nothingToUndo"));
    // The page may have been loaded again since then.
    const message = this.messages.find(({ id }) => id === action.message.id) ?? action.message;
    const undone = await this.undo(message, message.said.find(({ id }) => id === action.reaction.id) ?? action.reaction);
    if (!undone) restoreAction(action);
  }

  async undo(message, reaction) {
    if (reaction.id === null) return true; // the service never saved it
    try {
      await undoFeedback(message, reaction);
    } catch (error) {
      this.failed(error, message);
      return false;
    }
    toast(t("undone"));
    // Only the service can count the votes without one that came with the page.
    if (!reaction.mine && this.messages.includes(message)) await this.load(this.at);
    this.show(this.messages.find(({ id }) => id === message.id));
    return true;
  }

  failed(error, message) {
    toast(reason(error.message), "bad");
    this.show(message);
  }

  show(message) {
    const at = this.messages.indexOf(message);
    if (at >= 0) this.move(at);
  }

  key(key) {
    const acts = {
      j: () => this.move(this.at + 1), ArrowDown: () => this.move(this.at + 1),
      k: () => this.move(this.at - 1), ArrowUp: () => this.move(this.at - 1),
      c: () => this.confirm(), [NONE]: () => this.none(), u: () => this.undoLast(), r: () => this.load(),
      n: () => this.turn(1), p: () => this.turn(-1), v: () => this.go("inbox", this.model, this.view === "review" ? "messages" : "review"),
    };
    const act = KEYS.includes(key) ? KEYS.indexOf(key) < this.labels.length && (() => this.chooseLabel(this.labels[KEYS.indexOf(key)])) : acts[key];
    if (!act) return false;
    this.act(act);
    return true;
  }

  async act(step) {
    try {
      await step();
    } catch (error) {
      this.failed(error);
    }
  }
}
