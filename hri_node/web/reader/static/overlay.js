// Marks, what is being drawn and the keyboard's cursor come in; they are drawn as SVG above the picture.
import { ORGANS } from "./marks.js";

const SVG = "http://www.w3.org/2000/svg";
const CROSS = 14; // CSS pixels

export class Overlay {
  constructor(svg, view, marks) {
    this.svg = svg;
    this.view = view;
    this.marks = marks;
    this.isDue = false;
    this.isVisible = true;
  }

  toggle() {
    this.isVisible = !this.isVisible;
    this.paint(this.extras);
    return this.isVisible;
  }

  // What besides the marks: {selected, vertex, line: {organ, points, end}, cursor}.
  paint(extras) {
    this.extras = extras;
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.paintNow();
    });
  }

  paintNow() {
    const parts = [];
    if (this.view.image && this.isVisible) {
      for (const organ of ORGANS) {
        const mark = this.marks.get(organ);
        if (mark) parts.push(...this.markParts(organ, mark));
      }
    }
    if (this.view.image) parts.push(...this.lineParts(), ...this.cursorParts());
    this.svg.replaceChildren(...parts);
  }

  markParts(organ, mark) {
    const isSelected = this.extras.selected === organ;
    const state = `${mark.isDraft ? " draft" : ""}${isSelected ? " selected" : ""}`;
    const outline = this.path(mark.points, true);
    const parts = [element("path", { class: "halo", d: outline }), element("path", { class: `mark ${organ}${state}`, d: outline })];
    if (isSelected && mark.shape === "polygon") parts.push(...this.handles(organ, mark.points));
    parts.push(this.label(organ, mark.points));
    return parts;
  }

  handles(organ, points) {
    return points.map((point, index) => {
      const [x, y] = this.view.toScreen(point);
      return element("circle", { class: `handle ${organ}${index === this.extras.vertex ? " chosen" : ""}`, cx: x, cy: y, r: 5 });
    });
  }

  // Beside the highest point, so that colour and dashes are not the only signs.
  label(organ, points) {
    const highest = points.reduce((best, point) => (point[1] < best[1] ? point : best));
    const [x, y] = this.view.toScreen(highest);
    const text = element("text", { class: `label ${organ}`, x, y: Math.max(14, y - 7) });
    text.textContent = organ === "liver" ? "Liver" : "Cortex";
    return text;
  }

  lineParts() {
    const { line } = this.extras;
    if (!line) return [];
    const path = this.path(line.end ? [...line.points, line.end] : line.points, false);
    const [x, y] = this.view.toScreen(line.points[0]);
    const first = element("circle", { class: `handle first ${line.organ}`, cx: x, cy: y, r: line.closes ? 9 : 6 });
    const corners = line.isFree ? [] : this.handles(line.organ, line.points.slice(1));
    return [element("path", { class: "halo", d: path }), element("path", { class: `line ${line.organ}`, d: path }), first, ...corners];
  }

  cursorParts() {
    if (!this.extras.cursor || (this.extras.selected && !this.extras.line)) return [];
    const [x, y] = this.view.toScreen(this.extras.cursor);
    const cross = `M${x - CROSS} ${y}H${x - 3}M${x + 3} ${y}H${x + CROSS}M${x} ${y - CROSS}V${y - 3}M${x} ${y + 3}V${y + CROSS}`;
    return [element("path", { class: "halo", d: cross }), element("path", { class: "cursor", d: cross })];
  }

  path(points, isClosed) {
    const places = points.map((point) => this.view.toScreen(point).map((value) => value.toFixed(1)).join(" "));
    return `M${places.join("L")}${isClosed ? "Z" : ""}`;
  }
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
