// What the report page does in a browser. usage: node page.mjs CHROMIUM SITE HOSTILE_SITE HOSTILE_NAMES LARGE_SITE ALIKE_SITE
// SITE is a report on the demo's store; HOSTILE_SITE one on a store whose plugins have the names that HOSTILE_NAMES lists.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { check, runAll } from './browser.mjs';
import { tooFaint } from './colours.mjs';

const [chromium, site, hostileSite, hostileNames, largeSite, alikeSite] = process.argv.slice(2);
const url = String(pathToFileURL(`${site}/index.html`)), hostileUrl = String(pathToFileURL(`${hostileSite}/index.html`)), largeUrl = String(pathToFileURL(`${largeSite}/index.html`)), alikeUrl = String(pathToFileURL(`${alikeSite}/index.html`));

/* ---- what is seen ---- */

const names = page => page.$$eval('#all tbody tr:not([hidden]) bdi', all => all.map(one => one.textContent));
const column = (page, key) => page.$$eval('#all tbody tr:not([hidden])', (rows, wanted) => {
  const index = [...document.querySelectorAll('#all thead th')].findIndex(head => head.dataset.key === wanted);
  return rows.map(row => row.cells[index].dataset.v ?? row.cells[index].textContent.replace('\u2212', '-'));
}, key);
const sorted = page => page.$$eval('#all thead th[aria-sort]', all => all.map(one => `${one.dataset.key} ${one.getAttribute('aria-sort')}`).join());
const head = (page, key) => page.locator(`#all thead th[data-key=${key}] button`);
const hash = page => new URL(page.url()).hash;
const isInView = (page, selector) => page.$eval(selector, element => {
  const box = element.getBoundingClientRect();
  return box.top >= -1 && box.top < innerHeight / 2;
});
const until = (page, test, ...rest) => page.waitForFunction(test, ...rest, { timeout: 10000 });
const focused = page => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());

/* What has no value comes last; the others rise or fall. */
const assertOrdered = (values, sign) => {
  const numbers = values.filter(value => value !== '').map(parseFloat);
  assert.ok(numbers.length > 5 && !numbers.some(Number.isNaN), String(values));
  assert.ok(values.slice(0, numbers.length).every(value => value !== ''), 'empty ones are last');
  for (let i = 1; i < numbers.length; i++) assert.ok(sign * (numbers[i] - numbers[i - 1]) >= 0, `${numbers[i - 1]}, ${numbers[i]}`);
};

/* ---- the page as it comes ---- */

check('says what regressed, and shows every plugin', async open => {
  const page = await open(url);
  assert.match(await page.title(), /^fail: 2026-11-20 on main/);
  assert.match(await page.textContent('h1'), /^On 20 November 2026, 1 of 39 plugins got slower: pdf-parser takes \d+ % longer per call since 19 November\.$/);
  assert.equal((await names(page)).length, 40);
  assert.equal(await page.locator('section.plugin').count(), 40);
  assert.equal((await names(page))[0], 'pdf-parser');
});

check('asks for nothing but its charts, and for those only when they come near', async open => {
  const page = await open(url);
  await page.waitForLoadState('networkidle');
  const charts = await page.$$eval('.chart img', all => all.length), loaded = () => page.requests.filter(one => /\/charts\/[\w-]+\/p\d+\.svg$/.test(one)).length;
  assert.equal(charts, 40);
  assert.ok(loaded() < 10, `${loaded()} at first`);
  await page.locator('section.plugin').last().scrollIntoViewIfNeeded();
  await until(page, () => [...document.querySelectorAll('.chart img')].at(-1).naturalWidth > 0);
  assert.ok(loaded() < 30, `${loaded()} after a jump to the last`);
  for (const one of page.requests) assert.match(one, /\/index\.html$|\/charts\/[\w-]+\/(heatmap|p\d+)\.svg$/);
});

