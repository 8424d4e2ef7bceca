// The picture of a study's page: original pixels on a canvas, outlines and regions over it as lines of the screen, zoom,
// place, brightness and contrast. What is shown stands in #picture, which the server writes with the values.
import { graft } from "./live.js";
import { showTimes } from "./times.js";

const LAYERS = ["liver", "kidney", "liver_roi", "cortex_roi"]; // bit 0 to 3 of outlines.png
const COLOURS = ["rgb(40 150 220)", "rgb(235 130 30)", "rgb(130 225 255)", "rgb(255 220 100)"];
const LETTERS = { l: 0, k: 1, g: 2, c: 3 };
const STEP = 1.25;
const [SMALLEST, LARGEST] = [0.1, 32];
const MOVE_PX = 40;

const $ = (id) => document.getElementById(id);
const canvas = $("canvas");
const context = canvas.getContext("2d");
const boxes = LAYERS.map((name) => $(`show-${name}`));

let source = ""; // address of the frame that is shown
let overlays = ""; // and of its outlines
let pixels = null; // ImageData of the frame as it came
let picture = null; // canvas with its brightness and contrast
let paths = []; // of each layer
let windows = {};
let view = { scale: 1, x: 0, y: 0, fitted: true };

async function load() {
  const wanted = $("picture");
  if (!wanted) return;
  windows = JSON.parse(wanted.dataset.windows || "{}");
  const { frame, outlines } = wanted.dataset;
  if (frame === source && outlines === overlays) return draw();
  const isOther = frame !== source;
  [source, overlays] = [frame, outlines];
  try {
    const [came, masks] = await Promise.all([isOther ? dataOf(frame) : pixels, outlines ? dataOf(outlines) : null]);
    if (frame !== source || outlines !== overlays) return; // another one was chosen meanwhile
    const isSameSize = pixels && came && pixels.width === came.width && pixels.height === came.height;
    pixels = came;
    paths = masks ? LAYERS.map((_, bit) => border(masks, 1 << bit)) : [];
    tell(frame ? "" : "The image was removed by retention.");
    shade();
    if (!isSameSize) fit();
    else draw();
  } catch (error) {
    pixels = picture = null;
    paths = [];
    tell(error.message);
    draw();
  }
}

async function dataOf(address) {
  if (!address) return null;
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status === 404 ? "This file holds no picture that can be shown." : answer.status === 410 ? "The image was removed by retention." : "The picture cannot be had just now.");
  const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const room = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true });
  room.drawImage(bitmap, 0, 0);
  return room.getImageData(0, 0, bitmap.width, bitmap.height);
}

// The edges between pixels inside and outside of a mask: exact at every zoom.
function border({ data, width, height }, bit) {
  const path = new Path2D();
  const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && (data[4 * (y * width + x)] & bit) !== 0;
  for (let y = 0; y <= height; y += 1) {
    for (let x = 0; x <= width; x += 1) {
      const here = inside(x, y);
      if (here !== inside(x, y - 1)) {
        path.moveTo(x, y);
        path.lineTo(x + 1, y);
      }
      if (here !== inside(x - 1, y)) {
        path.moveTo(x, y);
        path.lineTo(x, y + 1);
      }
    }
  }
  return path;
}

function shade() {
  if (!pixels) return void (picture = null);
  picture = new OffscreenCanvas(pixels.width, pixels.height);
  const shown = new ImageData(new Uint8ClampedArray(pixels.data), pixels.width, pixels.height);
  const [lift, slope] = [Number($("brightness").value) * 1.28, Math.tan((Math.PI / 4) * (1 + Number($("contrast").value) / 100))];
  if (lift || slope !== 1) {
    const table = Uint8ClampedArray.from({ length: 256 }, (_, level) => (level - 128) * slope + 128 + lift);
    for (let at = 0; at < shown.data.length; at += 1) if (at % 4 !== 3) shown.data[at] = table[shown.data[at]];
  }
  picture.getContext("2d").putImageData(shown, 0, 0);
}

function draw() {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  $("zoom").value = picture ? `${Math.round(view.scale * 100)} %` : "–";
  if (!picture) return;
  context.setTransform(view.scale, 0, 0, view.scale, view.x, view.y);
  context.imageSmoothingEnabled = view.scale < 1;
  context.drawImage(picture, 0, 0);
  LAYERS.forEach((name, layer) => {
    if (!boxes[layer].checked) return;
    if (paths[layer]) stroke((pen) => pen.stroke(paths[layer]), COLOURS[layer], 1.5 * ratio, []);
    const frame = windows[name];
    if (frame) stroke((pen) => pen.strokeRect(frame.column, frame.row, frame.columns, frame.rows), COLOURS[layer], 2 * ratio, [6 * ratio, 4 * ratio]);
  });
}

