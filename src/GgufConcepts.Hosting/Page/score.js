// A thought as a score is written: time runs to the right, the entropy above, a line a token, the readings below the
// steps they cover. Two thoughts share the columns. It grows at its right edge while a thought runs.
import { Curve } from "./curve.js";
import { el } from "./dom.js";
import { Side } from "./side.js";
import { number, share } from "./text.js";
import { Part, most } from "./thought.js";

const rowsAlone = 16;
const rowsBeside = 10;
const legible = 28; // pixels of a column whose cells show their weight
const widest = 64;
const narrowest = 8;

export class Score {
  /** Called with a column that is looked at (or null), and with one that is chosen. */
  onLook = () => {};
  onPin = () => {};

  #scroller;
  #parts = [];
  #start = 0;
  #columns = 0;
  #curve = new Curve();
  #table = el("table", { class: "heat" });
  #sides = [];
  #buttons = []; // of the steps
  #room = 0; // pixels there are, and in one rem; asking in between would lay out the whole table
  #rem = 16;
  #fitted = "";
  #density = "";
  #width = widest;
  #marked = [];
  #at = 0; // the step that the Tab key reaches
  #on = null;
  #pinned = null;

  constructor(scroller) {
    this.#scroller = scroller;
    scroller.append(this.#table);
    new ResizeObserver(() => {
      this.#measure();
      this.#fit();
    }).observe(scroller);
    this.#table.addEventListener("pointermove", event => event.pointerType !== "touch" && this.onLook(this.#columnAt(event)));
    this.#table.addEventListener("pointerleave", () => this.onLook(null));
    this.#table.addEventListener("click", event => {
      const column = this.#columnAt(event);
      if (column !== null) {
        this.#reach(column);
        this.onPin(column);
      }
    });
    this.#table.addEventListener("focusin", event => event.target.matches(":focus-visible") && this.onLook(this.#columnAt(event)));
    this.#table.addEventListener("focusout", () => this.onLook(null));
    this.#table.addEventListener("keydown", event => this.#walk(event));
  }

  /** Shows thoughts from their beginning, or from another step on. */
  show(thoughts, start = 0) {
    const letters = thoughts.length > 1 ? ["A", "B"] : [""];
    this.#start = start;
    this.#columns = 0;
    this.#buttons = [];
    this.#marked = [];
    this.#at = 0;
    this.#fitted = "";
    this.#measure();
    this.#parts = thoughts.map((thought, i) => new Part(thought, letters[i], start));
    this.#steps = el("tr", null, el("th", { class: "label", scope: "row" }, "step"));
    this.#curveCell = el("td", { class: "curve" }, this.#curve.drawing);
    this.#cols = el("colgroup", null, el("col", { class: "label" }));
    this.#sides = this.#parts.map(part => new Side(part, rowsOf(thoughts)));
    this.#table.replaceChildren(
      el("caption", { class: "hidden" }, "Weights by step: a row for each token, a column for each step"),
      this.#cols,
      el("thead", null,
        el("tr", { class: "axis" },
          el("th", { class: "label", scope: "row" }, el("span", { class: "hidden" }, "entropy in nats"), this.#curve.axis),
          this.#curveCell),
        this.#steps),
      ...this.#sides.flatMap(side => side.bodies));
    this.update();
    this.#scroller.scrollLeft = 0;
  }

  /** Draws what has come since. */
  update() {
    const follows = this.#scroller.scrollLeft + this.#scroller.clientWidth >= this.#scroller.scrollWidth - 4;
    for (const part of this.#parts) {
      part.grow();
    }
    const columns = Math.max(0, ...this.#parts.map(part => part.entropies.length));
    for (; this.#columns < columns; this.#columns++) {
      const button = el("button", { type: "button", tabindex: this.#columns === this.#at ? 0 : -1, "aria-pressed": "false" },
        el("span", null, this.#name(this.#columns)));
      this.#buttons.push(button);
      this.#cols.append(el("col", { class: "step" }));
      this.#steps.append(el("th", { class: "step", scope: "col" }, button));
    }
    for (const [column, button] of this.#buttons.entries()) {
      if (!button.complete) { // the other thought may come to this step later
        button.setAttribute("aria-label", this.#describe(column));
        button.complete = this.#parts.every(part => column < part.entropies.length);
      }
    }
    this.#curveCell.colSpan = Math.max(1, columns);
    this.#fit();
    for (const side of this.#sides) {
      side.update(columns, this.#density !== "", this.#width);
    }
    this.#fit(); // long tokens leave less room
    this.#curve.draw(this.#parts, columns);
    this.#mark();
    if (follows && this.runs) {
      this.#scroller.scrollLeft = 1e6;
    }
  }

  /** Whether a thought on it still runs. */
  get runs() {
    return this.#parts.some(part => part.thought.runs);
  }

  /** Marks the step that is looked at, by its place in the thought. */
  mark(on, pinned) {
    this.#on = on;
    this.#pinned = pinned;
    this.#mark();
  }

  #steps;
  #curveCell;
  #cols;

  #mark() {
    const shown = place => place !== null && place >= this.#start && place < this.#start + this.#columns ? place - this.#start : null;
    const on = shown(this.#on);
    const pinned = shown(this.#pinned);
    for (const marked of this.#marked) {
      marked.classList.remove("on");
    }
    for (const button of this.#buttons.filter(each => each.ariaPressed === "true")) {
      button.ariaPressed = "false";
    }
    this.#marked = on === null ? [] : [this.#cols.children[on + 1], this.#buttons[on]];
    for (const marked of this.#marked) {
      marked.classList.add("on");
    }
    if (pinned !== null) {
      this.#buttons[pinned].ariaPressed = "true";
    }
    this.#curve.point(on ?? (this.runs && this.#columns > 0 ? this.#columns - 1 : null), on === null);
  }

  // Columns are as wide as fits, but for numbers within them there is a least width, and the score scrolls.
  #fit() {
    const isShort = this.#sides.every(side => side.isShort);
    const shown = Math.max(this.#columns, this.runs ? 10 : 4);
    const fitting = Math.floor((this.#room - this.#rem * (isShort ? 5.5 : 9) - 1) / shown);
    const showsNumbers = shown <= 26 || fitting >= legible;
    const width = this.#width = Math.min(widest, Math.max(showsNumbers ? legible : narrowest, fitting));
    const density = this.#density = showsNumbers ? "" : width >= 12 ? "many" : "crowd";
    const fitted = `${isShort} ${density} ${width}`;
    if (fitted !== this.#fitted) { // or every cell would be styled anew
      this.#fitted = fitted;
      this.#table.className = `heat ${isShort ? "short" : ""} ${density}`;
      this.#table.style.setProperty("--column", `${width}px`);
    }
    const tick = { "": 1, many: 5, crowd: 10 }[density];
    this.#buttons.forEach((button, column) => button.classList.toggle("tick", column % tick === 0));
  }

  #measure() {
    this.#room = this.#scroller.clientWidth;
    this.#rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  #describe(column) {
    const sides = this.#parts.filter(part => column < part.entropies.length).map(part => {
      const step = part.thought.steps[part.start + column];
      const tokens = step.tokens.slice(0, 3).map(({ text, probability }) => `${text.trim() || "blank"} ${share(probability, 2)}`);
      return `${part.letter ? `${part.letter}: ` : ""}entropy ${number(step.entropy, 2)}, ${tokens.join(", ")}`;
    });
    return `step ${this.#name(column)}; ${sides.join("; ")}`;
  }

  // Two thoughts share their columns by place; one alone has the numbers it was given.
  #name(column) {
    const [only, other] = this.#parts;
    return String(other ? this.#start + column : only.thought.steps[this.#start + column].index);
  }

  // The step that a place on the score stands for, by its place in the thought.
  #columnAt(event) {
    const target = event.target;
    if (this.#columns === 0) {
      return null;
    }
    const across = target.closest?.(".curve, .cells td[colspan]");
    if (across) {
      const box = this.#curveCell.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left) / box.width * this.#columns);
      return this.#start + Math.min(this.#columns - 1, Math.max(0, column));
    }
    const cell = target.closest?.("thead .step, tbody.cells td");
    const column = cell ? cell.cellIndex - 1 : -1;
    return column >= 0 && column < this.#columns ? this.#start + column : null;
  }

  #reach(place) {
    const column = place - this.#start;
    this.#buttons[this.#at]?.setAttribute("tabindex", "-1");
    this.#at = column;
    this.#buttons[column].setAttribute("tabindex", "0");
  }

  #walk(event) {
    const keys = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    const button = event.target.closest("thead .step button");
    if (!button || !(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const from = button.parentElement.cellIndex - 1;
    const to = Math.max(0, Math.min(this.#columns - 1, from + keys[event.key]));
    this.#reach(this.#start + to);
    this.#buttons[to].focus();
    event.preventDefault();
  }
}

const rowsOf = thoughts => thoughts.length > 1 ? rowsBeside : rowsAlone;

/** The first steps of the parts that a long thought is shown in. */
export const parts = thoughts => {
  const longest = Math.max(0, ...thoughts.map(thought => thought.steps.length));
  return Array.from({ length: Math.max(1, Math.ceil(longest / most)) }, (_, i) => i * most);
};
