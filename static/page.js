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
  const all = (selector) => main.querySelectorAll(selector);
  const format = (options) => new Intl.DateTimeFormat(language, { hourCycle: "h23", ...options });
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const dated = format({ weekday: "short", hour: "2-digit", minute: "2-digit" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

  // --- The visitor's own time, beside UTC ---
  const isAway = (at) => new Date(at).getTimezoneOffset() !== 0;
  const isOtherDay = (at) => new Date(at).getDate() !== new Date(at).getUTCDate();
  const yours = (node, text) => {
    const beside = node.querySelector(".beside") || node.appendChild(document.createElement("span"));
    text = words.yours.replace("{time}", isRtl ? `\u2068${text}\u2069` : text);
    const before = beside.textContent.trim().slice(1, -1);
    beside.className = "beside";
    beside.textContent = ` (${before ? before + (isRtl ? "، " : ", ") : ""}${text})`;
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

  // --- Gentle refresh: only the main part is replaced, and only when there is news ---
  let known = main.dataset.live, etag, checkedAt, failures = 0, isBusy = false;
  let renewedAt = Date.now();
  const get = (path, options) => fetch(path, { signal: AbortSignal.timeout(20e3), ...options });
  const renew = async () => {
    const answer = await get(location.pathname, { cache: "no-cache" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("main");
    const before = main.querySelector("h1").textContent;
    const focused = main.contains(document.activeElement) && document.activeElement;
    for (const open of all("details[open]")) {
      const same = next.querySelector("#" + open.id);
      if (same) same.open = true;
    }
    main.replaceChildren(...next.childNodes);
    document.title = page.title;
    for (const selector of [".top", "[rel=icon]"]) {
      document.querySelector(selector).replaceWith(page.querySelector(selector));
    }
    if (focused) {
      const same = focused.id ? "#" + focused.id : focused.parentNode.id
        ? `#${focused.parentNode.id} > summary` : `a[href="${focused.getAttribute("href")}"]`;
      (main.querySelector(same) || main).focus({ preventScroll: true });
    }
    const after = main.querySelector("h1").textContent;
    if (after !== before) document.getElementById("said").textContent = after;
    known = next.dataset.live;
    renewedAt = Date.now();
    localise();
  };
  const isDue = () => [...all("[data-due]")].some((node) => {
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
      let isNews = isDue() || Date.now() - renewedAt > 5 * minute;
      if (answer.ok) {
        etag = answer.headers.get("ETag");
        isNews ||= (await answer.json()).page.updated_at !== known;
      }
      if (isNews) await renew();
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
  const zones = main.querySelector("[data-guess]");
  if (zones) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    zones.value = zone;
    if (zones.value !== zone) zones.add(new Option(zone, zone, true, true));
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
