// Counts the seconds in which telling can be stopped, and asks again how the telling goes.
(() => {
  const REFRESH = 5000;
  const PATIENCE = 180000; // after the last seconds in which it could be stopped, the first messages need a moment
  const all = () => [...document.querySelectorAll(".telling")];
  const held = () => [...document.querySelectorAll("[data-seconds]")];
  const count = () => {
    for (const button of held()) {
      const left = Math.max(Number(button.dataset.seconds) - 1, 0);
      button.dataset.seconds = left;
      const words = button.nextElementSibling;
      words.textContent = words.textContent.replace(/\d+/, left);
      button.closest("form").hidden = left === 0;
    }
  };
  const until = Date.now() + (held().length ? PATIENCE : 0);
  const running = () => Date.now() < until || document.querySelector("[data-state=queued], [data-state=sending]");
  const refresh = async () => {
    if (document.hidden || !running()) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll(".telling");
    all().forEach((old, place) => fresh[place] && old.replaceWith(document.importNode(fresh[place], true)));
  };
  if (held().length) setInterval(count, 1000);
  if (running()) setInterval(refresh, REFRESH);
})();
