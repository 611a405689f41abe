// Opens pages of the app in a stock Firefox over WebDriver BiDi: node firefox.mjs FIREFOX ADDRESS PATH…
// Prints one line of JSON a path: the step reached, the charts drawn, the key numbers, and what went wrong.
import { createRequire } from "node:module";

const [, , executablePath, address, ...paths] = process.argv;
const puppeteer = createRequire(process.cwd() + "/")("puppeteer-core"); // installed where this is run
// the size of its window, not a viewport's: setting that needs a Firefox newer than Debian's
const args = ["--width=1366", "--height=860"];
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true, defaultViewport: null, args });
try {
  for (const path of paths) {
    const page = await browser.newPage(), errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${address}/${path}`);
    await page.waitForFunction(() => {
      const [, step] = document.querySelector(".lab-status")?.textContent.match(/step ([\d,]+)/) ?? [];
      return step === "60" && document.querySelector("[data-testid=stSidebar] [data-testid=stExpander]")
        && document.querySelectorAll(".js-plotly-plot .xtick").length > 4 && !document.querySelector(".lab-sketch");
    }, { timeout: 120_000, polling: 200 });
    const seen = await page.evaluate(() => ({
      charts: document.querySelectorAll(".js-plotly-plot .xaxislayer-above").length,
      numbers: [...document.querySelectorAll(".lab-numbers dd")].map((node) => node.textContent),
      text: document.body.innerText,
    }));
    await page.focus(".lab-range");
    const before = await page.$eval(".lab-beta", (node) => node.textContent);
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction((before) => document.querySelector(".lab-beta").textContent !== before, {}, before);
    console.log(JSON.stringify({ path, ...seen, errors }));
    await page.close();
  }
} finally {
  await browser.close();
}