check('lets no other script and no other style in', async open => {
  const page = await open(url);
  const violations = await page.evaluate(async () => {
    const seen = [];
    document.addEventListener('securitypolicyviolation', event => seen.push(event.effectiveDirective));
    const script = document.createElement('script'), image = new Image();
    script.textContent = 'window.intruder = true';
    image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
    document.body.append(script, image);
    document.body.setAttribute('style', 'color: red');
    document.body.setAttribute('onclick', 'window.intruder = true');
    document.body.click();
    await new Promise(resolve => setTimeout(resolve, 100));
    return [window.intruder, seen.sort().join(' ')];
  });
  assert.deepEqual(violations, [undefined, 'img-src script-src-attr script-src-elem style-src-attr']);
  page.faults = page.faults.filter(fault => !/Content Security Policy|data:image/.test(fault));
});

check('is whole without scripts', async open => {
  const page = await open(url, { javaScriptEnabled: false });
  assert.equal(await page.locator('#all tbody tr').count(), 40);
  assert.equal(await page.locator('section.plugin').count(), 40);
  assert.ok(await page.locator('#all tbody tr').first().isVisible());
  assert.ok(await page.locator('#tools').isHidden());
  assert.equal(await page.locator('#all button').count(), 0);
});

/* ---- sorting and filtering ---- */

check('sorts by every column, either way', async open => {
  const page = await open(url), keys = await page.$$eval('#all thead th[data-key]', all => all.map(one => one.dataset.key));
  assert.deepEqual(keys, ['plugin', 'verdict', 'tonight', 'baseline', 'change', 'z', 'rank', 'zp', 'rankp', 'since']);
  assert.equal(await sorted(page), 'verdict descending');
  const worstFirst = await names(page);
  for (const key of ['change', 'z', 'rank', 'zp', 'rankp']) {
    await head(page, key).click();
    assert.equal(await sorted(page), `${key} descending`);
    assertOrdered(await column(page, key), -1);
    await head(page, key).click();
    assert.equal(await sorted(page), `${key} ascending`);
    assertOrdered(await column(page, key), 1);
  }
  await head(page, 'plugin').click();
  assert.deepEqual(await names(page), [...worstFirst].sort());
  await head(page, 'since').click();
  const since = (await column(page, 'since')).map(text => text.slice(0, 10)), known = since.filter(text => text);
  assert.deepEqual(since.slice(0, known.length), [...known].sort().reverse());
  await head(page, 'verdict').click();
  assert.deepEqual(await names(page), worstFirst);
  await head(page, 'verdict').click();
  assert.deepEqual(await names(page), [...worstFirst].reverse());
});

check('sorts amounts within their metric', async open => {
  const page = await open(`${url}#sort=tonight&dir=desc`);
  const rows = await page.$$eval('#all tbody tr', all => all.map(row => ({ metric: +row.dataset.m, value: +(row.cells[3].dataset.v ?? -1) })));
  const known = rows.filter(row => row.value >= 0);
  assert.ok(new Set(known.map(row => row.metric)).size > 1);
  for (let i = 1; i < known.length; i++)
    assert.ok(known[i].metric > known[i - 1].metric || (known[i].metric === known[i - 1].metric && known[i].value <= known[i - 1].value));
});

check('filters by text and by verdict, and says how many are left', async open => {
  const page = await open(url), shown = page.locator('#shown');
  assert.equal(await shown.textContent(), 'all 40 shown');
  assert.equal(await shown.getAttribute('aria-live'), 'polite');
  await page.fill('#filter', 'PDF');
  assert.deepEqual(await names(page), ['pdf-parser']);
  assert.equal(await shown.textContent(), '1 of 40 shown');
  await page.fill('#filter', '');
  await page.getByLabel(/^open/).check();
  const open_ = await names(page);
  assert.ok(open_.length > 5 && open_.length < 20 && !open_.includes('pdf-parser'));
  await page.getByLabel(/^regressed/).check();
  assert.deepEqual(await names(page), ['pdf-parser', ...open_]);
  await page.fill('#filter', 'no such plugin');
  assert.equal(await shown.textContent(), '0 of 40 shown');
});

