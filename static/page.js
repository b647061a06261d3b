// The one script of the public pages. Each page is whole without it; it adds the visitor's own
// time, keeps relative words true, and looks every half minute whether there is news.
(() => {
  const minute = 60e3;
  const words = document.body.dataset;
  const { lang } = document.documentElement;
  // Digits as the page itself writes them, in Arabic too.
  const language = `${lang === "en" ? "en-GB" : lang}-u-nu-latn`;
  const isRtl = document.documentElement.dir === "rtl";
  const main = document.getElementById("main");
  // The page as it came, before anything here touches it: what is compared when a newer one comes.
  let source = main.cloneNode(true);
  const all = (selector) => main.querySelectorAll(selector);
  const format = (options) => new Intl.DateTimeFormat(language, { hourCycle: "h23", ...options });
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const dated = format({ weekday: "short", hour: "2-digit", minute: "2-digit" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

  // --- The visitor's own time, beside UTC ---
  const isAway = (at) => new Date(at).getTimezoneOffset() !== 0;
  const isOtherDay = (at) => new Date(at).getDate() !== new Date(at).getUTCDate();
  const localised = new WeakSet();
  const yours = (node, text) => {
    if (localised.has(node)) return;
    localised.add(node);
    const beside = node.querySelector(".beside") || node.appendChild(document.createElement("span"));
    text = words.yours.replace("{time}", isRtl ? `\u2068${text}\u2069` : text);
    const before = beside.textContent.trim().slice(1, -1);
    beside.className = "beside";
    beside.textContent = ` (${before ? before + words.comma : ""}${text})`;
  };
  const localise = () => {
    for (const node of all("time")) {
      const at = node.dateTime;
      if (isAway(at)) yours(node, (isOtherDay(at) ? dated : clock).format(new Date(at)));
    }
    for (const node of all("[data-range]")) {
      const [from, to] = node.dataset.range.split("/").map((at) => new Date(at));
      const shape = isOtherDay(from) || isOtherDay(to) ? dated : clock;
      if (isAway(from)) yours(node, `${shape.format(from)} – ${shape.format(to)}`);
    }
  };

  // --- Relative words, kept true ---
  const units = [[864e5, "day", 2], [36e5, "hour", 2], [minute, "minute", 1], [1e3, "second", 0]];
  const inWords = (span) => {
    const [size, unit] = units.find(([size, , least]) => Math.abs(span) >= size * least);
    return relative.format((size > minute ? Math.trunc : Math.round)(span / size), unit);
  };
  const tick = () => {
    // A promise that was not kept is none any more, on a page that nobody renders again either.
    for (const node of all("[data-late]")) {
      if (new Date(node.dataset.due) > Date.now()) continue;
      const [before, after] = node.dataset.late.split("{at}");
      node.replaceChildren(before, node.firstElementChild, after);
      delete node.dataset.late;
      const span = node.parentNode.querySelector("[data-relative]");
      if (span) span.textContent = relative.format(0, "second");
    }
    for (const node of all("[data-relative]")) {
      const span = new Date(node.dataset.relative) - Date.now();
      if (Math.abs(span) >= minute) node.textContent = inWords(span);
    }
    const checked = document.getElementById("checked");
    if (checked && checkedAt) {
      const text = failures > 2 ? words.lost : words.checked;
      checked.textContent = "· " + text
        .replace("{ago}", inWords(Math.min(0, checkedAt - Date.now())))
        .replace("{time}", words.yours.replace("{time}", clock.format(checkedAt)));
    }
  };

  // --- Gentle refresh: only what differs is exchanged, and only when there is news ---
  // `known` is the publication that this page shows, `etag` that of the JSON which named it.
  let known = main.dataset.live, asked, etag, checkedAt, failures = 0, isBusy = false;
  let renewedAt = Date.now();
  const isFront = !!document.getElementById("checked");
  const get = (path, options) => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20e3);
    return fetch(path, { signal: stop.signal, ...options });
  };
  // Brings `shown` from what came before to what came next. What these have alike is left alone, and with it the
  // reader's focus, selection and place; where anybody else (an extension) was at it, all is exchanged.
  const merge = (shown, before, next) => {
    const [now, was, parts] = [shown, before, next].map((each) => [...each.childNodes]);
    const isOurs = now.length === was.length && now.every((node, place) => node.nodeName === was[place].nodeName);
    if (!isOurs || was.length !== parts.length) return shown.replaceChildren(...next.cloneNode(true).childNodes);
    parts.forEach((part, place) => {
      if (was[place].isEqualNode(part)) return;
      const isFrame = part.children?.length && !part.matches("time, [data-range], [data-due]")
        && was[place].cloneNode().isEqualNode(part.cloneNode());
      if (isFrame) merge(now[place], was[place], part);
      else now[place].replaceWith(part.cloneNode(true));
    });
  };
  // Where the keyboard was, as a selector that finds the same in what took its place.
  const addressOf = (node) => {
    if (node.id) return "#" + node.id;
    const href = node.getAttribute("href");
    return href ? `a[href="${CSS.escape(href)}"]` : `[id="${node.parentNode.id}"] > summary`;
  };
  const exchange = (next) => {
    const focused = main.contains(document.activeElement) && document.activeElement;
    const folds = [...all("details")].filter(({ id, open }) => open !== source.querySelector("#" + id).open);
    merge(main, source, next);
    source = next;
    for (const { id, open } of folds) {
      const same = document.getElementById(id);
      if (same) same.open = open;
    }
    if (focused && !main.contains(focused)) {
      (main.querySelector(addressOf(focused)) || main).focus({ preventScroll: true });
    }
  };
  // What a reader who hears the page is told of: its headline, and the newest word of all.
  const heard = () => {
    const times = [...all(".updates > :first-child time")].sort((one, two) => (one.dateTime < two.dateTime ? 1 : -1));
    const headline = main.querySelector("h1").textContent;
    if (!times.length) return { headline, at: "" };
    const [time] = times;
    const title = time.closest(".card")?.querySelector("h3").textContent;
    const status = time.closest("li").querySelector(".said").textContent;
    return { headline, at: time.dateTime, word: `${title ? title + ": " : ""}${status} ${time.textContent}` };
  };
  const say = (before, after) => {
    const news = [after.headline !== before.headline && after.headline, after.at > before.at && after.word];
    const text = news.filter(Boolean).join(" ");
    if (text) document.getElementById("said").textContent = text;
  };
  // Fetches this page again; which publication it is of. Throws where it is older than that which was `published`:
  // the two may come from servers of which one is behind.
  const renew = async (published) => {
    const answer = await get(location.pathname, { cache: "no-cache" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("main");
    const { live } = next.dataset;
    if (live < (isFront ? published : main.dataset.live)) throw new Error("behind");
    const before = heard();
    exchange(next);
    if (live) main.dataset.live = live;
    document.title = page.title;
    const [top, icon] = [".top", "[rel=icon]"].map((each) => page.querySelector(each));
    if (top.dataset.status) document.querySelector(".top").dataset.status = top.dataset.status;
    document.querySelector("[rel=icon]").href = icon.href;
    renewedAt = Date.now();
    localise();
    say(before, heard());
    return live;
  };
  const isDue = () => isFront && [...all("[data-due]")].some((node) => {
    const since = Date.now() - new Date(node.dataset.due);
    return since > 0 && Date.now() - renewedAt > minute && since < 10 * minute;
  });
  const poll = async () => {
    if (document.hidden || isBusy) return;
    isBusy = true;
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await get("/api/v2/status.json", { cache: "no-store", headers });
      if (!answer.ok && answer.status !== 304) throw new Error(answer.status);
      const published = answer.ok ? (await answer.json()).page.updated_at : known;
      let isShown = published === known;
      if (!isShown || isDue() || Date.now() - renewedAt > 5 * minute) {
        // An incident's page names the publication it was last part of; asked twice, it has nothing newer.
        isShown = await renew(published) === published || asked === published || isShown;
      }
      asked = published;
      if (isShown) [known, etag] = [published, answer.headers.get("ETag") || etag];
      failures = 0;
      checkedAt = Date.now();
    } catch {
      failures += 1;
      checkedAt ||= renewedAt;
    }
    isBusy = false;
    tick();
  };

  // --- Which day is under the pointer ---
  const day = format({ weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  const point = (event) => {
    const bars = event.target.closest?.(".row .bars");
    const place = bars && bars.parentNode.querySelector(".uptime");
    for (const other of all(".uptime[data-was]")) {
      if (other !== place) {
        other.textContent = other.dataset.was;
        delete other.dataset.was;
      }
    }
    if (!place) return;
    const box = bars.getBoundingClientRect();
    let share = (event.clientX - box.left) / box.width;
    if (isRtl) share = 1 - share;
    // A day is `step` wide, and its stroke within: the drawing alone says how many days there are.
    const { step, today } = main.querySelector("[data-step]").dataset;
    const { width } = bars.viewBox.baseVal;
    const dayAt = (x) => Math.floor(x / step);
    const last = dayAt(width) - 1;
    const index = Math.min(last, Math.max(0, dayAt(share * width)));
    const hit = [...bars.querySelectorAll("path:not(.operational, .none)")].find((path) =>
      path.getAttribute("d").split("M").some((stroke) => dayAt(parseFloat(stroke)) === index));
    const key = main.querySelector(`[data-key=${hit ? hit.classList[0] : "operational"}]`);
    const none = bars.querySelector(".none");
    const isShown = !none || index >= dayAt(parseFloat(none.getAttribute("d").split("H")[1]));
    const at = new Date(today).getTime() - (last - index) * 864e5;
    place.dataset.was ??= place.textContent;
    place.textContent = day.format(at) + (isShown ? " · " + key.textContent : "");
  };

  // --- A form that asks for the visitor's zone: theirs is chosen already ---
  // The form in place takes the keyboard when it opens. Said here, because browsers complain of a page that says it.
  document.getElementById("updates-email")?.setAttribute("autofocus", "");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const field of document.querySelectorAll("[data-guess]")) {
    field.value = zone;
    if (field.value !== zone) field.add(new Option(zone, zone, true, true));
  }

  localise();
  tick();
  if (known) {
    setInterval(poll, minute / 2);
    setInterval(tick, minute / 4);
    document.addEventListener("visibilitychange", poll);
    document.addEventListener("pointermove", point);
    document.addEventListener("pointerdown", point);
    addEventListener("beforeprint", () => all("details").forEach((each) => { each.open = true; }));
  }
})();
