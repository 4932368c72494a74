// Mermaid drawings in the real Mermaid. Not part of `cargo test`; CONTRIBUTING.md says how to run it.
//
//   node tests/drawings.mjs FILE.mmd ...
//
// Each has to be parsed and drawn, with Mermaid's own limits, and with as many edges as it has lines with an arrow. It needs `playwright-core` and `mermaid`, and a
// Chromium: CHROMIUM names it.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "x.js"));
const { chromium } = require("playwright-core");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const tab = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
await tab.setContent("<div id='drawing'></div>");
await tab.addScriptTag({ path: join(process.cwd(), "node_modules/mermaid/dist/mermaid.min.js") });
let problems = 0;
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  const arrows = text.split("\n").filter((line) => /^ {2}\w+ .*--> \w+$/.test(line)).length;
  const drawn = await tab.evaluate(async (text) => {
    mermaid.initialize({ startOnLoad: false });
    try {
      await mermaid.parse(text);
      const { svg } = await mermaid.render(`d${Date.now()}`, text);
      document.getElementById("drawing").innerHTML = svg;
      return document.querySelectorAll("#drawing path.flowchart-link").length;
    } catch (error) {
      return String(error);
    }
  }, text);
  const holds = drawn === arrows;
  problems += holds ? 0 : 1;
  console.log(`${holds ? "ok  " : "FAIL"} ${file}: ${arrows} arrows, drawn: ${drawn}`);
}
await browser.close();
process.exitCode = problems === 0 ? 0 : 1;
