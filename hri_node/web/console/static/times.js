// Shows each <time> in the browser's zone; where its words are a duration, on hovering only.
const format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium" });

export function showTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const words = format.format(new Date(time.dateTime));
    if (time.dataset.as === "title") time.title = words;
    else time.textContent = words;
  }
}
