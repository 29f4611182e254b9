// Makes a written page answer to pointer and keyboard. Without it the page says the same things, further down.
//
// Whatever has data-card="ID" shows a card with the content of the element of that id. In a table.heat the links of
// the head are such elements, and stand for their columns: pointing at a cell, or at the curve above it, shows the card
// of its column, unless the cell has one of its own. The links are one stop of the Tab key, and arrow keys walk them.
// In a table.grid every cell has a link and a card of its own.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const card = document.createElement("div");
  card.id = "card";
  card.hidden = true;
  card.setAttribute("aria-hidden", "true"); // a screen reader hears the description of the link, which is the same
  document.body.append(card);

  let shown = null;
  let hiding = 0;

  const copy = (from, to) => {
    for (const node of from.childNodes) {
      to.append(node.cloneNode(true));
    }
    for (const element of to.querySelectorAll("[id]")) {
      element.removeAttribute("id");
    }
    for (const link of to.querySelectorAll("a")) {
      link.replaceWith(...link.childNodes);
    }
  };

  const fill = source => {
    card.replaceChildren();
    if (source.dataset.title) {
      const title = document.createElement("h3");
      title.textContent = source.dataset.title;
      card.append(title);
    }
    if (source.tagName !== "TR") {
      copy(source, card);
      return;
    }
    const list = document.createElement("dl");
    for (const cell of source.querySelectorAll("td[data-label]")) {
      const pair = document.createElement("div");
      const name = document.createElement("dt");
      const value = document.createElement("dd");
      name.textContent = cell.dataset.label;
      copy(cell, value);
      pair.append(name, value);
      pair.classList.toggle("wide", cell.querySelector("ol, dl") !== null);
      list.append(pair);
    }
    card.append(list);
  };

  const place = trigger => {
    if (matchMedia("(max-width: 40rem)").matches) {
      card.style.left = card.style.top = "";
      return;
    }
    const box = trigger.getBoundingClientRect();
    const width = card.offsetWidth;
    const right = box.right + 12;
    card.style.left = `${Math.max(8, right + width < innerWidth - 8 ? right : box.left - 12 - width)}px`;
    card.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - card.offsetHeight - 8))}px`;
  };

  const mark = (trigger, on) => {
    trigger.classList.toggle("on", on);
    const table = trigger.closest("table.heat");
    if (table && trigger.closest("thead")) {
      const column = trigger.closest("th").cellIndex;
      table.querySelectorAll("col")[column]?.classList.toggle("on", on);
      for (const dot of table.querySelectorAll(`[data-column="${column - 1}"]`)) {
        dot.classList.toggle("on", on);
      }
    }
  };

  const hide = () => {
    clearTimeout(hiding);
    if (shown) {
      mark(shown, false);
      shown = null;
      card.hidden = true;
    }
  };

  const show = trigger => {
    clearTimeout(hiding);
    const source = trigger && document.getElementById(trigger.dataset.card);
    if (!source || trigger === shown) {
      return;
    }
    hide();
    shown = trigger;
    mark(trigger, true);
    fill(source);
    card.hidden = false;
    card.scrollTop = 0;
    place(trigger);
  };

  const hideSoon = () => {
    clearTimeout(hiding);
    hiding = setTimeout(() => {
      const focused = document.activeElement?.closest("[data-card]");
      if (focused?.matches(":focus-visible")) {
        show(focused);
      } else {
        hide();
      }
    }, 200);
  };

  // What a place on the page stands for.
  const triggerAt = (target, x) => {
    const own = target.closest("[data-card]");
    const table = target.closest("table.heat");
    if (own || !table) {
      return own;
    }
    const links = [...table.querySelectorAll("thead .step a")];
    const curve = target.closest(".curve");
    if (curve) {
      const box = curve.getBoundingClientRect();
      return links[Math.min(links.length - 1, Math.floor((x - box.left) / box.width * links.length))];
    }
    const cell = target.closest("tbody.cells td");
    return cell ? links[cell.cellIndex - 1] : null;
  };

  document.addEventListener("pointermove", event => {
    if (event.pointerType === "touch" || card.contains(event.target)) {
      if (card.contains(event.target)) {
        clearTimeout(hiding);
      }
      return;
    }
    const trigger = triggerAt(event.target, event.clientX);
    if (trigger) {
      show(trigger);
    } else if (shown) {
      hideSoon();
    }
  });
  document.addEventListener("pointerleave", hideSoon);

  // A finger has no hover: a tap shows the card, a second tap on the same place follows its link.
  let tapped = null;
  document.addEventListener("click", event => {
    const trigger = triggerAt(event.target, event.clientX);
    if (event.pointerType === "touch" && trigger) {
      if (tapped !== trigger) {
        event.preventDefault();
      }
      tapped = trigger;
      show(trigger);
    } else if (!trigger && !card.contains(event.target)) {
      tapped = null;
      hide();
    }
  });

  document.addEventListener("focusin", event => {
    const trigger = event.target.closest("[data-card]");
    if (trigger?.matches(":focus-visible")) {
      show(trigger);
    } else if (!trigger) {
      hide();
    }
  });
  document.addEventListener("focusout", hideSoon);
  addEventListener("scroll", () => shown && place(shown), { passive: true, capture: true });

  const keys = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
  for (const table of document.querySelectorAll("table.heat")) {
    const links = [...table.querySelectorAll("thead .step a")];
    links.forEach((link, i) => {
      link.tabIndex = i === 0 ? 0 : -1;
    });
    table.tHead?.addEventListener("keydown", event => {
      const at = links.indexOf(document.activeElement);
      if (at < 0 || !(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const next = Math.max(0, Math.min(links.length - 1, at + keys[event.key]));
      links[at].tabIndex = -1;
      links[next].tabIndex = 0;
      links[next].focus();
      event.preventDefault();
    });
  }
  // In a table.grid every cell is a link: one stop of the Tab key, walked in both directions.
  for (const grid of document.querySelectorAll("table.grid")) {
    const rows = [...grid.tBodies[0].rows].map(row => [...row.querySelectorAll("td a")]);
    rows.flat().forEach((link, i) => {
      link.tabIndex = i === 0 ? 0 : -1;
    });
    grid.addEventListener("keydown", event => {
      const row = rows.findIndex(links => links.includes(document.activeElement));
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity] }[event.key];
      if (row < 0 || !step || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const clamp = (value, most) => Math.max(0, Math.min(most, value));
      const column = rows[row].indexOf(document.activeElement);
      const next = rows[clamp(row + step[0], rows.length - 1)][clamp(column + step[1], rows[row].length - 1)];
      document.activeElement.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      event.preventDefault();
    });
  }
  document.addEventListener("keydown", event => {
    if (event.key === "Escape") {
      hide();
    }
  });
});
