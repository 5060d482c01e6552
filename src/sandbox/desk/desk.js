// What moves on the desk page. The page is whole without it: it puts in place what the server has rendered,
// and sends the forms without leaving the page.
"use strict";

const desk = document.getElementById("desk");
const live = document.getElementById("live");

/** Makes the children of `list` those of `html`; what is the same stays the same element. */
function merge(list, html) {
  const wanted = document.createElement("template");
  wanted.innerHTML = html;
  const log = list.closest(".log");
  const atEnd = log && log.scrollHeight - log.scrollTop - log.clientHeight < 64;
  const known = new Map([...list.children].map((child) => [child.id, child]));
  let place = list.firstElementChild;
  for (const item of [...wanted.content.children]) {
    const old = known.get(item.id);
    known.delete(item.id);
    if (old === undefined) {
      item.classList.toggle("fresh", list.dataset.shown === "yes");
      list.insertBefore(item, place);
    } else {
      // Not `isEqualNode` of the two: the old one may still be marked as fresh.
      if (old.innerHTML !== item.innerHTML) old.innerHTML = item.innerHTML;
      if (old.className.replace(" fresh", "") !== item.className) old.className = item.className;
      place = old.nextElementSibling;
    }
  }
  for (const gone of known.values()) {
    // A pressed suggestion goes away under the finger: the next thing to do is to write.
    if (gone.contains(document.activeElement)) document.getElementById("say").focus();
    gone.remove();
  }
  list.dataset.shown = "yes";
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function show(regions) {
  for (const [name, html] of Object.entries(regions)) {
    if (name === "gone") location.assign("/");
    else if (name === "state") desk.dataset.state = html;
    else merge(document.getElementById(name), html);
  }
}

function tell(text, isLive) {
  if (live.textContent !== text) live.textContent = text;
  live.classList.toggle("on", isLive);
}

let updates = null;

/** Listens while the page is looked at: browsers allow few open connections to one address. */
function listen() {
  if (document.hidden) {
    updates?.close();
    updates = null;
  } else if (updates === null || updates.readyState === EventSource.CLOSED) {
    updates = new EventSource(desk.dataset.updates);
    updates.onopen = () => tell("Live", true);
    updates.onmessage = (event) => show(JSON.parse(event.data));
    updates.onerror = () => {
      tell("Not connected: is the sandbox still running?", false);
      if (updates?.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    };
  }
}

/** The problem that a page says this form has. */
function problemIn(page, form) {
  const found = new DOMParser().parseFromString(page, "text/html");
  return found.querySelector(`form[action="${form.getAttribute("action")}"] .problem`)?.textContent;
}

async function post(form, words) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: words, redirect: "manual" });
    // A form that worked leads back to the page, which is here already.
    if (answer.type === "opaqueredirect") return "";
    return problemIn(await answer.text(), form) ?? "Not done. Please try again.";
  } catch {
    return "Not sent: the sandbox does not answer. Is it still running?";
  }
}

/** Forms are sent one after the other, so that messages keep their order. */
let sending = Promise.resolve();

function send(event) {
  const form = event.target;
  if (!form.hasAttribute("data-stay")) return;
  event.preventDefault();
  const words = new URLSearchParams(new FormData(form, event.submitter));
  const box = form.querySelector("textarea");
  const text = box?.value;
  if (box) box.value = "";
  sending = sending.then(() => post(form, words)).then((problem) => {
    const place = form.querySelector(".problem");
    if (place) place.textContent = problem;
    if (!box) return;
    box.toggleAttribute("aria-invalid", problem !== "");
    if (problem !== "" && box.value === "") box.value = text;
  });
}

function sendOnEnter(event) {
  const isEnter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
  if (!isEnter || event.target.tagName !== "TEXTAREA") return;
  event.preventDefault();
  event.target.form.requestSubmit();
}

document.addEventListener("submit", send);
document.addEventListener("keydown", sendOnEnter);
document.addEventListener("visibilitychange", listen);
for (const log of document.querySelectorAll(".log")) log.scrollTop = log.scrollHeight;
listen();
