// Counts the seconds in which telling can be stopped, and asks again how the telling goes.
(() => {
  const REFRESH = 5000;
  for (const button of document.querySelectorAll("[data-seconds]")) {
    let left = Number(button.dataset.seconds);
    const words = button.nextElementSibling;
    const clock = setInterval(() => {
      left -= 1;
      words.textContent = words.textContent.replace(/\d+/, Math.max(left, 0));
      if (left <= 0) { clearInterval(clock); button.closest("form").hidden = true; }
    }, 1000);
  }
  const lists = () => [...document.querySelectorAll(".telling")];
  const held = () => document.querySelector(".undo") !== null;
  const running = () => held() || lists().some((list) => list.querySelector("[data-state=queued], [data-state=sending]"));
  const refresh = async () => {
    if (document.hidden || !running()) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll(".telling");
    lists().forEach((list, place) => fresh[place] && list.replaceWith(document.importNode(fresh[place], true)));
  };
  if (running()) setInterval(refresh, REFRESH);
})();
