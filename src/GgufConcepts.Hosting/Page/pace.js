// Shows what arrives at a pace that eyes can follow. A small model makes thousands of steps a second; they are drawn some
// dozens a second, and faster the more of them wait, so that the page is never much behind. Nothing is held back where
// motion is not wanted or nobody looks.

const leastRate = 16; // steps a second
const mostBehind = 0.7; // seconds; what waits is drawn at the rate that would take so long

const still = matchMedia("(prefers-reduced-motion: reduce)");
const weights = { step: 1, answer: 0.5 };

export class Pace {
  #waiting = [];
  #credit = 0;
  #last = 0;
  #steps = 0;
  #frame = 0;
  #apply;
  #drawn;

  /** @param apply Takes in one thing. @param drawn Is told when some were taken in. */
  constructor(apply, drawn) {
    this.#apply = apply;
    this.#drawn = drawn;
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
  }

  add(happened) {
    this.#waiting.push(happened);
    this.#steps += weights[happened.event] ?? 0;
    if (document.hidden) {
      this.flush(); // no frames come
    } else if (this.#frame === 0) {
      this.#last = performance.now();
      this.#frame = requestAnimationFrame(now => this.#tick(now));
    }
  }

  /** Takes in all that waits. */
  flush() {
    this.#take(Infinity);
  }

  #tick(now) {
    this.#frame = 0;
    const rate = Math.max(leastRate, this.#steps / mostBehind);
    this.#credit = Math.min(this.#credit + Math.max(0, now - this.#last) / 1000 * rate, Math.max(1, rate));
    this.#last = now;
    this.#take(still.matches || document.hidden ? Infinity : this.#credit);
    if (this.#waiting.length > 0 && this.#frame === 0) {
      this.#frame = requestAnimationFrame(next => this.#tick(next));
    }
  }

  #take(credit) {
    let taken = 0;
    while (taken < this.#waiting.length) {
      const weight = weights[this.#waiting[taken].event] ?? 0;
      if (weight > credit) {
        break;
      }
      credit -= weight;
      this.#steps -= weight;
      this.#apply(this.#waiting[taken++]);
    }
    this.#waiting.splice(0, taken);
    this.#credit = Number.isFinite(credit) ? credit : 0;
    if (taken > 0) {
      this.#drawn();
    }
  }
}
