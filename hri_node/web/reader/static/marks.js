// What a reader does with outlines on one image comes in; the marks as they are now go out, and each change to the outbox.
import { measured } from "./inside.js";
import { newId } from "./server.js";

export const ORGANS = ["liver", "cortex"];

const NUDGES_MS = 1500;

// Tells by "changed" whenever something else is to be shown.
export class Marks extends EventTarget {
  // Of the settings: whether values may be shown (hidden ones are not kept), and how few pixels tell no mean.
  constructor(send, { shows_values: shows, pixels_min: least }) {
    super();
    Object.assign(this, { send, shows, least });
    this.image = null;
    this.clear();
  }

  clear() {
    this.now = { liver: null, cortex: null };
    this.drafts = { liver: null, cortex: null };
    this.done = [];
    this.undone = [];
  }

  // As the server has them, with what waits in this browser on top.
  load(image, kept, waiting) {
    this.clear();
    this.image = image;
    for (const mark of kept) this.now[mark.organ] = { ...mark };
    for (const act of waiting) {
      if (act.kind === "marks") this.now[act.organ] = this.made(act.id, act.shape, act.points);
      if (act.kind === "withdrawals" && this.now[act.organ]?.id === act.mark) this.now[act.organ] = null;
    }
    this.tell();
  }

  get(organ) {
    return this.drafts[organ] ?? this.now[organ];
  }

  get isComplete() {
    return ORGANS.every((organ) => this.now[organ]);
  }

  get ratio() {
    const [liver, cortex] = ORGANS.map((organ) => this.now[organ]?.values);
    return liver && cortex && cortex.mean > 0 ? liver.mean / cortex.mean : null;
  }

  // An outline that is being drawn or moved: shown, neither measured nor saved; null gives it up.
  draft(organ, shape, points) {
    this.drafts[organ] = points && { shape, points, isDraft: true };
    this.tell();
  }

  // Whether it was placed: an outline of a few pixels measures nothing.
  place(organ, shape, points, drawnMs, isNudge = false) {
    this.drafts[organ] = null;
    const isEnough = (measured(points, this.image)?.pixels ?? 0) >= this.least;
    if (isEnough) {
      this.note({ organ, before: this.now[organ], after: { shape, points }, drawnMs, isNudge, at: performance.now() });
      this.put(organ, { shape, points }, drawnMs);
    }
    this.tell();
    return isEnough;
  }

  // Keys that move a mark pixel by pixel are one step to be undone, as long as they follow each other.
  note(step) {
    const last = this.done.at(-1);
    const isSame = step.isNudge && last?.isNudge && last.organ === step.organ && step.at - last.at < NUDGES_MS;
    if (isSame) Object.assign(last, { after: step.after, at: step.at });
    else this.done.push(step);
    this.undone = [];
  }

  remove(organ) {
    const before = this.now[organ];
    if (!before) return;
    this.note({ organ, before, after: null, drawnMs: 0 });
    this.put(organ, null, 0);
    this.tell();
  }

  undo() {
    return this.step(this.done, this.undone, "before");
  }

  redo() {
    return this.step(this.undone, this.done, "after");
  }

  step(from, to, side) {
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    this.drafts[step.organ] = null;
    this.put(step.organ, step[side], step.drawnMs);
    this.tell();
    return step;
  }

  // What is undone is a new mark too: the server keeps the history.
  put(organ, outline, drawnMs) {
    const before = this.now[organ];
    if (outline) {
      const { shape, points } = outline;
      const id = newId();
      this.now[organ] = this.made(id, shape, points);
      this.send({ kind: "marks", id, organ, shape, points, drawn_ms: Math.round(drawnMs) });
    } else if (before) {
      this.now[organ] = null;
      this.send({ kind: "withdrawals", id: newId(), organ, mark: before.id });
    }
  }

  made(id, shape, points) {
    return { id, shape, points, values: this.shows ? measured(points, this.image) : null };
  }

  // The server has it: what it measured counts, and must be what was shown.
  confirm(id, values) {
    for (const mark of ORGANS.map((organ) => this.now[organ])) {
      if (mark?.id !== id || !values) continue;
      const names = ["mean", "sd", "pixels", "area_mm2"];
      mark.differs = names.some((name) => mark.values?.[name] !== values[name]);
      if (mark.differs) console.error("the server measured otherwise:", JSON.stringify([mark.values, values]));
      mark.values = values;
    }
    this.tell();
  }

  tell() {
    this.dispatchEvent(new Event("changed"));
  }
}
