// What the search page shows of a page: the passage in which the reader's words stand. The texts come as a script
// (searchtext.js), so that passages need no server.
(() => {
  const texts = () => window.recountTexts ?? {};
  const plain = (text) => text.toLowerCase();
  let asked = [];

  // A phrase of Han is found whole or not at all; words of other scripts are the index's business.
  const phrases = (query) => plain(query).split(/\s+/).filter((piece) => /\p{Script=Han}/u.test(piece));

  window.recountHolds = (query) => {
    asked = [plain(query).trim(), ...plain(query).split(/\s+/)].filter(Boolean);
    const wanted = phrases(query);
    return ([docname, title]) => {
      const text = texts()[docname];
      if (text === undefined) return true;
      const whole = plain(`${text}\n${title}`);
      return wanted.every((phrase) => whole.includes(phrase));
    };
  };

  const AROUND = 60; // characters on either side

  window.recountPassage = (docname) => {
    const made = document.createElement("p");
    made.className = "context";
    const text = texts()[docname] ?? "";
    const lower = plain(text);
    // The first line is the page's title, which stands above the passage.
    const body = lower.indexOf("\n") + 1;
    const [word, at] = asked.map((each) => [each, Math.max(lower.indexOf(each, body), -1)]).find(([, at]) => at >= 0) ?? ["", -1];
    if (at < 0) {
      made.textContent = text.slice(body, body + 2 * AROUND).replaceAll("\n", " ");
      return made;
    }
    const line = [text.lastIndexOf("\n", at) + 1, text.indexOf("\n", at)];
    const start = Math.max(line[0], at - AROUND);
    const end = Math.min(line[1] < 0 ? text.length : line[1], at + word.length + AROUND);
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + word.length);
    made.append(start > line[0] ? "…" : "", text.slice(start, at), mark, text.slice(at + word.length, end),
      end < (line[1] < 0 ? text.length : line[1]) ? "…" : "");
    return made;
  };
})();
