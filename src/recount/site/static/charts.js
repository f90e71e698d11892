// Charts come alive when a reader first touches the page; until then, and without a script, the drawing stands.
// Pointer and keyboard get the same words: each mark's tooltip, written when the book was made.
(() => {
  const bundle = new URL("../../../assets/vega.js", document.currentScript.src);
  const phone = matchMedia("(max-width: 600px)");
  const figures = [...document.querySelectorAll("figure.recount-chart")];
  let library;
  const load = () => library ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = bundle;
    script.onload = () => done(window.vegaEmbed);
    script.onerror = failed;
    document.head.append(script);
  });
  const made = (tag, name, parent) => {
    const element = document.createElement(tag);
    element.className = name;
    parent.append(element);
    return element;
  };

  class Chart {
    constructor(figure) {
      this.figure = figure;
      this.stage = figure.querySelector(".chart-stage");
      this.plot = figure.querySelector(".chart-plot");
      this.at = -1;
      this.points = [];
      // One tab stop, whether alive or not yet; the drawing's own name passes to it.
      const alt = this.plot.getAttribute("aria-label");
      this.stage.tabIndex = 0;
      this.stage.setAttribute("role", "application");
      this.stage.setAttribute("aria-roledescription", this.stage.dataset.role);
      this.stage.setAttribute("aria-label", `${alt} ${this.stage.dataset.keys}`);
      this.plot.removeAttribute("role");
      this.plot.removeAttribute("aria-label");
      this.plot.setAttribute("aria-hidden", "true");
      this.said = made("p", "chart-said", figure);
      this.said.setAttribute("aria-live", "polite");
      this.stage.addEventListener("keydown", (event) => this.key(event));
      this.stage.addEventListener("blur", () => this.leave());
      phone.addEventListener("change", () => { this.rest(); if (this.woken) this.wake(); });
    }

    get spec() {
      const kind = phone.matches ? "chart-narrow" : "chart-wide";
      return this.figure.querySelector(`script.chart-spec[data-for="${kind}"], script.chart-spec[data-for="chart-any"]`);
    }

    wake() {
      this.woken = true;
      return this.waking ??= this.enliven().catch((error) => {
        this.waking = undefined;
        console.error("chart", this.figure.id, error);
      });
    }

    async enliven() {
      const embed = await load();
      const spec = this.spec;
      const live = made("div", "chart-live", this.stage);
      // Drawn out of sight, then put in the drawing's place, at its size: nothing on the page moves.
      live.style.cssText = "position:absolute;visibility:hidden;inset:0";
      live.setAttribute("aria-hidden", "true");
      try {
        const { view } = await embed(live, JSON.parse(spec.textContent), {
          actions: false, renderer: "svg", mode: "vega-lite", ast: true, defaultStyle: false,
          tooltip: (handler, event, item, value) => this.hover(event, item, value),
        });
        if (spec !== this.spec) throw view.finalize(); // the screen was turned meanwhile
        this.view = view;
      } catch (error) {
        live.remove();
        if (error) throw error;
        this.waking = undefined;
        return this.wake();
      }
      const drawing = [...this.plot.querySelectorAll("svg")].find((svg) => svg.getClientRects().length);
      const svg = live.querySelector("svg");
      if (drawing && svg) {
        for (const side of ["width", "height", "viewBox"]) svg.setAttribute(side, drawing.getAttribute(side));
      }
      live.style.cssText = "";
      this.live = live;
      this.plot.hidden = true;
      this.figure.dataset.live = "";
      this.points = this.collect();
    }

    // Back to the drawing, for paper or for another width.
    rest() {
      this.leave();
      this.view?.finalize();
      this.live?.remove();
      this.view = this.live = this.waking = undefined;
      this.points = [];
      this.plot.hidden = false;
      delete this.figure.dataset.live;
    }

    // Every mark that has something to tell, as Vega holds them, each tale once.
    collect() {
      const found = new Map();
      const walk = (node) => {
        if (node.marktype === "group") node.items.forEach((group) => group.items?.forEach(walk));
        else node.items?.forEach((item) => {
          const flat = node.marktype === "rect" && (!item.width || !item.height);
          if (item.tooltip && item._svg && !flat) found.set(this.tell(item.tooltip), item);
        });
      };
      walk(this.view.scenegraph().root);
      return [...found].map(([text, item]) => ({ text, item }));
    }

    tell(value) {
      if (typeof value !== "object") return String(value);
      return Object.entries(value).filter(([, each]) => each !== "").map(([name, each]) => `${name} ${each}`).join("\n");
    }

    show(value, item) {
      this.tip ??= made("div", "chart-tip", this.stage);
      this.ring ??= made("div", "chart-ring", this.stage);
      const list = document.createElement("dl");
      const pairs = typeof value === "object" ? Object.entries(value) : [["", value]];
      for (const [name, each] of pairs) {
        if (each === "") continue;
        made("dt", "", list).textContent = name;
        made("dd", "", list).textContent = each;
      }
      this.tip.replaceChildren(list);
      this.tip.hidden = this.ring.hidden = false;
      // Below the mark and inside the stage; above it where there is no room.
      const stage = this.stage.getBoundingClientRect();
      const box = item._svg.getBoundingClientRect();
      const middle = box.left + box.width / 2 - stage.left;
      this.ring.style.cssText = `left:${box.left - stage.left - 4}px;top:${box.top - stage.top - 4}px;width:${box.width + 8}px;height:${box.height + 8}px`;
      const left = Math.max(0, Math.min(middle - this.tip.offsetWidth / 2, stage.width - this.tip.offsetWidth));
      const below = box.bottom - stage.top + 10;
      const room = innerHeight - box.bottom > this.tip.offsetHeight + 20;
      this.tip.style.cssText = `left:${left}px;top:${room ? below : Math.max(0, box.top - stage.top - this.tip.offsetHeight - 10)}px`;
    }

    hide() {
      if (this.tip) this.tip.hidden = this.ring.hidden = true;
    }

    hover(event, item, value) {
      if (value === null || value === undefined || value === "" || !item?._svg) {
        if (this.at < 0) this.hide();
        return;
      }
      this.at = -1;
      this.show(value, item);
    }

    leave() {
      this.at = -1;
      this.hide();
      this.said.textContent = "";
    }

    async key(event) {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      if (event.key === "Escape" && (this.at >= 0 || (this.tip && !this.tip.hidden))) {
        event.preventDefault();
        this.leave();
        this.said.textContent = this.stage.dataset.left;
      } else if (event.key in steps || event.key === "Home" || event.key === "End") {
        event.preventDefault();
        await this.wake();
        const all = this.points.length;
        if (!all) return;
        const next = event.key === "Home" ? 0 : event.key === "End" ? all - 1 : this.at + steps[event.key];
        this.at = this.at < 0 && steps[event.key] === -1 ? all - 1 : Math.max(0, Math.min(all - 1, next));
        const { text, item } = this.points[this.at];
        this.show(item.tooltip, item);
        const where = this.stage.dataset.point.replace("{at}", this.at + 1).replace("{all}", all);
        this.said.textContent = `${where}${text.replaceAll("\n", document.documentElement.lang.startsWith("zh") ? "，" : ", ")}`;
      }
    }
  }

  const charts = new Map(figures.filter((figure) => figure.querySelector("script.chart-spec"))
    .map((figure) => [figure, new Chart(figure)]));

  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (!entry.isIntersecting) return;
    seen.unobserve(entry.target);
    charts.get(entry.target).wake();
  }), { rootMargin: "150px" });
  const wakes = ["pointermove", "touchstart", "keydown", "scroll"];
  const wake = () => {
    wakes.forEach((name) => removeEventListener(name, wake));
    charts.forEach((chart, figure) => seen.observe(figure));
  };
  wakes.forEach((name) => addEventListener(name, wake, { passive: true }));

  // Paper gets the drawing, which fits any width.
  const drawings = (print) => charts.forEach((chart) => {
    if (!chart.live) return;
    chart.plot.hidden = !print;
    chart.live.hidden = print;
  });
  addEventListener("beforeprint", () => drawings(true));
  addEventListener("afterprint", () => drawings(false));

  // The code to embed a chart: the address of this copy where it has one, marked whole at a touch, copied by a button.
  figures.forEach((figure) => {
    const field = figure.querySelector(".chart-embed input");
    if (!field) return;
    if (location.protocol.startsWith("http")) {
      field.value = field.value.replace(/src="([^"]+)"/, (match, source) => `src="${new URL(source, document.baseURI)}"`);
    }
    field.addEventListener("focus", () => field.select());
    if (!navigator.clipboard) return;
    const button = made("button", "", field.parentElement);
    button.type = "button";
    button.textContent = field.dataset.copy;
    button.addEventListener("click", () => navigator.clipboard.writeText(field.value).then(() => {
      button.textContent = field.dataset.copied;
    }, () => field.select()));
  });
})();