check('keeps its state in the address, and takes it from there', async open => {
  const page = await open(url);
  await head(page, 'change').click();
  await head(page, 'change').click();
  await page.getByLabel(/^open/).check();
  await page.getByLabel(/^regressed/).check();
  await page.fill('#filter', 'er');
  await until(page, () => location.hash.includes('filter'));
  assert.equal(hash(page), '#sort=change&dir=asc&filter=er&class=regressed,open');
  const other = await open(page.url());
  assert.ok(await isInView(other, '#plugins'));
  assert.deepEqual(await names(other), await names(page));
  assert.equal(await sorted(other), 'change ascending');
  assert.equal(await other.inputValue('#filter'), 'er');
  assert.ok(await other.getByLabel(/^open/).isChecked());
  await other.evaluate(() => { location.hash = '#sort=plugin&dir=asc'; });
  await until(other, () => document.querySelectorAll('#all tbody tr:not([hidden])').length === 40);
  assert.equal(await sorted(other), 'plugin ascending');
  const foolish = await open(`${url}#sort=__proto__&dir=up&filter=%ZZ&class=nonsense,<b>`);
  assert.equal(await sorted(foolish), 'verdict descending');
  assert.equal(await foolish.textContent('#shown'), '0 of 40 shown');
});

/* ---- going to a plugin ---- */

check('leads from a row to the section and back', async open => {
  const page = await open(`${url}#filter=web`);
  await page.click('#all a:has-text("web-search")');
  assert.match(hash(page), /^#p\d+$/);
  assert.equal(await page.textContent('section:target h3 bdi'), 'web-search');
  assert.ok(await isInView(page, 'section:target h3'));
  await page.goBack();
  assert.equal(await page.inputValue('#filter'), 'web');
  assert.deepEqual(await names(page), ['web-search']);
});

check('links to a plugin by number and by name', async open => {
  const numbered = await open(`${url}#p12`);
  assert.ok(await isInView(numbered, '#p12 h3'));
  const named = await open(`${url}#plugin=markdown-renderer`);
  await until(named, () => document.querySelector('section:target'));
  assert.equal(await named.textContent('section:target h3 bdi'), 'markdown-renderer');
  assert.ok(await isInView(named, 'section:target h3'));
  const unknown = await open(`${url}#plugin=no-such-plugin`);
  assert.equal((await names(unknown)).length, 40);
});

/* ---- the keyboard ---- */

check('is usable by keyboard, and shows where one is', async open => {
  const page = await open(url);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'To the table of plugins');
  assert.ok(await page.locator('.skip').isVisible() && (await page.locator('.skip').boundingBox()).x >= 0);
  await page.keyboard.press('Enter');
  await until(page, () => location.hash === '#plugins');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'filter');
  await page.keyboard.type('er');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await until(page, () => document.querySelector('#tools [name=class]').checked);
  await page.keyboard.press('Space');
  while (await focused(page) !== 'Change') {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement !== document.body), 'the button is reached');
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement.closest('label') ?? document.activeElement).outlineStyle), 'none');
  }
  await page.keyboard.press('Enter');
  assert.equal(await sorted(page), 'change descending');
});

/* ---- the heat map ---- */

const cellAt = (page, row, col) => page.evaluate(([r, c]) => {
  const map = JSON.parse(document.getElementById('map').textContent), box = document.getElementById('heat').getBoundingClientRect();
  return { x: box.left + map.left + (c + 0.5) * map.cellWidth, y: box.top + map.top + (r + 0.5) * map.cellHeight };
}, [row, col]);

check('says what lies under the pointer in the heat map, and goes there', async open => {
  const page = await open(url), order = await names(page);
  await page.locator('#heat').scrollIntoViewIfNeeded();
  await until(page, () => document.getElementById('heat').naturalWidth > 0);
  const { x, y } = await cellAt(page, 3, 10);
  await page.mouse.move(x, y);
  assert.equal(await page.textContent('#tip'), `${order[3]}, 2026-09-02`);
  assert.ok(await page.locator('#tip').isVisible());
  await page.mouse.click(x, y);
  assert.equal(await page.textContent('section:target h3 bdi'), order[3]);
  await page.mouse.move(1, 1);
  assert.ok(await page.locator('#tip').isHidden());
});

check('lets the arrow keys walk over the heat map', async open => {
  const page = await open(url), order = await names(page);
  await page.focus('#heat');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.textContent('#tip'), `${order[0]}, 2026-11-20`);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.textContent('#tip'), `${order[1]}, 2026-11-19`);
  await page.keyboard.press('Enter');
  assert.equal(await page.textContent('section:target h3 bdi'), order[1]);
});

