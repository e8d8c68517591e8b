"use strict";
// The page is whole without this script. It listens for regions that have changed, and changes what
// differs in place, so that focus and selection stay and a page left open for days does not grow.
const state = document.getElementById("state");
const AGAIN = 15000; // Milliseconds until a place, or a dashboard, is asked for again.
let source = null;

function tell(kind) {
  state.className = kind === "live" ? "live" : "lost";
  if (state.textContent !== state.dataset[kind]) state.textContent = state.dataset[kind];
}

function heard() {
  tell(document.querySelector("#fault p, .stale") ? "stale" : "live");
}

function same(old, now) {
  return old.nodeType === now.nodeType && old.nodeName === now.nodeName;
}

function morph(old, now) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== now.data) old.data = now.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of now.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  inside(old, now);
}

function inside(old, now) {
  const wanted = [...now.childNodes].filter((node) => node.nodeType !== Node.COMMENT_NODE);
  wanted.forEach((node, place) => {
    const there = old.childNodes[place];
    if (there && same(there, node)) morph(there, node);
    else if (there) there.replaceWith(document.importNode(node, true));
    else old.append(document.importNode(node, true));
  });
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
}

function hear(event) {
  const regions = JSON.parse(event.data);
  for (const [id, text] of Object.entries(regions)) {
    const place = document.getElementById(id);
    // What is parsed so is inert: nothing in it runs or loads.
    if (place) inside(place, new DOMParser().parseFromString(text, "text/html").body);
  }
  heard();
}

function listen() {
  if (source || document.hidden) return;
  source = new EventSource("/events" + location.pathname + location.search);
  source.addEventListener("regions", hear);
  source.addEventListener("full", () => later("full"));
  source.onerror = () => (source && source.readyState === EventSource.CLOSED ? refused() : tell("lost"));
}

// A browser never listens again by itself where it was refused, and does not say why.
async function refused() {
  rest();
  const answer = await fetch("/style.css", { method: "HEAD" }).catch(() => null);
  if (source) return; // Whoever came back to this page meanwhile listens again already.
  // Whoever does not know this page's cookie is another dashboard: this page's own has ended.
  later(answer && answer.status === 401 ? "ended" : "lost");
}

function later(kind) {
  rest();
  tell(kind);
  setTimeout(listen, AGAIN);
}

function rest() {
  if (source) source.close();
  source = null;
}

// A browser opens few connections to one place: a tab that nobody sees holds none.
document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
addEventListener("pagehide", rest);
addEventListener("pageshow", listen);
listen();
