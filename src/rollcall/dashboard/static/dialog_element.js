// The bare `<dialog>`: opened above the page, gone when it is closed.

/** Open a dialog with these children; `titleId` is the id of its heading. Returns the element. */
export function modal(titleId, children) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", titleId);
  dialog.append(...children);
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