check('has the heat map\u2019s rows in the order of the table, with their names', async open => {
  const page = await open(`${url}#sort=plugin&dir=asc&filter=er`), order = await names(page);
  await page.locator('#heat').scrollIntoViewIfNeeded();
  await until(page, () => document.getElementById('heat').naturalWidth > 0 && document.querySelector('.map canvas').width > 500);
  for (const row of [0, order.length - 1]) {
    const { x, y } = await cellAt(page, row, 10);
    await page.mouse.move(x, y);
    assert.equal(await page.textContent('#tip'), `${order[row]}, 2026-09-02`);
  }
  const { x, y } = await cellAt(page, order.length, 10);
  await page.mouse.move(x, y);
  assert.ok(await page.locator('#tip').isHidden());
});

/* ---- a thousand plugins ---- */

check('shows a thousand plugins, and makes the section of one that is asked for', async open => {
  const page = await open(largeUrl), all = await names(page);
  assert.equal(new Set(all).size, 1000);
  assert.equal(await page.textContent('#shown'), 'all 1000 shown');
  assert.equal(await page.locator('section.plugin').count(), 500);
  assert.ok(await page.locator('#all tbody tr').last().locator('.k').count() === 1);
  await head(page, 'tonight').click();
  const rows = await page.$$eval('#all tbody tr', every => every.map(row => [+row.dataset.m, +(row.cells[3].dataset.v ?? -1)]).filter(([, value]) => value >= 0));
  assert.ok(rows.length > 900);
  for (let i = 1; i < rows.length; i++) assert.ok(rows[i][0] > rows[i - 1][0] || (rows[i][0] === rows[i - 1][0] && rows[i][1] <= rows[i - 1][1]), `${rows[i - 1]}, ${rows[i]}`);
  await page.fill('#filter', all.at(-1));
  await page.click('#all tbody tr:not([hidden]) a');
  await until(page, () => document.querySelectorAll('section.plugin').length === 501);
  assert.equal(await page.textContent('section:target h3 bdi'), all.at(-1));
  assert.ok(await isInView(page, 'section:target h3'));
  const other = await open(`${largeUrl}#plugin=${encodeURIComponent(all.at(-2))}`);
  await until(other, () => document.querySelector('section:target'));
  assert.equal(await other.textContent('section:target h3 bdi'), all.at(-2));
});

check('shows two runs side by side', async open => {
  const page = await open(`${url}#from=2026-11-10&to=2026-11-20`), cells = () => page.$$eval('#two tbody tr', rows => rows.map(row => [...row.cells].map(cell => cell.textContent)));
  await page.waitForSelector('#two tbody tr');
  const rows = await cells(), [name, before, now, change, smaller] = rows[0], percent = text => parseFloat(text.replace('\u2212', '-'));
  assert.deepEqual([rows.length, name, change, smaller], [39, 'pdf-parser', '+52.2 %', '100 %']);
  assert.ok(Math.abs(percent(now) / percent(before) - 1.522) < 0.001);
  const sizes = rows.filter(row => row[3]).map(row => Math.abs(Math.log1p(percent(row[3]) / 100)));
  assert.ok(sizes.every((size, i) => i === 0 || size <= sizes[i - 1] + 1e-3));
  assert.equal(await page.getAttribute('#two .commits a', 'href'), 'https://example.org/d/3964803d65f8...9c77100626ac');
  /* The values are those that the points say. */
  await page.evaluate(() => { location.hash = '#plugin=pdf-parser&run=2026-11-10'; });
  await page.waitForSelector('.tip:not([hidden])');
  assert.ok((await page.textContent('.tip:not([hidden])')).includes(before));
});

