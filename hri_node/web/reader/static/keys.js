// Keys come in; what they do to the marks and the view goes out. The help panel of the page lists the same keys.
import { moved, within } from "./outline.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 10; // pixels of the image, with the shift key
const PAN = 60; // CSS pixels
const ZOOM = 1.25;
const SHADES = 8;

export class Keys {
  constructor(parts, pages) {
    Object.assign(this, parts); // {stage, view, picture, marks, state, pointers, overlay}
    this.pages = pages; // {next, previous, done, help}
    this.shift = null;
    document.addEventListener("keydown", (event) => this.onDown(event));
    document.addEventListener("keyup", (event) => this.onUp(event));
    window.addEventListener("blur", () => this.settle());
  }

  onDown(event) {
    if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea") && event.key !== "?") return;
    // Enter and space on a button press it.
    const isOnButton = event.target.closest("button, a, summary") && ["Enter", " "].includes(event.key);
    const act = isOnButton ? null : this.act(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  act(event) {
    const { key, shiftKey } = event;
    if (event.ctrlKey || event.metaKey) return this.withControl(key.toLowerCase(), shiftKey);
    if (key === "?") return () => this.pages.help();
    if (!this.state.isOpen) return this.paging(key);
    if (STEPS[key]) return () => this.step(STEPS[key], shiftKey ? FAR : 1);
    if (key === " ") return () => this.hold(event);
    return this.named(shiftKey && key.length === 1 ? `shift+${key.toLowerCase()}` : key.length === 1 ? key.toLowerCase() : key) ?? this.paging(key);
  }

  withControl(key, shiftKey) {
    if (!this.state.isOpen) return null;
    if (key === "z") return () => (shiftKey ? this.state.redo() : this.state.undo());
    if (key === "y") return () => this.state.redo();
    const step = Object.entries(STEPS).find(([name]) => name.toLowerCase() === key)?.[1];
    return step ? () => this.view.pan(-step[0] * PAN, -step[1] * PAN) : null;
  }

  paging(key) {
    if (key === "PageDown" || key === "n") return () => this.pages.next();
    if (key === "PageUp" || key === "b") return () => this.pages.previous();
    return null;
  }

  named(key) {
    const { state, view, picture, overlay } = this;
    const [liver, cortex] = [() => this.choose("liver"), () => this.choose("cortex")];
    const zoom = (factor) => () => view.zoom(factor, state.focus ? view.toScreen(state.focus) : view.middle());
    const shade = (level, width) => () => picture.setWindow(picture.window.level + level, picture.window.width + width);
    return {
      1: liver, l: liver, 2: cortex, k: cortex,
      s: () => state.use("square"), p: () => state.use("polygon"), f: () => state.use("freehand"),
      Enter: () => this.enter(), Escape: () => this.escape(), Delete: () => state.remove(), Backspace: () => state.remove(),
      v: () => this.nextCorner(1), "shift+v": () => this.nextCorner(-1), h: () => (overlay.toggle() ? state.say("Marks are shown.") : state.warn("Marks are hidden: H shows them again.")),
      "+": zoom(ZOOM), "shift++": zoom(ZOOM), "=": zoom(ZOOM), "-": zoom(1 / ZOOM), 0: () => view.fit(),
      e: shade(-SHADES, 0), "shift+e": shade(SHADES, 0), c: shade(0, -2 * SHADES), "shift+c": shade(0, 2 * SHADES),
      r: () => picture.reset(),
    }[key]; // prettier-ignore
  }

  choose(organ) {
    this.state.choose(organ);
    if (!this.marks.now[organ]) this.place();
  }

  // The keyboard's cursor, in the middle of what is seen.
  place() {
    this.state.cursor ??= within(this.view.toImage(this.view.middle()).map(Math.round), this.state.image);
    this.state.change();
  }

  // Arrows move the selected mark or corner; without one, the cursor; with the pen down they draw.
  step([across, down], far) {
    const { state, marks, view } = this;
    const [dx, dy] = [across * far, down * far];
    if (!state.selected || state.line) {
      this.place();
      state.cursor = within([state.cursor[0] + dx, state.cursor[1] + dy], state.image);
      if (state.line?.isFree) state.add(state.cursor);
      else if (state.line) state.aim(state.cursor);
    } else {
      const { shape, points } = marks.get(state.selected);
      this.shift ??= { organ: state.selected, began: performance.now() };
      marks.draft(state.selected, shape, this.shifted(points, dx, dy));
    }
    view.reveal(state.focus);
    state.change();
  }

  shifted(points, dx, dy) {
    const { vertex, image } = this.state;
    if (vertex === null) return moved(points, dx, dy, image);
    return points.map((point, index) => (index === vertex ? within([point[0] + dx, point[1] + dy], image) : point));
  }

  // A mark that keys moved is placed when the key is let go.
  settle() {
    const draft = this.shift && this.marks.drafts[this.shift.organ];
    const { organ, began } = this.shift ?? {};
    this.shift = null;
    if (!draft) return;
    const { vertex } = this.state;
    this.state.organ = organ;
    this.state.place(draft.shape, draft.points, began, false, true);
    this.state.vertex = vertex;
    this.state.change();
  }

  onUp(event) {
    if (STEPS[event.key]) this.settle();
    if (event.key !== " ") return;
    const isTap = this.pointers.spaceHeld && !this.pointers.spaceUsed;
    this.pointers.spaceHeld = this.pointers.spaceUsed = false;
    this.stage.dataset.panning = "";
    if (isTap) this.point();
  }

  // The space bar held lets the mouse move the picture; tapped, it sets a point.
  hold(event) {
    if (event.repeat) return;
    this.pointers.spaceHeld = true;
    this.stage.dataset.panning = "yes";
  }

  // Sets the square, the next corner, or the pen down and up.
  point() {
    const { state } = this;
    if (!state.isOpen) return;
    const began = performance.now();
    this.settle();
    this.place();
    if (state.tool === "square") state.place("square", state.square(state.cursor), began, false);
    else if (!state.line) state.begin(state.cursor, state.tool === "freehand");
    else if (state.line.isFree) state.close(false);
    else state.add(state.cursor);
  }

  enter() {
    this.settle();
    const { state, marks } = this;
    if (state.line) state.close(false);
    else if (!marks.now[state.organ]) this.point();
    else if (marks.isComplete) this.pages.done();
    else this.choose(state.organ === "liver" ? "cortex" : "liver");
  }

  escape() {
    const { state } = this;
    this.shift = null;
    state.giveUp();
    if (state.vertex !== null) state.vertex = null;
    else state.selected = state.cursor = null;
    state.change();
  }

  nextCorner(by) {
    const { state, marks } = this;
    const mark = state.selected && marks.now[state.selected];
    if (!mark || mark.shape !== "polygon") return state.warn("Corners are chosen in a selected polygon.");
    this.settle();
    const count = mark.points.length;
    state.vertex = state.vertex === null ? (by > 0 ? 0 : count - 1) : (state.vertex + by + count) % count;
    this.view.reveal(state.focus);
    state.say(`Corner ${state.vertex + 1} of ${count}.`);
    return state.change();
  }
}
