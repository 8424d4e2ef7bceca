// What every page does: live parts, times in the browser's zone, questions before acts, the theme.
import { keepLive } from "./live.js";
import { keepTime } from "./times.js";

keepTime();
keepLive();

document.addEventListener("submit", (event) => {
  const sure = event.submitter?.dataset.sure || event.target.dataset.sure;
  if (sure && !window.confirm(sure)) event.preventDefault();
  else event.submitter?.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

const THEMES = ["", "dark", "light"];
const NAMES = { "": "Theme: auto", dark: "Theme: dark", light: "Theme: light" };
const button = document.getElementById("theme");
const nameTheme = () => (button.textContent = NAMES[localStorage.getItem("theme") || ""]);
nameTheme();
button.addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(localStorage.getItem("theme") || "") + 1) % THEMES.length];
  if (next) {
    localStorage.setItem("theme", next);
    document.documentElement.dataset.theme = next;
  } else {
    localStorage.removeItem("theme");
    delete document.documentElement.dataset.theme;
  }
  nameTheme();
});
