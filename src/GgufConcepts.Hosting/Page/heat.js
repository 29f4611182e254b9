// The tokens that matter in a thought, in the order they came up, and their weights by step: the rows of the map.

const telling = 0.01; // a token that never weighs this much has no row
const levels = 16;

/** The class of a weight's colour; empty where it is too small to have one. Grows with the root of the weight. */
export const colorOf = weight => weight >= 0.001
  ? `w${Math.min(levels, Math.max(1, Math.ceil(Math.sqrt(weight) * levels)))}`
  : "";

/** Weights of tokens, a step at a time. */
export class HeatRows {
  #all = new Map();
  #totals = [];

  /** Adds the next step. */
  add(step) {
    const column = this.#totals.length;
    let total = 0;
    for (const { id, text, probability } of step.tokens) {
      const key = `${id} ${text}`;
      let row = this.#all.get(key);
      if (!row) {
        row = { key, id, text, weights: new Map(), mass: 0, largest: 0, first: Infinity };
        this.#all.set(key, row);
      }
      const sum = (row.weights.get(column) ?? 0) + probability; // a step that lists a token twice has both
      row.weights.set(column, sum);
      row.mass += probability;
      row.largest = Math.max(row.largest, sum);
      if (sum >= telling) {
        row.first = Math.min(row.first, column);
      }
      total += probability;
    }
    this.#totals.push(total);
  }

  /** How many steps there are. */
  get columns() {
    return this.#totals.length;
  }

  /** The rows with the most weight, by the step they first told in; how many tokens have none, and what those weigh. */
  choose(most) {
    const rows = [...this.#all.values()].filter(row => row.largest >= telling)
      .sort((a, b) => b.mass - a.mass).slice(0, most)
      .sort((a, b) => a.first - b.first || b.weights.get(b.first) - a.weights.get(a.first));
    const rest = [...this.#totals];
    for (const row of rows) {
      for (const [column, weight] of row.weights) {
        rest[column] -= weight;
      }
    }
    return { rows, others: this.#all.size - rows.length, rest: rest.map(weight => weight > 1e-6 ? weight : 0) };
  }
}
