// Looks at pages as people meet them, and prints what it saw as one JSON array on standard output: an object a page,
// width and colour scheme. BrowserTests.cs makes the pages and says what is right.
//
// usage: node check.mjs CHROMIUM PAGE.html...
// A page whose name begins with "full-" is looked at wide and narrow, each light and dark; others wide and dark, narrow
// and light.
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { intrude, launch, open, violations } from "./chromium.mjs";

const [chromium, ...files] = process.argv.slice(2);
const looks = [[1280, "dark"], [390, "light"]];
const allLooks = [...looks, [1280, "light"], [390, "dark"]];

const browser = await launch(chromium);

async function look(file, width, scheme) {
  const seen = { page: file, width, scheme, errors: [], requests: [] };
  const page = await open(browser, seen, { width, scheme });
  const narrow = width < 500;
  await page.goto(pathToFileURL(file).href);
  seen.scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
  seen.background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  seen.squeezed = await page.evaluate(() => [...document.querySelectorAll(".steps tbody th, .steps tbody td, .facts > div")]
    .filter(cell => cell.scrollWidth > cell.clientWidth + 1).slice(0, 3).map(cell => cell.outerHTML.slice(0, 200)));
  seen.violations = await violations(page);
  Object.assign(seen, await walk(page), await point(page, narrow));
  const before = { ...seen, errors: [...seen.errors], requests: seen.requests.slice(1) }; // without the page itself
  before.blocked = await intrude(page);
  await page.context().close();
  return before;
}

// Keyboard: the Tab key until it is on a step, then arrow keys; what the card says at each of them.
async function walk(page) {
  const card = () => page.evaluate(() => {
    const card = document.getElementById("card");
    const step = document.activeElement?.closest(".heat thead .step a, .grid td a");
    const described = document.getElementById(step?.getAttribute("aria-describedby"));
    return { name: step?.getAttribute("aria-label"), described: described?.innerText ?? "", card: card.hidden ? "" : card.innerText };
  });
  const steps = [];
  for (let presses = 1; presses <= 12; presses++) {
    await page.keyboard.press("Tab");
    const at = await card();
    if (at.name) {
      steps.push(at);
      await page.keyboard.press("ArrowRight");
      steps.push(await card());
      await page.keyboard.press("End");
      steps.push(await card());
      await page.keyboard.press("Escape");
      const closed = (await card()).card === "";
      await page.keyboard.press("Tab");
      return { steps, closed, leftInOneTab: !(await card()).name };
    }
  }
  return { steps };
}

// Pointer, or finger: the first coloured cell.
async function point(page, touch) {
  const cell = await page.$(".heat tbody.cells td[class*=w], .grid td[class*=w] a");
  if (!cell) {
    return { pointed: null };
  }
  await cell.scrollIntoViewIfNeeded();
  await (touch ? cell.tap() : cell.hover());
  return { pointed: await page.evaluate(() => document.getElementById("card").hidden ? "" : document.getElementById("card").innerText) };
}

const seen = [];
for (const file of files) {
  const wanted = basename(file).startsWith("full-") ? allLooks : looks;
  seen.push(...await Promise.all(wanted.map(([width, scheme]) => look(file, width, scheme))));
}
console.log(JSON.stringify(seen));
await browser.close();
