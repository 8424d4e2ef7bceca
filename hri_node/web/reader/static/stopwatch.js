// An image that is looked at comes in; when it was shown and hidden, and that somebody is there still, goes to the outbox.
import { newId } from "./server.js";

const ACTIVE_MS = 15000;
const IDLE_MS = 120000; // without mouse, finger or key: nobody looks

export class Stopwatch {
  constructor(send) {
    this.send = send;
    this.image = null;
    this.isRunning = false;
    this.touched = Date.now();
    for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"]) {
      document.addEventListener(kind, () => this.touch(), { passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => (document.hidden ? this.stop() : this.run()));
    window.addEventListener("pagehide", () => this.stop());
    setInterval(() => this.look(), ACTIVE_MS);
  }

  show(image) {
    this.stop();
    this.image = image;
    this.touched = Date.now();
    if (image && !document.hidden) this.run();
  }

  touch() {
    this.touched = Date.now();
    if (!this.isRunning && !document.hidden) this.run();
  }

  look() {
    if (!this.isRunning) return;
    const idle = Date.now() - this.touched;
    if (idle > IDLE_MS) this.stop(this.touched);
    else if (idle < ACTIVE_MS) this.tell("active", Date.now());
  }

  run() {
    if (!this.image || this.isRunning) return;
    this.isRunning = true;
    this.tell("shown", Date.now());
  }

  stop(at = Date.now()) {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.tell("hidden", at);
  }

  tell(event, begun) {
    this.send({ kind: "visits", id: newId(), image: this.image, event, begun });
  }
}
