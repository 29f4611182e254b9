// How the page says numbers, tokens and reasons: as the report page does.
import { el } from "./dom.js";

const grouped = new Map();

/** A number in so many decimals; very large ones by their exponent. */
export function number(value, decimals = 3) {
  if (Math.abs(value) >= 1e9) {
    return value.toExponential(3);
  }
  if (!grouped.has(decimals)) {
    grouped.set(decimals, new Intl.NumberFormat("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
  }
  return grouped.get(decimals).format(value);
}

/** A number with no more decimals than it needs, four at most. */
export const plain = value => Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
  ? value.toPrecision(3)
  : String(Math.round(value * 1e4) / 1e4);

/** A count and what is counted: "1 step", "1,024 steps". */
export const count = (many, thing) => `${number(many, 0)} ${thing}${many === 1 ? "" : "s"}`;

/** A weight without the zero before the point: ".51", "<.01", "1". */
export function share(weight, places = 3) {
  const half = 0.5 * 10 ** -places;
  if (weight < 0 || weight >= 1.5) {
    return plain(weight);
  }
  if (weight >= 1 - half) {
    return "1";
  }
  if (weight < half) {
    return weight === 0 ? "0" : `<.${"0".repeat(places - 1)}1`;
  }
  return weight.toFixed(places).slice(1);
}

/** Steps by their index: "step 4", "steps 4–7". */
export const steps = (first, many) => many === 1 ? `step ${first}` : `steps ${first}–${first + many - 1}`;

const marks = { " ": "·", "\n": "↵", "\t": "⇥" };
const shapeless = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const mark = letter => marks[letter] ??
  (shapeless.test(letter) ? `\\x${letter.codePointAt(0).toString(16).toUpperCase().padStart(2, "0")}` : null);

/** A token's text with its blanks and control characters made visible, in one string. */
export const describeToken = text => [...text].map(letter => mark(letter) ?? letter).join("") || "(no text)";

/** The same as an element: marks stand apart from its own letters, and its direction of writing stays its own. */
export function token(text, most = Infinity) {
  const element = el("bdi", { class: "token" });
  let letters = "";
  const flush = () => {
    if (letters) {
      element.append(letters);
      letters = "";
    }
  };
  let shown = 0;
  for (const letter of text) {
    if (shown++ >= most) {
      flush();
      element.append(el("i", null, "…"));
      return element;
    }
    const shape = mark(letter);
    if (shape === null) {
      letters += letter;
    } else {
      flush();
      element.append(el("i", null, shape));
    }
  }
  flush();
  if (text === "") {
    element.append(el("i", null, "(no text)"));
  }
  return element;
}

/** The beginning of a text, on one line. */
export function begin(text, most) {
  const line = text.replace(/\s+/gu, " ").trim();
  const letters = [...line];
  return letters.length <= most ? line : `${letters.slice(0, most).join("").trimEnd()}…`;
}

/** Why a thought stopped, in words; null where the name is not known. */
export function describeStop(stop, rule) {
  switch (stop) {
    case "coldStop": return `the entropy stayed below ${plain(rule.entropy)} nats for ${count(rule.patience, "step")}`;
    case "endMarker": return "the model ended its thought itself";
    case "endOfText": return "the model would have ended the text here";
    case "maxSteps": return "the limit on steps was reached";
    case "contextFull": return "the context had no room for another step";
    case "strategy": return "the strategy itself ended the thought";
    case "cancelled": return "somebody stopped it; this is how far it came";
    case "failed": return "it failed; this is how far it came";
    default: return null;
  }
}

/** What was fed in a step. */
export function fed(step) {
  const chosen = step.chosen ? token(step.chosen.text) : null;
  if (step.marker && chosen) {
    return el("span", null, chosen, " end marker");
  }
  if (step.kind === "token" && chosen) {
    return chosen;
  }
  if (chosen) {
    return el("span", null, chosen, " in a mixture");
  }
  return el("span", null, { concept: "a mixture", hidden: "the hidden state" }[step.kind] ?? step.kind);
}