function stroke(how, colour, width, dashes) {
  context.setLineDash(dashes.map((length) => length / view.scale));
  context.lineCap = dashes.length ? "butt" : "square";
  for (const [ink, thick] of [["rgb(0 0 0 / 60%)", width + 2], [colour, width]]) {
    context.strokeStyle = ink;
    context.lineWidth = thick / view.scale;
    how(context);
  }
}

function fit() {
  if (!pixels) return draw();
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
  const scale = Math.min(width / pixels.width, height / pixels.height);
  view = { scale, x: (width - pixels.width * scale) / 2, y: (height - pixels.height * scale) / 2, fitted: true };
  draw();
}

// Zooms so that the point under (x, y), in pixels of the canvas, stays where it is.
function zoom(scale, x = canvas.width / 2, y = canvas.height / 2) {
  const next = Math.min(LARGEST, Math.max(SMALLEST, scale));
  const factor = next / view.scale;
  view = { scale: next, x: x - (x - view.x) * factor, y: y - (y - view.y) * factor, fitted: false };
  draw();
}

function move(x, y) {
  view = { ...view, x: view.x + x, y: view.y + y, fitted: false };
  draw();
}

function original() {
  zoom(1);
  view = { ...view, x: Math.round(view.x), y: Math.round(view.y) };
  draw();
}

function reset() {
  $("brightness").value = $("contrast").value = 0;
  shade();
  draw();
}

function tell(words) {
  $("told").textContent = words;
  $("told").hidden = !words;
}

// Another image or frame: its values come from the server, the rest of the page stays.
async function show(address) {
  history.replaceState(null, "", address);
  const image = new URL(address).searchParams.get("image");
  for (const link of document.querySelectorAll("#images a")) {
    if (link.dataset.image === image) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const part of ["values", "images"]) {
    const answer = await fetch(address, { headers: { "X-Part": part }, redirect: "manual", cache: "no-store" });
    if (location.href !== address) return; // another one was chosen meanwhile
    if (!answer.ok) return location.reload();
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    showTimes(fresh.content);
    graft($(part), fresh.content);
    if (part === "values") load();
  }
}

function step(by) {
  const links = [...document.querySelectorAll("#images a")];
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[Math.min(links.length - 1, Math.max(0, at + by))];
  if (next && next !== links[at]) {
    next.scrollIntoView({ block: "nearest" });
    show(next.href);
  }
}

const KEYS = {
  "+": () => zoom(view.scale * STEP),
  "=": () => zoom(view.scale * STEP),
  "-": () => zoom(view.scale / STEP),
  0: fit,
  1: original,
  r: reset,
  n: () => step(1),
  p: () => step(-1),
};
const ARROWS = { ArrowLeft: [MOVE_PX, 0], ArrowRight: [-MOVE_PX, 0], ArrowUp: [0, MOVE_PX], ArrowDown: [0, -MOVE_PX] };

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key in LETTERS) {
    boxes[LETTERS[key]].checked = !boxes[LETTERS[key]].checked;
    draw();
  } else if (key in KEYS) KEYS[key]();
  else if (event.key in ARROWS && event.target === canvas) move(...ARROWS[event.key]);
  else return;
  event.preventDefault();
});

canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const ratio = canvas.width / canvas.clientWidth;
    zoom(view.scale * STEP ** (-Math.sign(event.deltaY)), event.offsetX * ratio, event.offsetY * ratio);
  },
  { passive: false },
);
canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
canvas.addEventListener("pointermove", (event) => {
  const ratio = canvas.width / canvas.clientWidth;
  if (event.buttons & 1) move(event.movementX * ratio, event.movementY * ratio);
});
canvas.addEventListener("dblclick", fit);

$("larger").addEventListener("click", KEYS["+"]);
$("smaller").addEventListener("click", KEYS["-"]);
$("fit").addEventListener("click", fit);
$("original").addEventListener("click", original);
$("reset").addEventListener("click", reset);
for (const box of boxes) box.addEventListener("change", draw);
for (const name of ["brightness", "contrast"]) {
  $(name).addEventListener("input", () => {
    shade();
    draw();
  });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("#images a, #values .frames a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href);
});
$("values").addEventListener("refreshed", load);
new ResizeObserver(() => (view.fitted ? fit() : draw())).observe(canvas);
load();
