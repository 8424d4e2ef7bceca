// Sets the theme before anything is drawn: dark, light, or as the system has it.
const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
