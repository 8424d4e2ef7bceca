// Lists in which rows are chosen: one box for all, and buttons that need a choice.
for (const form of document.querySelectorAll("form[data-choose]")) {
  const boxes = () => [...form.querySelectorAll('tbody input[type="checkbox"]')];
  const show = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    for (const button of form.querySelectorAll("[data-needs-choice]")) button.disabled = !chosen;
    const all = form.querySelector("[data-choose-all]");
    if (!all) return;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
  };
  form.addEventListener("change", ({ target }) => {
    if (target.matches("[data-choose-all]")) for (const box of boxes()) box.checked = target.checked;
    show();
  });
  form.addEventListener("refreshed", show);
  show();
}
