// The page of `coship report --html` in a real browser. Not part of `cargo test`; CONTRIBUTING.md says how to run it.
//
//   node tests/report_page.mjs PAGE.html [FOLDER]
//
// Opens the page from disk at 1280 and 400 pixels, light and dark, with and without script, and on paper; lets axe-core judge it; walks it by keyboard; filters; and
// fails if the page asks for anything or logs an error. FOLDER gets the pictures. It needs `playwright-core` and `axe-core`, and a Chromium: CHROMIUM names it.

import { createRequire } from "node:module";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

// Modules are taken from where the command runs, so that the project itself needs no packages.
const require = createRequire(join(process.cwd(), "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const page = process.argv[2];
const folder = process.argv[3] ?? null;
const url = pathToFileURL(resolve(page)).href;
const profile = mkdtempSync(join(tmpdir(), "coship-page-"));
const problems = [];
const check = (holds, what) => {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}`);
  if (!holds) problems.push(what);
};

const options = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
};

/** A tab of a new browser with the page in it, and what it asked for and complained of. */
async function open(settings) {
  const browser = await chromium.launchPersistentContext(join(profile, String(Math.random()).slice(2)), { ...options, ...settings });
  const tab = browser.pages()[0] ?? (await browser.newPage());
  const asked = [];
  const said = [];
  tab.on("request", (request) => asked.push(request.url()));
  tab.on("console", (message) => message.type() === "error" && said.push(message.text()));
  tab.on("pageerror", (error) => said.push(String(error)));
  await tab.goto(url);
  return { browser, tab, asked, said };
}

async function shoot(tab, name, full = false) {
  if (folder === null) return;
  mkdirSync(folder, { recursive: true });
  await tab.screenshot({ path: join(folder, `${name}.png`), fullPage: full });
}

/** Violations that axe-core sees, with everything unfolded as well. */
async function judge(tab, where) {
  // Of many findings the first are judged: the others are written by the same lines of code, and axe-core takes minutes for thousands.
  await tab.evaluate(() => document.querySelectorAll(".finding:nth-child(n+60)").forEach((one) => one.remove()));
  for (const unfolded of [false, true]) {
    const count = await tab.evaluate((unfold) => {
      if (!unfold) return 0;
      const some = [...document.querySelectorAll("details")].filter((one) => !one.closest(".finding:nth-child(n+25)"));
      some.forEach((one) => { one.open = true; });
      return some.length;
    }, unfolded);
    // The page's own policy forbids scripts that are added; a debugger's are no part of the page.
    await tab.evaluate(axe);
    const found = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const told = found.violations.map((one) => `${one.id} (${one.impact}): ${one.nodes.length} times, ${one.nodes[0].html.slice(0, 160)}`);
    check(told.length === 0, `axe-core, ${where}, ${unfolded ? `${count} parts unfolded` : "folded"}: ${told.join("; ") || "no violation"}`);
  }
}

for (const width of [1280, 400]) {
  for (const colorScheme of ["light", "dark"]) {
    const where = `${width} pixels, ${colorScheme}`;
    const { browser, tab, asked, said } = await open({ viewport: { width, height: 900 }, colorScheme });
    await shoot(tab, `${width}-${colorScheme}-top`);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= width, `${where}: ${wide} pixels wide, nothing to scroll sideways`);
    await judge(tab, where);
    const unfolded = await tab.evaluate(() => document.documentElement.scrollWidth);
    check(unfolded <= width, `${where}, unfolded: ${unfolded} pixels wide`);
    for (const part of ["summary", "findings", "layers", "plan", "contract", "routes"]) {
      await tab.evaluate((id) => document.getElementById(id).scrollIntoView({ block: "start" }), part);
      await shoot(tab, `${width}-${colorScheme}-${part}`);
    }
    check(asked.length === 1 && asked[0] === url, `${where}: asks for nothing but itself (${asked.length} request)`);
    check(said.length === 0, `${where}: no complaint ${said.join("; ")}`);
    await browser.close();
  }
}

{
  const { browser, tab } = await open({ viewport: { width: 1280, height: 900 } });
  // By keyboard: the first stop skips the navigation, every stop can be seen, and nothing holds the focus.
  await tab.keyboard.press("Tab");
  check((await tab.evaluate(() => document.activeElement.className)) === "skip", "the first stop is the link past the navigation");
  const stops = [];
  for (let index = 0; index < 60; index += 1) {
    await tab.keyboard.press("Tab");
    if (await tab.evaluate(() => document.activeElement === document.body)) break;
    stops.push(await tab.evaluate(() => {
      const at = document.activeElement;
      const style = getComputedStyle(at);
      const box = at.querySelector?.(".box");
      const shown = style.outlineStyle !== "none" || (box !== null && getComputedStyle(box).strokeWidth === "3px");
      return { tag: at.tagName, shown };
    }));
  }
  check(stops.every((stop) => stop.shown), `${stops.length} stops by Tab, each to be seen (${[...new Set(stops.map((stop) => stop.tag))].join(", ")})`);

  const first = tab.locator(".finding > details > summary").first();
  if (await first.count()) {
    await first.focus();
    await tab.keyboard.press("Enter");
    check(await tab.locator(".finding > details").first().evaluate((one) => one.open), "Enter unfolds a finding");
    await shoot(tab, "keyboard-finding");
    const all = await tab.locator("#list > li").count();
    const rule = await tab.locator("#list > li").first().getAttribute("data-rule");
    const mine = await tab.locator(`#list > li[data-rule="${rule}"]`).count();
    const visible = () => tab.locator("#list > li:not([hidden])").count();
    const shown = async (number) => (await visible()) === number && (await tab.locator("#shown").textContent()) === `${number} of ${all} shown`;
    await tab.locator("select[data-key=rule]").selectOption(rule);
    await tab.waitForTimeout(400);
    check(await shown(mine), `the filter by rule shows ${mine} of ${all}`);
    await tab.locator("#words").fill("no finding has these words");
    await tab.waitForTimeout(400);
    check(await shown(0), "words that no finding has leave none");
    await tab.locator("#reset").press("Enter");
    check(await shown(all), "all are back");
    await tab.locator("input[value=error]").press("Space");
    await tab.waitForTimeout(400);
    const before = Date.now();
    await tab.locator("#words").fill("error");
    await tab.waitForFunction(() => document.getElementById("shown").textContent !== "");
    await tab.evaluate(() => document.body.offsetHeight);
    console.log(`     a word is filtered for in ${Date.now() - before} ms`);
    await tab.locator("#words").fill("");
    await tab.waitForTimeout(600);
    const others = await tab.locator("#list > li:not([data-severity=error])").count();
    check(await shown(others), `without errors ${others} are left`);
  }
  const box = tab.locator(".layers svg a").first();
  if (await box.count()) {
    await box.focus();
    await tab.keyboard.press("Enter");
    check(await tab.locator("details.group").first().evaluate((one) => one.open), "Enter on a box unfolds its files");
    await tab.waitForTimeout(200);
    await shoot(tab, "keyboard-layer");
    const row = tab.locator("details.group[open] .row a").first();
    await row.focus();
    await shoot(tab, "keyboard-row");
    await tab.keyboard.press("Enter");
    const target = await row.getAttribute("href");
    check(await tab.locator(target).isVisible(), "Enter on a file shows whom it calls");
  }
  await tab.emulateMedia({ media: "print" });
  if (folder !== null) await tab.pdf({ path: join(folder, "paper.pdf"), format: "A4" });
  await tab.evaluate(() => dispatchEvent(new Event("beforeprint")));
  check(await tab.evaluate(() => document.querySelectorAll("details:not([open])").length === 0), "on paper nothing is folded");
  await browser.close();
}

{
  const { browser, tab } = await open({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  check(await tab.locator("#filter").isHidden(), "without script there is no form that does nothing");
  const box = tab.locator(".layers svg a").first();
  if (await box.count()) {
    const target = await box.getAttribute("href");
    await box.focus();
    await tab.keyboard.press("Enter");
    check(await tab.locator(target).isVisible(), "without script a box unfolds its files as well");
  }
  await shoot(tab, "no-script");
  await browser.close();
}

rmSync(profile, { recursive: true, force: true });
console.log(problems.length === 0 ? "all well" : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
