// The form of a scanner or destination: what the other protocol needs, and certificates of what is not encrypted, is hidden.
const protocol = document.getElementById("protocol");

function show() {
  for (const group of document.querySelectorAll("[data-only-for]")) {
    group.hidden = group.dataset.onlyFor !== protocol.value;
    group.disabled = group.hidden;
  }
  for (const group of document.querySelectorAll("[data-within]")) {
    group.hidden = !document.getElementById(group.dataset.within).checked;
    group.disabled = group.hidden;
  }
}

document.addEventListener("change", show);
show();
