/* Folded code is not laid out, so nobody can say yet what of it will scroll. Once open, what scrolls sideways can be
   reached by keyboard; the theme sees to it only on load and when the window changes. */
"use strict";
document.addEventListener("toggle", ({ target }) => {
  if (!target.open) return;
  for (const part of target.querySelectorAll("pre")) if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
}, true);
