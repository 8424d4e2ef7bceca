// Acts of the reader come in, in their order; each is kept until the server has acknowledged it, however often it is tried.
import { Waiting } from "./waiting.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
const PATIENCE_MS = 15000;

const MARKING = new Set(["marks", "withdrawals"]);
const TELLING = new Set([...MARKING, "finishes"]); // visits come and go unseen

// Tells by events: "state" {state: saved, saving, waits or stranger; marks; lasts}, "answered" {act, answer} and
// "refused" {act, words}.
export class Outbox extends EventTarget {
  constructor(owner, post) {
    super();
    this.waiting = new Waiting(owner);
    this.post = post;
    this.trouble = "";
    this.failures = 0;
    this.isSending = false;
  }

  // Goes on with what an earlier page could not deliver.
  start() {
    window.addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
    this.send();
  }

  // An act is {kind, id, image, ...}, where the kind is the server's address for it.
  async put(act) {
    if (TELLING.has(act.kind)) this.say([act]);
    await this.waiting.add({ begun: Date.now(), ...act });
    this.send();
  }

  // Acts about an image that the server does not know of yet, oldest first.
  async about(image) {
    return (await this.waiting.all()).map(([, act]) => act).filter((act) => act.image === image);
  }

  async send() {
    clearTimeout(this.timer);
    if (this.isSending) return;
    this.isSending = true;
    try {
      for (let all = await this.waiting.all(); ; all = await this.waiting.all()) {
        this.say(all.map(([, act]) => act));
        if (!all.length || !(await this.deliver(...all[0]))) return;
      }
    } finally {
      this.isSending = false;
    }
  }

  // Whether the next one may go.
  async deliver(key, act) {
    const { status, answer } = await this.post(act, PATIENCE_MS);
    if (status >= 200 && status < 300) await this.settle(key, "answered", { act, answer });
    else if (isRefusal(status)) await this.settle(key, "refused", { act, words: answer.detail || `refused (${status})` });
    else return this.tryLater(status);
    return true;
  }

  async settle(key, event, detail) {
    await this.waiting.remove(key);
    this.trouble = "";
    this.failures = 0;
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }

  async tryLater(status) {
    this.trouble = [401, 403].includes(status) ? "stranger" : "waits";
    this.timer = setTimeout(() => this.send(), Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS));
    this.failures += 1;
    this.say((await this.waiting.all()).map(([, act]) => act));
    return false;
  }

  say(acts) {
    const marks = acts.filter(({ kind }) => MARKING.has(kind)).length;
    const state = acts.some(({ kind }) => TELLING.has(kind)) ? this.trouble || "saving" : "saved";
    this.dispatchEvent(new CustomEvent("state", { detail: { state, marks, lasts: this.waiting.lasts } }));
  }
}

// Trying again would not change these. 401, 403: another reader is known in this browser, or none; 408, 425, 429: later.
const isRefusal = (status) => status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
