// Lead a first-time reader to the browser's language. A reader who comes back to this page stays.
(() => {
  const seen = "recount-front";
  try {
    if (sessionStorage.getItem(seen)) return;
    sessionStorage.setItem(seen, "1");
  } catch { return; }
  const lang = (navigator.languages?.[0] || navigator.language || "").toLowerCase().startsWith("zh") ? "zh" : "en";
  const link = document.querySelector(`a[data-front][href^="${lang}/"]`);
  if (link) location.replace(link.href);
})();
