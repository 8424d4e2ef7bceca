// What the reader has chosen: which organ the next outline is of, with which tool, which mark is selected; and the line that
// is being drawn. Mouse, touch and keyboard change the same.
import { distanceToLine, middle, rounded, squareAt, thinned, within } from "./outline.js";
import { ORGANS } from "./marks.js";

const STRAY = 0.35; // pixels of the image by which a thinned free-hand line may differ from what the hand did

const SMALL = "That outline is too small: draw around more tissue.";

// Tells by "changed" what is to be drawn anew, by "said" and "warned" what is to be read out.
export class State extends EventTarget {
  constructor(marks, settings) {
    super();
    this.marks = marks;
    this.settings = settings; // {shapes, pixels_min}
    this.tool = settings.shapes[0];
    this.reset();
  }

  // A new image: the liver first, as the paper names them.
  reset() {
    this.organ = "liver";
    this.selected = null;
    this.vertex = null;
    this.line = null; // {organ, points, end, began}
    this.cursor = null;
    this.isOpen = false;
  }

  show(image) {
    this.reset();
    this.image = image;
    this.isOpen = true;
    this.organ = ORGANS.find((organ) => !this.marks.now[organ]) ?? "liver";
    this.selected = this.marks.now[this.organ] ? this.organ : null;
    this.change();
  }

  choose(organ) {
    this.giveUp();
    this.organ = organ;
    this.selected = this.marks.now[organ] ? organ : null;
    this.vertex = null;
    this.change();
  }

  use(tool) {
    if (!this.settings.shapes.includes(tool)) return;
    this.giveUp();
    this.tool = tool;
    this.change();
  }

  // A mark that is touched is selected; the next outline replaces it, too.
  select(organ) {
    this.organ = this.selected = organ;
    this.vertex = null;
    this.change();
  }

  square(point) {
    return squareAt(point, this.image.square, this.image);
  }

  // Places an outline of the chosen organ, or says why it cannot; `isByHand`: the other organ is next, if it has no mark.
  place(shape, points, began, isByHand, isNudge = false) {
    const organ = this.line?.organ ?? this.organ;
    this.line = null;
    const isPlaced = this.marks.place(organ, shape, points, performance.now() - began, isNudge);
    if (!isPlaced) {
      this.marks.draft(organ, shape, null);
      this.warn(SMALL);
    } else {
      this.selected = organ;
      this.say(`${named(organ)} marked.`);
      const other = ORGANS.find((one) => one !== organ);
      this.organ = isByHand && !this.marks.now[other] ? other : organ;
    }
    this.change();
  }

  begin(point, isFree) {
    const at = within(point, this.image);
    this.line = { organ: this.organ, points: [at], end: null, began: performance.now(), isFree };
    this.selected = null;
    this.change();
  }

  add(point) {
    const at = within(point, this.image);
    const last = this.line.points.at(-1);
    if (Math.hypot(at[0] - last[0], at[1] - last[1]) >= (this.line.isFree ? 0.5 : 1)) this.line.points.push(at);
    this.line.end = null;
    this.change();
  }

  // The line that follows the pointer to where the next corner would be.
  aim(point, closes = false) {
    this.line.end = within(point, this.image);
    this.line.closes = closes;
    this.change();
  }

  close(isByHand) {
    const { points, began, isFree } = this.line;
    const outline = isFree ? thinned([...points, points[0]], STRAY).slice(0, -1) : points;
    if (outline.length < 3) {
      if (isFree) this.giveUp();
      this.warn(isFree ? SMALL : "An outline needs three corners at least.");
      return;
    }
    this.place(isFree ? "freehand" : "polygon", outline.map((point) => point.map(rounded)), began, isByHand);
  }

  // Takes the last corner back; true where there was one.
  shorten() {
    if (!this.line) return false;
    this.line.points.pop();
    if (!this.line.points.length || this.line.isFree) this.giveUp();
    this.change();
    return true;
  }

  giveUp() {
    this.line = null;
    for (const organ of ORGANS) if (this.marks.drafts[organ]) this.marks.draft(organ, null, null);
    this.change();
  }

  remove() {
    if (this.shorten()) return;
    const mark = this.selected && this.marks.now[this.selected];
    if (!mark) return this.warn("No mark is selected.");
    if (this.vertex !== null && mark.points.length > 3) {
      const points = mark.points.filter((_, index) => index !== this.vertex);
      this.vertex = null;
      this.marks.place(this.selected, mark.shape, points, 0);
      this.say("Corner removed.");
    } else {
      this.marks.remove(this.selected);
      this.say(`${named(this.selected)} mark removed.`);
      this.organ = this.selected;
      this.selected = this.vertex = null;
    }
    this.change();
  }

  again(step, word) {
    const organ = step?.organ;
    if (!step) return this.say(`Nothing to ${word}.`);
    this.organ = organ;
    this.vertex = null;
    this.selected = this.marks.now[organ] ? organ : null;
    this.say(`${word === "undo" ? "Undone" : "Redone"}: ${named(organ)}.`);
    this.change();
  }

  undo() {
    if (!this.shorten()) this.again(this.marks.undo(), "undo");
  }

  redo() {
    this.again(this.marks.redo(), "redo");
  }

  // The mark at a point, the chosen organ's first; its corner or line within `near` pixels counts as well.
  markAt(point, near, holds) {
    const order = [this.selected, this.organ, ...ORGANS].filter(Boolean);
    return order.find((organ) => {
      const mark = this.marks.now[organ];
      return mark && (holds(mark.points, point) || this.nearLine(mark.points, point, near));
    });
  }

  nearLine(points, point, near) {
    return points.some((from, index) => distanceToLine(point, from, points[(index + 1) % points.length]) < near);
  }

  get focus() {
    const mark = this.selected && this.marks.get(this.selected);
    if (mark) return this.vertex === null ? middle(mark.points) : mark.points[this.vertex];
    return this.cursor;
  }

  warn(words) {
    this.dispatchEvent(new CustomEvent("warned", { detail: words }));
  }

  say(words) {
    this.dispatchEvent(new CustomEvent("said", { detail: words }));
  }

  change() {
    this.dispatchEvent(new Event("changed"));
  }
}

export const named = (organ) => (organ === "liver" ? "Liver" : "Right renal cortex");
