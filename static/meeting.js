"use strict";
// The views of the meeting room are plain pages with links; this file turns them in place, so that
// the full screen stays, by arrow keys and by itself. Space stops and starts it.

(() => {
  const quiet = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let turning = !quiet;
  let timer = 0;

  const room = () => document.getElementById("meeting");
  const find = (what) => room().querySelector(what);

  function show() {
    const turn = find("[data-turn]");
    turn.hidden = false;
    turn.textContent = turning ? turn.dataset.pause : turn.dataset.go;
    turn.setAttribute("aria-pressed", String(!turning));
    find("[data-turns]").hidden = !turning;
    find("[data-full]").hidden = !document.fullscreenEnabled;
  }

  function wait() {
    window.clearTimeout(timer);
    if (turning) { timer = window.setTimeout(() => turnTo("next"), 1000 * room().dataset.every); }
  }

  // Whatever goes wrong on the way, the link itself still leads there.
  async function turnTo(direction) {
    const address = find(`a[rel=${direction}]`).href;
    window.clearTimeout(timer);
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("meeting");
      if (!answer.ok || !next) { throw new Error("no view"); }
      const held = document.activeElement && document.activeElement.dataset;
      room().replaceWith(document.adoptNode(next));
      document.title = page.title;
      window.history.replaceState(null, "", address);
      show();
      if (held && "full" in held) { find("[data-full]").focus(); }
      if (held && "turn" in held) { find("[data-turn]").focus(); }
      wait();
    } catch (_) {
      window.location.assign(address);
    }
  }

  function toggle() {
    turning = !turning;
    show();
    wait();
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) { return; }
    if (event.key === "ArrowRight" || event.key === "PageDown") { event.preventDefault(); turnTo("next"); }
    if (event.key === "ArrowLeft" || event.key === "PageUp") { event.preventDefault(); turnTo("prev"); }
    if (event.key === " " && !event.target.closest("a, button")) { event.preventDefault(); toggle(); }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-turn]")) { toggle(); }
    if (event.target.closest("[data-full]")) {
      if (document.fullscreenElement) { document.exitFullscreen(); } else { document.documentElement.requestFullscreen(); }
    }
    const link = event.target.closest("a[rel=prev], a[rel=next]");
    if (link && room().contains(link) && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      turnTo(link.rel);
    }
  });

  show();
  wait();
})();
