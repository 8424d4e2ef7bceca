// Mouse, pen and fingers on the picture come in; each goes on as one gesture, from its first touch to its last.
import { cornerAt, corner, draw, move, pan, pinch, reach, square, windowing } from "./gestures.js";
import { holds } from "./outline.js";

export class Pointers {
  constructor(stage, parts) {
    this.stage = stage;
    this.parts = parts; // {view, picture, marks, state, loupe}
    this.places = new Map();
    this.gesture = null;
    this.spaceHeld = false;
    this.spaceUsed = false;
    stage.addEventListener("pointerdown", (event) => this.onDown(event));
    stage.addEventListener("pointermove", (event) => this.onMove(event));
    stage.addEventListener("pointerup", (event) => this.onEnd(event, "end"));
    stage.addEventListener("pointercancel", (event) => this.onEnd(event, "cancel"));
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
    stage.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
  }

  placeOf(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  onDown(event) {
    const { state } = this.parts;
    if (!state.isOpen || event.target.closest("button")) return;
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
    this.stage.setPointerCapture(event.pointerId);
    this.places.set(event.pointerId, this.placeOf(event));
    state.cursor = null;
    if (this.places.size === 1) this.gesture = this.begun(event);
    this.enlarge(event);
    if (this.places.size === 2) {
      this.gesture?.cancel?.();
      this.gesture = pinch(this.parts, this.places);
    }
  }

  begun(event) {
    const { parts } = this;
    const place = this.placeOf(event);
    if (event.button === 1 || (event.button === 0 && this.spaceHeld)) {
      this.spaceUsed = true;
      return pan(parts, place);
    }
    if (event.button === 2) return windowing(parts, place);
    if (event.button !== 0) return null;
    const point = parts.view.toImage(place);
    const near = reach(event) / parts.view.scale;
    if (parts.state.line) return corner(parts, near);
    const vertex = cornerAt(parts, place, reach(event));
    const organ = vertex === null ? parts.state.markAt(point, near, holds) : parts.state.selected;
    if (organ) return move(parts, organ, vertex, point);
    if (parts.state.tool === "square") return square(parts, point);
    return parts.state.tool === "freehand" ? draw(parts, point) : corner(parts, near, point);
  }

  onMove(event) {
    const place = this.placeOf(event);
    if (this.places.has(event.pointerId)) {
      this.places.set(event.pointerId, place);
      const coalesced = event.getCoalescedEvents?.() ?? [];
      const passed = coalesced.length ? coalesced.map((each) => this.placeOf(each)) : [place];
      this.gesture?.move?.(place, passed);
      this.enlarge(event);
    } else if (this.parts.state.isOpen) this.hover(event, place);
  }

  // What a single finger hides.
  enlarge(event) {
    const { loupe } = this.parts;
    if (event.pointerType === "touch" && this.places.size === 1 && this.gesture?.isFine) loupe.show(this.placeOf(event));
    else loupe.hide();
  }

  // What a click would do here is told by the pointer's shape.
  hover(event, place) {
    const { state, view } = this.parts;
    const point = view.toImage(place);
    const near = reach(event) / view.scale;
    if (state.line) state.aim(point, state.line.points.length > 2 && near > Math.hypot(...away(point, state.line.points[0])));
    const over = state.line ? "" : cornerAt(this.parts, place, reach(event)) !== null || state.markAt(point, near, holds);
    this.stage.dataset.over = over ? "mark" : "";
  }

  onEnd(event, how) {
    if (!this.places.delete(event.pointerId)) return;
    this.parts.loupe.hide();
    const { gesture } = this;
    // A finger that stays after two zoomed draws nothing.
    this.gesture = null;
    gesture?.[how]?.(this.placeOf(event));
  }

  onWheel(event) {
    event.preventDefault();
    if (!this.parts.view.image) return;
    const step = event.deltaMode === 1 ? 40 : 1; // some browsers count lines, not pixels
    this.parts.view.zoom(Math.exp((-event.deltaY * step) / (event.ctrlKey ? 100 : 400)), this.placeOf(event));
  }
}

const away = ([x, y], [x1, y1]) => [x - x1, y - y1];
