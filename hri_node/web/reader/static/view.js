// How the image lies on the screen: zoomed about a point, moved, fitted. Places on the screen are CSS pixels of the stage.
import { clamped } from "./outline.js";

const SCALE_MAX = 40; // CSS pixels of the screen per row of the image
const KEPT = 80; // CSS pixels of the image that stay on the stage, however far it is moved

export class View {
  constructor(stage) {
    this.stage = stage;
    this.image = null;
    this.scale = 1;
    this.left = 0;
    this.top = 0;
    this.isFitted = true;
    this.onChange = () => {};
  }

  // Pixels that are wider than high are shown so: a square of 15 mm is a square on the screen.
  get aspect() {
    const [rowMm, columnMm] = this.image.spacing_mm;
    return columnMm / rowMm;
  }

  get across() {
    return this.scale * this.aspect;
  }

  get fitting() {
    const { clientWidth, clientHeight } = this.stage;
    return Math.min(clientWidth / (this.image.columns * this.aspect), clientHeight / this.image.rows);
  }

  show(image) {
    this.image = image;
    this.fit();
  }

  fit() {
    this.scale = this.fitting;
    this.isFitted = true;
    this.left = (this.stage.clientWidth - this.image.columns * this.across) / 2;
    this.top = (this.stage.clientHeight - this.image.rows * this.scale) / 2;
    this.onChange();
  }

  // After the stage has another size.
  refit() {
    if (!this.image) return;
    if (this.isFitted) this.fit();
    else this.pan(0, 0);
  }

  zoom(factor, [x, y]) {
    const scale = clamped(this.scale * factor, this.fitting / 2, SCALE_MAX);
    const real = scale / this.scale;
    this.left = x - (x - this.left) * real;
    this.top = y - (y - this.top) * real;
    this.scale = scale;
    this.isFitted = false;
    this.pan(0, 0);
  }

  pan(across, down) {
    const { clientWidth, clientHeight } = this.stage;
    const width = this.image.columns * this.across;
    const height = this.image.rows * this.scale;
    if (across || down) this.isFitted = false;
    this.left = clamped(this.left + across, KEPT - width, clientWidth - KEPT);
    this.top = clamped(this.top + down, KEPT - height, clientHeight - KEPT);
    this.onChange();
  }

  middle() {
    return [this.stage.clientWidth / 2, this.stage.clientHeight / 2];
  }

  toImage([x, y]) {
    return [(x - this.left) / this.across, (y - this.top) / this.scale];
  }

  toScreen([column, row]) {
    return [this.left + column * this.across, this.top + row * this.scale];
  }

  // Moves the image so that a point of it is on the stage, with some space around it.
  reveal(point) {
    const [x, y] = this.toScreen(point);
    const { clientWidth, clientHeight } = this.stage;
    const [marginX, marginY] = [Math.min(60, clientWidth / 4), Math.min(60, clientHeight / 4)];
    const [shiftX, shiftY] = [clamped(x, marginX, clientWidth - marginX) - x, clamped(y, marginY, clientHeight - marginY) - y];
    if (!this.isFitted && (shiftX || shiftY)) this.pan(shiftX, shiftY);
  }
}
