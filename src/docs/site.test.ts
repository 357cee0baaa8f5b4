/** The site as its readers see it: real headless Chromium, opened from the disk. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flightsSite } from '../testing/flights-site.ts';
import { bundleSite } from './bundle.mjs';
import { buildSite } from './docs.ts';

const CHROMIUM = '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
if (!existsSync(CHROMIUM)) console.warn(`The docs site's page tests are skipped: there is no Chromium at ${CHROMIUM}.`);

describe.skipIf(!existsSync(CHROMIUM))('the docs site in a browser', () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dql-site-'));
    bundleSite(folder);
    const asset = (name: string) => readFileSync(join(import.meta.dirname, 'assets', name), 'utf8');
    const assets = {
      'index.html': asset('index.html'),
      'app.css': asset('app.css'),
      'app.js': readFileSync(join(folder, 'docs/assets/app.js'), 'utf8'),
    };
    for (const singleFile of [false, true])
      for (const file of await buildSite(
        flightsSite({ assets, gzip: async (text) => gzipSync(text).toString('base64'), singleFile }),
      )) {
        const path = join(folder, singleFile ? 'single' : 'split', file.path);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, file.text);
      }
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function opened(
    address: string,
    { width = 1440, height = 900, form = 'split', colorScheme = 'light' as 'light' | 'dark' } = {},
  ) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    page.setDefaultTimeout(10_000);
    const troubles: string[] = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('requestfailed', (request) => troubles.push(`failed: ${request.url()}`));
    page.on(
      'request',
      (request) => !/^(file|data|blob):/.test(request.url()) && troubles.push(`left the page: ${request.url()}`),
    );
    await page.goto(`${pathToFileURL(join(folder, form, 'index.html'))}${address}`);
    await page.waitForSelector('body[data-ready]');
    return { page, troubles };
  }

  async function seriousIssues(page: Page): Promise<readonly string[]> {
    // The page's own policy forbids strangers' scripts; the debugger may still evaluate one.
    await page.evaluate(AXE);
    const found: { violations: { id: string; impact: string; nodes: { html: string }[] }[] } =
      await page.evaluate('axe.run({ preload: false })');
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  }

  for (const form of ['split', 'single'])
    test(`a reader searches, opens a model, follows a column to its source and asks the selection box (${form})`, async () => {
      const { page, troubles } = await opened('', { form });
      await page.keyboard.press('/');
      await page.keyboard.type('fct_fl');
      await page.waitForSelector('.found [aria-selected=true]');
      expect(await page.textContent('.found [aria-selected=true] .found-name')).toContain('fct_flights');
      await page.keyboard.press('Enter');
      await page.waitForSelector('h1:text-is("fct_flights")');

      for (const [from, to] of [
        ['arrival_delay', 'int_flights_enriched.arrival_delay'],
        ['arrival_delay', 'stg_flights.arrival_delay'],
        ['arrival_delay', 'raw.flights.delay'],
      ]) {
        await page.click(`#column-${from} .flow:has-text("from") a:text-is("${to}")`);
        await page.waitForSelector(`tr.marked .column-name:text-is("${to?.split('.').at(-1)}")`);
      }
      expect(await page.textContent('h1')).toBe('raw.flights');

      await page.click('a[aria-label="Lineage graph"]');
      await page.waitForSelector('.lineage-page');
      await page.fill('input[name=select]', '1+fct_flights+1');
      await page.click('text=Show');
      await page.waitForSelector('.count:text-is("5 nodes")');
      expect((await page.locator('.node .title').allTextContents()).sort()).toEqual([
        'Delay dashboard',
        'fct_flights',
        'flown',
        'int_flights_enriched',
        'mart_delays_by_carrier',
      ]);
      await page.fill('input[name=select]', 'path:models/marts,tag:daily');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.count:text-is("2 nodes")');
      await page.fill('input[name=select]', 'fct_flihgts');
      await page.keyboard.press('Enter');
      expect(await page.textContent('[role=alert]')).toContain('fct_flights');
      expect(troubles).toEqual([]);
    }, 60_000);

  test('the selection box knows states, results, selectors, checks and owners, and says why it cannot know', async () => {
    const { page, troubles } = await opened('#/lineage');
    const shown = async (select: string) => {
      await page.fill('input[name=select]', select);
      await page.keyboard.press('Enter');
      // The attribute is of the page that answers; what was typed is a property of the one before.
      await page.waitForSelector(`input[name=select][value=${JSON.stringify(select)}]`);
      return page.textContent('.lineage-page .count');
    };
    expect(await shown('state:modified+1')).toBe('3 nodes, compared with prod/');
    expect(await shown('state:new')).toBe('0 nodes, compared with prod/');
    expect(await shown('1+result:fail')).toBe('1 node');
    expect(await shown('selector:nightly')).toBe('2 nodes');
    expect(await shown('1+test_name:not_null 1+test_type:generic')).toMatch(/^\d+ nodes/);
    expect(await shown('result:fail')).toMatch(/^0 nodes, and \d+ items? that the graph does not draw/);
    expect(await shown('tag:"late night 🌙"')).toBe('1 node');
    expect(await shown('1+"mart_crew_hours"')).toBe('2 nodes');
    expect(await page.textContent('[aria-label="Before: depth"] output')).toBe('1');
    expect(await shown('owner:operations@example.com')).not.toBe('0 nodes');
    expect(await shown('2+metric:flights+')).toBe('4 nodes');
    expect(await shown('semantic_model:flown saved_query:flights.monthly')).toBe('2 nodes');
    expect(await shown('path:models/metrics.yml')).toBe('3 nodes');
    expect(await shown('config.enabled:true,path:models/marts')).toMatch(/^\d+ nodes/);
    await shown('source_status:fresher');
    expect(await page.textContent('[role=alert]')).toContain('This site knows no two measurements of freshness');
    await shown('state:modifed');
    expect(await page.textContent('[role=alert]')).toContain('did you mean `modified`?');
    expect(troubles).toEqual([]);
  }, 30_000);

  test('links of dbt lead to the page, an address nobody can read says so, and who turns back is not carried off', async () => {
    const { page, troubles } = await opened('#!/model/model.flights.fct_flights');
    expect([await page.textContent('h1'), await page.title()]).toEqual([
      'fct_flights',
      expect.stringMatching(/^fct_flights · /),
    ]);
    await page.evaluate("location.hash = '#/model/%ff'");
    await page.waitForSelector('h1:text-is("Not here")');
    await page.evaluate("location.hash = '#/all?kind=model'");
    await page.waitForFunction("document.title.startsWith('Models · ')");
    await page.evaluate("location.hash = '#/model/dim_airports'; location.hash = '#/'");
    await page.waitForTimeout(200);
    expect(await page.title()).not.toContain('dim_airports');
    expect(troubles).toEqual([]);
  }, 30_000);

  test('SQL and column names are found, too', async () => {
    const { page } = await opened('');
    await page.fill('input[type=search]', 'origin_city');
    await page.waitForSelector('.found-about:text-is("column origin_city")');
    // Of `origin` and `origin_city` the one with both words.
    await page.fill('input[type=search]', 'origin cit');
    await page.waitForSelector('.found-about:text-is("column origin_city")');
    await page.fill('input[type=search]', 'any_value(');
    await page.waitForSelector('.found-name:has-text("int_routes")');
    const first = async (text: string) => {
      await page.fill('input[type=search]', text);
      return page.textContent('.found [aria-selected=true] .found-name');
    };
    expect(await first('flights late')).toContain('fct_flights');
    expect(await first('dim_air')).toContain('dim_airports');
    // Whoever answers for it, by name or address, with accents or without; and a sign that is one letter.
    for (const text of ['zoe@crews', 'Zoë', 'angstrom', '🌙', 'mart_crew_hours.month'])
      expect(await first(text), text).toContain('mart_crew_hours');
    expect(await first('delay_dashboard')).toContain('Delay dashboard');
    expect(await first('main.mart_crew_hours')).toContain('mart_crew_hours');
    // As it was meant, where nothing is called so.
    expect(await first('dim_ariports')).toContain('dim_airports');
    // What is markup of a description is nobody's word.
    for (const text of ['nothing like this', '<strong', 'strong>']) {
      await page.fill('input[type=search]', text);
      await page.waitForSelector('.found .nothing');
    }
  }, 30_000);

  test('names are found at once; SQL when it was read, and until then the list says so', async () => {
    const { page } = await opened('');
    await page.evaluate(`(() => {
      const arrived = dqlData;
      const held = [];
      globalThis.dqlData = (...data) => held.push(data);
      globalThis.release = () => held.forEach((data) => arrived(...data));
    })()`);
    await page.fill('input[type=search]', 'dim_airports');
    await page.waitForSelector('.found-name:has-text("dim_airports")');
    await page.fill('input[type=search]', 'any_value(');
    await page.waitForSelector('.nothing:text-is("Nothing found yet: SQL and descriptions are still being read")');
    await page.evaluate('release()');
    await page.waitForSelector('.found-name:has-text("int_routes")');
    await page.fill('input[type=search]', 'nothing like this');
    await page.waitForSelector('.nothing:text-is("Nothing found")');
  }, 30_000);

  test('choosing a node lights what it comes from and its blast radius, with the mouse and with the keyboard', async () => {
    const { page, troubles } = await opened('#/lineage');
    const lit = async () => (await page.locator('.node.lit .title').allTextContents()).sort();
    await page.locator('.node', { hasText: 'mart_crew_hours' }).click();
    expect(await lit()).toEqual(['int_crew_days', 'mart_crew_hours', 'raw.flights', 'stg_flights']);
    await page.keyboard.press('ArrowLeft');
    await page.waitForSelector('.node.chosen .title:text-is("int_crew_days")');
    await page.locator('.node', { hasText: 'carriers_history' }).click();
    expect(await lit()).toEqual(['carriers', 'carriers_history']);
    await page.locator('.node', { hasText: 'raw.airports' }).click();
    await page.locator('.node', { hasText: 'Route planner' }).click({ modifiers: ['Shift'] });
    expect(await lit()).not.toContain('fct_flights');
    expect(await lit()).toContain('dim_airports');
    // Without a mouse: from where one stands, along the arrows, with the shift key.
    await page.locator('.node', { hasText: 'int_crew_days' }).focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Shift+ArrowLeft');
    expect(await lit()).toEqual(['int_crew_days', 'raw.flights', 'stg_flights']);
    await page.locator('.node', { hasText: 'mart_routes' }).first().focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:text-is("mart_routes")');
    expect(troubles).toEqual([]);
  }, 30_000);

  test('columns are drawn on demand and one is traced to its source', async () => {
    const { page } = await opened('#/lineage?select=%2Bmart_delays_by_carrier&columns=1');
    await page
      .locator('.node', { hasText: 'mart_delays_by_carrier' })
      .locator('.column', { hasText: 'average_delay' })
      .click();
    expect(await page.locator('.column.lit text').allTextContents()).toEqual(
      expect.arrayContaining(['delay', 'arrival_delay', 'average_delay']),
    );
    expect(await page.locator('.column.lit').count()).toBe(5);
  }, 30_000);

  test('a macro shows its arguments, a unit test its rows', async () => {
    const { page, troubles } = await opened('#/macro/miles_to_km');
    expect(await page.textContent('#section-arguments tbody')).toContain('columncolumnDistance in miles.');
    await page.evaluate("location.hash = '#/unit_test/late_from_fifteen_minutes'");
    await page.waitForSelector('h1:text-is("late_from_fifteen_minutes")');
    expect(await page.locator('#section-sql figure').allTextContents()).toEqual([
      "Given ref('fct_flights')carrierarrival_delayAA15AAnull",
      'Expectedcarrierlate_shareAA0.5',
    ]);
    expect(await seriousIssues(page)).toEqual([]);
    expect(troubles).toEqual([]);
  }, 30_000);

  test('what only a part of the rows says is marked as an estimate, what all say is not', async () => {
    const { page } = await opened('#/model/fct_flights');
    const figures = async () =>
      (await page.locator('.columns tbody tr:first-child td.number, .columns .range').allTextContents()).join(' ');
    expect(await figures()).toMatch(/^≈ [\d.]+ % [\d,.KM]+\+ ≈ /);
    expect(await page.textContent('#section-columns .note')).toContain('a sample of 100,000 rows');
    await page.evaluate("location.hash = '#/model/dim_airports'");
    await page.waitForSelector('h1:text-is("dim_airports")');
    expect(await figures()).not.toMatch(/[≈+]/);
    expect(await page.textContent('#section-columns .note')).toMatch(/^Measured on all [\d,]+ rows\.$/);
  }, 30_000);

  test('the tree tells the same and is walked with arrow keys', async () => {
    const { page } = await opened('#/lineage?select=%2Bfct_flights%2B&view=tree');
    await page.locator('[role=treeitem]').first().focus();
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('stg_airports model, reused');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:text-is("stg_airports")');
  }, 30_000);

  test('the graph is saved as an SVG that needs nothing of the page', async () => {
    const { page } = await opened('#/lineage');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('[aria-label="Save as SVG"]')]);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text).toMatch(/^<\?xml/);
    expect(text).toContain('fct_flights');
    expect(text).not.toMatch(/var\(--/);
  }, 30_000);

  test('the theme follows the system until the reader decides, and the decision is kept', async () => {
    const { page } = await opened('', { colorScheme: 'dark' });
    const theme = () => page.evaluate('document.documentElement.dataset.theme');
    expect(await theme()).toBe('dark');
    await page.click('[aria-label="Dark or light"]');
    expect(await theme()).toBe('light');
    await page.reload();
    await page.waitForSelector('body[data-ready]');
    expect(await theme()).toBe('light');
  }, 30_000);

  test('paper is light, whatever the theme', async () => {
    const { page } = await opened('#/model/fct_flights', { colorScheme: 'dark' });
    const ink = () => page.evaluate('getComputedStyle(document.body).color');
    const dark = await ink();
    await page.emulateMedia({ media: 'print' });
    const [red = 255] =
      String(await ink())
        .match(/\d+/g)
        ?.map(Number) ?? [];
    expect([(await ink()) !== dark, red < 80]).toEqual([true, true]);
  }, 30_000);

  test('a phone shows every page without scrolling sideways, and the menu opens', async () => {
    const { page, troubles } = await opened('', { width: 390, height: 844 });
    for (const address of [
      '#/',
      '#/model/fct_flights',
      '#/test/not_null_int_flights_enriched_origin_city',
      '#/lineage',
      '#/all?kind=model',
    ]) {
      await page.evaluate(`location.hash = ${JSON.stringify(address)}`);
      await page.waitForTimeout(250);
      expect(await page.evaluate('document.querySelector("main").scrollWidth'), address).toBeLessThanOrEqual(390);
    }
    await page.click('[aria-label=Contents] >> nth=0');
    await page.click('.menu >> text=stg_flights');
    await page.waitForSelector('h1:text-is("stg_flights")');
    expect(troubles).toEqual([]);
  }, 30_000);

  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const)
    for (const colorScheme of ['light', 'dark'] as const)
      test(`nothing serious stands in the way of anybody (${width} px, ${colorScheme})`, async () => {
        for (const address of [
          '#/',
          '#/model/fct_flights',
          '#/lineage?select=%2Bfct_flights&columns=1',
          // Themes differ in colours only; the other pages have the same.
          ...(colorScheme === 'dark'
            ? []
            : [
                '#/test/not_null_int_flights_enriched_origin_city',
                '#/lineage?select=%2Bfct_flights%2B&view=tree',
                '#/guide/what-it-is',
                '#/all?kind=model',
              ]),
        ]) {
          const { page, troubles } = await opened(address, { width, height, colorScheme });
          expect(await seriousIssues(page), address).toEqual([]);
          expect(troubles, address).toEqual([]);
          await page.close();
        }
      }, 90_000);
});
