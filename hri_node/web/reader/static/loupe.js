// Where a finger touches comes in; what it hides is shown enlarged in a corner of the stage, with the outlines.
import { ORGANS } from "./marks.js";

const SIDE = 190; // CSS pixels
const ENLARGED = 2.5;
const COLOURS = { liver: "rgb(130 225 255)", cortex: "rgb(255 220 100)" };

export class Loupe {
  constructor(canvas, { stage, view, picture, marks, state }) {
    Object.assign(this, { canvas, stage, view, picture, marks, state });
  }

  hide() {
    this.canvas.hidden = true;
  }

  // In the corner that is further from the finger.
  show([x, y]) {
    const { canvas, view } = this;
    const density = window.devicePixelRatio || 1;
    canvas.hidden = false;
    canvas.dataset.side = x < this.stage.clientWidth / 2 && y < this.stage.clientHeight / 2 ? "right" : "left";
    canvas.width = canvas.height = SIDE * density;
    const context = canvas.getContext("2d");
    const [column, row] = view.toImage([x, y]);
    const [across, down] = [view.across * ENLARGED * density, view.scale * ENLARGED * density];
    const middle = (SIDE * density) / 2;
    context.setTransform(across, 0, 0, down, middle - column * across, middle - row * down);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture.source, 0, 0);
    for (const organ of ORGANS) this.draw(context, organ, this.marks.get(organ)?.points, true);
    if (this.state.line) this.draw(context, this.state.line.organ, this.state.line.points, false);
    context.setTransform(density, 0, 0, density, 0, 0);
    this.cross(context);
  }

  draw(context, organ, points, isClosed) {
    if (!points) return;
    context.beginPath();
    for (const [column, row] of points) context.lineTo(column, row);
    if (isClosed) context.closePath();
    context.strokeStyle = COLOURS[organ];
    context.lineWidth = 2 / (this.view.scale * ENLARGED);
    context.stroke();
  }

  cross(context) {
    const middle = SIDE / 2;
    context.beginPath();
    for (const [x, y] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(middle + x * 4, middle + y * 4);
      context.lineTo(middle + x * 16, middle + y * 16);
    }
    context.strokeStyle = "#fff";
    context.lineWidth = 1.5;
    context.stroke();
  }
}
