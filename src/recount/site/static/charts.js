// Charts come alive when a reader first touches the page; until then, and without a script, the drawing stands.
(() => {
  const bundle = new URL("../../../assets/vega.js", document.currentScript.src);
  let library;
  const load = () => library ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = bundle;
    script.onload = () => done(window.vegaEmbed);
    script.onerror = failed;
    document.head.append(script);
  });

  async function enliven(figure) {
    const source = figure.querySelector("script.chart-spec");
    const plot = figure.querySelector(".chart-plot");
    if (!source || !plot) return;
    const embed = await load();
    // Drawn out of sight and then put in the drawing's place, at its height: nothing on the page moves.
    const live = document.createElement("div");
    live.className = "chart-live";
    live.style.cssText = "position:absolute;visibility:hidden;inset:0";
    const height = plot.getBoundingClientRect().height;
    plot.after(live);
    try {
      await embed(live, JSON.parse(source.textContent), { actions: false, ast: true, renderer: "svg", mode: "vega-lite" });
    } catch (error) {
      live.remove();
      throw error;
    }
    live.setAttribute("role", "img");
    live.setAttribute("aria-label", plot.getAttribute("aria-label"));
    live.style.cssText = `min-height:${height}px`;
    plot.hidden = true;
    figure.dataset.live = "";
  }

  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (!entry.isIntersecting) return;
    seen.unobserve(entry.target);
    enliven(entry.target).catch((error) => console.error("chart", entry.target.id, error));
  }), { rootMargin: "150px" });

  const wakes = ["pointermove", "touchstart", "keydown", "scroll"];
  const wake = () => {
    wakes.forEach((name) => removeEventListener(name, wake));
    document.querySelectorAll("figure.recount-chart").forEach((figure) => seen.observe(figure));
  };
  wakes.forEach((name) => addEventListener(name, wake, { passive: true }));

  // Paper gets the drawing, which fits any width.
  const drawings = (print) => document.querySelectorAll("figure.recount-chart[data-live]").forEach((figure) => {
    figure.querySelector(".chart-plot").hidden = !print;
    figure.querySelector(".chart-live").hidden = print;
  });
  addEventListener("beforeprint", () => drawings(true));
  addEventListener("afterprint", () => drawings(false));
})();
