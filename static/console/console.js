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
