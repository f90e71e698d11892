// The list of claims, filtered and sorted. Without this script the list stands whole, in the order of the feature.
(() => {
  const form = document.querySelector("form.recount-filters");
  const table = document.querySelector("table.recount-list");
  if (!form || !table) return;
  const status = form.querySelector("[role=status]");
  const choices = [...form.querySelectorAll("select")];
  const facets = choices.filter((choice) => choice.name !== "sort");
  const sort = form.elements.namedItem("sort");
  const rows = [...table.querySelectorAll("tr[data-verdict]")];
  const bodies = [...table.tBodies].map((body) => [body, [...body.rows].filter((row) => rows.includes(row))]);
  const sorted = document.createElement("tbody");
  table.append(sorted);

  const number = (row, name) => Number(row.dataset[name]);
  const orders = {
    verdict: (a, b) => number(a, "rank") - number(b, "rank"),
    line: (a, b) => number(a, "line") - number(b, "line"),
    strength: (a, b) => number(b, "origins") - number(a, "origins") || number(b, "others") - number(a, "others"),
  };
  const answers = (row, choice) => !choice.value || row.dataset[choice.name].split(" ").includes(choice.value);

  // How many claims a choice stands for, counted in the list itself.
  facets.forEach((choice) => [...choice.options].forEach((option) => {
    const held = option.value ? rows.filter((row) => row.dataset[choice.name].split(" ").includes(option.value)) : rows;
    option.textContent += form.dataset.held.replace("{}", held.length);
  }));

  function show() {
    rows.forEach((row) => { row.hidden = !facets.every((choice) => answers(row, choice)); });
    const order = orders[sort.value];
    // Sorting is stable: what is equal stays in the order of the feature.
    if (order) sorted.append(...[...rows].sort(order));
    bodies.forEach(([body, own]) => {
      if (!order) body.append(...own);
      body.hidden = Boolean(order) || own.every((row) => row.hidden);
    });
    const shown = rows.filter((row) => !row.hidden).length;
    const said = shown ? status.dataset.shown : status.dataset.empty;
    status.textContent = said.replace("{shown}", shown).replace("{total}", rows.length);
  }

  // The address of a filtered list is the list's own with the choices behind #, to be kept or sent.
  const chosen = () => new URLSearchParams(choices.filter((choice) => choice.value).map((choice) => [choice.name, choice.value])).toString();
  const isChoice = () => location.hash.includes("=");
  const lead = () => document.querySelectorAll(".recount-switch a").forEach((link) => {
    link.href = link.href.split("#")[0] + (isChoice() ? location.hash : "");
  });

  function keep() {
    const text = chosen();
    history.replaceState(history.state, "", text ? `#${text}` : location.href.split("#")[0]);
    lead();
  }

  function read() {
    const asked = new URLSearchParams(isChoice() ? location.hash.slice(1) : "");
    choices.forEach((choice) => {
      const wanted = asked.get(choice.name) ?? "";
      choice.value = [...choice.options].some((option) => option.value === wanted) ? wanted : "";
    });
    show();
    lead();
  }

  form.addEventListener("change", () => { show(); keep(); });
  form.addEventListener("reset", () => setTimeout(() => { show(); keep(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  // A link to one claim shows the whole list: the claim may be among those filtered out.
  addEventListener("hashchange", () => {
    read();
    if (!isChoice()) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  });

  form.hidden = false;
  read();
  if (location.hash && !isChoice()) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
})();
