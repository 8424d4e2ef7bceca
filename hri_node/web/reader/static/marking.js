// The marking page: its parts put together, one image after the other.
import "./page.js";
import { Keys } from "./keys.js";
import { Loupe } from "./loupe.js";
import { Marks, ORGANS } from "./marks.js";
import { Outbox } from "./outbox.js";
import { Overlay } from "./overlay.js";
import * as panel from "./panel.js";
import { Picture } from "./picture.js";
import { Pointers } from "./pointers.js";
import { newId, Server } from "./server.js";
import { Session } from "./session.js";
import { State, named } from "./state.js";
import { Stopwatch } from "./stopwatch.js";
import { View } from "./view.js";

const { element } = panel;
const page = element("marking");
const { base, owner, csrf } = page.dataset;
const stage = element("stage");

class Marking {
  constructor(session, server) {
    this.session = session;
    this.position = Number(page.dataset.position);
    this.outbox = new Outbox(owner, (act, patienceMs) => server.post(act, patienceMs));
    const send = (act) => this.outbox.put({ image: this.key, session: session.number, ...act });
    this.view = new View(stage);
    this.picture = new Picture(element("picture"), this.view);
    this.marks = new Marks((act) => this.save(send, act), session);
    this.state = new State(this.marks, session);
    this.overlay = new Overlay(element("overlay"), this.view, this.marks);
    this.stopwatch = new Stopwatch(send);
    this.send = send;
    this.wire();
  }

  get key() {
    return this.session.images[this.position - 1].key;
  }

  // A change makes an image unfinished again.
  save(send, act) {
    this.session.images[this.position - 1].done = false;
    send(act);
  }

  wire() {
    const { view, picture, marks, state, overlay, outbox } = this;
    const parts = { stage, view, picture, marks, state, overlay };
    parts.loupe = new Loupe(element("loupe"), parts);
    parts.pointers = new Pointers(stage, parts);
    new Keys(parts, {
      next: () => this.go(this.position + 1),
      previous: () => this.go(this.position - 1),
      done: () => this.finish(),
      help: () => element("help").showModal(),
    });
    const paint = () => overlay.paint(state);
    view.onChange = () => (picture.paint(), paint(), panel.showZoom(view));
    picture.onWindow = panel.showWindow;
    const show = () => (paint(), panel.showMarks(marks, state, this.session), this.progress());
    for (const source of [marks, state]) source.addEventListener("changed", show);
    state.addEventListener("said", ({ detail }) => panel.readOut(detail));
    state.addEventListener("warned", ({ detail }) => panel.notice(detail));
    outbox.addEventListener("state", ({ detail }) => panel.showSaved(detail));
    outbox.addEventListener("answered", ({ detail }) => this.answered(detail));
    outbox.addEventListener("refused", ({ detail }) => this.refused(detail).catch(() => {}));
    new ResizeObserver(() => view.refit()).observe(stage);
    window.addEventListener("popstate", () => this.open(Number(location.pathname.split("/").at(-1)), false));
    for (const kind of ["pointerdown", "keydown"]) {
      document.addEventListener(kind, () => state.isOpen && panel.notice(""), { capture: true });
    }
    this.buttons();
  }

  buttons() {
    const { state, view, picture } = this;
    const acts = {
      undo: () => state.undo(), redo: () => state.redo(), remove: () => state.remove(), done: () => this.finish(),
      previous: () => this.go(this.position - 1), next: () => this.go(this.position + 1), fit: () => view.fit(),
      closer: () => view.zoom(1.4, view.middle()), farther: () => view.zoom(1 / 1.4, view.middle()), reset: () => picture.reset(),
      "help-open": () => element("help").showModal(), "help-close": () => element("help").close(),
      "end-no": () => element("end").close(), "end-yes": () => (element("end").close(), this.close()),
    }; // prettier-ignore
    for (const [id, act] of Object.entries(acts)) element(id).addEventListener("click", act);
    // After a click, keys are meant for the picture again.
    document.querySelector(".panel").addEventListener("click", ({ detail }) => detail && stage.focus({ preventScroll: true }));
    for (const organ of ORGANS) element(`organ-${organ}`).addEventListener("click", () => state.choose(organ));
    for (const shape of this.session.shapes) element(`shape-${shape}`)?.addEventListener("click", () => state.use(shape));
    element("brightness").addEventListener("input", ({ target }) => picture.setWindow(255 - target.value, picture.window.width));
    element("contrast").addEventListener("input", ({ target }) => picture.setWindow(picture.window.level, 512 - target.value));
  }

