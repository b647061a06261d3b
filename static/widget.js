// The widget that other sites include with one tag: there only while something is wrong. No cookie, no style attribute
// and nothing from a third party: a site's policy needs the page's address in script-src and connect-src, no more.
(() => {
  const minute = 60e3;
  const script = document.currentScript || document.querySelector('script[src*="/embed/status.js"]');
  const source = new URL("status.json", script.src);
  const wanted = (script.dataset.lang || document.documentElement.lang).toLowerCase();
  const style = `
    :host { all: initial; }
    section {
      position: fixed; z-index: 2147483000; box-sizing: border-box;
      display: flex; flex-wrap: wrap; align-items: baseline; gap: .4rem 1rem;
      max-inline-size: min(26rem, calc(100vw - 2rem)); max-block-size: calc(100vh - 2rem); overflow: auto;
      padding: .8rem 1rem; border: 1px solid transparent; border-radius: .6rem; box-shadow: 0 .3rem 1.5rem #0005;
      font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere;
    }
    p { margin: 0; flex: 1 1 100%; }
    strong { display: block; }
    a, button { display: inline-block; margin: 0; font: inherit; font-weight: 600; color: inherit; padding: .3rem 0; min-block-size: 1.5rem; }
    button { background: none; border: 0; text-decoration: underline; cursor: pointer; }
    a:focus-visible, button:focus-visible { outline: .19rem solid currentColor; outline-offset: .15rem; border-radius: .2rem; }
    .hide { position: fixed; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    @media print { section { display: none; } }`;
  const corners = { "top-left": "top left", "top-right": "top right", "bottom-left": "bottom left", "bottom-right": "bottom right" };
  const colour = (text) => (/^#[0-9a-f]{6}$/i.test(text) ? text : "");

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const make = (name, facts = {}) => Object.assign(document.createElement(name), facts);
  // Text that comes later is read aloud by itself only where its place was there before.
  const said = make("p", { className: "hide" });
  said.setAttribute("role", "status");
  root.append(said);
  let notice, shown = "", checkedAt = 0;

  // What was closed stays closed in this tab; nothing is stored of whoever closes nothing.
  const place = `status-widget ${source}`;
  const remember = (key) => { try { sessionStorage.setItem(place, key); } catch {} };
  const isClosed = (key) => { try { return sessionStorage.getItem(place) === key; } catch { return false; } };

  const dressed = ({ position, background, ink }) => {
    const sheet = new CSSStyleSheet();
    const [block, inline] = (corners[position] || corners["bottom-left"]).split(" ");
    sheet.replaceSync(`${style}
      section { ${block}: 1rem; ${inline}: 1rem; background: ${colour(background)}; color: ${colour(ink)}; }`);
    root.adoptedStyleSheets = [sheet];
  };
  const build = (news, words) => {
    const section = make("section", { lang: words.lang, dir: words.dir });
    section.setAttribute("aria-label", words.label);
    const text = make("p");
    text.append(make("strong", { textContent: words.headline }));
    if (news.title) text.append(make("bdi", { textContent: news.title, lang: news.lang }));
    const link = make("a", { href: words.url, textContent: words.details, target: "_blank", rel: "noopener" });
    const button = make("button", { type: "button", textContent: words.close });
    let before;
    const close = () => {
      remember(news.key);
      hide();
      if (before?.isConnected) before.focus();
    };
    button.addEventListener("click", close);
    section.addEventListener("keydown", (event) => event.key === "Escape" && close());
    section.addEventListener("focusin", ({ relatedTarget }) => {
      if (relatedTarget && !section.contains(relatedTarget)) before = relatedTarget;
    });
    section.append(text, link, button);
    return section;
  };
  const hide = () => {
    notice?.remove();
    notice = undefined;
    shown = said.textContent = "";
  };
  const show = (news) => {
    const words = news.said[wanted] || news.said[wanted.split("-")[0]] || news.said[news.lang];
    const is = JSON.stringify([news.key, news.title, words]);
    if (is === shown) return;
    const had = notice?.contains(root.activeElement);
    hide();
    if (!news.kind || isClosed(news.key)) return;
    dressed(news);
    notice = build(news, words);
    root.append(notice);
    shown = is;
    if (had) notice.querySelector("a").focus();
    Object.assign(said, { lang: words.lang, textContent: `${words.label}: ${words.headline}` });
    setTimeout(() => { said.textContent = ""; }, 10e3);
  };
  const look = async () => {
    if (document.hidden || Date.now() - checkedAt < minute) return;
    checkedAt = Date.now();
    try {
      const answer = await fetch(source, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" });
      if (answer.ok) show(await answer.json());
    } catch {
      // A page that does not answer says nothing; the next look is in a minute.
    }
  };
  const begin = () => {
    document.body.append(host);
    look();
    setInterval(look, minute);
    document.addEventListener("visibilitychange", look);
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
