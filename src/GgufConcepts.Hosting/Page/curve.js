// Entropy by step, drawn over the columns of the map: one unit of width a step, stretched with the columns.
import { svg } from "./dom.js";
import { count, number, plain } from "./text.js";

const height = 136;
const above = 12; // for dots at the edge
const below = 10;
const lineHeight = 13; // numbers closer than this would touch

/** Steps of 1, 2 or 5 times a power of ten, two to five of them, and where the last one ends. */
export function scale(largest) {
  const power = 10 ** Math.floor(Math.log10(largest));
  const tick = [0.2, 0.5, 1, 2].map(part => part * power).find(part => largest / part <= 5);
  return { tick, top: Math.ceil(Number((largest / tick).toFixed(9))) * tick };
}

const path = (name, d) => svg("path", { class: name, d });

/** Draws the curves of one or two thoughts. */
export class Curve {
  /** The drawing, and the numbers beside it. */
  drawing = svg("svg", { height, preserveAspectRatio: "none", role: "img" });
  axis = svg("svg", { width: "100%", height, "aria-hidden": "true" });
  #on = path("ring", "");
  #y = () => 0;
  #sides = [];

  /** Draws all of it anew: a handful of paths, whatever the number of steps. */
  draw(sides, columns) {
    const entropies = sides.flatMap(side => [...side.entropies, side.stop.entropy]);
    const { tick, top } = scale(Math.min(1e9, Math.max(0.1, ...entropies)));
    this.#sides = sides;
    this.#y = entropy => above + (height - above - below) * (1 - Math.min(1, Math.max(0, entropy / top)));
    const line = value => `M0 ${this.#y(value).toFixed(2)}H${columns}`;
    const ticks = Array.from({ length: Math.round(top / tick) + 1 }, (_, i) => i * tick);
    const stops = sides.filter(side => side.stop.entropy > 0)
      .filter((side, i, all) => all.findIndex(other => other.stop.entropy === side.stop.entropy) === i);

    const shapes = ticks.map(value => path("grid", line(value)));
    for (const side of sides) {
      shapes.push(...this.#shapes(side, sides.length === 1, stops.includes(side) ? line(side.stop.entropy) : null));
    }
    this.drawing.setAttribute("viewBox", `0 0 ${Math.max(1, columns)} ${height}`);
    this.drawing.setAttribute("aria-label", this.#describe(sides));
    this.drawing.replaceChildren(...shapes, this.#on);
    this.axis.replaceChildren(
      ...ticks.filter(value => stops.every(side => Math.abs(this.#y(side.stop.entropy) - this.#y(value)) >= lineHeight))
        .map(value => this.#label(value, "", null)),
      ...stops.map(side => this.#label(side.stop.entropy, "stop ", `stop ${side.letter}`)));
  }

  /** Puts a ring around the dots of a column; null for none. It breathes where it marks the step that is being made. */
  point(column, breathes) {
    this.#on.classList.toggle("live", breathes);
    const dots = column === null ? [] : this.#sides.filter(side => column < side.entropies.length)
      .map(side => `M${column + 0.5} ${this.#y(side.entropies[column]).toFixed(2)}h0`);
    this.#on.setAttribute("d", dots.join(""));
  }

  #shapes({ entropies, stop, letter }, alone, stopLine) {
    const points = entropies.map((entropy, i) => `${i + 0.5} ${this.#y(entropy).toFixed(2)}`);
    const curve = points.map((point, i) => `${i === 0 ? "M" : "L"}${point}`).join("");
    const dots = wanted => points.filter((_, i) => (entropies[i] < stop.entropy) === wanted).map(point => `M${point}h0`).join("");
    return [
      alone && points.length > 1 ? path("area", `${curve}V${this.#y(0).toFixed(2)}H0.5Z`) : null,
      stopLine ? path(`stop ${letter}`, stopLine) : null,
      path(`line ${letter}`, curve),
      path(`dot ${letter}`, dots(false)),
      path("core", dots(false)), // a dot is hollow unless the step is sure
      path(`dot sure ${letter}`, dots(true)),
    ].filter(shape => shape !== null);
  }

  #label(value, before, name) {
    return svg("text", { class: name, x: "100%", y: this.#y(value), dx: "-0.625rem", dy: "0.32em" }, before + plain(value));
  }

  #describe(sides) {
    return sides.map(({ entropies, stop, letter }) => {
      const name = letter ? `${letter}: entropy` : "Entropy";
      if (entropies.length === 0) {
        return `${name}: no steps yet.`;
      }
      const range = `${name} by step, from ${number(Math.min(...entropies))} to ${number(Math.max(...entropies))} nats.`;
      const sure = entropies.filter(entropy => entropy < stop.entropy).length;
      return stop.entropy > 0
        ? `${range} Below the stop threshold of ${plain(stop.entropy)}: ${count(sure, "step")} of ${entropies.length}.`
        : range;
    }).join(" ");
  }
}
