// The inbox: pages of messages, the review queue, and labels by one key.
import { ask, of } from "./api.js";
import { above, below } from "./around.js";
import { again, last, say, takeBack } from "./deeds.js";
import { el, fill } from "./dom.js";
import { toast } from "./frame.js";
import { own } from "./keys.js";
import { chosenOf, heads, KEYS, NONE, row, spoken } from "./message.js";
import { cellOf, saying, several, toggled } from "./sets.js";
import { empty, withThreshold } from "./shapes.js";
import { t } from "./words.js";

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
    Object.assign(this, { place, served, model: served.model, labels: served.labels, view, models, go, still });
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
    this.messages = found.messages.map((one) => ({ ...withThreshold(one, one.version, this.served), model: this.model, separator: this.served.separator }));
    this.older = found.older;
    this.page = page;
    this.at = at < 0 ? this.messages.length - 1 : at;
    this.draw();
  }

  draw() {
    this.lines = this.messages.map((_, at) => this.line(at));
    const none = this.view === "review" ? empty(t("allReviewed"), t("allReviewedWhy")) : empty(t("noMessages"), t("noMessagesWhy"));
    const list = el("ol", { class: "messages", "aria-label": t(this.view) }, this.lines);
    fill(this.place, above(this), this.lines.length ? [el("div", { class: `inbox ${this.model === "sentiment" ? "" : "wide"}` }, heads(this.model), list), below(this, SIZE)] : none);
    this.focus();
  }

  line(at) {
    const message = this.messages[at];
    const acts = {
      choose: () => at !== this.at && this.move(at), say: (label) => this.name(label), confirm: () => this.confirm(), none: () => this.none(),
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

  // Where one label is given, to name it is to say it; of several each is chosen or not, and all are said together.
  name(label) {
    if (!several(this.served)) return this.say(label);
    const message = this.messages[this.at];
    if (message) message.chosen = toggled(chosenOf(message), label);
    this.redraw(this.at);
  }

  confirm() {
    const message = this.messages[this.at];
    if (message?.chosen || message?.label) this.say(message.chosen ? cellOf(message.chosen, this.served) : message.label);
  }

  none() {
    if (this.labels.length) this.say(this.served.separator ?? "");
  }

  // The next message is chosen at once; what was said is taken off again if the service did not keep it.
  say(cell) {
    const [at, message] = [this.at, this.messages[this.at]];
    if (!message) return;
    const kept = say(message, ...saying(message, cell, this.served));
    delete message.chosen;
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
    // What is left without a vote that came with the page is the service's to count.
    if (!reaction.mine && this.messages.includes(message)) await this.load(this.at);
    this.show(this.messages.find((one) => one.id === message.id));
    return true;
  }

  failed(error, message) {
    toast(error.message, "bad");
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
      c: () => this.confirm(), [NONE]: () => this.none(), u: () => this.undo(), r: () => this.load(),
      n: () => this.turn(1), p: () => this.turn(-1), v: () => this.go("inbox", this.model, this.view === "review" ? "messages" : "review"),
    };
    const act = KEYS.includes(key) ? KEYS.indexOf(key) < this.labels.length && (() => this.name(this.labels[KEYS.indexOf(key)])) : acts[key];
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
