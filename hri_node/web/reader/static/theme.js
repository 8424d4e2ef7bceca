// Sets the theme before anything is drawn: dark, as reading rooms are, unless the reader chose light or the system's own.
const kept = localStorage.getItem("reader-theme");
if (kept) document.documentElement.dataset.theme = kept;
