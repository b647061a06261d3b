// Refines the console; every page works without it.
(() => {
  "use strict";
  const REFRESH = 4000;

  // How the telling goes, asked again while it moves.
  const refresh = async (place) => {
    const answer = await fetch(place.dataset.telling, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const piece = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-telling]");
    if (!piece || place.contains(document.activeElement)) return;
    // The page to come back to is this one, not the piece's own.
    const back = piece.querySelector("[name=back]");
    if (back) back.value = location.pathname;
    place.replaceWith(document.importNode(piece, true));
  };
  setInterval(() => {
    if (document.hidden) return;
    for (const place of document.querySelectorAll("[data-moving]")) refresh(place).catch(() => {});
  }, REFRESH);

  // The seconds in which telling can be stopped.
  setInterval(() => {
    for (const button of document.querySelectorAll("[data-seconds]")) {
      const left = Math.max(0, Number(button.dataset.seconds) - 1);
      button.dataset.seconds = left;
      const words = button.nextElementSibling;
      words.querySelector("b").textContent = left;
      button.hidden = words.hidden = left === 0;
    }
  }, 1000);

  // How long is left of what is owed, or by how much it is late: as the server said it, and counted from then.
  const shown = Date.now();
  const two = (number) => String(number).padStart(2, "0");
  const count = () => {
    for (const place of document.querySelectorAll("[data-left]")) {
      const left = Number(place.dataset.left) - (Date.now() - shown) / 1000;
      const whole = left < 0 ? Math.ceil(-left) : Math.floor(left);
      const time = `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
      place.textContent = (left < 0 ? place.dataset.late : place.dataset.inTime).replace("{time}", time);
      const clock = place.closest("[data-standing]");
      clock.dataset.standing = left < 0 ? "missed" : "open";
      clock.querySelector("progress").value = Math.min(100, 100 * (1 - left / Number(place.dataset.limit)));
    }
  };
  if (document.querySelector("[data-left]")) {
    count();
    setInterval(count, 1000);
  }

  // A second press does nothing: the first is on its way. Back in the history, buttons work again.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // What a window's notice would be worth, asked while it is typed. The review says it without a script too.
  const WAIT = 400;
  for (const form of document.querySelectorAll("form[data-asks-at]")) {
    const place = form.querySelector("[aria-live]");
    const asked = /^(time_zone|starts|ends|starts_which|ends_which|components|notify|minutes)$/;
    let timer, last = "", count = 0;
    const ask = async () => {
      const said = new URLSearchParams([...new FormData(form)].filter(([name]) => asked.test(name)));
      if (String(said) === last) return;
      last = String(said);
      const turn = ++count;
      const answer = await fetch(`${form.dataset.asksAt}?${said}`, { headers: { "X-Requested-With": "fetch" } });
      const piece = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-verdict]");
      if (!piece || turn !== count) return;
      const which = (piece.dataset.asks || "").split(" ");
      for (const select of form.querySelectorAll(".which select")) select.closest(".which").hidden = !which.includes(select.name);
      // Only what is new is said aloud.
      if (piece.textContent !== place.textContent.trim()) place.replaceChildren(document.importNode(piece, true));
    };
    // Quiet hours hang on the zone and on how long the work takes.
    const quiet = form.querySelector("[data-quiet-at]");
    const field = (name) => (form.elements[name] || {}).value || "";
    const key = () => `${field("time_zone")} ${new Date(field("ends")) - new Date(field("starts"))}`;
    let hours = key();
    const askQuiet = async () => {
      if (!quiet || key() === hours) return;
      hours = key();
      const said = new URLSearchParams(["time_zone", "starts", "ends"].map((name) => [name, field(name)]));
      const answer = await fetch(`${quiet.dataset.quietAt}?${said}`, { headers: { "X-Requested-With": "fetch" } });
      const piece = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-quiet]");
      if (piece) quiet.replaceChildren(document.importNode(piece, true));
    };
    form.addEventListener("click", (event) => {
      if (!event.target.closest("[data-slot]")) return;
      event.preventDefault();
      for (const given of quiet.querySelectorAll("[name^=slot_]")) form.elements[given.name.slice(5)].value = given.value;
      form.elements.starts.focus();
      soon();
    });
    const soon = () => { clearTimeout(timer); timer = setTimeout(() => { ask().catch(() => { last = ""; }); askQuiet().catch(() => { hours = ""; }); }, WAIT); };
    form.addEventListener("input", soon);
    soon();
  }

  // Leaving with unsent words asks first.
  for (const form of document.querySelectorAll("form[data-keeps]")) {
    const words = form.querySelector("textarea");
    const first = words ? words.defaultValue : "";
    addEventListener("beforeunload", (event) => {
      if (words && words.value !== first && !form.dataset.sent) event.preventDefault();
    });
  }

  // On resolving, "unchanged" means what the line below the component says.
  const status = document.querySelector("#id_status");
  const lines = document.querySelectorAll(".resting");
  if (status && lines.length) {
    const show = () => lines.forEach((line) => { line.hidden = status.value !== "resolved"; });
    status.addEventListener("change", show);
    show();
  }
})();