check('compares what is chosen, and says so in the address', async open => {
  const page = await open(url), chosen = () => page.evaluate(() => [decodeURIComponent(location.hash), document.querySelectorAll('#two thead th')[1].textContent]);
  await page.click('nav [href="#two"]');
  await page.waitForSelector('#two tbody tr');
  await page.selectOption('#two [name=from]', { label: '2026-11-01' });
  assert.deepEqual(await chosen(), ['#from=2026-11-01&to=2026-11-20&metric=wall time per call', '2026-11-01']);
  const address = await page.evaluate(() => location.href), other = await open(address);
  await other.waitForSelector('#two tbody tr');
  assert.equal(await other.textContent('#two table'), await page.textContent('#two table'));
  await page.selectOption('#two [name=metric]', { label: 'share of failing calls' });
  assert.ok((await page.textContent('#two tbody')).includes('points'));
  /* A run with itself, and runs that there are none of. */
  await page.selectOption('#two [name=from]', { label: '2026-11-20' });
  assert.ok(await page.$$eval('#two tbody tr', rows => rows.every(row => /^0\.00? points$/.test(row.cells[3].textContent))));
  assert.ok(await page.locator('#two .commits').isHidden());
  for (const hash of ['#from=x&to=y', '#from=%E0&to=2026-11-20', '#from&to']) await page.evaluate(text => { location.hash = text; }, hash);
});

/* In ALIKE_SITE plugins whose numbers are equal modulo 14 have the same values, and the table has 500 of them. */
check('makes the rows of a table that the page has', async open => {
  const page = await open(alikeUrl), rows = await page.$$eval('#all tbody tr', every => every.map(row => [row.querySelector('bdi').textContent, [...row.cells].slice(1).map(cell => cell.textContent.trim()), row.querySelector('th small')?.textContent, row.className, row.dataset.m]));
  assert.equal(rows.length, 700);
  const written = new Map(rows.slice(0, 500).map(([name, ...rest]) => [name.slice(1) % 14, rest]));
  assert.equal(written.size, 14);
  for (const [name, ...rest] of rows.slice(500)) assert.deepEqual(rest, written.get(name.slice(1) % 14), name);
});

/* A busy machine takes several times the second that an idle one may: the number is for people, the bound finds what grows faster
   than the page. */
check('is soon usable with a thousand plugins', async open => {
  const page = await open(largeUrl);
  const after = await page.evaluate(() => performance.getEntriesByType('navigation')[0].domInteractive);
  console.log(`# a thousand plugins: interactive after ${after.toFixed(0)} ms`);
  assert.ok(after < 10000);
});

/* ---- the points of a chart ---- */

/* The first chart's layer, in sight; and where in it a run of the first panel lies. */
const layerOf = async page => {
  await page.locator('section.plugin .chart').first().scrollIntoViewIfNeeded();
  await page.evaluate(() => document.querySelector('section.plugin').scrollIntoView());
  await until(page, () => document.querySelector('section.plugin .layer'));
  return page.locator('section.plugin .layer').first();
};
const at = async (layer, part, y = 70) => {
  const box = await layer.boundingBox();
  return [box.x + (57 + part * (687 - 57)) * box.width / 760, box.y + y * box.width / 760];
};
const tip = page => page.locator('section.plugin .tip').first();

check('says run, date, value, verdict and commit of the point under the pointer', async open => {
  const page = await open(url), layer = await layerOf(page);
  await page.mouse.move(...await at(layer, 1));
  const text = await tip(page).innerText();
  assert.match(text, /^2026-11-20 02:00/);
  assert.match(text, /wall time per call 28\d\.\d ms/);
  assert.match(text, /regressed/);
  assert.match(text, /commit 9c77100626, since the run before [0-9a-f]{10}\.\.9c77100626/);
  await page.mouse.move(...await at(layer, 0));
  assert.match(await tip(page).innerText(), /^2026-08-23/);
  await page.mouse.move(2, 2);
  assert.ok(await tip(page).isHidden());
});

check('links to commits and to what lies between two, and to the point itself', async open => {
  const page = await open(url), layer = await layerOf(page);
  await page.mouse.click(...await at(layer, 1));
  const links = await tip(page).locator('a').evaluateAll(all => all.map(one => one.getAttribute('href')));
  assert.equal(links[0], 'https://example.org/c/9c77100626ac');
  assert.match(links[1], /^https:\/\/example\.org\/d\/[0-9a-f]{12}\.\.\.9c77100626ac$/);
  assert.equal(links[2], '#plugin=pdf-parser&run=2026-11-20');
  const other = await open(`${url}${links[2]}`);
  assert.match(await tip(other).innerText(), /^2026-11-20 02:00/);
  assert.ok(await isInView(other, 'section.plugin h3'));
  await page.keyboard.press('Escape');
  assert.ok(await tip(page).isHidden());
});

