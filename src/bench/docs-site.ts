/** The site of 5,000 models: how long it takes to make, and how it feels in a real browser, opened from the disk. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { type Figure, figure } from './figure.ts';
import { documentedProject } from './generated-projects.ts';
import { dql } from './measure.ts';

const MODELS = 5_000;
const CHROMIUM = '/usr/bin/chromium';

export async function* docsSite(folder: string): AsyncGenerator<Figure> {
  for (const [path, text] of Object.entries(documentedProject(MODELS))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  yield figure('docs', '5,000 models with tests, built', dql(folder, 'build'));
  yield figure('docs', 'docs generate, all measured anew', dql(folder, 'docs', 'generate'), undefined, '≤ 10 s');
  const again = dql(folder, 'docs', 'generate');
  const site = join(folder, 'target/docs');
  yield figure('docs', `docs generate again, ${megabytes(site)} MB`, again, undefined, '≤ 10 s, ≤ 10 MB');
  yield* inBrowser(join(site, 'index.html'));
}

const megabytes = (folder: string): string => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return (files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0) / 1e6).toFixed(1);
};

async function* inBrowser(file: string): AsyncGenerator<Figure> {
  if (!existsSync(CHROMIUM)) {
    console.log(`docs          the site is not opened: there is no Chromium at ${CHROMIUM}`);
    return;
  }
  const { chromium } = await import('playwright-core');
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    const address = String(pathToFileURL(file));
    const views: number[] = [];
    for (let time = 0; time < 5; time++) views.push(await firstView(browser, address));
    yield seconds('first view', middle(views), '≤ 1 s');
    const page = await opened(browser, address);
    const keys = await searching(page, 'fct_invoices amount');
    yield seconds('search, the first key, while details are still read', keys[0] ?? 0, '≤ 50 ms');
    yield seconds('search, a key', middle(keys), '≤ 50 ms');
    yield seconds('search, the slowest key', Math.max(...keys), '≤ 50 ms');
    await page.evaluate("location.hash = '#/lineage'");
    await page.waitForSelector('.lineage-page canvas');
    const frames = await panning(page);
    yield seconds('pan over all nodes, a frame', middle(frames), '≤ 50 ms');
    yield seconds('pan over all nodes, the longest frame', Math.max(...frames), 'no second dropped');
  } finally {
    await browser.close();
  }
}

const seconds = (what: string, milliseconds: number, target: string): Figure => ({
  part: 'docs',
  what,
  seconds: milliseconds / 1000,
  floorSeconds: null,
  peakMb: null,
  target,
});

const middle = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

async function opened(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(address);
  await page.waitForSelector('body[data-ready]');
  return page;
}

/** From asking for the page until its content is drawn, in milliseconds. */
async function firstView(browser: Browser, address: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(address);
  await page.waitForSelector('body[data-ready]');
  const drawn = 'new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))';
  const milliseconds = Number(await page.evaluate(drawn));
  await page.close();
  return milliseconds;
}

/** Types a text as a quick hand does; milliseconds from each key that was pressed until what it found is laid out. */
async function searching(page: Page, text: string): Promise<readonly number[]> {
  await page.evaluate(`(() => {
    globalThis.taken = [];
    document.addEventListener('input', ({ timeStamp }) => {
      document.querySelector('.found').getBoundingClientRect();
      taken.push(performance.now() - timeStamp);
    });
  })()`);
  await page.click('input[type=search]');
  await page.keyboard.type(text, { delay: 60 });
  const found: unknown = await page.evaluate('taken');
  return Array.isArray(found) ? found.map(Number) : [];
}

/** Drags the map about for some seconds; milliseconds of each frame. */
async function panning(page: Page): Promise<readonly number[]> {
  await page.evaluate(`(() => {
    let before = performance.now();
    globalThis.frames = [];
    const frame = (now) => {
      globalThis.frames.push(now - before);
      before = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame((now) => { before = now; requestAnimationFrame(frame); });
  })()`);
  await page.mouse.move(720, 500);
  await page.mouse.down();
  for (let step = 0; step < 120; step++)
    await page.mouse.move(720 + 400 * Math.sin(step / 9), 500 + 250 * Math.cos(step / 7));
  await page.mouse.up();
  const frames: unknown = await page.evaluate('globalThis.frames');
  return Array.isArray(frames) ? frames.map(Number) : [];
}
