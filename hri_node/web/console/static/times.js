// Shows each <time> in the browser's zone; where it says how long ago that was, it goes on counting, by the server's clock.
const format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium" });
const UNITS = [["d", 86400], ["h", 3600], ["min", 60]];
const SECOND_MS = 1000;

let aheadMs = Date.now() - new Date(document.documentElement.dataset.now);

export function keepTime() {
  showTimes(document);
  setInterval(() => document.hidden || showAges(document), SECOND_MS);
}

// The server's clock, as an answer shows it in whole seconds, and the moment that pages are of.
export function answeredAt(date) {
  if (!date) return;
  const ahead = Date.now() - new Date(date);
  if (Math.abs(ahead - aheadMs) > 2 * SECOND_MS) aheadMs = ahead;
  for (const time of document.querySelectorAll("[data-as-of]")) {
    time.dateTime = new Date(Date.now() - aheadMs).toISOString();
    showTimes(time.parentNode);
  }
}

export function showTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const words = format.format(new Date(time.dateTime));
    if (time.dataset.as === "ago") time.title = words;
    else put(time, words);
  }
  showAges(root);
}

function showAges(root) {
  for (const time of root.querySelectorAll('time[data-as="ago"]')) {
    put(time, `${lasting((Date.now() - aheadMs - new Date(time.dateTime)) / SECOND_MS)} ago`);
  }
}

function put(time, words) {
  if (time.textContent !== words) time.textContent = words;
}

function lasting(seconds) {
  for (const [unit, length] of UNITS) {
    if (seconds >= 2 * length || (unit !== "d" && seconds >= length)) return `${Math.floor(seconds / length)} ${unit}`;
  }
  return `${Math.max(0, Math.floor(seconds))} s`;
}