check('answers to a finger', async open => {
  const page = await open(url, { hasTouch: true, viewport: { width: 360, height: 740 } }), layer = await layerOf(page);
  await page.touchscreen.tap(...await at(layer, 0.3));
  assert.match(await tip(page).innerText(), /^2026-09-\d\d[^]*wall time per call/);
  assert.ok(await tip(page).locator('a').first().isVisible());
});

check('lets keys walk over the points, from panel to panel, and look closer', async open => {
  const page = await open(url), layer = await layerOf(page), first = async () => (await tip(page).innerText()).split('\n')[0].slice(0, 10);
  await layer.focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await first(), '2026-11-20');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await first(), '2026-11-19');
  await page.keyboard.press('ArrowDown');
  assert.match(await tip(page).innerText(), /CPU time per call/);
  await page.keyboard.press('Home');
  assert.equal(await first(), '2026-08-23');
  await page.keyboard.press('End');
  for (const key of ['+', '+', '+']) await page.keyboard.press(key);
  assert.ok(await page.locator('section.plugin .closer .line').count() > 0);
  assert.equal(await first(), '2026-11-20');
  await page.keyboard.press('0');
  assert.equal(await page.locator('section.plugin .closer .line').count(), 0);
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'A');
});

check('looks at the stretch that is drawn over, on all panels', async open => {
  const page = await open(url), layer = await layerOf(page), dates = () => page.$$eval('section.plugin .closer', all => [...all[0].querySelectorAll('text')].map(one => one.textContent).filter(text => /^\d{4}-/.test(text)));
  await page.mouse.move(...await at(layer, 0.5));
  await page.mouse.down();
  await page.mouse.move(...await at(layer, 0.6));
  await page.mouse.move(...await at(layer, 0.75));
  await page.mouse.up();
  const shown = await dates();
  assert.ok(shown[0] >= '2026-10-06' && shown.at(-1) <= '2026-10-30', String(shown));
  assert.equal(await page.locator('section.plugin').first().locator('.closer .title').count(), 5);
  await page.keyboard.press('Shift+ArrowLeft');
  assert.ok((await dates())[0] < shown[0]);
  await page.getByRole('button', { name: 'All runs: pdf-parser' }).click();
  assert.deepEqual(await dates(), []);
});

check('answers at once', async open => {
  const page = await open(url), layer = await layerOf(page);
  await layer.focus();
  const [hover, zoom] = await page.evaluate(() => {
    const one = document.querySelector('section.plugin .layer'), box = one.getBoundingClientRect();
    const median = (n, act) => {
      const times = Array.from({ length: n }, (_, i) => {
        const start = performance.now();
        act(i);
        document.body.getBoundingClientRect();
        return performance.now() - start;
      });
      return times.sort((a, b) => a - b)[n >> 1];
    };
    const hover = median(99, i => one.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + 60 + 6 * i, clientY: box.top + 70, bubbles: true })));
    const zoom = median(21, i => one.dispatchEvent(new KeyboardEvent('keydown', { key: i % 2 ? '0' : '+', bubbles: true })));
    return [hover, zoom];
  });
  assert.ok(hover < 16, `hover ${hover} ms`);
  assert.ok(zoom < 50, `zoom ${zoom} ms`);
});

/* ---- light, dark, narrow, printed ---- */

const spots = ['h1', '#findings', '#plugins', '#nights', 'section.plugin', '#guide'];

for (const colorScheme of ['light', 'dark'])
  check(`has enough contrast in the ${colorScheme}`, async open => {
    const page = await open(url, { colorScheme });
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
    assert.equal(paper.every(value => value > 200), colorScheme === 'light');
    assert.equal(paper.every(value => value < 50), colorScheme === 'dark');
    for (const spot of spots) {
      await page.locator(spot).first().scrollIntoViewIfNeeded();
      await page.waitForTimeout(50);
      assert.deepEqual(await page.evaluate(tooFaint), [], spot);
    }
  });

