"use strict";
(() => {
  const all = (query, from) => Array.from((from || document).querySelectorAll(query));
  const tools = document.querySelector(".tools");
  const accounts = all(".acct");
  const quiet = all(".quiet li");

  // Filters: the page is complete without them, so they appear only when they work.
  if (tools) {
    const search = tools.querySelector("input");
    const count = tools.querySelector("output");
    const chosen = new Set();
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const speaks = (node) => words.every((word) => node.dataset.text.includes(word));
      let shown = 0;
      for (const node of accounts) {
        const has = node.dataset.tags.split(" ");
        node.hidden = !(speaks(node) && [...chosen].every((tag) => has.includes(tag)));
        shown += !node.hidden;
      }
      for (const node of quiet) node.hidden = !speaks(node);
      count.textContent = shown + " of " + accounts.length + " accounts with plays";
    };
    search.addEventListener("input", apply);
    for (const button of all("button", tools)) {
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        if (on) chosen.add(button.value); else chosen.delete(button.value);
        apply();
      });
    }
    tools.hidden = false;
    apply();
  }

  // A link to a run or an account opens what it is in.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const account = target.closest("details.acct");
    if (account) { account.hidden = false; account.open = true; }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Where a timeline is wider than the screen, its end is the present: begin there.
  const toEnd = (from) => { for (const box of all(".scroll", from)) box.scrollLeft = box.scrollWidth; };
  toEnd();
  for (const account of accounts) account.addEventListener("toggle", () => toEnd(account));

  // Tooltips: the marks' own titles, at once; on bare timeline, the day and its usage under a crosshair.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const say = (text, event) => {
    tip.textContent = text;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(6, Math.min(event.clientX + 14, innerWidth - box.width - 8)) + "px";
    tip.style.top = (event.clientY + box.height + 28 > innerHeight ? event.clientY - box.height - 12 : event.clientY + 18) + "px";
  };
  const titleOf = (node, stop) => {
    for (; node && node !== stop; node = node.parentElement) {
      if (node.dataset.tip) return node.dataset.tip;
      const title = Array.from(node.children).find((child) => child.tagName === "title");
      if (title) {
        node.dataset.tip = title.textContent;
        node.setAttribute("aria-label", title.textContent);
        title.remove(); // else the browser shows it a second time
        return node.dataset.tip;
      }
    }
    return "";
  };
  const dates = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  for (const svg of all("svg.tl, svg.gauge")) {
    const cross = svg.querySelector(".cross");
    const uses = svg.dataset.uses ? svg.dataset.uses.split(",") : [];
    svg.addEventListener("pointermove", (event) => {
      const text = titleOf(event.target, svg);
      let day = -1, x = 0;
      if (cross) {
        x = (event.clientX - svg.getBoundingClientRect().left) / svg.clientWidth * svg.viewBox.baseVal.width;
        day = Math.floor((x - svg.dataset.left) / (svg.dataset.right - svg.dataset.left) * uses.length);
      }
      const inside = day >= 0 && day < uses.length;
      if (cross) {
        cross.style.visibility = inside && !text ? "visible" : "hidden";
        cross.setAttribute("transform", "translate(" + x.toFixed(1) + " 0)");
      }
      if (text) say(text, event);
      else if (inside) say(dates.format(new Date((Number(svg.dataset.first) + day) * 864e5)) + "\n" + Number(uses[day]).toLocaleString("en") + (uses[day] === "1" ? " use" : " uses"), event);
      else tip.hidden = true;
    });
    svg.addEventListener("pointerleave", () => {
      tip.hidden = true;
      if (cross) cross.style.visibility = "hidden";
    });
  }
})();
