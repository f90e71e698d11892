// A bound word opens its receipt in place: by tap or click, or when the keyboard comes to it. The receipts stand
// in the page as its notes; without this script a word is a plain link to the same receipt.
(() => {
  const { receipt: name, close: closing, permanent } = document.currentScript.dataset;
  const article = document.querySelector("article.bd-article");
  const panel = document.createElement("aside");
  panel.className = "recount-receipt";
  panel.id = "recount-receipt";
  panel.tabIndex = -1;
  panel.hidden = true;
  panel.setAttribute("role", "dialog");
  document.body.append(panel);
  let word = null;

  function make(tag, text, className) {
    const made = document.createElement(tag);
    made.textContent = text;
    made.className = className;
    return made;
  }

  function fill(note) {
    const bar = make("p", "", "recount-receipt-bar");
    const link = make("a", permanent, "");
    link.href = word.href;
    const shut = make("button", "×", "recount-receipt-close");
    shut.type = "button";
    shut.setAttribute("aria-label", closing);
    shut.addEventListener("click", () => close(true));
    bar.append(make("span", name, "recount-receipt-name"), link, shut);
    panel.replaceChildren(bar, ...[...note.childNodes].map((node) => node.cloneNode(true)));
    panel.setAttribute("aria-label", `${name}: ${panel.querySelector(".recount-note-head").textContent}`);
    const formula = panel.querySelector("dd");
    if (formula) formula.id = "recount-receipt-first";
  }

  // Under the word, or above it where there is more room; on a phone the stylesheet keeps it at the lower edge.
  function place() {
    panel.style.cssText = "";
    if (matchMedia("(max-width: 600px)").matches) return;
    const at = word.getClientRects()[0] ?? word.getBoundingClientRect();
    const column = article.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, Math.max(column.right, 416) - panel.offsetWidth));
    const below = innerHeight - at.bottom;
    const height = Math.min(panel.offsetHeight, Math.max(below, at.top) - 24);
    const top = below >= height + 12 || below >= at.top ? at.bottom + 6 : at.top - height - 6;
    panel.style.cssText = `left:${left + scrollX}px;top:${top + scrollY}px;max-height:${height}px`;
  }

  function open(link, { enter }) {
    const note = document.getElementById(`note-${link.dataset.note}`);
    if (!note) return false;
    if (word !== link) close(false);
    word = link;
    fill(note);
    panel.hidden = false;
    panel.scrollTop = 0;
    place();
    word.setAttribute("aria-expanded", "true");
    word.setAttribute("aria-describedby", "recount-receipt-first");
    if (enter) panel.focus({ preventScroll: true });
    return true;
  }

  function close(back) {
    if (!word) return;
    const was = word;
    word = null;
    panel.hidden = true;
    was.setAttribute("aria-expanded", "false");
    was.removeAttribute("aria-describedby");
    if (back) was.focus({ preventScroll: true });
  }

  const bound = (target) => target instanceof Element ? target.closest("article a.recount-word[data-note]") : null;
  article.querySelectorAll("a.recount-word[data-note]").forEach((link) => {
    link.setAttribute("aria-haspopup", "dialog");
    link.setAttribute("aria-expanded", "false");
  });

  document.addEventListener("click", (event) => {
    const link = bound(event.target);
    if (link) {
      // A new tab or window is the reader's choice, and gets the page with the permanent address.
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      if (word === link && panel.contains(document.activeElement)) close(true);
      else if (!open(link, { enter: true })) return;
      event.preventDefault();
    } else if (!panel.contains(event.target)) close(false);
  });
  // The keyboard shows the receipt and stays in the sentence; Enter goes into it.
  article.addEventListener("focusin", (event) => {
    const link = bound(event.target);
    if (link && link !== word && link.matches(":focus-visible") && !returning) open(link, { enter: false });
  });
  document.addEventListener("focusout", (event) => {
    const to = event.relatedTarget;
    if (word && to && to !== word && !panel.contains(to)) close(false);
  });
  let returning = false;
  addEventListener("keydown", (event) => {
    if (!word) return;
    if (event.key === "Escape") {
      returning = true;
      close(panel.contains(document.activeElement));
      returning = false;
    } else if (event.key === "Tab" && panel.contains(document.activeElement)) {
      // Out of the receipt at either end, the keyboard is back at the word.
      const stops = [...panel.querySelectorAll("a[href], button")];
      const ends = event.shiftKey ? [panel, stops[0]] : [stops.at(-1)];
      if (!ends.includes(document.activeElement)) return;
      returning = true;
      close(true);
      returning = false;
      if (event.shiftKey) event.preventDefault();
    }
  });
  addEventListener("resize", () => { if (word) place(); });

  // A receipt leads to the cell of the notebook, which is folded away.
  const unfold = () => {
    const at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = at?.closest(".cell")?.querySelector("details");
    if (!fold) return;
    fold.open = true;
    at.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