for (const width of [360, 820, 1280])
  check(`needs no scrolling sideways at ${width} pixels`, async open => {
    for (const address of [url, hostileUrl]) {
      const page = await open(address, { viewport: { width, height: 740 } });
      for (const spot of spots) {
        await page.locator(spot).first().scrollIntoViewIfNeeded();
        await page.waitForTimeout(50);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${spot}: ${wide}`);
      }
    }
  });

check('prints without what only a screen needs', async open => {
  const page = await open(url, { colorScheme: 'dark', viewport: { width: 720, height: 1000 } });
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('nav').isHidden() && await page.locator('#tools').isHidden());
  assert.ok(await page.locator('section.plugin table').last().isVisible());
  const styles = await page.evaluate(() => {
    const style = (what, property) => getComputedStyle(document.querySelector(what)).getPropertyValue(property);
    return [style('body', 'background-color'), style('#plugins thead', 'display'), style('#plugins tbody tr', 'break-inside'), style('section.plugin', 'break-inside'),
      style('h2', 'break-after')];
  });
  assert.deepEqual(styles, ['rgb(255, 255, 255)', 'table-header-group', 'avoid', 'avoid', 'avoid']);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 720);
  const table = await page.locator('#plugins table').boundingBox();
  assert.ok(table.x + table.width <= 720, `the table ends at ${table.x + table.width}`);
});

check('prints a page that is light in the dark', async open => {
  const page = await open(url, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  assert.deepEqual(await page.evaluate(tooFaint), []);
});

check('moves nothing by itself', async open => {
  const page = await open(url);
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), 'auto');
});

/* As axe sees it: contrast, names, roles, order of headings and what else is known to keep people out. */
const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
for (const [what, options, place] of [['light', { colorScheme: 'light' }, ''], ['dark', { colorScheme: 'dark' }, ''], ['a phone', { viewport: { width: 360, height: 740 } }, ''], ['a point', {}, '#plugin=pdf-parser&run=2026-11-20'], ['two runs', {}, '#from=2026-11-10&to=2026-11-20']])
  check(`keeps nobody out: ${what}`, async open => {
    const page = await open(url + place, options);
    if (!place) await layerOf(page);
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run().then(result => result.violations.map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(' | ')}`)));
    assert.deepEqual(found, []);
  });

/* ---- names that would rather be something else ---- */

const hostile = readFileSync(hostileNames, 'utf8').split('\n').filter(line => line && !line.startsWith('#'))
  .map(line => line.split(' ')).filter(([, kind]) => kind !== 'refused').map(([label, kind, name]) => ({ label, kind, name: decodeURIComponent(name) }));

check('shows hostile names as they are, and runs none', async open => {
  const page = await open(hostileUrl), shown = await names(page);
  assert.equal(shown.length, hostile.length);
  assert.equal(await page.locator('section.plugin').count(), hostile.length);
  for (const { label, kind, name } of hostile)
    if (kind === 'plain') assert.ok(shown.includes(name), label);
  assert.deepEqual(await page.evaluate(() => Object.keys(window).filter(key => /pwned|intruder/.test(key))), []);
  assert.equal(await page.locator('iframe, object, embed, link:not([rel="alternate"][href="feed.atom"]), base, [onerror], [onload], [onclick], [style]').count(), 0);
  assert.ok(shown.every(name => !/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(name)));
});

check('sorts, filters and finds hostile names', async open => {
  const page = await open(hostileUrl), shown = await names(page);
  await head(page, 'plugin').click();
  assert.deepEqual((await names(page)).sort(), [...shown].sort());
  for (const name of shown) {
    const found = await page.evaluate(async text => {
      location.hash = `#plugin=${encodeURIComponent(text)}`;
      for (let i = 0; i < 100 && !document.querySelector('section:target'); i++) await new Promise(resolve => setTimeout(resolve, 5));
      const section = document.querySelector('section:target bdi')?.textContent;
      location.hash = '#guide';
      return section;
    }, name);
    assert.equal(found, name);
  }
  await page.fill('#filter', '<script>');
  assert.ok((await names(page)).length >= 1 && (await names(page)).every(name => name.includes('<script>')));
});

await runAll(chromium);
