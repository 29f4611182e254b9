// What a score shows of one thought.
import { el, svg } from "./dom.js";
import { colorOf } from "./heat.js";
import { begin, count, plain, share, steps, token } from "./text.js";

const narrow = 60; // pixels too few for words: their number stands there

/** The lines of one thought on a score: a row a token, and what was read. */
export class Side {
  isShort = true;
  #part;
  #most;
  #cells = el("tbody", { class: "cells" });
  #reading = el("tbody", { class: "reading" });
  #head = null;
  #lines = new Map(); // by the key of the token
  #rest = null;
  #strips = false;
  #read = "";
  #drawn = 0; // columns

  constructor(part, most) {
    this.#part = part;
    this.#most = most;
    if (part.letter) {
      this.#head = el("tbody", { class: "head" }, el("tr", null,
        el("th", { class: "label", scope: "rowgroup" }, el("b", { class: `badge ${part.letter}` }, part.letter)),
        el("td", null, el("span", null, begin(part.thought.strategy, 60)))));
    }
  }

  get bodies() {
    return [this.#head, this.#cells, this.#reading].filter(body => body !== null);
  }

  /**
   * @param strips Whether columns are too narrow for numbers: a row is then one drawing, not a cell a step.
   * @param width Pixels of a column.
   */
  update(columns, strips, width) {
    if (this.#head) {
      this.#head.rows[0].cells[1].colSpan = Math.max(1, columns);
    }
    if (strips !== this.#strips) {
      this.#strips = strips;
      this.#lines.clear();
      this.#cells.replaceChildren();
      this.#rest = null;
    }
    const { rows, others, rest } = this.#part.rows.choose(this.#most);
    this.isShort = rows.every(row => row.text.length <= 8);
    const chosen = new Set(rows.map(row => row.key));
    for (const [key, line] of this.#lines) {
      if (!chosen.has(key)) {
        line.remove();
        this.#lines.delete(key);
      }
    }
    const drawn = this.#part.entropies.length;
    rows.forEach((row, place) => {
      let line = this.#lines.get(row.key);
      if (!line) {
        line = this.#line(token(row.text, 48));
        this.#lines.set(row.key, line);
      }
      this.#extend(line, drawn, column => row.weights.get(column), column => this.#step(column).chosen?.id === row.id);
      if (strips) {
        line.drawing.setAttribute("aria-label", `largest ${share(row.largest, 2)}, in ${count(row.weights.size, "step")} of ${drawn}`);
      }
      if (this.#cells.rows[place] !== line) {
        this.#cells.insertBefore(line, this.#cells.rows[place] ?? null);
      }
    });
    this.#rest?.remove();
    if (others > 0) {
      this.#rest = this.#line(count(others, "other"));
      this.#rest.classList.add("rest");
      this.#extend(this.#rest, drawn, column => rest[column] > 0 ? rest[column] : undefined, () => false);
      this.#rest.drawing?.setAttribute("aria-hidden", "true");
      this.#cells.append(this.#rest);
    }
    this.#drawn = drawn;
    this.#drawReadings(columns, width);
  }

  #line(label) {
    const line = el("tr", null, el("th", { class: "label", scope: "row" }, label));
    line.columns = 0;
    if (this.#strips) {
      line.drawing = svg("svg", { preserveAspectRatio: "none", role: "img" });
      line.append(el("td", null, line.drawing));
    }
    return line;
  }

  // Adds the columns that a row does not have yet.
  #extend(line, drawn, weightOf, isChosen) {
    const made = [];
    for (; line.columns < drawn; line.columns++) {
      const column = line.columns;
      const weight = weightOf(column);
      const item = this.#strips ? mark(column, weight, isChosen(column)) : cell(weight, isChosen(column));
      if (item) {
        item.classList.toggle("new", column >= this.#drawn);
        made.push(item);
      }
    }
    if (this.#strips) {
      line.cells[1].colSpan = Math.max(1, drawn);
      line.drawing.setAttribute("viewBox", `0 0 ${Math.max(1, drawn)} 1`);
      line.drawing.append(...made);
    } else {
      line.append(...made);
    }
  }

  #step(column) {
    return this.#part.thought.steps[this.#part.start + column];
  }

  #drawReadings(columns, width) {
    const spans = this.#part.chunks;
    const drawn = `${columns} ${width} ${spans.map(span => `${span.number}:${span.count}`).join(" ")}`;
    if (drawn === this.#read) {
      return;
    }
    this.#read = drawn;
    if (spans.length === 0) {
      this.#reading.replaceChildren();
      return;
    }
    const line = el("tr", null, el("th", { class: "label", scope: "row" }, "read as"));
    let next = 0;
    for (const { chunk, number: place, first, count: many } of spans) {
      const words = chunk.translation || "(no words)";
      const number = many * width < narrow ? String(place) : "";
      if (first > next) {
        line.append(el("td", { colspan: first - next }));
      }
      line.append(el("td", { colspan: many }, el("a", {
        href: `#${this.#part.letter}reading-${place}`, dir: "auto",
        "aria-label": `${number && `${number}: `}${steps(chunk.firstStep, chunk.stepCount)} read as: ${words}`,
      }, number || words)));
      next = first + many;
    }
    if (next < columns) {
      line.append(el("td", { colspan: columns - next }));
    }
    this.#reading.replaceChildren(line);
  }
}

function cell(weight, chosen) {
  if (weight === undefined) {
    return el("td", { class: chosen ? "chosen" : null });
  }
  return el("td", { class: `${colorOf(weight)}${chosen ? " chosen" : ""}`.trim() || null },
    el("data", { value: weight, class: weight < 0.005 ? "hidden" : null }, share(weight, 2)));
}

// The same in a drawing.
function mark(column, weight, chosen) {
  const color = weight === undefined ? "" : colorOf(weight);
  return color || chosen
    ? svg("rect", { x: column, width: 1, height: 1, class: `${color}${chosen ? " chosen" : ""}`.trim() })
    : null;
}

/** What the colours and signs of a score mean. */
export function legend(thoughts) {
  const scale = el("span", { class: "scale" }, "weight ",
    ...[0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1].map(weight => el("span", { class: colorOf(weight) }, share(weight, 2))));
  const stops = [...new Set(thoughts.map(thought => thought.rule.entropy).filter(entropy => entropy > 0).map(plain))];
  const parts = [scale];
  if (stops.length > 0) {
    parts.push(el("span", null, el("span", { class: thoughts.length > 1 ? "key both" : "key" }), ` below the stop line, ${stops.join(" and ")} nats`));
  }
  if (thoughts.some(thought => thought.steps.some(step => step.chosen))) {
    parts.push(el("span", null, el("span", { class: "key fed" }), " the token that was fed"));
  }
  return parts;
}
