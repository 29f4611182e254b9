// The API key, where the server asks for one: kept by the browser for this tab, until it is closed.
import { byId } from "./dom.js";

const place = "ggufconcepts.key";
let kept = null; // where the browser keeps nothing

/** The key that was given; null where none was. */
export function keptKey() {
  try {
    return sessionStorage.getItem(place) ?? kept;
  } catch {
    return kept;
  }
}

function keep(key) {
  kept = key;
  try {
    sessionStorage.setItem(place, key);
  } catch {
    // for as long as the page is open, then
  }
}

/** Asks for the key. */
export class KeyForm {
  #form = byId("key-form");
  #key = byId("key");

  /** @param use Tries what the server has once there is a key. */
  constructor(use) {
    this.#form.addEventListener("submit", event => {
      event.preventDefault();
      const key = this.#key.value.trim();
      if (!/^[!-~]+$/u.test(key)) {
        this.#complain("That cannot be a key: it is empty, or holds a space or a letter that keys have not.");
        return;
      }
      keep(key);
      use();
    });
  }

  /** Asks, and says why. */
  show(reason) {
    const hasFocus = this.#form.hidden || this.#form.contains(document.activeElement);
    this.#form.hidden = false;
    this.#complain(reason);
    if (hasFocus) {
      this.#key.select();
      this.#key.focus();
    }
  }

  /** The key was right, or none is needed. */
  hide() {
    if (!this.#form.hidden) {
      const hadFocus = this.#form.contains(document.activeElement);
      this.#form.hidden = true;
      this.#key.value = "";
      this.#complain("");
      if (hadFocus) {
        byId("prompt").focus();
      }
    }
  }

  #complain(text) {
    byId("key-problem").textContent = text;
    this.#key.setAttribute("aria-invalid", String(text !== ""));
  }
}
