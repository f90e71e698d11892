// The live draft: takes over a new page when there is one, keeps the reader's place, and shows what is wrong.
// Served and injected by `recount serve` alone; no published page knows of it.
(() => {
  "use strict";
  const own = document.currentScript;
  const words = JSON.parse(own.dataset.words);
  const page = own.dataset.page;
  const PLACE = `recount-place ${location.pathname}`;
  const OPEN = "recount-findings-open";
  let digest = own.dataset.digest;
  let shown = "";

  // The reader's place: the last thing with a name above the fold, and how far above.
  const landmarks = () => document.querySelectorAll("main [id], article [id]");

  function keepPlace() {
    let mark = null;
    for (const each of landmarks()) {
      const top = each.getBoundingClientRect().top;
      if (top > 120) break;
      if (each.offsetHeight) mark = { id: each.id, top };
    }
    const open = [...document.querySelectorAll("main details")].map((each) => each.open);
    sessionStorage.setItem(PLACE, JSON.stringify({ y: scrollY, mark, open, hash: location.hash, when: Date.now() }));
  }

  function findPlace() {
    const kept = JSON.parse(sessionStorage.getItem(PLACE) || "null");
    sessionStorage.removeItem(PLACE);
    if (!kept || Date.now() - kept.when > 30000) return;
    history.scrollRestoration = "manual";
    const folds = [...document.querySelectorAll("main details")];
    if (folds.length === kept.open.length) folds.forEach((each, index) => { each.open = kept.open[index]; });
    let moved = false;
    const leave = () => { moved = true; };
    for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) addEventListener(kind, leave, { once: true, passive: true });
    const put = () => {
      if (moved) return;
      const mark = kept.mark && document.getElementById(kept.mark.id);
      const by = mark ? mark.getBoundingClientRect().top - kept.mark.top : kept.y - scrollY;
      scrollTo({ top: scrollY + by, behavior: "instant" });
    };
    put();
    addEventListener("load", () => { put(); setTimeout(put, 120); });
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const panel = element("aside", { id: "recount-live", "aria-label": words.panel, class: "recount-live" });
  const status = element("p", { class: "recount-live-status", role: "status", hidden: "" });
  const toggle = element("button", { type: "button", class: "recount-live-toggle", "aria-controls": "recount-live-list", hidden: "" });
  const list = element("div", { id: "recount-live-list", class: "recount-live-list", tabindex: "0", role: "region", "aria-label": words.findings });
  panel.append(element("div", { class: "recount-live-bar" }, status, toggle), list);
  toggle.addEventListener("click", () => { setOpen(list.hidden); });

  function setOpen(open) {
    list.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    sessionStorage.setItem(OPEN, open ? "yes" : "no");
  }

  function card(finding) {
    const facts = element("dl", {});
    for (const name of ["where", "expected", "found", "done", "next"]) {
      if (finding[name]) facts.append(element("dt", {}, words[name]), element("dd", {}, finding[name]));
    }
    const head = element("p", { class: "recount-live-code" }, element("code", {}, finding.code));
    if (finding.page) head.append(" ", element("a", { href: finding.page }, words.open));
    return element("article", { class: "recount-live-finding" }, head, facts);
  }

  function show(state) {
    const busy = state.busy ? `${words[state.busy] || state.busy}${state.what ? ` ${state.what}` : ""}` : "";
    status.textContent = busy;
    status.hidden = !busy;
    const text = JSON.stringify(state.findings);
    if (text !== shown) {
      shown = text;
      const top = list.scrollTop;
      const here = state.findings.filter((each) => each.here);
      const there = state.findings.filter((each) => !each.here);
      list.replaceChildren(...here.map(card));
      if (there.length) list.append(element("h2", { class: "recount-live-elsewhere" }, words.elsewhere), ...there.map(card));
      list.scrollTop = top;
      const count = state.findings.length;
      toggle.hidden = !count;
      toggle.textContent = `${words.findings} ${count}`;
      panel.classList.toggle("recount-live-bad", count > 0);
      if (!count) list.hidden = true;
      else setOpen(sessionStorage.getItem(OPEN) === "yes" || (here.length > 0 && sessionStorage.getItem(OPEN) !== "no"));
    }
    document.documentElement.dataset.recountLive = state.busy || "ready";
    if (state.digest && state.digest !== digest) {
      digest = state.digest;
      keepPlace();
      location.reload();
    }
  }

  function listen() {
    const source = new EventSource(`/_recount/events?page=${encodeURIComponent(page)}`);
    source.onmessage = (event) => { show(JSON.parse(event.data)); };
    source.onerror = () => { status.textContent = words.lost; status.hidden = false; };
    addEventListener("pagehide", () => source.close());
  }

  function start() {
    list.hidden = true;
    document.body.append(panel);
    findPlace();
    listen();
  }

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