  async start() {
    await this.open(this.position, false);
    this.outbox.start();
  }

  go(position) {
    if (position < 1 || position > this.session.total) return;
    this.open(position, true);
  }

  async open(position, isNew) {
    this.leave();
    this.position = position;
    if (isNew) history.pushState(null, "", `${base}/${this.session.number}/${position}`);
    panel.showProgress(this.session, position);
    try {
      // Before the server is asked: what it is told meanwhile is in its answer, or here.
      const waiting = await this.outbox.about(this.session.images[position - 1].key);
      const image = await this.session.image(position, () => panel.notice("The server does not answer. Trying again…"));
      if (this.position === position) this.show(image, waiting);
    } catch (error) {
      panel.notice(error.status === 401 ? "Your visit has ended: open your personal link again." : `${error.message}.`);
    }
  }

  // Nothing of the image before is left while the next one comes.
  leave() {
    this.remember();
    this.state.giveUp();
    this.state.isOpen = false;
    this.stopwatch.show(null);
    this.marks.clear();
    this.picture.clear();
    this.view.image = null;
    this.state.change();
  }

  show(image, waiting) {
    const last = waiting.findLast(({ kind }) => kind !== "visits");
    if (last) this.session.images[this.position - 1].done = last.kind === "finishes";
    this.marks.load(image, image.marks, waiting);
    panel.notice("");
    this.view.show(image);
    this.picture.show(image);
    this.overlay.isVisible = true;
    this.state.show(image);
    this.stopwatch.show(image.key);
    page.dataset.shown = String(this.position);
    stage.focus({ preventScroll: true });
  }

  remember() {
    if (!this.view.image) return;
    const kept = ORGANS.filter((organ) => this.marks.now[organ]).map((organ) => ({ organ, ...this.marks.now[organ] }));
    this.session.known.set(this.view.image.key, kept);
  }

  progress() {
    panel.showProgress(this.session, this.position);
  }

  // The last image closes the session, which cannot be taken back: that is asked first.
  finish() {
    if (!this.state.isOpen || !this.marks.isComplete || this.state.line) return;
    if (this.session.isLast(this.position)) element("end").showModal();
    else this.close();
  }

  async close() {
    this.session.images[this.position - 1].done = true;
    this.stopwatch.stop();
    this.send({ kind: "finishes", id: newId() });
    const next = this.session.nextOpen(this.position);
    if (next) this.go(next);
    else this.end();
  }

  end() {
    this.leave();
    panel.notice("All images are marked. Saving…");
  }

  // Whether a session is complete is for the server to say: another tab may have changed a mark.
  answered({ act, answer }) {
    if (act.kind === "marks") this.marks.confirm(act.id, answer.values);
    if (act.kind !== "finishes" || this.session.nextOpen(this.position)) return;
    location.assign(answer.is_complete ? `${base}/` : `${base}/${this.session.number}`);
  }

  // What the server does not take is no mark: what it has is shown instead.
  async refused({ act, words }) {
    panel.notice(`Not saved: ${words}.`);
    if (act.kind === "visits") return;
    try {
      await this.session.load();
      if (act.image === this.key) await this.open(this.position, false);
    } finally {
      panel.notice(`Not saved: ${words}.`);
    }
  }
}

const server = new Server(base, csrf);
const session = new Session(server, Number(page.dataset.session));
try {
  await session.load();
  await new Marking(session, server).start();
} catch (error) {
  panel.notice(`${error.message}. Load this page again.`);
}
