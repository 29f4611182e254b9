// The browser of this machine, and axe-core within its pages.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const patience = 120_000; // of a busy machine; a quiet one starts it in a second

// Starts the browser.
export const launch = program => chromium.launch({
  executablePath: program,
  timeout: patience,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

// Opens an empty page as somebody has it whose screen is so wide and whose system is light or dark; what goes wrong on
// it and what it asks for is added to `seen`.
export async function open(browser, seen, { width, scheme, ...more }) {
  const narrow = width < 500;
  const context = await browser.newContext({
    viewport: { width, height: 900 }, isMobile: narrow, hasTouch: narrow, colorScheme: scheme, reducedMotion: "reduce", ...more,
  });
  context.setDefaultTimeout(patience);
  await context.addInitScript(axe); // before the policy of a page has a say
  const page = await context.newPage();
  page.on("console", message => seen.errors.push(message.text()));
  page.on("pageerror", error => seen.errors.push(String(error)));
  page.on("dialog", dialog => {
    seen.errors.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", request => seen.requests.push(request.url()));
  return page;
}

// What axe-core has to say about a page: nothing, where it is fit for everybody.
export const violations = page => page.evaluate(async () => {
  const result = await axe.run(document);
  if (!result.passes.some(rule => rule.id === "color-contrast")) {
    return ["color-contrast was not looked at"];
  }
  return result.violations.flatMap(rule => rule.nodes.slice(0, 3).map(
    node => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary.replaceAll("\n", " ").slice(0, 300)}`));
});

// What a trace would do if something in it became markup after all: the policy stops it.
export const intrude = page => page.evaluate(async () => {
  const blocked = new Set();
  document.addEventListener("securitypolicyviolation", event => blocked.add(event.effectiveDirective));
  const script = document.createElement("script");
  script.textContent = "document.title = 'taken'";
  const image = document.createElement("img");
  image.src = "https://example.org/picture.png";
  const style = document.createElement("style");
  style.textContent = "* { color: red }";
  document.body.append(script, image, style);
  await fetch("https://example.org/").catch(() => {});
  await new Promise(resolve => setTimeout(resolve, 50));
  return [...blocked].sort();
});
