// Grey levels and a window come in; they are painted on a canvas, in original pixels where it is zoomed in.
import { clamped } from "./outline.js";

const PIXELATED_FROM = 2; // screen pixels per image pixel
const WHOLE = { level: 127.5, width: 255 };

export class Picture {
  constructor(canvas, view) {
    this.canvas = canvas;
    this.view = view;
    this.window = { ...WHOLE };
    this.source = document.createElement("canvas");
    this.isDue = false;
    this.onWindow = () => {};
  }

  show(image) {
    this.image = image;
    this.source.width = image.columns;
    this.source.height = image.rows;
    this.canvas.hidden = false;
    this.develop();
  }

  clear() {
    this.image = null;
    this.canvas.hidden = true;
  }

  setWindow(level, width) {
    this.window = { level: clamped(level, 0, 255), width: clamped(width, 2, 510) };
    this.onWindow(this.window);
    if (this.image) this.develop();
  }

  reset() {
    this.setWindow(WHOLE.level, WHOLE.width);
  }

  // Maps grey levels by the window; measurements never see it.
  develop() {
    const { level, width } = this.window;
    const shades = new Uint32Array(256);
    for (let grey = 0; grey < 256; grey++) {
      const shade = clamped(Math.round(((grey - level) / width + 0.5) * 255), 0, 255);
      shades[grey] = (255 << 24) | (shade << 16) | (shade << 8) | shade;
    }
    const painted = new ImageData(this.image.columns, this.image.rows);
    const words = new Uint32Array(painted.data.buffer);
    const { grey } = this.image;
    for (let at = 0; at < words.length; at++) words[at] = shades[grey[at]];
    this.source.getContext("2d").putImageData(painted, 0, 0);
    this.paint();
  }

  paint() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      if (this.image) this.paintNow();
    });
  }

  paintNow() {
    const { canvas, view } = this;
    const density = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * density), Math.round(canvas.clientHeight * density)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = view.scale * density < PIXELATED_FROM;
    context.imageSmoothingQuality = "high";
    context.setTransform(view.across * density, 0, 0, view.scale * density, view.left * density, view.top * density);
    context.drawImage(this.source, 0, 0);
  }
}
