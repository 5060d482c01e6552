// A running demo, a browser, and pages that complain about what nobody may overlook.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const out = fileURLToPath(new URL("out/", import.meta.url));

/** Starts `chimein demo`, on a free port unless one is named; gives its addresses and a way to end it. */
export async function startDemo(port = "0") {
  const demo = spawn(process.env.CHIMEIN_BIN, ["demo", "--json", "--port", port], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => demo.once("exit", resolve));
  const first = createInterface({ input: demo.stdout })[Symbol.asyncIterator]().next();
  const line = await Promise.race([first, ended.then((code) => ({ value: undefined, code }))]);
  if (line.value === undefined) throw new Error(`the demo ended with ${line.code}`);
  /** Ends it by its own process id and gives the exit code. */
  const stop = () => {
    demo.kill("SIGTERM");
    return ended;
  };
  return { ...JSON.parse(line.value), stop };
}

export function startBrowser() {
  mkdirSync(out, { recursive: true });
  const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: "/usr/bin/chromium", args });
}

/** A new customer's desk in a window of its own. `end` fails when something went wrong behind the page. */
export async function openDesk(browser, demo, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints = [];
  const origin = new URL(demo.desk_url).origin;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(demo.desk_url);
  const end = async () => {
    await context.close();
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
  };
  return { ...parts(page), page, complaints, end };
}

/** The page's parts by their roles and names, as a screen reader finds them. */
function parts(page) {
  const agents = page.getByRole("region", { name: "The agents' view" });
  return {
    customer: page.getByRole("log", { name: "What the customer sees" }),
    agents: page.getByRole("log", { name: "What the agents see" }),
    people: agents.getByRole("list").first(),
    line: page.getByRole("region", { name: "Call by call" }),
    tale: page.locator("#summary"),
    say: page.getByRole("textbox", { name: "Write as the customer" }),
    answer: page.getByRole("textbox", { name: /, an agent$/ }),
    live: page.locator("#live"),
  };
}

/** Photographs the page; the pictures are for people to look at. */
export async function photograph(page, name) {
  await page.screenshot({ path: `${out}${name}.png`, animations: "disabled" });
}

/** What axe finds that keeps somebody out. */
export async function barriers(page) {
  // What is still fading in has the contrast of neither end.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime));
    return Promise.allSettled(ending.map((one) => one.finished));
  });
  await page.addScriptTag({ path: axe });
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((n) => n.html).join(" | ")}`);
}

/** How much wider than its window the page is. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
