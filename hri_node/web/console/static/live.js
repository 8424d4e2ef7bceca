// Keeps every <section data-live="milliseconds"> as the server has it: asks for those parts of the page, all of one
// interval in one question, and puts in what differs, node by node, so that focus, selection and open menus stay.
// A page that nobody sees does not ask.
import { answeredAt, showTimes } from "./times.js";

const SLOWEST_MS = 8000;
const PATIENCE_MS = 10000;

export function keepLive() {
  const groups = Map.groupBy(document.querySelectorAll("[data-live]"), (section) => Number(section.dataset.live));
  for (const [pauseMs, sections] of groups) new Live(sections, pauseMs).start();
}

class Live {
  constructor(sections, pauseMs) {
    this.sections = sections;
    this.pauseMs = pauseMs;
    this.failures = 0;
    this.tag = "";
  }

  start() {
    this.plan();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.ask();
    });
  }

  plan() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), Math.min(this.pauseMs * 2 ** this.failures, SLOWEST_MS));
  }

  async ask() {
    if (document.hidden || this.asking) return;
    this.asking = true;
    try {
      const headers = { "X-Part": this.sections.map(({ id }) => id).join(" ") };
      if (this.tag) headers["If-None-Match"] = this.tag;
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(location.href, { headers, signal, redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect") return location.reload(); // the session is over: the login page is next
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(answer.statusText);
        this.put(await answer.text());
        this.tag = answer.headers.get("ETag") || "";
      }
      answeredAt(answer.headers.get("Date"));
      this.failures = 0;
    } catch {
      this.failures += 1;
    }
    this.asking = false;
    document.getElementById("lost").hidden = this.failures < 2;
    this.plan();
  }

  put(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    if (this.sections.length === 1) return show(this.sections[0], fresh.content);
    for (const part of fresh.content.children) show(document.getElementById(part.id), part.content);
  }
}

function show(section, fresh) {
  showTimes(fresh);
  graft(section, fresh);
  section.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
}

// Makes the children of `old` like those of `fresh`, keeping every node that can stay: one with a data-key wherever it
// goes, so that a row keeps its box checked and its button focused when others come before it.
export function graft(old, fresh) {
  const theirs = [...fresh.childNodes];
  const wanted = new Set(theirs.map(key).filter(Boolean));
  const known = new Map();
  for (const node of [...old.children]) {
    if (!key(node)) continue;
    if (wanted.has(key(node))) known.set(key(node), node);
    else node.remove();
  }
  let place = old.firstChild;
  for (const node of theirs) {
    let mine = known.get(key(node));
    if (!mine && !key(node) && place && !key(place) && isAlike(place, node)) mine = place;
    if (!mine || !isAlike(mine, node)) {
      old.insertBefore(node, place);
      continue;
    }
    if (mine === place) place = place.nextSibling;
    else old.insertBefore(mine, place);
    update(mine, node);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

const isAlike = (mine, node) => mine.nodeType === node.nodeType && mine.nodeName === node.nodeName;

function update(mine, node) {
  if (node.nodeType === Node.ELEMENT_NODE) {
    copyAttributes(mine, node);
    graft(mine, node);
  } else if (mine.data !== node.data) mine.data = node.data;
}

const key = (node) => (node.dataset ? node.dataset.key : undefined);

function copyAttributes(mine, node) {
  for (const { name } of [...mine.attributes]) {
    // What a person opened or chose stays.
    if (!node.hasAttribute(name) && name !== "open") mine.removeAttribute(name);
  }
  for (const { name, value } of node.attributes) {
    if (mine.getAttribute(name) !== value) mine.setAttribute(name, value);
  }
}
