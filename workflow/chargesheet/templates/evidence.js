"use strict";
// The evidence page. Article text only ever becomes text nodes: nothing here parses HTML.
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const ROLES = ["sources", "targets", "via"];
  const ACTS = { accuse: "Accusation", condemn: "Condemnation", deny: "Denial" };
  const MARKS = { allegation: "allegation", via: "relayed by", source: "source", target: "target", cue: "cue" };
  const PAGE_SIZES = [25, 50, 100, 0];

  // ---------------------------------------------------------------- helpers
  function make(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "onclick") node.addEventListener("click", value);
      else if (name in node && name !== "list") node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }
  const hidden = (text) => make("span", { className: "vh" }, text);
  const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const permalink = (record) => "#" + encodeURIComponent(record.id);
  const listed = new Intl.ListFormat("en", { type: "conjunction" });

  function day(iso) {
    const date = new Date(iso + "T00:00:00Z");
    if (Number.isNaN(date.getTime())) return iso;
    return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  }

  // ---------------------------------------------------------------- data
  const records = data.records;
  const articles = data.articles;
  const byId = new Map();
  const claims = new Map();
  for (const article of articles) article.records = [];
  records.forEach((record, index) => {
    record.index = index;
    record.deniedBy = [];
    byId.set(record.id, record);
    record.article = articles[record.article];
    record.article.records.push(record);
    for (const role of ROLES) record[role + "Names"] = [...new Set(record[role].map((span) => data.actors[span[2]]))];
    if (record.claim) claims.set(record.claim, [...(claims.get(record.claim) ?? []), record]);
  });
  for (const record of records) {
    record.answers = record.answers === null ? null : records[record.answers];
    record.answers?.deniedBy.push(record);
  }

  // The text of [start, end), as far as this page holds it.
  function slice(article, start, end) {
    let text = "";
    for (const [at, part] of article.parts) {
      if (at < end && start < at + part.length) text += part.slice(Math.max(0, start - at), end - at);
    }
    return text;
  }
  const tidy = (text) => text.trim().replace(/\s+/g, " ");
  const evidence = (record) => record.passages.map((range) => tidy(slice(record.article, ...range))).join(" […] ");

  function answeredNames(record) {
    if (record.targetsNames.length || record.act !== "deny") return record.targetsNames;
    return record.answers?.sourcesNames ?? [];
  }

  // ---------------------------------------------------------------- marked text
  // Spans may nest and overlap, so the text is cut at every border and each piece carries all its marks.
  function marksOf(record) {
    const marks = [["cue", ...record.cue]];
    if (record.allegation) marks.push(["allegation", ...record.allegation]);
    for (const role of ROLES) {
      const name = role === "via" ? "via" : role.slice(0, -1);
      for (const [start, end] of record[role]) marks.push([name, start, end]);
    }
    return marks;
  }

  function marked(article, start, end, marks, others = []) {
    const out = document.createDocumentFragment();
    for (const [at, part] of article.parts) {
      const low = Math.max(start, at);
      const high = Math.min(end, at + part.length);
      if (low >= high) continue;
      if (out.childNodes.length) out.append(" […] ");
      const inside = (mark) => mark[1] < high && low < mark[2];
      const here = marks.filter(inside);
      const links = others.filter((other) => inside(["", ...other.cue]));
      const cuts = new Set([low, high]);
      for (const mark of here) for (const cut of mark.slice(1)) if (low < cut && cut < high) cuts.add(cut);
      for (const other of links) for (const cut of other.cue) if (low < cut && cut < high) cuts.add(cut);
      const borders = [...cuts].sort((a, b) => a - b);
      for (let i = 0; i + 1 < borders.length; i++) {
        const [from, to] = [borders[i], borders[i + 1]];
        const text = part.slice(from - at, to - at);
        const on = here.filter((mark) => mark[1] <= from && to <= mark[2]);
        const link = links.find((other) => other.cue[0] <= from && to <= other.cue[1]);
        if (!on.length && !link) {
          out.append(text);
          continue;
        }
        const node = on.length
          ? make("mark", { className: [...new Set(on.map((mark) => mark[0]))].join(" ") })
          : make("a", { className: "other", href: permalink(link), title: `${ACTS[link.act]}: show this record` });
        for (const [role] of on.filter((mark) => mark[1] === from).sort((a, b) => b[2] - a[2])) {
          node.append(make("span", { className: "tag" }, `${MARKS[role]}: `));
        }
        node.append(text);
        out.append(node);
      }
    }
    return out;
  }

  // ---------------------------------------------------------------- filters
  const form = $("form");
  const FIELDS = [
    "text", "source", "target", "actor", "act", "category", "outlet", "from", "to", "answer", "confidence", "sort",
  ];
  const names = new Map(data.actors.map((name) => [folded(name), name]));

  for (const record of records) {
    const all = [...record.sourcesNames, ...record.targetsNames, ...record.viaNames];
    record.haystack = folded([evidence(record), record.article.title, record.article.outlet, ...all].join("\n"));
  }

  function counted(key) {
    const counts = new Map();
    for (const record of records) counts.set(key(record), (counts.get(key(record)) ?? 0) + 1);
    return counts;
  }

  function checkboxes(holder, name, counts, order, label) {
    for (const value of order) {
      if (!counts.get(value)) continue;
      const box = make("input", { type: "checkbox", name, value });
      const count = make("span", { className: "count" }, counts.get(value).toLocaleString("en"));
      holder.append(make("label", { className: "check" }, box, ` ${label(value)} `, count));
    }
  }

  function fillFilters() {
    checkboxes($("f-act"), "act", counted((r) => r.act), Object.keys(ACTS), (act) => ACTS[act]);
    const categories = counted((r) => r.category);
    const ordered = [...categories.keys()].sort((a, b) => categories.get(b) - categories.get(a) || (a < b ? -1 : 1));
    checkboxes($("f-category"), "category", categories, ordered, (category) => category);
    const uses = new Map();
    for (const record of records) {
      const all = new Set([...record.sourcesNames, ...record.targetsNames, ...record.viaNames]);
      for (const name of all) uses.set(name, (uses.get(name) ?? 0) + 1);
    }
    const actors = [...uses.keys()].sort((a, b) => uses.get(b) - uses.get(a) || (a < b ? -1 : 1));
    $("actors").append(...actors.map((name) => make("option", { value: name })));
    const outlets = counted((r) => r.article.outlet);
    for (const name of [...outlets.keys()].filter(Boolean).sort((a, b) => a.localeCompare(b, "en"))) {
      $("f-outlet").append(make("option", { value: name }, `${name} (${outlets.get(name).toLocaleString("en")})`));
    }
    $("outlet-field").hidden = [...outlets.keys()].filter(Boolean).length < 2;
    const dates = records.map((r) => r.article.date).filter(Boolean).sort();
    $("date-field").hidden = dates.length === 0 || dates[0] === dates.at(-1);
    for (const input of [$("f-from"), $("f-to")]) {
      input.min = dates[0] ?? "";
      input.max = dates.at(-1) ?? "";
    }
  }

  function settings() {
    const values = {};
    const entries = new FormData(form);
    for (const field of FIELDS) {
      const all = entries.getAll(field).map((value) => value.trim()).filter(Boolean);
      if (all.length && !(field === "confidence" && all[0] === "0")) values[field] = all;
    }
    return values;
  }

  // A name that is an actor's means that actor; anything else means names that contain it.
  function naming(query, namesOf) {
    const wanted = folded(query);
    if (names.has(wanted)) return (record) => namesOf(record).some((name) => folded(name) === wanted);
    if (wanted === "unspecified") return (record) => namesOf(record).length === 0;
    return (record) => namesOf(record).some((name) => folded(name).includes(wanted));
  }

  function tests(values) {
    const one = (field, test) => (values[field] ? test(values[field][0]) : null);
    const words = (values.text?.[0] ?? "").split(/\s+/).filter(Boolean).map(folded);
    const answers = {
      denied: (r) => r.act !== "deny" && r.deniedBy.length > 0,
      undenied: (r) => r.act === "accuse" && r.deniedBy.length === 0,
      linked: (r) => r.answers !== null,
    };
    return [
      words.length ? (r) => words.every((word) => r.haystack.includes(word)) : null,
      one("source", (query) => naming(query, (r) => r.sourcesNames)),
      one("target", (query) => naming(query, answeredNames)),
      one("actor", (query) => naming(query, (r) => [...r.sourcesNames, ...answeredNames(r), ...r.viaNames])),
      values.act ? (r) => values.act.includes(r.act) : null,
      values.category ? (r) => values.category.includes(r.category) : null,
      one("outlet", (outlet) => (r) => r.article.outlet === outlet),
      one("from", (from) => (r) => r.article.date !== "" && r.article.date >= from),
      one("to", (to) => (r) => r.article.date !== "" && r.article.date <= to),
      one("answer", (answer) => answers[answer]),
      one("confidence", (least) => (r) => 100 * (r.confidence ?? 1) >= Number(least)),
    ].filter(Boolean);
  }

  function sorter(order) {
    const text = (key) => (a, b) => key(a).localeCompare(key(b), "en") || a.index - b.index;
    const last = "\uffff";
    return {
      newest: (a, b) => (b.article.date > a.article.date) - (b.article.date < a.article.date) || a.index - b.index,
      oldest: text((r) => r.article.date || last),
      confidence: (a, b) => (b.confidence ?? 0) - (a.confidence ?? 0) || a.index - b.index,
      doubt: (a, b) => (a.confidence ?? 1) - (b.confidence ?? 1) || a.index - b.index,
      source: text((r) => r.sourcesNames[0] ?? last),
      target: text((r) => answeredNames(r)[0] ?? last),
    }[order] ?? ((a, b) => a.index - b.index);
  }

  // ---------------------------------------------------------------- the list
  let shown = records;
  let page = 0;
  let size = PAGE_SIZES[0];
  let current = null;

  function citation(record) {
    const { title, outlet, date, url } = record.article;
    const source = record.sourcesNames.length ? listed.format(record.sourcesNames) : "unspecified source";
    const target = answeredNames(record).length ? listed.format(answeredNames(record)) : "";
    const relation = record.act === "deny" ? "answering" : "against";
    const act = `${ACTS[record.act]} by ${source}` + (target && `, ${relation} ${target}`);
    const where = [`“${title}”`, outlet, date && day(date), url].filter(Boolean).join(", ");
    return `“${evidence(record)}” (${where}). ${act}; record ${record.id}.`;
  }

  async function copy(text, button) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { value: text, className: "vh", ariaHidden: "true", tabIndex: -1 });
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const before = button.textContent;
    button.textContent = done ? "Copied" : "Copying failed";
    $("notice").textContent = done ? "Copied" : "The browser does not allow copying here";
    setTimeout(() => { button.textContent = before; }, 1500);
  }

  function chips(all, role, none) {
    if (!all.length) return [make("span", { className: "actor none" }, none)];
    return all.flatMap((name, i) => [i ? ", " : "", make("span", { className: `actor ${role}` }, name)]);
  }

  function heading(record) {
    const denial = record.act === "deny";
    const link = make("a", { href: permalink(record), className: "permalink" });
    link.append(make("span", { className: `act ${record.act}` }, ACTS[record.act]), " ");
    link.append(hidden("by "), ...chips(record.sourcesNames, "source", "unspecified source"));
    const targets = answeredNames(record);
    if (targets.length || !denial) {
      link.append(" ", make("span", { className: "arrow", ariaHidden: "true" }, "→"));
      link.append(hidden(denial ? " answering " : " against "), " ");
      link.append(...chips(targets, "target", "unspecified target"));
    }
    return make("h2", {}, link);
  }

  function references(record, others, text) {
    if (!others.length) return "";
    const line = make("p", { className: "answer" }, text + " ");
    others.forEach((other, i) => {
      const who = other.sourcesNames.length ? listed.format(other.sourcesNames) : "unspecified source";
      const said = tidy(slice(other.article, ...(other.allegation ?? other.cue)));
      const here = other.article === record.article;
      const label = here ? `${who}: “${said}”` : `${who}, in “${other.article.title}”`;
      line.append(i ? "; " : "", make("a", { href: permalink(other) }, label));
    });
    return line;
  }

  const same = (record) => (claims.get(record.claim) ?? []).filter((other) => other !== record);

  function card(record) {
    const { article } = record;
    const quote = make("blockquote", {});
    record.passages.forEach(([start, end], i) => {
      if (i) quote.append(make("span", { className: "gap" }, " […] "));
      quote.append(marked(article, start, end, marksOf(record)));
    });
    const facts = [record.category, article.outlet, article.date && day(article.date)].filter(Boolean).join(" · ");
    const coded = [`frame ${record.frame || "unnamed"}`, `${record.quoted} speech`];
    if (record.confidence !== null) coded.push(`confidence ${Math.round(100 * record.confidence)} %`);
    if (!record.asserted) coded.push("negated or hypothetical: not counted");
    const label = data.whole ? "Show in the article" : "Show the evidence";
    const open = make("a", { href: permalink(record), className: "button" }, label);
    const copying = (text) => (event) => copy(text, event.currentTarget);
    const address = location.href.split("#")[0] + permalink(record);
    const cite = make("button", { type: "button", onclick: copying(citation(record)) }, "Copy citation");
    const link = make("button", { type: "button", onclick: copying(address) }, "Copy link");
    return make("li", { className: "record", id: `record-${record.index}` },
      heading(record),
      make("p", { className: "meta" }, facts ? facts + " · " : "", make("cite", {}, article.title)),
      quote,
      references(record, record.deniedBy, "Denied by"),
      references(record, record.answers ? [record.answers] : [], "Answers"),
      references(record, same(record), "Same claim:"),
      make("p", { className: "coded" }, coded.join(" · ")),
      make("p", { className: "buttons" }, open, cite, link, make("code", { className: "id" }, record.id)));
  }

  function pager() {
    const pages = size ? Math.max(1, Math.ceil(shown.length / size)) : 1;
    const nav = $("pager");
    nav.replaceChildren();
    nav.hidden = shown.length <= PAGE_SIZES[0];
    const go = (to) => {
      page = to;
      draw();
      $("list").focus();
      $("list").scrollIntoView();
    };
    const button = (text, to, able) => make("button", { type: "button", disabled: !able, onclick: () => go(to) }, text);
    const select = make("select", { id: "page-size" });
    for (const choice of PAGE_SIZES) {
      const text = choice ? `${choice} a page` : "all on one page";
      select.append(make("option", { value: choice, selected: choice === size }, text));
    }
    select.addEventListener("change", () => {
      const first = size ? page * size : 0;
      size = Number(select.value);
      page = size ? Math.floor(first / size) : 0;
      draw();
      $("page-size").focus();
    });
    nav.append(
      button("First", 0, page > 0),
      button("Previous", page - 1, page > 0),
      make("span", {}, `Page ${page + 1} of ${pages}`),
      button("Next", page + 1, page + 1 < pages),
      button("Last", pages - 1, page + 1 < pages),
      make("label", { htmlFor: "page-size", className: "vh" }, "Records on a page"),
      select,
    );
  }

  function draw() {
    const from = size ? page * size : 0;
    const some = size ? shown.slice(from, from + size) : shown;
    const list = $("records");
    list.start = from + 1;
    if (some.length) list.replaceChildren(...some.map(card));
    else {
      const none = "No accusation, condemnation or denial was found in these articles.";
      const text = records.length ? "No record fits these filters." : none;
      list.replaceChildren(make("li", { className: "empty" }, text));
    }
    if (current) $(`record-${current.index}`)?.classList.add("current");
    pager();
  }

  function describe() {
    if (shown.length === records.length) return plural(records.length, "record");
    return `${shown.length.toLocaleString("en")} of ${plural(records.length, "record")}`;
  }

  function filter() {
    const values = settings();
    const all = tests(values);
    shown = all.length ? records.filter((record) => all.every((test) => test(record))) : records.slice();
    if (values.sort) shown.sort(sorter(values.sort[0]));
    page = 0;
    draw();
    $("status").textContent = describe();
    const active = Object.keys(values).filter((field) => field !== "sort").length;
    $("filter-count").textContent = active ? `(${active} in use)` : "";
    $("clear").disabled = active === 0;
    $("confidence-value").textContent = $("f-confidence").value;
    return values;
  }

  // ---------------------------------------------------------------- the article
  const narrow = matchMedia("(max-width: 1023px)");

  function read(record, focus) {
    const { article } = record;
    current = record;
    const at = article.records.indexOf(record);
    $("reader-title").replaceChildren(article.title);
    const meta = $("reader-meta");
    meta.replaceChildren([article.outlet, article.date && day(article.date)].filter(Boolean).join(" · "));
    if (/^https?:\/\//i.test(article.url)) {
      if (meta.textContent) meta.append(" · ");
      const away = { href: article.url, rel: "noopener noreferrer external", target: "_blank" };
      meta.append(make("a", away, "original", hidden(" (opens in a new tab)")));
    }
    if (!data.whole) meta.append(" · only the sentences that are evidence are part of this copy");
    $("reader-place").textContent = `Record ${at + 1} of ${article.records.length} in this article`;
    $("previous").disabled = at === 0;
    $("next").disabled = at + 1 === article.records.length;
    const others = article.records.filter((other) => other !== record);
    const marks = marksOf(record);
    const body = $("reader-text");
    body.replaceChildren();
    const headline = tidy(article.title);
    const repeated = tidy(article.parts[0][1].match(/\S[^\r\n]*/)?.[0] ?? "") === headline;
    $("reader-title").classList.toggle("vh", repeated);
    for (const [start, part] of article.parts) {
      for (const line of part.matchAll(/[^\r\n]+/g)) {
        if (!line[0].trim()) continue;
        const from = start + line.index;
        const className = repeated && !body.childNodes.length ? "headline" : "";
        const text = marked(article, from, from + line[0].length, marks, others);
        body.append(make("p", { dir: "auto", className }, text));
      }
      if (!data.whole) body.append(make("p", { className: "gap", ariaHidden: "true" }, "[…]"));
    }
    $("reader").hidden = false;
    document.body.classList.add("reading");
    trap();
    const cue = body.querySelector("mark.cue");
    const pane = $("reader-body");
    const above = cue.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    pane.scrollTop += above - pane.clientHeight / 3;
    if (focus || narrow.matches) $("reader-title").focus({ preventScroll: true });
    for (const node of document.querySelectorAll(".record.current")) node.classList.remove("current");
    $(`record-${record.index}`)?.classList.add("current");
  }

  // On a narrow screen the article covers the page, so what is under it leaves the focus order.
  function trap() {
    const over = narrow.matches && !$("reader").hidden;
    for (const node of document.querySelectorAll(".skip, .masthead, .filters, main, .foot")) node.inert = over;
  }

  function close() {
    const record = current;
    current = null;
    $("reader").hidden = true;
    document.body.classList.remove("reading");
    trap();
    remember(settings());
    if (!record) return;
    const node = $(`record-${record.index}`);
    node?.classList.remove("current");
    node?.querySelector("a.permalink").focus();
  }

  function step(by) {
    const all = current.article.records;
    location.hash = permalink(all[all.indexOf(current) + by]);
  }

  // ---------------------------------------------------------------- the address
  // "#<record id>" opens a record; "#?source=...&act=..." sets the filters.
  function remember(values) {
    const query = new URLSearchParams();
    for (const field of FIELDS) for (const value of values[field] ?? []) query.append(field, value);
    history.replaceState(null, "", query.size ? "#?" + query : location.pathname + location.search);
  }

  function restore(query) {
    form.reset();
    for (const [field, value] of query) {
      if (!FIELDS.includes(field)) continue;
      const boxes = [...form.querySelectorAll(`input[type=checkbox][name="${field}"]`)];
      if (boxes.length) boxes.filter((box) => box.value === value).forEach((box) => { box.checked = true; });
      else form.elements[field].value = value;
    }
    filter();
  }

  function show(record, first) {
    let at = shown.indexOf(record);
    let note = "";
    if (at < 0) {
      form.reset();
      filter();
      at = shown.indexOf(record);
      note = "The filters were cleared to show this record.";
    }
    const wanted = size ? Math.floor(at / size) : 0;
    if (wanted !== page) {
      page = wanted;
      draw();
    }
    read(record, !first);
    const node = $(`record-${record.index}`);
    const box = node.getBoundingClientRect();
    if (!narrow.matches && (box.top < 0 || box.bottom > innerHeight)) node.scrollIntoView({ block: "start" });
    $("notice").textContent = note;
  }

  function follow(first) {
    const hash = location.hash.slice(1);
    if (hash.startsWith("?")) {
      restore(new URLSearchParams(hash.slice(1)));
      return;
    }
    let id = hash;
    try { id = decodeURIComponent(hash); } catch { /* a hash that is not ours */ }
    if (byId.has(id)) show(byId.get(id), first);
    else if (id && id !== "list" && first) $("notice").textContent = `There is no record ${id} on this page.`;
  }

  // ---------------------------------------------------------------- start
  fillFilters();
  const changed = () => remember(filter());
  let timer = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(changed, event.target.type === "search" ? 120 : 0);
  });
  $("sort").addEventListener("input", changed);
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  $("clear").addEventListener("click", () => {
    form.reset();
    changed();
    $("f-text").focus();
  });
  $("close").addEventListener("click", close);
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && current) close(); });
  $("label-marks").addEventListener("change", (event) => {
    document.body.classList.toggle("labelled", event.target.checked);
  });
  const fold = () => { $("filters").open = !narrow.matches; trap(); };
  narrow.addEventListener("change", fold);
  fold();
  addEventListener("hashchange", () => follow(false));
  filter();
  follow(true);
})();
