// What every page does: times in the browser's zone, and the theme.
const THEMES = { dark: "Theme: dark", light: "Theme: light", system: "Theme: auto" };

const format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) time.textContent = format.format(new Date(time.dateTime));

const button = document.getElementById("theme");
const root = document.documentElement;
const name = () => {
  button.textContent = THEMES[root.dataset.theme];
  button.title = "Dark, light, or as the system";
};
name();
button.addEventListener("click", () => {
  const names = Object.keys(THEMES);
  root.dataset.theme = names[(names.indexOf(root.dataset.theme) + 1) % names.length];
  localStorage.setItem("reader-theme", root.dataset.theme);
  name();
});
