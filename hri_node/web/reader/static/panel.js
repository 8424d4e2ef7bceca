// Marks, tools, window and what is saved come in; the buttons, numbers and sentences around the picture say so.
import { ORGANS } from "./marks.js";

const SAVED = {
  saved: () => ["✓ Saved", ""],
  saving: () => ["… Saving", ""],
  waits: (marks) => [waiting(marks), "The server does not answer. What you do is kept in this browser, and sent as soon as it does."],
  stranger: (marks) => [waiting(marks), "Your visit has ended. Open your personal link again, in another tab; nothing is lost."],
};

const waiting = (marks) => `! Not saved yet${marks ? `: ${marks} mark${marks === 1 ? " waits" : "s wait"}` : ""}`;

export const element = (id) => document.getElementById(id);

export function showMarks(marks, state, settings) {
  for (const organ of ORGANS) {
    const button = element(`organ-${organ}`);
    button.setAttribute("aria-pressed", String(state.organ === organ));
    button.dataset.selected = state.selected === organ ? "yes" : "";
    element(`values-${organ}`).textContent = valuesOf(marks.get(organ), settings);
  }
  const ratio = element("ratio");
  const isMoving = ORGANS.some((organ) => marks.drafts[organ]);
  if (ratio) ratio.textContent = isMoving ? "…" : (marks.ratio?.toFixed(2) ?? "–");
  element("undo").disabled = !marks.done.length && !state.line;
  element("redo").disabled = !marks.undone.length;
  element("remove").disabled = !state.selected && !state.line;
  element("done").disabled = !marks.isComplete || Boolean(state.line);
  for (const shape of settings.shapes) element(`shape-${shape}`)?.setAttribute("aria-pressed", String(state.tool === shape));
  element("hint").textContent = hintOf(marks, state);
}

function valuesOf(mark, { shows_values: shows }) {
  if (!mark) return "not marked yet";
  if (mark.isDraft) return "…";
  if (!shows || !mark.values) return "marked";
  const { mean, sd, area_mm2: area } = mark.values;
  const trust = mark.differs ? " (!)" : "";
  return `${mean.toFixed(1)} ± ${sd.toFixed(1)} · ${Math.round(area)} mm²${trust}`;
}

// What may be done next, in a few words.
function hintOf(marks, state) {
  const { line } = state;
  if (line) return line.isFree ? "Draw around the tissue; let go to close." : "Click corner by corner; double click or Enter closes.";
  if (marks.isComplete) return "Both are marked: done, or move them.";
  const where = state.organ === "liver" ? "on liver parenchyma" : "on the cortex of the right kidney";
  return { square: `Place the square ${where}.`, polygon: `Outline an area ${where}.`, freehand: `Draw an outline ${where}.` }[state.tool];
}

export function showSaved({ state, marks, lasts }) {
  const [words, more] = SAVED[state](marks);
  const said = element("saved");
  said.dataset.state = state;
  if (said.textContent !== words) said.textContent = words;
  element("trouble").hidden = !more;
  const risk = lasts || state === "saved" ? "" : " This browser keeps nothing on its disk: leave this page open until all is saved.";
  if (element("trouble").textContent !== more + risk) element("trouble").textContent = more + risk;
}

export function showProgress(session, position) {
  const bar = element("progress");
  bar.max = session.total;
  bar.value = session.done;
  element("position").textContent = `Image ${position} of ${session.total}`;
  element("finished").textContent = `${session.done} done`;
  element("image-done").hidden = !session.images[position - 1].done;
  element("previous").disabled = position === 1;
  element("next").disabled = position === session.total;
  document.title = `Image ${position} of ${session.total} · session ${session.number}`;
}

export function showWindow({ level, width }) {
  element("brightness").value = String(Math.round(255 - level));
  element("contrast").value = String(Math.round(512 - width));
}

export function showZoom(view) {
  element("zoom").textContent = `${Math.round(view.scale * 100)} %`;
}

export function notice(words) {
  const place = element("notice");
  place.textContent = words;
  place.hidden = !words;
}

// For screen readers; the same words twice are read twice.
export function readOut(words) {
  const place = element("said");
  place.textContent = place.textContent === words ? `${words}\u00a0` : words;
}
