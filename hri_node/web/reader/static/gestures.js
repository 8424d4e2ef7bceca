// A touch of mouse, pen or finger comes in; what it does until it ends goes out: {move(place, passed), end(place),
// cancel()}; `isFine`: what lies under a finger matters.
import { moved, within } from "./outline.js";

const DOUBLE_MS = 350;
const REACH = { mouse: 8, pen: 12, touch: 22 }; // CSS pixels within which something is hit
const SHADES_PER_PIXEL = 0.7;

export const reach = (event) => REACH[event.pointerType] ?? REACH.mouse;

let tapped = { at: -Infinity, point: null };

export function pan({ view }, from) {
  let last = from;
  return {
    move(place) {
      view.pan(place[0] - last[0], place[1] - last[1]);
      last = place;
    },
  };
}

// Rightwards for less contrast, downwards for a darker picture, as radiologists' viewers have it.
export function windowing({ picture }, from) {
  const { level, width } = picture.window;
  return {
    move: ([x, y]) => picture.setWindow(level + (y - from[1]) * SHADES_PER_PIXEL, width + (x - from[0]) * SHADES_PER_PIXEL),
  };
}

export function pinch({ view, state }, places) {
  const spread = () => {
    const [[x1, y1], [x2, y2]] = [...places.values()];
    return { middle: [(x1 + x2) / 2, (y1 + y2) / 2], length: Math.hypot(x2 - x1, y2 - y1) || 1 };
  };
  let last = spread();
  state.change();
  return {
    move() {
      const now = spread();
      view.pan(now.middle[0] - last.middle[0], now.middle[1] - last.middle[1]);
      view.zoom(now.length / last.length, now.middle);
      last = now;
    },
  };
}

// A square around the pointer, until it is let go.
export function square({ view, marks, state }, from) {
  const began = performance.now();
  const { organ } = state;
  let points = state.square(from);
  const show = () => marks.draft(organ, "square", points);
  show();
  return {
    move(place) {
      points = state.square(view.toImage(place));
      show();
    },
    end: () => state.place("square", points, began, true),
    cancel: () => state.giveUp(),
  };
}

// A line by hand.
export function draw({ view, state }, from) {
  state.begin(from, true);
  return {
    isFine: true,
    move: (_place, passed) => passed.forEach((place) => state.line && state.add(view.toImage(place))),
    end: () => state.line && state.close(true),
    cancel: () => state.giveUp(),
  };
}

// The next corner of a polygon, where the pointer is let go; the first one again, or a double click, closes it.
export function corner({ view, state }, near, from) {
  if (from) state.begin(from, false);
  const isFirst = Boolean(from);
  return {
    isFine: true,
    move(place) {
      if (isFirst) state.line.points = [within(view.toImage(place), state.image)];
      else state.aim(view.toImage(place));
      state.change();
    },
    end(place) {
      if (!state.line) return;
      const point = view.toImage(place);
      const isAgain = tapped.point && performance.now() - tapped.at < DOUBLE_MS && distance(point, tapped.point) < near;
      tapped = { at: performance.now(), point };
      if (isFirst) return;
      const closes = state.line.points.length > 2 && distance(point, state.line.points[0]) < near;
      if (closes || isAgain) state.close(true);
      else state.add(point);
    },
    cancel() {
      if (isFirst) state.giveUp();
    },
  };
}

// A mark, or one corner of it, is dragged; without way it is only selected.
export function move({ view, marks, state }, organ, vertex, from) {
  const began = performance.now();
  const { shape, points } = marks.now[organ];
  let now = points;
  state.select(organ);
  state.vertex = vertex;
  state.change();
  return {
    isFine: vertex !== null,
    move(place) {
      const [column, row] = view.toImage(place);
      if (vertex === null) now = shifted(shape, points, column - from[0], row - from[1], state.image);
      else now = points.map((point, index) => (index === vertex ? within([column, row], state.image) : point));
      marks.draft(organ, shape, now);
    },
    end() {
      if (String(now) === String(points)) state.giveUp();
      else state.place(shape, now, began, false);
    },
    cancel: () => state.giveUp(),
  };
}

// A square stays on whole pixels.
function shifted(shape, points, across, down, image) {
  return shape === "square" ? moved(points, Math.round(across), Math.round(down), image) : moved(points, across, down, image);
}

// Index of the corner of the selected polygon at a place of the screen; null where there is none.
export function cornerAt({ view, marks, state }, [x, y], near) {
  const mark = state.selected && marks.now[state.selected];
  if (!mark || mark.shape !== "polygon") return null;
  const found = mark.points.findIndex((point) => distance(view.toScreen(point), [x, y]) < near);
  return found < 0 ? null : found;
}

const distance = ([x1, y1], [x2, y2]) => Math.hypot(x2 - x1, y2 - y1);
